"""The data link against a peer that plays the modem: who wants it up, and what passed."""

import asyncio
from typing import Any

import pytest

from n11bridge.capabilities.gprs import Gprs
from n11bridge.capability import RequestError
from n11bridge.config import Gprs as Settings

from .host import Bench, Peer, bench

ADDRESS = "10.232.165.29"


class Network:
    """The modem's packet side."""

    def __init__(self) -> None:
        self.up = self.refused = False
        self.attached = True
        self.kilobytes = (0, 0)
        self.answers: dict[str, Any] = {
            "AT+XIIC=1": self._activate,
            "AT+XIIC=0": self._deactivate,
            "AT+XIIC?": lambda _: f"+XIIC:    {f'1,{ADDRESS}' if self.up else '0,0.0.0.0'}\nOK",
            "AT+CGATT?": lambda _: f"+CGATT: {int(self.attached)}\nOK",
            "AT+CGATT=1": self._attach,
            "AT+CGATT=0": self._detach,
            "AT+FLOWCALC?": lambda _: f"+FLOWCALC: {self.kilobytes[1]},{self.kilobytes[0]}\nOK",
            "AT+FLOWCALC=0": self._clear,
            'AT+CGDCONT=1,"IP","internet"': "OK",
            'AT+NETAPN="internet","gsm","secret"': "OK",
            'AT+XGAUTH=1,2,"gsm","secret"': "OK",
        }

    def _activate(self, _: Peer) -> str:
        self.up = not self.refused
        return "OK"

    def _deactivate(self, _: Peer) -> str:
        self.up = False
        return "OK"

    def _attach(self, _: Peer) -> str:
        self.attached = True
        return "OK"

    def _detach(self, _: Peer) -> str:
        was, self.up, self.attached = self.up, False, False
        return "GPRS DISCONNECTION\nOK" if was else "OK"

    def _clear(self, _: Peer) -> str:
        self.kilobytes = (0, 0)
        return "OK"

    def lose(self, peer: Peer) -> None:
        """Take the link away."""
        self.up = False
        peer.say("GPRS DISCONNECTION")


def run(tmp_path: Any, play: Any, network: Network | None = None, **settings: Any) -> Any:
    network = network or Network()

    async def main() -> Any:
        options = {"answers": network.answers, "gprs": Settings(**settings)}
        async with bench(tmp_path, Gprs, **options) as (host, peer):
            host.modem.set_registration("registered")
            return await play(host, peer, network)

    return asyncio.run(main())


def gprs(host: Bench) -> Gprs:
    found = host.capabilities["gprs"]
    assert isinstance(found, Gprs)
    return found


def connected(host: Bench) -> bool:
    return bool(host.states["gprs"]["connected"])


def test_a_link_to_be_kept_up_comes_back(tmp_path: Any) -> None:
    async def play(host: Bench, peer: Peer, network: Network) -> None:
        await host.until(lambda: connected(host))
        network.lose(peer)
        await host.until(lambda: not connected(host))
        assert host.events == [("gprs/disconnected", {"address": ADDRESS})]
        await gprs(host).poll()
        assert connected(host)
        network.up = False  # without a word
        await gprs(host).poll()
        assert connected(host)
        assert len(host.events) == 2
        assert network.up
        await host.ask("gprs/disconnect")
        await gprs(host).poll()
        assert not connected(host)

    run(tmp_path, play, keep_up=True)


def test_a_link_that_does_not_come_up_is_tried_ever_more_seldom(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("n11bridge.internet.link.PATIENCE", 0.05)
    network = Network()
    network.refused = True

    async def play(host: Bench, peer: Peer, network: Network) -> None:
        await host.until(lambda: host.problems)
        for pause in (10, 20):
            tried = peer.count("AT+XIIC=1")
            host.clock += pause - 1
            await gprs(host).poll()
            assert peer.count("AT+XIIC=1") == tried
            host.clock += 1
            await gprs(host).poll()
            assert peer.count("AT+XIIC=1") == tried + 1
        assert set(host.problems) == {"data_link"}
        network.refused = False
        host.clock += 40
        await gprs(host).poll()
        assert connected(host)

    run(tmp_path, play, network, keep_up=True)


def test_a_link_that_nobody_uses_goes_down(tmp_path: Any) -> None:
    async def play(host: Bench, peer: Peer, network: Network) -> None:
        await host.link.connect()
        await gprs(host).poll()
        host.sockets.take(2, "tcp")
        host.clock += 1000
        await gprs(host).poll()
        assert connected(host)
        await host.until(lambda: host.states["gprs"]["sockets"] == [{"socket": 2, "by": "tcp"}])
        host.sockets.free(2)
        await host.until(lambda: host.states["gprs"]["sockets"] == [])
        host.clock += 119
        await gprs(host).poll()
        assert connected(host)
        host.clock += 1
        await gprs(host).poll()
        assert not connected(host)
        assert not network.up

    run(tmp_path, play, idle=120)


def test_connecting_and_disconnecting_as_requested(tmp_path: Any) -> None:
    async def play(host: Bench, peer: Peer, network: Network) -> None:
        answer = await host.ask("gprs/connect")
        assert (answer["connected"], answer["address"]) == (True, ADDRESS)
        host.clock += 10_000
        await gprs(host).poll()
        await gprs(host).poll()
        assert connected(host)  # kept up, as long as nobody says otherwise
        assert (await host.ask("gprs/connect", on=False))["connected"] is False
        assert not network.up
        network.refused = True
        host.modem.set_registration("searching")
        assert await host.refused("gprs/connect")

    run(tmp_path, play, idle=120)


def test_leaving_the_packet_network_takes_the_link_along(tmp_path: Any) -> None:
    async def play(host: Bench, peer: Peer, network: Network) -> None:
        await host.ask("gprs/connect")
        answer = await host.ask("gprs/attach", on=False)
        assert (answer["attached"], answer["connected"]) == (False, False)
        await host.until(lambda: not connected(host))
        assert (await host.ask("gprs/attach"))["attached"] is True

    run(tmp_path, play)


def test_another_access_point_from_the_next_time_on(tmp_path: Any) -> None:
    async def play(host: Bench, peer: Peer, network: Network) -> None:
        assert await host.ask("gprs/apn") == {"apn": None}
        error = await host.refused("gprs/apn", username="gsm")
        assert isinstance(error, RequestError)
        assert (error.code, "apn" in error.message) == ("invalid_request", True)
        login = {"username": "gsm", "password": "secret", "authentication": "chap"}
        assert await host.ask("gprs/apn", apn="internet", **login) == {"apn": "internet"}
        await host.ask("gprs/connect")
        said = [line for line in peer.heard if line.startswith(("AT+CGD", "AT+NET", "AT+XG"))]
        assert said == [
            'AT+CGDCONT=1,"IP","internet"',
            'AT+NETAPN="internet","gsm","secret"',
            'AT+XGAUTH=1,2,"gsm","secret"',
        ]
        assert await host.ask("gprs/apn") == {"apn": "internet"}

    run(tmp_path, play)


def totals(sent: int, received: int) -> dict[str, int]:
    return {"sent": sent * 1024, "received": received * 1024}


@pytest.mark.parametrize("clears", [True, False])
def test_the_traffic_outlives_link_modem_and_daemon(tmp_path: Any, clears: bool) -> None:
    network = Network()
    if not clears:  # or refuses to, and goes on from where it was
        network.answers["AT+FLOWCALC=0"] = "ERROR"

    async def first(host: Bench, peer: Peer, network: Network) -> None:
        await host.ask("gprs/connect")
        network.kilobytes = (10, 20)
        await gprs(host).poll()
        network.lose(peer)
        await host.until(lambda: not connected(host))
        await host.ask("gprs/connect")
        network.kilobytes = (1, 2)  # counted anew
        await gprs(host).poll()
        assert host.states["gprs"]["traffic"] == totals(11, 22)
        prepared = host.prepared
        network.up = False
        peer.say("MODEM:STARTUP")
        await host.until(lambda: host.prepared > prepared)
        host.modem.set_registration("registered")
        await host.ask("gprs/connect")
        network.kilobytes = (5, 6)
        await gprs(host).poll()
        return host.states["gprs"]["traffic"]

    before = run(tmp_path, first, network)
    assert before == (totals(16, 28) if clears else totals(15, 26))

    async def second(host: Bench, peer: Peer, network: Network) -> None:
        assert host.states["gprs"]["traffic"] == before
        await host.ask("gprs/connect")
        network.kilobytes = (network.kilobytes[0] + 3, network.kilobytes[1] + 4)
        await gprs(host).poll()
        assert host.states["gprs"]["traffic"] == {
            "sent": before["sent"] + 3 * 1024,
            "received": before["received"] + 4 * 1024,
        }
        assert await host.ask("gprs/reset_traffic") == totals(0, 0)
        network.kilobytes = (network.kilobytes[0] + 1, network.kilobytes[1])
        await gprs(host).poll()
        assert host.states["gprs"]["traffic"] == totals(1, 0)

    run(tmp_path, second, network)

"""Sockets against a peer that plays the modem: a link that is dead is told from a host that is."""

import asyncio
from typing import Any

import pytest

from n11bridge.capabilities.gprs import Gprs
from n11bridge.capabilities.sockets import Tcp, Udp
from n11bridge.capability import RequestError
from n11bridge.internet.sockets import SUSPICIOUS

from .host import Bench, Peer, bench

HOST = {"host": "10.0.0.9", "port": 7000}
REFUSED = [f"AT+TCPSETUP={number},10.0.0.9,7000" for number in range(5)]
OTHER = "AT+TCPSETUP=0,10.0.0.8,80"
PINGED = "AT+PING=10.0.0.9"
LOST = (
    "OK\nRequest timed out.\nPing statistics for 10.0.0.9:\n"
    "Packets: Sent = 5, Received = 0, Lose = 5 <100% loss>"
)
THERE = (
    "OK\nReply from 10.0.0.9: bytes= 36 time = 570(ms), TTL = 255\nPing statistics for 10.0.0.9:\n"
    "Packets: Sent = 5, Received = 1, Lose = 4 <80% loss>, max_delay = 570 ms, "
    "min_delay = 570 ms, average delay = 570 ms"
)
ANSWERS = {
    "AT+XIIC?": "+XIIC:    1,10.232.165.29\nOK",
    "AT+XIIC=0": "OK",
    "AT+CGATT?": "+CGATT: 1\nOK",
    "AT+RECVMODE=0,0": "OK",
    **{line: f"OK\n+TCPSETUP: {number},FAIL" for number, line in enumerate(REFUSED)},
    OTHER: "OK\n+TCPSETUP: 0,OK",
    "AT+TCPCLOSE=0": "+TCPCLOSE: 0,OK",
    "AT+UDPSETUP=0,10.0.0.8,53": "OK\n+UDPSETUP: 0,OK",
    "AT+UDPREAD=0,4096": ["+UDPREAD: 0,3,one\nOK", "+UDPREAD: 0,0\nOK"],
}


def run(tmp_path: Any, play: Any, **answers: Any) -> Any:
    async def main() -> Any:
        table = {**ANSWERS, **answers}
        async with bench(tmp_path, Gprs, Tcp, Udp, answers=table) as (host, peer):
            host.modem.set_registration("registered")
            peer.heard.clear()
            return await play(host, peer)

    return asyncio.run(main())


async def fail(host: Bench, times: int) -> None:
    for _ in range(times):
        error = await host.refused("tcp/open", **HOST)
        assert isinstance(error, RequestError)
        assert error.code == "modem_error"


def test_a_dead_link_is_set_up_again_and_that_ever_more_seldom(tmp_path: Any) -> None:
    async def play(host: Bench, peer: Peer) -> None:
        for attempt, needed in enumerate((SUSPICIOUS, 2 * SUSPICIOUS, 4 * SUSPICIOUS)):
            await fail(host, needed - 1)
            assert (peer.count(PINGED), peer.count("AT+XIIC=0")) == (attempt, attempt)
            await fail(host, 1)
            assert (peer.count(PINGED), peer.count("AT+XIIC=0")) == (attempt + 1, attempt + 1)
        await host.ask("tcp/open", host="10.0.0.8", port=80)
        await host.ask("tcp/close", socket=0)
        await fail(host, SUSPICIOUS)
        assert peer.count("AT+XIIC=0") == 4

    run(tmp_path, play, **{PINGED: LOST})


def test_the_link_of_a_host_that_is_there_but_takes_no_connection_stays(tmp_path: Any) -> None:
    async def play(host: Bench, peer: Peer) -> None:
        await fail(host, 4 * SUSPICIOUS)
        assert (peer.count(PINGED), peer.count("AT+XIIC=0")) == (4, 0)
        assert host.link.up

    run(tmp_path, play, **{PINGED: THERE})


def test_a_link_through_which_something_comes_is_not_dead(tmp_path: Any) -> None:
    async def play(host: Bench, peer: Peer) -> None:
        await host.ask("udp/open", host="10.0.0.8", port=53)
        await fail(host, SUSPICIOUS - 1)
        peer.say("+UDPRECV: 0,3")
        await host.until(lambda: "udp/received" in dict(host.events))
        await fail(host, SUSPICIOUS - 1)
        assert peer.count(PINGED) == 0
        await fail(host, 1)
        assert (peer.count(PINGED), peer.count("AT+XIIC=0")) == (1, 1)

    run(tmp_path, play, **{PINGED: LOST})


def test_one_has_all_sockets_or_none(tmp_path: Any) -> None:
    async def play(host: Bench, peer: Peer) -> None:
        with host.sockets.exclusive("ftp"):
            error = await host.refused("tcp/open", **HOST)
            assert isinstance(error, RequestError)
            assert (error.code, "ftp 5" in error.message) == ("unavailable", True)
            assert error.retryable
        await host.ask("tcp/open", host="10.0.0.8", port=80)
        with pytest.raises(RequestError, match="tcp 1"), host.sockets.exclusive("ftp"):
            raise AssertionError
        assert host.sockets.taken == {0: "tcp"}

    run(tmp_path, play)


def test_another_that_closes_meanwhile_is_heard(tmp_path: Any) -> None:
    async def play(host: Bench, peer: Peer) -> None:
        await host.ask("tcp/open", host="10.0.0.8", port=80)
        await host.ask("tcp/open", host="10.0.0.8", port=81)
        await host.ask("tcp/close", socket=1)
        await host.until(lambda: len([name for name, _ in host.events if "closed" in name]) == 2)
        closed = {values["socket"]: values["cause"] for name, values in host.events}
        assert closed == {0: "closed by the far side", 1: "closed as requested"}

    run(
        tmp_path,
        play,
        **{
            "AT+TCPSETUP=1,10.0.0.8,81": "OK\n+TCPSETUP: 1,OK",
            "AT+TCPCLOSE=1": "+TCPCLOSE: 0,Link Closed\n+TCPCLOSE: 1,OK",
            "AT+TCPREAD=0,4096": "+TCPREAD: 0,0\nOK",
        },
    )

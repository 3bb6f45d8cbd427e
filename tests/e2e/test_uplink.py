"""The uplink against a real remote broker: nothing with QoS 1 is lost, whatever breaks."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import trustme

from .conftest import NewHouse
from .house import House
from .processes import Mosquitto, free_port
from .subscriber import Subscriber

pytestmark = pytest.mark.slow

NewBroker = Callable[[], Mosquitto]


class Far:
    """A remote broker, and somebody there who keeps a ledger of what comes."""

    def __init__(self, broker: Mosquitto) -> None:
        self.broker = broker
        self.subscriber = Subscriber(broker.port, "ledger", "site1/#")

    @property
    def payloads(self) -> list[bytes]:
        return [message.payload for message in self.subscriber.heard.since()]

    def wait(self, *payloads: bytes) -> None:
        """Return once all of these have come."""
        wanted = set(payloads)
        self.subscriber.heard.wait_until(lambda heard: wanted <= {m.payload for m in heard})


@pytest.fixture
def far(new_broker: NewBroker) -> Iterator[Far]:
    far = Far(new_broker())
    yield far
    far.subscriber.close()


def uplinked(new_house: NewHouse, far: Far, *options: str, **more: object) -> House:
    """A house whose uplink leads to the remote broker, by a name that the modem looks up."""
    house = new_house(*options)
    settings = {
        "host": "broker.example.com",
        "port": far.broker.port,
        "forward": [{"topic": f"{house.prefix}-home/#", "to": "site1"}],
        "back": [{"topic": "commands/#", "to": f"{house.prefix}/back"}],
        **more,
    }
    house.configure(uplink=settings)
    house.simulator.start()
    house.simulator.control.do("peers", names={"broker.example.com": "127.0.0.1"})
    house.start()
    house.wait_state("uplink", connected=True)
    return house


def tell(house: House, payload: bytes, **how: object) -> bytes:
    """Publish at home what is to go on."""
    house.subscriber.publish(f"{house.prefix}-home/sensor", payload, **how)  # type: ignore[arg-type]
    return payload


@pytest.mark.parametrize("style", ["", "contrary"])
def test_there_and_back(new_house: NewHouse, far: Far, style: str) -> None:
    house = uplinked(new_house, far, *(("--style", style) if style else ()))
    nasty = b'{"a": "\\"b\\", c"}\r\nOK\r\n> \x00\xff'
    sent = [tell(house, payload) for payload in (b"21.5", nasty, b"", b"x" * 500)]
    far.wait(*sent)
    topics = {message.topic for message in far.subscriber.heard.since()}
    assert topics == {f"site1/{house.prefix}-home/sensor"}
    assert sorted(far.payloads) == sorted(sent)
    mark = house.heard.mark()
    far.subscriber.publish("commands/pump", nasty)
    message = house.heard.wait_for(lambda m: m.topic.startswith(f"{house.prefix}/back"), after=mark)
    assert (message.topic, message.payload) == (f"{house.prefix}/back/commands/pump", nasty)
    house.wait_state("uplink", sent=4, received=1, waiting=0)


def test_requests(new_house: NewHouse, far: Far) -> None:
    house = uplinked(new_house, far)
    assert house.ask("uplink/subscribe", topic="site1/x/+")["status"] == "ok"
    answer = house.ask("uplink/publish", topic="site1/x/y", text="hello")
    assert (answer["status"], answer["data"]["waiting"]) == ("accepted", 1)
    far.wait(b"hello")
    # Our own message comes back, for we subscribed to it.
    event = house.wait_event("uplink/message", topic="site1/x/y")
    assert event["text"] == "hello"
    assert house.ask("uplink/unsubscribe", topic="site1/x/+")["status"] == "ok"
    for wrong in ('a"b', "häuser", "a/+", "", "x" * 129):
        error = house.ask("uplink/publish", topic=wrong, text="x")["error"]
        assert (error["code"], "topic" in error["message"]) == ("invalid_request", True)
    error = house.ask("uplink/publish", topic="a", text="x" * 4097)["error"]
    assert error["code"] == "invalid_request"
    assert house.ask("uplink/disconnect")["data"]["connection"] == "off"
    assert house.ask("uplink/publish", topic="a", text="x")["error"]["code"] == "unavailable"
    assert house.ask("uplink/subscribe", topic="a")["error"]["code"] == "unavailable"
    tell(house, b"meanwhile")
    house.wait_state("uplink", waiting=1)
    assert house.ask("uplink/connect")["data"]["connected"] is True
    far.wait(b"meanwhile")
    house.simulator.control.do("refuse")
    error = house.ask("uplink/connect")["error"]
    assert error["code"] == "modem_error"


def disturb(house: House, far: Far, how: str) -> None:
    """Break something, in the middle of whatever goes on."""
    match how:
        case "link":
            house.simulator.control.do("link", lost=True)
        case "modem":
            house.simulator.control.do("restart")
        case "daemon":
            house.reopen(status=None)
        case "broker":
            far.broker.kill()
            far.broker.start()


@pytest.mark.parametrize("how", ["link", "modem", "daemon", "broker"])
@pytest.mark.timeout(300)
def test_nothing_is_lost(new_house: NewHouse, far: Far, how: str) -> None:
    house = uplinked(new_house, far)
    numbers = count()
    ledger: list[bytes] = []

    def some(many: int) -> None:
        ledger.extend(tell(house, b"message %d" % next(numbers)) for _ in range(many))

    for _ in range(3):
        some(15)
        far.wait(ledger[-15])
        disturb(house, far, how)
        some(5)
    far.wait(*ledger)
    house.wait_state("uplink", after=house.heard.mark() - 1, waiting=0, connected=True)
    came = far.payloads
    assert set(came) == set(ledger)
    # In their order, but for what was given again.
    assert list(dict.fromkeys(came)) == ledger
    print(f"{how}: {len(ledger)} sent, {len(came)} came")


def test_what_waits_outlives_everything_while_the_remote_broker_is_down(
    new_house: NewHouse, far: Far
) -> None:
    house = uplinked(new_house, far)
    far.broker.kill()
    house.wait_state("uplink", connected=False)
    ledger = [tell(house, b"kept %d" % number) for number in range(30)]
    house.wait_state("uplink", waiting=30)
    house.reopen()
    ledger += [tell(house, b"kept after %d" % number) for number in range(5)]
    house.wait_state("uplink", waiting=35)
    far.broker.start()
    far.wait(*ledger)
    assert sorted(far.payloads) == sorted(ledger)


@pytest.mark.parametrize(
    ("statement", "moment", "most"),
    [
        ("INSERT INTO uplink", "before", 1),
        # Committed, but our broker does not know: it delivers it again.
        ("INSERT INTO uplink", "after", 2),
        # The remote broker has it, but we do not know: it is sent again.
        ("DELETE FROM uplink WHERE seq = ?", "before", 2),
        ("DELETE FROM uplink WHERE seq = ?", "after", 1),
    ],
)
def test_killed_at_every_step_of_a_message(
    new_house: NewHouse, far: Far, statement: str, moment: str, most: int
) -> None:
    house = uplinked(new_house, far)
    house.daemon.kill()
    mark = house.heard.mark()
    house.daemon.start_mortal(statement, moment)
    house.wait_state("uplink", after=mark, connected=True)
    tell(house, b"once")
    assert house.daemon.wait() == -9
    tell(house, b"then")
    house.start()
    far.wait(b"once", b"then")
    house.wait_state("uplink", after=house.heard.mark() - 1, waiting=0)
    came = far.payloads
    assert 1 <= came.count(b"once") <= most
    assert came.count(b"then") == 1


@pytest.mark.parametrize("trusted", [True, False])
def test_over_tls(new_house: NewHouse, far: Far, tmp_path: Path, trusted: bool) -> None:
    authority, port = trustme.CA(), free_port()
    certificate = authority.issue_cert("broker.example.com")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    configuration = Path(far.broker.command[-1])
    both = f"certfile {tmp_path}/both.pem\nkeyfile {tmp_path}/both.pem\n"
    listener = f"listener {port} 127.0.0.1\nallow_anonymous true\n{both}"
    configuration.write_text(configuration.read_text() + listener)
    far.broker.stop()
    far.broker.start()
    house = uplinked(new_house, far)
    house.ask("uplink/disconnect")
    pem = (authority if trusted else trustme.CA()).cert_pem.bytes().decode()
    assert house.ask("certificates/add", name="ca.pem", text=pem)["status"] == "ok"
    house.daemon.stop()
    uplink = {"host": "broker.example.com", "port": port, "tls": {"ca": "ca.pem"}}
    house.configure(uplink=uplink)
    mark = house.heard.mark()
    house.start()
    if trusted:
        house.wait_state("uplink", after=mark, connected=True)
        house.ask("uplink/publish", topic="site1/secret", text="safe")
        far.wait(b"safe")
    else:
        house.heard.wait_for(
            lambda m: m.topic.endswith("state/uplink") and m.json["last_error"] is not None,
            after=mark,
        )
        assert house.state("uplink")["connected"] is False

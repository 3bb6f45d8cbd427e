"""The uplink against a real remote broker: nothing with QoS 1 is lost, whatever breaks."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from .conftest import NewHouse
from .house import House
from .processes import Mosquitto
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

"""The broker goes away and comes back, repeats itself, and tells who is there."""

from collections.abc import Callable, Iterator

import pytest

from .conftest import NewHouse
from .house import House
from .processes import Mosquitto
from .proxy import Proxy
from .subscriber import Subscriber

pytestmark = pytest.mark.slow

ALICE, BOB = "+491701234567", "+491707654321"
WHOLE = ["queued", "sending", "sent", "delivered"]


@pytest.fixture
def proxy(broker: Mosquitto) -> Iterator[Proxy]:
    proxy = Proxy(broker.port)
    yield proxy
    proxy.cut()


# -- away


def test_the_broker_is_away_for_a_while(new_house: NewHouse, new_broker: Callable[[], Mosquitto]):
    """Nothing is lost in either direction, nothing comes twice.

    It is away for a few seconds, until all that was to happen has happened, and not for a minute:
    nothing in the daemon counts the time. What is to be published waits in the store without a
    limit, and connecting is tried again for ever, with pauses that grow.
    """
    broker = new_broker()
    house = new_house(at=broker).open()
    house.lose_network()
    keys = [house.send(ALICE, f"out {number}")[0] for number in range(5)]
    house.wait_state("sms", queued=5)
    mark = house.heard.mark()
    pid = house.daemon.pid

    broker.stop()
    house.daemon.output.wait_for(lambda line: "the broker is away" in line)
    house.modem.do("network", stat=1)
    house.wait(sent=5, reports=5)
    for number in range(5):
        house.modem.do("receive", from_=BOB, text=f"in {number}")
    house.modem.do(
        "receive", from_=BOB, text="in three parts: " + "and so on, " * 35, order=[2, 1, 3]
    )
    house.wait(delivered=8, stored=0)
    # The other direction: a client whose request cannot leave yet keeps it, as QoS 1 has it.
    house.publish("sms/send", {"id": "during", "to": BOB, "text": "asked meanwhile"}, wait=False)

    broker.start()
    house.wait_event("sms/status", mark, id="during", state="delivered")
    for key in keys:
        house.wait_message(key, "delivered")
    house.ask("signal/read")
    assert house.daemon.pid == pid

    assert [m["text"] for m in house.sent()] == [f"out {n}" for n in range(5)] + ["asked meanwhile"]
    assert all(house.states(key) == WHOLE for key in keys)
    during = [e["state"] for e in house.events("sms/status") if e["id"] == "during"]
    assert during == WHOLE
    events = house.events("sms/received", mark)
    assert len(events) == len({e["uid"] for e in events}) == 6
    assert [e["text"] for e in events[:5]] == [f"in {number}" for number in range(5)]
    assert events[5]["text"].startswith("in three parts")
    assert not any(e["redelivered"] for e in events)
    answers = [m.json for m in house.heard.since(mark) if m.topic.endswith("response/sms/send")]
    assert [a["id"] for a in answers] == ["during"]


def test_both_are_away(new_house: NewHouse, new_broker: Callable[[], Mosquitto]):
    """Killed with the broker away and much to tell: the store keeps it."""
    broker = new_broker()
    house = new_house(at=broker).open()
    mark = house.heard.mark()
    broker.stop()
    house.daemon.output.wait_for(lambda line: "the broker is away" in line)
    for number in range(3):
        house.modem.do("receive", from_=BOB, text=f"in {number}")
    house.wait(delivered=3, stored=0)
    house.daemon.kill()
    house.modem.do("receive", from_=BOB, text="in 3")
    house.daemon.start()
    house.wait(delivered=4, stored=0)
    broker.start()
    house.received(mark, text="in 3")
    events = house.events("sms/received", mark)
    assert [e["text"] for e in events] == [f"in {number}" for number in range(4)]
    # Published before or not: who died cannot know, and says so.
    assert [e["redelivered"] for e in events] == [True, True, True, False]


def test_more_than_fits_into_memory(new_house: NewHouse, new_broker: Callable[[], Mosquitto]):
    """Hundreds of events wait in the store, and arrive in order."""
    broker = new_broker()
    house = new_house("--storage", "200", at=broker).open()
    mark = house.heard.mark()
    broker.stop()
    house.daemon.output.wait_for(lambda line: "the broker is away" in line)
    for number in range(600):
        house.modem.do("receive", from_=BOB, text=f"number {number}")
    house.wait(delivered=600, stored=0, timeout=60)
    broker.start()
    house.received(mark, text="number 599")
    events = house.events("sms/received", mark)
    assert [e["text"] for e in events] == [f"number {number}" for number in range(600)]


def test_a_broker_that_comes_later(new_house: NewHouse, new_broker: Callable[[], Mosquitto]):
    broker = new_broker()
    house = new_house(at=broker)
    broker.stop()
    house.simulator.start()
    house.daemon.start()
    house.modem.do("receive", from_=BOB, text="before anybody listens")
    house.wait(delivered=1, stored=0)
    broker.start()
    assert house.received(text="before anybody listens")["redelivered"] is False
    house.wait_status("ready")


def test_requests_wait_at_the_broker_for_the_daemon(new_house: NewHouse):
    house = new_house().open()
    house.daemon.kill()
    mark = house.heard.mark()
    for number in range(3):
        request = {"id": f"waiting{number}", "to": ALICE, "text": f"text {number}"}
        house.publish("sms/send", request)
    house.start()
    for number in range(3):
        assert house.response("sms/send", mark, id=f"waiting{number}")["status"] == "accepted"
        house.wait_event("sms/status", id=f"waiting{number}", state="delivered")
    assert [m["text"] for m in house.sent()] == [f"text {number}" for number in range(3)]


# -- repeats itself


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("parameters", [{}, {"id": "mine"}], ids=["without an id", "with one"])
def test_a_request_that_the_broker_delivers_again(
    new_house: NewHouse, proxy: Proxy, parameters: dict, killed: bool
):
    """It never heard that we have it, so it comes again with the DUP flag: once is enough."""
    house = new_house(broker_port=proxy.port).open()
    mark = house.heard.mark()
    proxy.swallow()
    house.publish("sms/send", {"to": ALICE, "text": "once", **parameters})
    house.wait(sent=1, reports=1)
    # The store works in order: once a later message is off the SIM, this one's end is recorded.
    house.modem.do("receive", from_=BOB, text="later")
    house.wait(deleted=1)
    if killed:
        house.daemon.kill()
    proxy.cut()
    proxy.open()
    if killed:
        house.daemon.start()
    house.online(mark)
    house.wait_event("sms/status", mark, to=ALICE, state="delivered")
    (key,) = house.send(BOB, "afterwards")
    house.wait_message(key, "delivered")
    assert [m["text"] for m in house.sent()] == ["once", "afterwards"]
    responses = [m.json for m in house.heard.since(mark) if m.topic.endswith("response/sms/send")]
    assert [r["status"] for r in responses] == ["accepted"] * 2
    states = [e["state"] for e in house.events("sms/status", mark) if e["to"] == ALICE]
    assert states == WHOLE


def test_a_refused_request_that_the_broker_delivers_again(new_house: NewHouse, proxy: Proxy):
    """It was answered, and is so by the same words: to be carried out later would contradict."""
    house = new_house(broker_port=proxy.port).open()
    mark = house.heard.mark()
    house.modem.do("unplug")
    house.wait_status("absent", after=mark)
    mark = house.heard.mark()
    proxy.swallow()
    house.publish("signal/read", {"id": "mine"})
    house.modem.do("replug")
    house.wait(commands=1, matching="+CMGL", further=True)
    proxy.cut()
    proxy.open()
    house.online(mark)
    assert house.response("signal/read", mark, id="mine")["error"]["code"] == "unavailable"
    assert house.ask("signal/read")["status"] == "ok"
    answers = [m.json for m in house.heard.since(mark) if m.topic.endswith("response/signal/read")]
    assert [answer["id"] for answer in answers].count("mine") == 1


def test_a_message_whose_acknowledgement_is_lost(new_house: NewHouse, proxy: Proxy):
    """The broker may or may not have it: it comes again, and bears its uid."""
    house = new_house(broker_port=proxy.port).open()
    mark = house.heard.mark()
    proxy.swallow()
    house.modem.do("receive", from_=BOB, text="into the void")
    house.wait(delivered=1, stored=0)
    proxy.cut()
    proxy.open()
    event = house.received(mark, text="into the void")
    house.ask("signal/read")
    assert {e["uid"] for e in house.events("sms/received", mark)} == {event["uid"]}


def test_a_message_whose_acknowledgement_does_not_come_back(new_house: NewHouse, proxy: Proxy):
    """The broker has it, and we cannot know: told again it says that it may be known."""
    house = new_house(broker_port=proxy.port).open()
    mark = house.heard.mark()
    proxy.ignore()
    house.modem.do("receive", from_=BOB, text="told twice")
    first = house.received(mark, text="told twice")
    house.wait(stored=0)
    mark = house.heard.mark()
    proxy.cut()
    proxy.open()
    again = house.received(mark, text="told twice")
    assert (first["redelivered"], again["redelivered"]) == (False, True)
    assert {**first, "redelivered": True} == again


# -- who is there


def test_a_kill_is_told_by_the_will(new_house: NewHouse):
    house = new_house().open()
    mark = house.heard.mark()
    topic = f"{house.base}/availability"
    house.daemon.kill()
    last = house.heard.wait_for(lambda m: m.topic == topic, after=mark)
    assert (last.payload, last.retain) == (b"offline", True)
    house.start()
    assert [m.payload for m in house.heard.since(mark) if m.topic == topic] == [
        b"offline",
        b"online",
    ]


def test_states_are_retained_and_nothing_else_is(new_house: NewHouse):
    house = new_house().open()
    (key,) = house.send(ALICE, "something")
    house.wait_message(key, "delivered")
    house.modem.do("receive", from_=BOB, text="something")
    house.received(text="something")
    house.ask("signal/read")
    house.wait_state("sms", delivered=1, received=1)
    newest = {m.topic: m.payload for m in house.heard.since() if m.retain}
    late = Subscriber(house.broker.port, f"{house.prefix}-late", f"{house.base}/#", expiry=0)
    try:
        late.heard.wait_until(lambda heard: len(heard) >= _count(house, newest))
        found = {m.topic: m for m in late.heard.since()}
    finally:
        late.close()
    assert all(m.retain for m in found.values())
    levels = ("modem", "sim", "signal", "network", "sms", "bridge", "health")
    states = {f"{house.base}/state/{level}" for level in levels}
    others = {*found} - states
    assert len(found) - len(others) == len(levels)
    assert f"{house.base}/availability" in others
    others.remove(f"{house.base}/availability")
    assert all(topic.startswith(f"{house.base}/state/") for topic in others)
    assert {t: m.payload for t, m in found.items()} == {
        t: payload for t, payload in newest.items() if t.startswith(house.base)
    }


def _count(house: House, retained: dict[str, bytes]) -> int:
    return sum(topic.startswith(house.base) for topic in retained)


def test_a_clean_stop_with_the_modem_in_the_middle_of_a_message(new_house: NewHouse):
    house = new_house().open()
    house.modem.do("fault", kind="silence", command="+CMGS", phase="answer")
    (key,) = house.send(ALICE, "on its way")
    house.wait(sent=1)
    house.wait_message(key, "sending")
    mark = house.heard.mark()
    assert house.daemon.stop() == 0
    topic = f"{house.base}/availability"
    assert house.heard.wait_for(lambda m: m.topic == topic, after=mark).payload == b"offline"
    house.start()
    house.wait_message(key, "unknown")
    assert len(house.sent()) == 1

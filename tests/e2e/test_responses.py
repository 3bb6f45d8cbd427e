"""Where the response goes: to the topic of the verb, or where an MQTT 5 client wants it."""

import pytest

from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow

ALICE = "+491701234567"


@pytest.fixture(scope="module")
def shared_house(new_shared_house: NewHouse) -> House:
    return new_shared_house().open()


@pytest.mark.parametrize("name", ["signal/read", "sms/centre", "sms/send"])
def test_the_response_topic_of_mqtt_5(house: House, name: str):
    payload = {"to": ALICE, "text": "for me alone"} if name == "sms/send" else {}
    topic = f"{house.prefix}/inbox/of/mine"
    mark = house.heard.mark()
    house.publish(name, payload, response_topic=topic, correlation=b"\x00\xff 1")
    answer = house.heard.wait_for(lambda m: m.topic == topic, after=mark)
    assert answer.json["status"] in ("ok", "accepted")
    assert (answer.correlation, answer.retain) == (b"\x00\xff 1", False)
    house.ask("signal/read")
    others = [m.topic for m in house.heard.since(mark) if m.topic.endswith(f"/response/{name}")]
    assert len(others) == (name == "signal/read")


def test_the_response_topic_of_a_refusal(house: House):
    topic = f"{house.prefix}/inbox/of/mine"
    mark = house.heard.mark()
    house.publish("sms/send", "no JSON", response_topic=topic, correlation=b"7")
    answer = house.heard.wait_for(lambda m: m.topic == topic, after=mark)
    assert (answer.json["error"]["code"], answer.correlation) == ("invalid_request", b"7")


def test_a_response_topic_that_nobody_may_publish_to(house: House):
    """It must not end the connection, nor what follows."""
    payload = {"to": ALICE, "text": "x"}
    house.publish("sms/send", payload, response_topic="$SYS/broker/uptime")
    house.wait_event("sms/status", to=ALICE, state="delivered")
    assert house.ask("signal/read")["status"] == "ok"


@pytest.mark.parametrize(
    "topic",
    ["{prefix}/#", "{base}/request/sms/send/alice", "{base}/state/modem", "{ha}/x"],
)
@pytest.mark.parametrize("name", ["signal/read", "signal/sing", "sms/centre"])
def test_a_response_topic_that_will_not_do(house: House, name: str, topic: str):
    topic = topic.format(prefix=house.prefix, base=house.base, ha=house.discovery)
    sent = len(house.sent())
    mark = house.heard.mark()
    house.publish(name, "{}", response_topic=topic, correlation=b"8")
    house.response(name, mark)
    house.ask("signal/read")
    assert not [m for m in house.heard.since(mark) if m.topic == topic and m.correlation]
    assert len(house.sent()) == sent


@pytest.mark.parametrize("name", ["signal/read", "signal/sing"])
def test_the_usual_topic_serves_where_the_broker_refuses_the_named_one(house: House, name: str):
    mark = house.heard.mark()
    house.publish(name, "{}", response_topic="$SYS/x", correlation=b"9")
    house.heard.wait_for(
        lambda m: m.topic == f"{house.base}/response/{name}" and m.correlation == b"9", after=mark
    )


def test_many_that_cannot_be_answered_where_they_want_hold_nobody_back(house: House):
    for _ in range(60):  # more than a broker has under way at once
        house.publish("signal/sing", "{}", response_topic=f"{house.prefix}/+", wait=False)
    assert house.ask("signal/read")["status"] == "ok"


def test_without_an_id_one_is_made(house: House):
    ids = [house.ask_raw("signal/read", payload)["id"] for payload in ("", "{}")]
    assert len(set(ids)) == 2
    assert all(ids)

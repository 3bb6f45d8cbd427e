"""Messages that go out: accepted, handed over once, followed until they are delivered."""

import itertools
import json

import pytest

from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow

NUMBERS = itertools.count(1)
ALICE, BOB = "+491701234567", "+491707654321"
WHOLE = ["queued", "sending", "sent", "delivered"]


@pytest.fixture(scope="module")
def shared_house(new_shared_house: NewHouse) -> House:
    return new_shared_house(
        contacts={"alice": ALICE, "bob": BOB}, groups={"family": ["alice", "bob"]}
    ).open()


@pytest.fixture
def number() -> str:
    """A number that nobody else in this module uses."""
    return f"+49171000{next(NUMBERS):04}"


def test_two_recipients_one_with_an_emoji_over_three_parts(house: House, number: str):
    text = "Look at this 👋🏽: " + "the sea, the sky, the mountains " * 5
    mark = house.heard.mark()
    plain, long = house.send(number, "just text") + house.send(ALICE, text)
    house.wait_message(plain, "delivered")
    last = house.wait_message(long, "delivered")

    assert house.states(plain) == WHOLE
    assert house.states(long) == WHOLE
    assert (last["parts"], last["parts_sent"], last["error"]) == (3, 3, None)
    assert [m["text"] for m in house.sent(number)] == ["just text"]
    parts = [m for m in house.sent(ALICE) if m["text"] in text]
    assert [m["header"][-4:] for m in parts] == ["0301", "0302", "0303"]
    assert "".join(m["text"] for m in parts) == text
    assert all(m["report_requested"] for m in parts)
    assert {e["id"] for e in house.events("sms/status", mark)} == {
        e["id"] for e in (house.wait_message(plain, "sent"), house.wait_message(long, "sent"))
    }


def test_one_request_to_two_recipients(house: House, number: str):
    other = number.replace("+49171", "+49172")
    keys = house.send([number, other], "Grüße 👋🏽 " + "an alle " * 20)
    assert len(set(keys)) == 2
    for key, to in zip(keys, (number, other), strict=True):
        assert house.wait_message(key, "delivered")["to"] == to
        assert house.states(key) == WHOLE
        assert len(house.sent(to)) == 3


def test_the_answer_says_what_it_will_cost(house: House, number: str):
    response = house.ask("sms/send", to=number, text="€" * 161, id="cost")
    (message,) = response["data"]["messages"]
    assert (response["id"], response["status"]) == ("cost", "accepted")
    assert (message["to"], message["parts"], message["encoding"]) == (number, 3, "gsm7")
    house.wait_message(message["message"], "delivered")
    assert "".join(m["text"] for m in house.sent(number)) == "€" * 161


def test_contacts_and_groups(house: House):
    for to, wanted in (("bob", {BOB: "bob"}), ("family", {ALICE: "alice", BOB: "bob"})):
        keys = house.send(to, f"to {to}")
        events = [house.wait_message(key, "delivered") for key in keys]
        assert {e["to"]: e["contact"] for e in events} == wanted
        assert [m["number"] for m in house.sent() if m["text"] == f"to {to}"] == [*wanted]


def test_a_recipient_named_twice_gets_one_message(house: House):
    keys = house.send(["alice", ALICE, "family"], "once each")
    for key in keys:
        house.wait_message(key, "delivered")
    assert sorted(m["number"] for m in house.sent() if m["text"] == "once each") == [ALICE, BOB]


@pytest.mark.parametrize("to", ["alice", "00491701234567"])
def test_plain_text_on_a_topic(house: House, to: str):
    """The shortcut for people; a topic that is published to cannot hold a plus."""
    text = f'{{"not": "JSON", {to} 👋'
    response = house.ask_raw(f"sms/send/{to}", text, "sms/send")
    (message,) = response["data"]["messages"]
    assert (response["status"], message["to"]) == ("accepted", ALICE)
    house.wait_message(message["message"], "delivered")
    assert [m["number"] for m in house.sent() if m["text"] == text] == [ALICE]


def test_flash_and_validity_reach_the_network(house: House, number: str):
    (key,) = house.send(number, "now", flash=True, validity=300, encoding="ucs2")
    house.wait_message(key, "delivered")
    (message,) = house.sent(number)
    assert message["dcs"] == 0x18
    # TP-VP, relative, five minutes are 0 (3GPP TS 23.040, 9.2.3.12.1); then TP-UDL and TP-UD.
    assert message["pdu"].endswith("1800" + "06" + "now".encode("utf-16-be").hex().upper())


def test_without_a_delivery_report_it_ends_sent(house: House, number: str):
    (key,) = house.send(number, "no receipt", delivery_report=False)
    house.wait_message(key, "sent")
    assert not house.sent(number)[0]["report_requested"]
    assert house.states(key) == WHOLE[:3]


def test_a_report_of_failure(house: House, number: str):
    house.modem.do("reports", status=0x46)
    try:
        (key,) = house.send(number, "the phone is off for ever")
        event = house.wait_message(key, "undelivered")
    finally:
        house.modem.do("reports", status=0)
    assert "46" in event["error"]
    assert house.states(key) == [*WHOLE[:3], "undelivered"]


def test_a_report_that_is_still_trying_and_then_good(house: House, number: str):
    house.modem.do("reports", automatic=False)
    try:
        (key,) = house.send(number, "the phone is off for now")
        house.wait_message(key, "sent")
        reference = house.sent(number)[0]["reference"]
        house.modem.do("report", reference=reference, status=0x20)
        house.modem.do("report", reference=reference, status=0)
        house.modem.do("report", reference=reference, status=0)
        house.wait_message(key, "delivered")
    finally:
        house.modem.do("reports", automatic=True)
    assert house.states(key) == WHOLE


def test_every_part_must_be_delivered(house: House, number: str):
    house.modem.do("reports", automatic=False)
    try:
        (key,) = house.send(number, "x" * 200)
        house.wait_message(key, "sent")
        references = [m["reference"] for m in house.sent(number)]
        mark = house.heard.mark()
        house.modem.do("report", reference=references[1])
        house.ask("signal/read")
        answer = house.ask("sms/status", message=key)["data"]
        assert (answer["state"], answer["parts_sent"]) == ("sent", 2)
        house.modem.do("report", reference=references[0])
        house.wait_message(key, "delivered")
    finally:
        house.modem.do("reports", automatic=True)
    assert [e["state"] for e in house.events("sms/status", mark)] == ["delivered"]
    parts = house.ask("sms/status", message=key)["data"]["part_states"]
    assert [part["state"] for part in parts] == ["delivered", "delivered"]


def test_a_passing_refusal_is_tried_again(house: House, number: str):
    house.modem.do("fault", kind="error", command="+CMGS", phase="payload", line="+CMS ERROR: 331")
    (key,) = house.send(number, "no network for a moment")
    house.wait_message(key, "delivered")
    assert house.states(key) == ["queued", "sending", "queued", "sending", "sent", "delivered"]
    assert len(house.sent(number)) == 1


def test_a_final_refusal_fails(house: House, number: str):
    house.modem.do("fault", kind="error", command="+CMGS", phase="payload", line="+CMS ERROR: 8")
    (key,) = house.send(number, "barred")
    assert "+CMS ERROR: 8" in house.wait_message(key, "failed")["error"]
    assert house.states(key) == ["queued", "sending", "failed"]
    assert house.sent(number) == []


def test_an_answer_that_never_comes_is_unknown(house: House, number: str):
    """The message is out, the answer is lost: nobody may send it again."""
    (key, resent) = (
        _silenced(house, number, "answered never"),
        _silenced(house, number, "better twice than never", on_unknown="resend"),
    )
    house.wait_message(key, "unknown")
    house.wait_message(resent, "delivered")
    texts = [m["text"] for m in house.sent(number)]
    assert texts == ["answered never", *["better twice than never"] * 2]
    assert house.states(key) == ["queued", "sending", "unknown"]
    assert house.states(resent) == ["queued", "sending", "queued", "sending", "sent", "delivered"]


def _silenced(house: House, number: str, text: str, **parameters) -> str:
    before = len(house.sent())
    house.modem.do("fault", kind="error", command="+CMGS", phase="answer", line="+CMS ERROR: 332")
    (key,) = house.send(number, text, **parameters)
    house.wait(sent=before + 1)
    return key


def test_high_priority_overtakes_and_what_waits_can_be_cancelled(house: House, number: str):
    house.lose_network()
    keys = house.send(number, "first") + house.send(number, "second")
    keys += house.send(number, "urgent", priority="high")
    cancelled = house.ask("sms/cancel", message=keys[1])
    assert cancelled["data"]["state"] == "cancelled"
    listed = house.ask("sms/outbox", state="queued")["data"]["messages"]
    assert [m["message"] for m in listed] == [keys[0], keys[2]]
    house.wait_state("sms", queued=2)

    house.modem.do("network", stat=1)
    house.wait_message(keys[0], "delivered")
    assert [m["text"] for m in house.sent(number)] == ["urgent", "first"]
    assert house.states(keys[1]) == ["queued", "cancelled"]
    again = house.ask("sms/cancel", message=keys[0])
    assert again["error"]["code"] == "invalid_request"
    assert "delivered" in again["error"]["message"]


def test_what_waits_too_long_expires(house: House, number: str):
    house.lose_network()
    try:
        (key,) = house.send(number, "too late", ttl=1)
        house.wait_message(key, "expired")
    finally:
        house.modem.do("network", stat=1)
    (after,) = house.send(number, "in time")
    house.wait_message(after, "delivered")
    assert house.states(key) == ["queued", "expired"]
    assert [m["text"] for m in house.sent(number)] == ["in time"]


def test_the_counts_in_the_state(house: House, number: str):
    before = house.ask("sms/outbox", limit=1000)["data"]["messages"]
    house.wait_state("sms", queued=0, queued_parts=0)
    (key,) = house.send(number, "one more")
    house.wait_message(key, "delivered")
    delivered = sum(m["state"] == "delivered" for m in before) + 1
    house.wait_state("sms", delivered=delivered, queued=0)


def test_a_burst_goes_out_whole_and_once(house: House, number: str):
    texts = [f"message {n}" for n in range(20)]
    for n, text in enumerate(texts):
        house.publish("sms/send", {"id": f"burst{n}", "to": number, "text": text}, wait=False)
    house.wait_event("sms/status", id="burst19", state="delivered")
    assert [m["text"] for m in house.sent(number)] == texts
    for n in range(20):
        states = [e["state"] for e in house.events("sms/status") if e["id"] == f"burst{n}"]
        assert states == WHOLE


def test_events_are_not_retained_and_in_no_log(house: House, number: str):
    (key,) = house.send(number, "a secret between us")
    house.wait_message(key, "delivered")
    house.modem.do("receive", from_=number, text="a secret between you")
    house.received(text="a secret between you")
    topics = {m.topic: m.retain for m in house.heard.since() if "/event/" in m.topic}
    assert not any(topics.values())
    assert not any(m.retain for m in house.heard.since() if "/response/" in m.topic)
    output = json.dumps(house.daemon.output.since())
    assert "a secret" not in output
    assert number not in output

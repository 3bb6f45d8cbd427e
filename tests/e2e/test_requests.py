"""Every message on request/# gets exactly one response, and each code of the contract its due."""

import itertools
import json
from typing import Any

import pytest

from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow

NUMBERS = itertools.count(1)
ALICE = "+491701234567"


@pytest.fixture(scope="module")
def shared_house(new_shared_house: NewHouse) -> House:
    return new_shared_house(
        contacts={"alice": ALICE, "taxi": "22456"},
        sms={"allow_to": ["+4917*", "22333"]},
        allow_dangerous=["at/send"],
    ).open()


@pytest.fixture
def number() -> str:
    """A number that nobody else in this module uses."""
    return f"+49172000{next(NUMBERS):04}"


def refused(house: House, name: str, payload: Any, code: str, *words: str, **how: Any) -> dict:
    """Ask; return the error of the one response, which has this code and these words."""
    mark = house.heard.mark()
    levels = "/".join(name.split("/")[:2])
    response = house.ask_raw(name, payload, levels, **how)
    assert response["status"] == "error"
    assert isinstance(response["id"], str)
    error = response["error"]
    assert error["code"] == code, error
    assert isinstance(error["retryable"], bool)
    for word in words:
        assert word in error["message"], error
    house.ask("signal/read")  # so that a second one would have come by now
    assert len([m for m in house.heard.since(mark) if f"/response/{levels}" in m.topic]) == 1 + (
        levels == "signal/read"
    )
    return error


# -- invalid_request


@pytest.mark.parametrize(
    "payload",
    [
        "no JSON at all",
        '{"to": "alice", "text": "unfinished',
        "[1, 2, 3]",
        '"text"',
        "null",
        "17",
        b"\xff\xfe\x00",
        '{"to": "alice", "text": NaN}',
        "[" * 100_000,
        '{"to": "alice", "text": "half \\ud83d a pair"}',
        '{"to": "alice", "text": "x", "id": "\\udc00"}',
        '{"to": ["alice", "\\ud800"], "text": "x"}',
    ],
    ids=lambda payload: repr(payload)[:30],
)
def test_what_is_no_request(house: House, payload: Any):
    sent = len(house.sent())
    refused(house, "sms/send", payload, "invalid_request")
    assert len(house.sent()) == sent


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({}, "required"),
        ({"to": "alice"}, "text"),
        ({"text": "x"}, "to"),
        ({"to": 4917, "text": "x"}, "to"),
        ({"to": [], "text": "x"}, "to"),
        ({"to": [None], "text": "x"}, "to"),
        ({"to": {"alice": 1}, "text": "x"}, "to"),
        ({"to": "nobody", "text": "x"}, "nobody"),
        ({"to": "alice", "text": 1}, "text"),
        ({"to": "alice", "text": None}, "text"),
        ({"to": "alice", "text": "x", "flash": "yes"}, "flash"),
        ({"to": "alice", "text": "x", "encoding": "morse"}, "encoding"),
        ({"to": "alice", "text": "мир", "encoding": "gsm7"}, "text"),
        ({"to": "alice", "text": "x", "validity": 1}, "validity"),
        ({"to": "alice", "text": "x", "validity": True}, "validity"),
        ({"to": "alice", "text": "x", "priority": 1}, "priority"),
        ({"to": "alice", "text": "x", "on_unknown": "pray"}, "on_unknown"),
        ({"to": "alice", "text": "x", "txet": "y"}, "txet"),
        ({"to": "alice", "text": "x", "id": ""}, "id"),
        ({"to": "alice", "text": "x", "id": 7}, "id"),
        ({"to": "alice", "text": "x", "id": "x" * 65}, "id"),
        ({"to": "alice", "text": "x", "ttl": 0}, "ttl"),
        ({"to": "alice", "text": "x", "ttl": "60"}, "ttl"),
        ({"to": "alice", "text": "x", "ttl": True}, "ttl"),
        ({"to": "alice", "text": "x" * 50_000}, "text"),
    ],
    ids=lambda value: json.dumps(value)[:40] if isinstance(value, dict) else None,
)
def test_wrong_parameters(house: House, parameters: dict, named: str):
    sent = len(house.sent())
    refused(house, "sms/send", json.dumps(parameters), "invalid_request", named)
    assert len(house.sent()) == sent


def test_the_id_of_a_bad_request_is_in_its_answer(house: House):
    assert house.ask("sms/send", id="mine")["id"] == "mine"


# -- unknown_request, retained


@pytest.mark.parametrize(
    "name", ["sms/sing", "fax/send", "sms/__init__", "sms/send/alice/bob", "signal/read/now"]
)
def test_unknown_requests(house: House, name: str):
    refused(house, name, "{}", "unknown_request")


def test_a_request_for_nothing_at_all(house: House):
    mark = house.heard.mark()
    house.subscriber.publish(f"{house.base}/request", "{}")
    topic = f"{house.base}/response"
    answer = house.heard.wait_for(lambda m: m.topic == topic, after=mark)
    assert answer.json["error"]["code"] == "unknown_request"


def test_a_retained_request_is_refused_and_never_replays(house: House, number: str):
    payload = {"to": number, "text": "again and again"}
    try:
        refused(house, "sms/send", payload, "retained", "retain", retain=True)
        mark = house.heard.mark()
        house.daemon.stop()
        house.start()
        house.ask("signal/read")
        answers = [m.json for m in house.heard.since(mark) if m.topic.endswith("response/sms/send")]
        assert {a["error"]["code"] for a in answers} <= {"retained"}
    finally:
        house.publish("sms/send", "", retain=True)
    assert house.sent(number) == []


# -- duplicate


def test_an_id_used_again_for_something_else(house: House, number: str):
    (key,) = house.send(number, "first", id="used")
    house.wait_message(key, "delivered")
    payload = {"to": number, "text": "second", "id": "used"}
    error = refused(house, "sms/send", payload, "duplicate")
    assert error["retryable"] is False
    assert [m["text"] for m in house.sent(number)] == ["first"]
    refused(house, "signal/read", {"id": "used"}, "duplicate")


def test_the_same_request_again_gets_the_same_answer(house: House, number: str):
    first = house.ask("sms/send", to=number, text="once", id="repeated")
    assert house.ask("sms/send", id="repeated", text="once", to=number) == first
    house.wait_message(first["data"]["messages"][0]["message"], "delivered")
    house.daemon.stop()
    house.start()
    assert house.ask("sms/send", to=number, text="once", id="repeated") == first
    assert len(house.sent(number)) == 1
    refused(house, "sms/send", {"to": number, "text": "x", "id": "repeated"}, "duplicate")


def test_the_same_request_twice_at_once(house: House, number: str):
    mark = house.heard.mark()
    payload = {"to": number, "text": "twice at once", "id": "hasty"}
    for _ in range(2):
        house.publish("sms/send", payload, wait=False)
    topic = f"{house.base}/response/sms/send"
    house.heard.wait_until(lambda all: [m.topic for m in all[mark:]].count(topic) == 2)
    first, second = (m.json for m in house.heard.since(mark) if m.topic == topic)
    assert first == second
    house.wait_message(first["data"]["messages"][0]["message"], "delivered")
    assert len(house.sent(number)) == 1


# -- forbidden


@pytest.mark.parametrize("to", ["+33123456789", "110", "491721234567", "22334", "0900123456"])
def test_numbers_that_are_not_allowed(house: House, to: str):
    refused(house, "sms/send", {"to": to, "text": "x"}, "forbidden", "allow_to", to)
    assert house.sent(to) == []


def test_one_forbidden_recipient_stops_the_whole_request(house: House, number: str):
    payload = {"to": [number, "+33123456789"], "text": "x"}
    refused(house, "sms/send", payload, "forbidden", "+33123456789")
    assert house.sent(number) == []


@pytest.mark.parametrize("to", ["22333", "taxi"])
def test_short_codes_that_are_named(house: House, to: str):
    (key,) = house.send(to, "x")
    house.wait_message(key, "delivered")


def test_dangerous_requests_need_naming(house: House):
    refused(house, "modem/power_off", {}, "forbidden", "allow_dangerous", "modem/power_off")
    assert house.ledger()["starts"] == 1


@pytest.mark.parametrize("command", ["AT+CMGS=20", "at + cmss=1", "AT+CSQ;+CPIN=1234"])
def test_a_raw_command_does_not_go_round_the_rules(house: House, command: str):
    refused(house, "at/send", {"command": command}, "forbidden")


def test_a_raw_command(house: House):
    response = house.ask("at/send", command="AT+CSQ")
    assert response["data"] == {"lines": ["+CSQ: 23,99"], "result": "OK"}


# -- what the modem does


def test_modem_error(house: House):
    assert refused(house, "at/send", {"command": "AT+NONSENSE"}, "modem_error")["modem"] == "ERROR"
    house.modem.do("fault", kind="error", command="+CSQ", line="+CME ERROR: 4")
    error = refused(house, "signal/read", {"id": "refused"}, "modem_error", "not supported")
    assert error["modem"] == "+CME ERROR: 4"


def test_timeout_where_nothing_can_have_happened(house: House):
    house.modem.do("fault", kind="silence", command="+CSQ")
    assert refused(house, "signal/read", {"id": "silenced"}, "timeout")["retryable"] is True


def test_unknown_outcome_where_something_can(house: House):
    house.modem.do("fault", kind="silence", command="+ENPWRSAVE=1", phase="answer")
    payload = {"id": "lost", "command": "AT+ENPWRSAVE=1", "timeout": 1}
    assert refused(house, "at/send", payload, "unknown_outcome")["retryable"] is False
    # It is never carried out again, not even when it is asked for again.
    commands = house.ledger()["commands"]
    assert house.ask("at/send", **payload)["error"]["code"] == "unknown_outcome"
    assert house.ledger()["commands"] == commands

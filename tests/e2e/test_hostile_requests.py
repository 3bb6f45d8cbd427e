"""Whoever may publish below request/# cannot make the bridge fall, swell or keep silent."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from n11bridge.requests.desk import MOST_IN_HAND
from tests.at.hostile import damaged
from tests.fuzz.targets import TARGETS

from .conftest import NewHouse
from .house import House
from .subscriber import Message

pytestmark = pytest.mark.slow

FLOOD = 10_000
#: A client that keeps its connection open may have so many topic levels (MQTT sets no limit,
#: mosquitto 200).
LEVELS = 190


@pytest.fixture(scope="module")
def shared_house(new_shared_house: NewHouse) -> House:
    return new_shared_house(contacts={"alice": "+491701234567"}).open()


def memory(house: House) -> int:
    """Resident memory of the daemon in bytes."""
    pages = Path(f"/proc/{house.daemon.pid}/statm").read_text().split()[1]
    return int(pages) * 4096


def answers(heard: list[Message]) -> list[dict[str, Any]]:
    return [message.json for message in heard if "/response" in message.topic]


def wait_for_answers(house: House, mark: int, count: int) -> None:
    """Return once so many answers came since a mark, looking at each message once."""
    while count > 0:
        house.heard.wait_for(lambda _: True, after=mark)
        new = house.heard.since(mark)
        mark += len(new)
        count -= sum("/response" in message.topic for message in new)


def is_well(house: House) -> None:
    """It lives, and knows nothing of what was thrown at it."""
    assert house.ask("signal/read")["status"] == "ok"
    assert not [line for line in house.daemon.output.since() if "Traceback" in line]


@pytest.mark.parametrize(
    ("name", "payload", "code"),
    [
        ("sms/send", b"x" * 1_000_000, "invalid_request"),
        ("sms/send", json.dumps({"to": "alice", "text": "x" * 1_000_000}), "invalid_request"),
        ("sms/send", json.dumps({"to": "x" * 1_000_000, "text": "x"}), "invalid_request"),
        ("sms/send", json.dumps({"x" * 1_000_000: 1}), "invalid_request"),
        ("sms/send", json.dumps({str(n): n for n in range(100_000)}), "invalid_request"),
        ("sms/send", json.dumps({"to": ["alice"] * 100_000, "text": "x"}), "invalid_request"),
        ("sms/send", json.dumps({"id": "x" * 1_000_000}), "invalid_request"),
        ("sms/status", json.dumps({"message": "x" * 1_000_000}), "invalid_request"),
        ("sms/send", b'{"to": "alice", "text": ' + b"9" * 1_000_000 + b"}", "invalid_request"),
        ("sms/send", b'{"a":' * 100_000, "invalid_request"),
        ("sms/send/alice", b"\xff\xfe\xfd", "invalid_request"),
        ("sms/send/alice", b"", "invalid_request"),
        ("sms/send/alice", b"x" * 1_000_000, "invalid_request"),
        ("sms/send/" + "9" * 10_000, b"x", "invalid_request"),
        ("x" * 30_000 + "/y", b"{}", "unknown_request"),
        ("sms/send/" + "/".join("x" * LEVELS), b"{}", "unknown_request"),
        ("/", b"{}", "unknown_request"),
        ("//", b"{}", "unknown_request"),
        ("sms//send", b"{}", "unknown_request"),
        ("sms/send/", b"{}", "invalid_request"),
        ("sms/", b"{}", "unknown_request"),
        ("$SYS/broker", b"{}", "unknown_request"),
        ("sms/$share", b"{}", "unknown_request"),
        ("sms/send\u202e", b"{}", "unknown_request"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_monster_is_answered_once_and_shortly(
    house: House, name: str, payload: Any, code: str
) -> None:
    mark = house.heard.mark()
    sent = len(house.sent())
    house.publish(name, payload)
    house.heard.wait_until(lambda heard: bool(answers(heard[mark:])))
    is_well(house)
    said = [m for m in house.heard.since(mark) if "/response" in m.topic]
    assert len(said) == 2  # its own, and that of `is_well`
    assert said[0].json["error"]["code"] == code
    assert len(said[0].payload) < 2000
    assert len(house.sent()) == sent
    assert memory(house) < 150_000_000


def test_ten_thousand_small_ones_are_each_answered_once(house: House) -> None:
    mark, before = house.heard.mark(), memory(house)
    names = ["signal/read", "sms/status", "sms/send", "bridge/nonsense", "fax/send"]
    for number in range(FLOOD):
        payload = {"id": f"flood-{number}", "message": "none"}
        house.publish(names[number % len(names)], payload, wait=False)
    wait_for_answers(house, mark, FLOOD)
    is_well(house)
    ids = Counter(answer["id"] for answer in answers(house.heard.since(mark)))
    assert {ids[f"flood-{number}"] for number in range(FLOOD)} == {1}
    assert memory(house) - before < 40_000_000


def test_ten_thousand_that_wait_for_the_modem(new_house: NewHouse) -> None:
    """Too many are refused, so that memory has an end; nobody is left without an answer."""
    house = new_house()
    house.start("absent")
    mark, before = house.heard.mark(), memory(house)
    for number in range(FLOOD):
        house.publish("signal/read", {"id": f"flood-{number}", "ttl": 600}, wait=False)
    house.simulator.start()
    wait_for_answers(house, mark, FLOOD)
    is_well(house)
    ids = Counter(answer["id"] for answer in answers(house.heard.since(mark)))
    assert {ids[f"flood-{number}"] for number in range(FLOOD)} == {1}
    assert memory(house) - before < 90_000_000
    refused = [a for a in answers(house.heard.since(mark)) if a["status"] == "error"]
    assert {a["error"]["code"] for a in refused} <= {"unavailable"}
    assert len(refused) <= FLOOD - MOST_IN_HAND


def test_a_flood_that_the_broker_need_not_deliver(house: House) -> None:
    """With QoS 0 a broker may drop what it likes; what came is answered, and memory has an end."""
    mark, before = house.heard.mark(), memory(house)
    for number in range(FLOOD // 10):
        house.publish("sms/status", {"id": f"quick-{number}", "message": "no"}, wait=False, qos=0)
    is_well(house)
    house.ask("signal/read")
    ids = Counter(answer["id"] for answer in answers(house.heard.since(mark)))
    assert set(ids.values()) == {1}
    assert memory(house) - before < 40_000_000
    assert not [line for line in house.daemon.output.since() if "no answer to" in line]


def test_damaged_requests(house: House) -> None:
    """The topic is the first line of each; what mosquitto takes for none is left out."""
    mark, corpus, published = house.heard.mark(), TARGETS["request"].corpus(), 0
    corpus = [each for each in corpus if b"restart" not in each and b"power" not in each]
    for number in range(1000):
        path, _, payload = damaged(random.Random(number), corpus).partition(b"\n")
        topic = path.decode("utf-8", "replace")
        takable = topic.isprintable() and not set("+#\ufffd") & set(topic)
        if not takable or topic.startswith(("modem", "sim", "bridge")):
            continue
        house.publish(topic, payload, wait=False)
        published += 1
    assert published > 300
    wait_for_answers(house, mark, published)
    is_well(house)
    assert len(answers(house.heard.since(mark))) == published + 1

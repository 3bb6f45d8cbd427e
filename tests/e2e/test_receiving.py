"""Messages that come in: whatever is in them, each is published once and leaves the SIM."""

import base64
import itertools

import pytest

from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow

NUMBERS = itertools.count(1)
ALICE, BOB = "+491701234567", "+491707654321"


@pytest.fixture(scope="module")
def shared_house(new_shared_house: NewHouse) -> House:
    return new_shared_house(
        contacts={"alice": ALICE, "bob": BOB},
        groups={"family": ["alice", "bob"]},
        sms={"trusted": ["alice", "+4930*", "BANK"]},
    ).open()


@pytest.fixture
def sender() -> str:
    """A number that nobody else in this module uses."""
    return f"+49170000{next(NUMBERS):04}"


def incoming(house: House, sender: str, **message) -> dict:
    """Let a message come in, and return its event once it is nowhere in the modem any more."""
    house.modem.do("receive", from_=sender, **message)
    event = house.received(from_=sender)
    house.wait(stored=0)
    assert [e["uid"] for e in house.events("sms/received") if e["from"] == sender] == [event["uid"]]
    return event


def test_seven_bits(house: House, sender: str):
    text = "Grüße: {[~]} 12 € from the Ångström café"
    event = incoming(house, sender, text=text, time="2024-02-29T13:14:15+01:00")
    assert event["text"] == text
    assert (event["encoding"], event["class"], event["data"]) == ("gsm7", None, None)
    assert event["time"] == "2024-02-29T13:14:15+01:00"
    assert (event["parts"], event["complete"], event["missing"]) == (1, True, [])
    assert event["redelivered"] is False


def test_ucs2(house: House, sender: str):
    event = incoming(house, sender, text="Привет, 世界 👋🏽")
    assert (event["text"], event["encoding"]) == ("Привет, 世界 👋🏽", "ucs2")


def test_three_parts_out_of_order(house: House, sender: str):
    text = "".join(f"{number:03} and so on; " for number in range(30))
    event = incoming(house, sender, text=text, order=[3, 1, 2])
    assert event["text"] == text
    assert (event["parts"], event["complete"], event["missing"]) == (3, True, [])


def test_a_body_that_speaks_like_a_modem(house: House, sender: str):
    text = '\r\nOK\r\n+CMTI: "SM",1\r\nERROR\r\n> \r\nMODEM:STARTUP\r\n+CMS ERROR: 38\r\nRING\r\n'
    event = incoming(house, sender, text=text)
    assert event["text"] == text
    assert house.state("modem")["restarts"] == 0


@pytest.mark.parametrize("text", ["\x00\x01\x1a\x1b", "{{ states('lock.door') }}", '{"a": "\\"}'])
def test_a_body_that_speaks_to_others(house: House, sender: str, text: str):
    event = incoming(house, sender, text=text, alphabet="ucs2")
    assert event["text"] == text


def test_a_flash_message(house: House, sender: str):
    event = incoming(house, sender, text="look here", class_=0)
    assert (event["text"], event["class"]) == ("look here", 0)
    # It came as +CMT and was stored nowhere: it exists in that line only (manual 6.4).
    assert all(event["text"] not in str(place) for place in house.ledger()["storages"].values())


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_other_classes(house: House, sender: str, kind: int):
    event = incoming(house, sender, text=f"class {kind}", class_=kind)
    assert (event["text"], event["class"]) == (f"class {kind}", kind)


def test_an_alphanumeric_sender(house: House):
    event = incoming(house, "BANK", text="your code is 1234")
    assert (event["from"], event["contact"], event["trusted"]) == ("BANK", None, True)


def test_an_alphanumeric_sender_that_looks_like_a_contact(house: House):
    """Anyone may choose such a name: no number or contact ever matches it."""
    event = incoming(house, "alice", text="open the door")
    assert (event["contact"], event["trusted"]) == (None, False)


def test_an_mms_push_comes_as_data(house: House, sender: str):
    push = bytes.fromhex("0106227661708C8298314433008D908907") + bytes(range(64))
    event = incoming(house, sender, data=push.hex(), ports=(2948, 9200))
    assert base64.b64decode(event["data"]) == push
    assert event["text"] is None
    assert event["ports"] == {"destination": 2948, "source": 9200}


def test_an_mms_push_of_two_parts(house: House, sender: str):
    push = bytes(range(256))[:200]
    event = incoming(house, sender, data=push.hex(), ports=(2948, 9200), order=[2, 1])
    assert (base64.b64decode(event["data"]), event["parts"]) == (push, 2)


def test_what_cannot_be_decoded_is_published_as_data(house: House):
    mark = house.heard.mark()
    pdu = "0791947107160000" + "04" + "FF" * 9  # an address longer than the whole PDU
    house.modem.do("receive_pdu", pdus=[pdu])
    event = house.received(mark, encoding="pdu")
    assert base64.b64decode(event["data"]) == bytes.fromhex(pdu)
    assert (event["text"], event["from"]) == (None, None)
    house.wait(stored=0)


@pytest.mark.parametrize(
    ("number", "contact", "trusted"),
    [
        (ALICE, "alice", True),
        (BOB, "bob", False),
        ("+4930123456", None, True),
        ("110", None, False),
    ],
)
def test_contacts_and_trust(house: House, number: str, contact: str | None, trusted: bool):
    mark = house.heard.mark()
    house.modem.do("receive", from_=number, text=f"it is {number}")
    event = house.received(mark, text=f"it is {number}")
    assert (event["from"], event["contact"], event["trusted"]) == (number, contact, trusted)


def test_the_same_pdu_twice_is_one_message(house: House, sender: str):
    received = house.modem.do("receive", from_=sender, text="as they are")
    first = house.received(from_=sender)
    house.modem.do("receive_pdu", pdus=received["pdus"])
    house.modem.do("receive", from_=sender, text="afterwards")
    house.received(from_=sender, text="afterwards")
    house.wait(stored=0)
    texts = [e["text"] for e in house.events("sms/received") if e["from"] == sender]
    assert texts == ["as they are", "afterwards"]
    assert first["redelivered"] is False


def test_a_burst_comes_in_whole_and_in_order(house: House, sender: str):
    texts = [f"message {number}" for number in range(30)]
    mark = house.heard.mark()
    for text in texts:
        house.modem.do("receive", from_=sender, text=text)
    house.received(mark, from_=sender, text=texts[-1])
    house.wait(stored=0)
    events = [e for e in house.events("sms/received", mark) if e["from"] == sender]
    assert sorted(e["text"] for e in events) == sorted(texts)
    assert len({e["uid"] for e in events}) == 30
    assert [e["text"] for e in events] == texts


def test_the_state_shows_counts_and_the_last_message(house: House, sender: str):
    before = house.state("sms")["received"]
    event = incoming(house, sender, text="the last one")
    state = house.wait_state("sms", received=before + 1)
    assert state["last"]["uid"] == event["uid"]
    assert state["last"]["text"] == "the last one"
    empty = {"used": 0, "total": 50}
    house.wait_state("sms", received=before + 1, storage={"ME": empty, "SM": empty})


def test_a_consumer_that_was_away_catches_up(house: House, sender: str):
    uids = [incoming(house, sender, text="number 0")["uid"]]
    mark = house.heard.mark()
    for number in (1, 2, 3):
        house.modem.do("receive", from_=sender, text=f"number {number}")
        uids.append(house.received(mark, text=f"number {number}")["uid"])

    messages = house.ask("sms/inbox", since=uids[0])["data"]["messages"]
    assert [m["uid"] for m in messages] == uids[1:]
    assert [m["text"] for m in messages] == ["number 1", "number 2", "number 3"]

    limited = house.ask("sms/inbox", since=uids[0], limit=2)["data"]["messages"]
    assert [m["uid"] for m in limited] == uids[1:3]
    assert house.ask("sms/inbox", since=uids[-1])["data"]["messages"] == []
    everything = house.ask("sms/inbox", limit=1000)["data"]["messages"]
    published = list(dict.fromkeys(e["uid"] for e in house.events("sms/received")))
    assert [m["uid"] for m in everything] == published


def test_a_message_with_a_missing_part(new_house: NewHouse):
    """What is there is published after `partial_after`; the late part makes it whole."""
    house = new_house(sms={"partial_after": 1}).open()
    text = "x" * 160 + "y" * 160 + "z" * 60
    whole = house.modem.do("receive", from_=ALICE, text=text, order=[1, 3])
    partial = house.received(from_=ALICE)
    assert (partial["complete"], partial["missing"], partial["parts"]) == (False, [2], 3)
    assert partial["text"].startswith("x" * 100)
    assert partial["text"].endswith("z" * 50)
    house.wait(stored=0)

    mark = house.heard.mark()
    house.modem.do("receive_pdu", pdus=[whole["pdus"][1]])
    late = house.received(mark, from_=ALICE)
    assert (late["uid"], late["complete"], late["missing"]) == (partial["uid"], True, [])
    assert (late["text"], late["redelivered"]) == (text, True)
    house.wait(stored=0)

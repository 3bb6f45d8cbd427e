"""Whatever a stranger sends: it is published as it is or as data, and leaves the SIM."""

import base64
import json
from typing import Any

import pytest

from n11bridge.pdu import Concatenation, Deliver

from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow

CENTRE_TIME = "62113021000040"


@pytest.fixture(scope="module")
def shared_house(new_shared_house: NewHouse) -> House:
    return new_shared_house(
        contacts={"alice": "+491701234567"},
        sms={"trusted": ["alice", "+4930*"], "partial_after": 2},
    ).open()


def raw(
    user_data: str,
    *,
    first: int = 0x04,
    sender: str = "0B919471325476F8",
    dcs: int = 0,
    time: str = CENTRE_TIME,
    length: int | None = None,
) -> str:
    """An SMS-DELIVER field by field, in hex; ``length`` may lie."""
    length = len(user_data) // 2 if length is None else length
    return f"00{first:02X}{sender}00{dcs:02X}{time}{length:02X}{user_data}"


def part(ref: int, total: int, seq: int, text: str, sender: str = "0B919471325476F8") -> str:
    """A part whose header says anything."""
    body = f"050003{ref:02X}{total:02X}{seq:02X}" + text.encode("utf-16-be").hex().upper()
    return raw(body, first=0x44, dcs=8, sender=sender)


def name(text: str) -> str:
    """A sender of the sender's own choice, in hex."""
    encoded = Deliver(number=text, number_type=0xD0, text="").encode().pdu
    length = int(encoded[4:6], 16)
    return encoded[4 : 8 + 2 * ((length + 1) // 2)]


SANE = {
    "a final result": (raw("004F004B000D000A", dcs=8), {"text": "OK\r\n"}),
    "an error": (raw("00450052", dcs=8), {"text": "ER"}),
    "NUL, Ctrl-Z, ESC": (raw("0000001A001B", dcs=8), {"text": "\0\x1a\x1b"}),
    "half a pair": (raw("D83D0041", dcs=8), {"text": "\ufffdA"}),
    "an odd octet": (raw("004100", dcs=8), {"text": "A"}),
    "right to left": (raw("202E0041", dcs=8), {"text": "\u202eA"}),
    "nothing": (raw(""), {"text": ""}),
    "a length that lies": (raw("C8329BFD06", length=160), {"encoding": "gsm7"}),
    "a length of 255": (raw("0041", dcs=8, length=255), {"text": "A"}),
    "month 15": (raw("41", time="62513021000040"), {"time": None}),
    "zone 99": (raw("41", time="621130210000F9"), {"text": "A"}),
    "no digits": (raw("41", time="FFFFFFFFFFFFFF"), {"time": None}),
    "longer than allowed": (raw("0041" * 120, dcs=8, length=240), {"text": "A" * 120}),
    "a reserved coding": (raw("41", dcs=0xCF), {"encoding": "gsm7"}),
    "compressed": (raw("41", dcs=0x20), {"encoding": "8bit"}),
    "a header of nothing": (raw("0041", first=0x44, dcs=8), {}),
    "a name with quotes": (raw("41", sender=name('a"b,c')), {"from": 'a"b,c', "trusted": False}),
    "a name of wildcards": (raw("41", sender=name("+/#\r\n$")), {"from": "+/#\r\n$"}),
    "a name like a number": (raw("41", sender=name("+4930123456")), {"trusted": False}),
    "no sender": (raw("41", sender="0081"), {"from": ""}),
    "part 0": (part(1, 2, 0, "zero"), {"text": "zero", "parts": 1}),
    "part 3 of 2": (part(1, 2, 3, "three"), {"text": "three", "parts": 1}),
    "part 1 of 0": (part(1, 0, 1, "of none"), {"text": "of none", "parts": 1}),
}
AS_DATA = {
    "a header longer than all": raw("FF41", first=0x44, dcs=8),
    "an address without an end": raw("41", sender="FF91"),
    "cut off": raw("41")[:20],
    "a message to be sent": "0011000B919471325476F80000AA05C8329BFD06",
    "a reserved type": "0003" + "41" * 20,
    "a first octet alone": "0004",
}


def take(house: House, *pdus: str) -> list[dict[str, Any]]:
    """Let messages come in; the events, once the modem holds none of them and all is well."""
    mark = house.heard.mark()
    house.modem.do("receive_pdu", pdus=list(pdus))
    house.received(mark)
    house.wait(stored=0)
    assert house.ask("signal/read")["status"] == "ok"
    assert house.state("modem")["restarts"] == 0
    assert not [line for line in house.daemon.output.since() if "Traceback" in line]
    events = house.events("sms/received", mark)
    assert len(json.dumps(events)) < 4000
    return events


@pytest.mark.parametrize(("pdu", "expected"), SANE.values(), ids=SANE)
def test_it_is_published(house: House, pdu: str, expected: dict[str, Any]) -> None:
    [event] = take(house, pdu)
    assert expected.items() <= event.items()
    assert event["encoding"] != "pdu"


@pytest.mark.parametrize("pdu", AS_DATA.values(), ids=AS_DATA)
def test_it_is_published_as_data(house: House, pdu: str) -> None:
    [event] = take(house, pdu)
    assert (event["encoding"], event["text"], event["from"]) == ("pdu", None, None)
    assert base64.b64decode(event["data"]).hex().upper() == pdu


@pytest.mark.parametrize("kind", [0, 1, 2, 3])
def test_classes(house: House, kind: int) -> None:
    [event] = take(house, raw("41", dcs=0x10 | kind))
    assert event["class"] == kind


def test_a_report_for_nothing_is_no_message(house: House) -> None:
    mark = house.heard.mark()
    report = "0006FF0B919471325476F8" + 2 * CENTRE_TIME + "00"
    [event] = take(house, report, raw("42", dcs=4))
    assert event["encoding"] == "8bit"
    assert house.events("sms/status", mark) == []


def test_headers_that_contradict_each_other(house: House) -> None:
    """One reference, two totals, the same part with two texts: nothing is mixed, nothing lost."""
    mark = house.heard.mark()
    house.modem.do(
        "receive_pdu",
        pdus=[
            part(7, 2, 1, "one "),
            part(7, 3, 1, "uno "),
            part(7, 2, 1, "won "),
            part(7, 2, 2, "two"),
            part(7, 3, 3, "tre"),
        ],
    )
    house.wait(stored=0)
    house.heard.wait_until(lambda _: len(house.events("sms/received", mark)) == 3, timeout=60)
    texts = {event["text"]: event for event in house.events("sms/received", mark)}
    assert sum(event["complete"] for event in texts.values()) == 1
    assert {"one", "won"} & {text.split()[0] for text in texts}
    assert [t["missing"] for t in texts.values() if t["parts"] == 3] == [[2]]


def test_a_name_is_not_the_number_it_looks_like(house: House) -> None:
    """A name is anyone's choice: it must not put words into a message of a trusted number."""
    mark = house.heard.mark()
    number = Deliver(number="+4930123456", text="").encode().pdu[4:18]
    house.modem.do(
        "receive_pdu",
        pdus=[
            part(9, 2, 1, "do not ", number),
            part(9, 2, 2, "open the door", name("+4930123456")),
            part(9, 2, 2, "open", number),
        ],
    )
    event = house.received(mark, complete=True)
    assert (event["text"], event["trusted"]) == ("do not open", True)


def test_255_parts(house: House) -> None:
    mark = house.heard.mark()
    pdus = [
        Deliver(
            number="+49170999", text="x" * 67, encoding="ucs2", concat=Concatenation(3, 255, seq)
        )
        .encode()
        .pdu
        for seq in range(1, 256)
    ]
    house.modem.do("receive_pdu", pdus=pdus)
    house.heard.wait_until(
        lambda _: any(
            e["complete"] and e["parts"] == 255 for e in house.events("sms/received", mark)
        ),
        timeout=60,
    )
    house.wait(stored=0)
    whole = house.events("sms/received", mark)[-1]
    assert whole["text"] == "x" * 67 * 255

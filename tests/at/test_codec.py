"""How records stand on the line: one table for reading, one for writing, one for what misfits."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from n11bridge.at import command
from n11bridge.at.command import Command, Ends, PayloadCommand, Record, Reply, Report, Setting
from n11bridge.at.errors import Refused
from n11bridge.at.wire import Bare, Misfit, Rest, Text, ranges

from .records import (
    Accepted,
    Caller,
    Clock,
    DatagramWaiting,
    DataLink,
    EnterPin,
    EpsRegistration,
    Indications,
    Listed,
    Open,
    Opened,
    Pin,
    PinState,
    Portion,
    Registered,
    Registration,
    RegistrationReports,
    Send,
    SendMessage,
    Signal,
    SocketResult,
    SocketStatus,
    Stat,
    Stored,
    Ussd,
)

HOME = Stat.HOME


class Remark(Reply, at="+X", manual="none"):
    topic: str
    text: Rest


class Defaulted(Reply, at="+X", manual="none"):
    first: int
    second: int = 7
    third: str = "none"
    fourth: str | None = "none"
    more: tuple[int, ...] = ()


READ: list[tuple[type[Record], str, Record]] = [
    (Signal, "21,99", Signal(21, 99)),
    (Signal, " 21 , 99 ", Signal(21, 99)),
    (Signal, "021,-1", Signal(21, -1)),
    (Registration, "0,1", Registration(0, HOME)),
    (Registration, "0,1 ", Registration(0, HOME)),
    (Registration, '2,1,"286F","00000FCA"', Registration(2, HOME, 0x286F, 0xFCA)),
    (Registration, '2, 1, "286f", "0fca"', Registration(2, HOME, 0x286F, 0xFCA)),
    (Registration, "2,1,286f,fca,7", Registration(2, HOME, 0x286F, 0xFCA, 7)),
    (Registration, "2,0,,", Registration(2, Stat.IDLE)),
    (Registration, '2,2,"",""', Registration(2, Stat.SEARCHING)),
    (Registered, "1", Registered(HOME)),
    (Registered, '1,"286F","00000FCA"', Registered(HOME, 0x286F, 0xFCA)),
    (Registered, "1,286F,FCA", Registered(HOME, 0x286F, 0xFCA)),
    (
        EpsRegistration,
        "2,1,1F00,20,79D903,7",
        EpsRegistration(2, HOME, 0x1F00, rac=0x20, ci=0x79D903, act=7),
    ),
    (
        EpsRegistration,
        "2,1,1F00,79D903,7",
        EpsRegistration(2, HOME, 0x1F00, rac=None, ci=0x79D903, act=7),
    ),
    (DataLink, "1,10.245.3.118", DataLink(1, "10.245.3.118")),
    (DataLink, "1, 10.28.176.133", DataLink(1, "10.28.176.133")),
    (SocketStatus, "0,CONNECT,TCP,4096", SocketStatus(0, "CONNECT", "TCP", 4096)),
    (SocketStatus, " 0, DISCONNECT", SocketStatus(0, "DISCONNECT")),
    (Opened, "0,OK", Opened(0, SocketResult.OK)),
    (Opened, " 0, ERROR1", Opened(0, SocketResult.ERROR1)),
    (Pin, "SIM PIN", Pin(PinState.PIN)),
    (Pin, '"READY"', Pin(PinState.READY)),
    (Ussd, "2", Ussd(2)),
    (Ussd, '0,"a, b",15', Ussd(0, "a, b", 15)),
    (Caller, '"7700",145,,,"",0', Caller("7700", '145,,,"",0')),
    (Remark, '"a,b",c, d"', Remark("a,b", 'c, d"')),
    (Remark, '"a"', Remark("a", "")),
    (
        Accepted,
        "1,ClientAddr=10.1.2.3,ClientPort=80",
        Accepted(1, "ClientAddr=10.1.2.3", "ClientPort=80"),
    ),
    (DatagramWaiting, "0,10", DatagramWaiting(0, 10)),
    (Portion, "0,0", Portion(0, 0)),
    (Defaulted, "1", Defaulted(1, 7, "none", None, ())),
    (Defaulted, "1,,,", Defaulted(1, 7, "none", None, ())),
    (Defaulted, '1,2,"","",3,4', Defaulted(1, 2, "", None, (3, 4))),
]


@pytest.mark.parametrize(("record", "text", "value"), READ)
def test_reading(record: type[Record], text: str, value: Record) -> None:
    assert record.read(text) == value


def test_the_tail_is_the_body_or_the_data() -> None:
    assert Stored.read("1,,24", "0791") == Stored(stat=1, alpha=None, length=24, pdu="0791")
    assert Stored.read('1,"Anna",24', "0791") == Stored(stat=1, alpha="Anna", length=24, pdu="0791")
    assert Listed.read("3,1,24", "07") == Listed(index=3, stat=1, alpha=None, length=24, pdu="07")
    assert Portion.read("0,2", b"\r\n") == Portion(0, 2, b"\r\n")


MISFITS: list[tuple[type[Record], str]] = [
    (Signal, ""),
    (Signal, "21"),
    (Signal, '"21",99'),
    (Signal, "21,99,1"),
    (Signal, "21,0x63"),
    (Signal, "²1,99"),
    (Signal, "9" * 5000 + ",99"),  # longer than int() takes
    (Registration, "1"),
    (Registration, '1,"286F","0FCA"'),
    (Registration, "1,84CD,00D30156"),
    (Registration, "1,1234,5678"),
    (Registered, "0,1"),
    (Registered, '2,1,"286F","0FCA"'),
    (Registered, "2,1,286F,0FCA"),
    (Registered, "1,28G6"),
    (Opened, "ERROR"),
    (Opened, "0,Link Closed"),
    (Opened, "0"),
    (Pin, ""),
    (Remark, ""),
    (Stored, "1,,24"),
    (Defaulted, "1,2,x,y,z"),
]


@pytest.mark.parametrize(("record", "text"), MISFITS)
def test_what_does_not_fit_is_no_such_record(record: type[Record], text: str) -> None:
    with pytest.raises(Misfit):
        record.read(text)


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_reading_anything_gives_a_record_or_a_misfit(text: str) -> None:
    for record, _, value in READ:
        with suppress(Misfit):
            assert isinstance(record.read(text), type(value))


LINES: list[tuple[Any, str]] = [
    (Open(0, "a.example", 80).exchange(), "AT+TCPSETUP=0,a.example,80"),
    (Indications(2, 1, 0, 1).set(), "AT+CNMI=2,1,0,1"),
    (EnterPin("0000").set(), 'AT+CPIN="0000"'),
    (RegistrationReports.query(), "AT+CREG?"),
    (command.test(Indications), "AT+CNMI=?"),
    (command.test(SendMessage), "AT+CMGS=?"),
    (SendMessage(19).payload_exchange(b"00"), "AT+CMGS=19"),
]


@pytest.mark.parametrize(("exchange", "line"), LINES)
def test_lines(exchange: Any, line: str) -> None:
    assert exchange.line == line


def test_absent_values_at_the_end_are_left_out_and_in_the_middle_empty() -> None:
    assert Defaulted(1, fourth=None).write() == '1,7,"none"'
    assert Defaulted(1, 2, "", None, (3,)).write() == '1,2,"",,3'
    assert Registration(2, HOME, None, 0xFCA).write() == '2,1,,"0FCA"'


@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\x1ab", "a\x1bb", "a\0b", "a\x7fb", "日本"])
def test_what_would_end_the_line_cannot_be_sent(text: str) -> None:
    for refused in (lambda: EnterPin(text).set(), lambda: Open(0, text, 1).exchange()):
        with pytest.raises(ValueError, match="line"):
            refused()


def test_what_would_end_the_string_or_the_word_cannot_be_sent() -> None:
    with pytest.raises(ValueError, match="quotation mark"):
        EnterPin('"').set()
    for text in ('"', ","):
        with pytest.raises(ValueError, match="comma"):
            Open(0, text, 1).exchange()


def test_what_would_end_the_payload_cannot_be_sent() -> None:
    for payload in (b"00\x1a", b"\x1b"):
        with pytest.raises(ValueError, match="payload"):
            SendMessage(1).payload_exchange(payload)
    assert Send(0, 1).payload_exchange(b"\x1a").payload == b"\x1a"  # counted: any byte goes


def test_what_ends_without_ok_ends_with_one_reply() -> None:
    class Endless(Command[None], at="+X", manual="none", ends=Ends.OUTCOME):
        pass

    class Many(Command[list[Signal]], at="+X", manual="none", ends=Ends.REPLY):
        pass

    for endless in (Endless(), Many()):
        with pytest.raises(ValueError, match="one reply"):
            endless.exchange()


def test_data_without_an_end_cannot_be_held_back() -> None:
    with pytest.raises(ValueError, match="held"):
        Send(0, 5).payload_exchange(b"hello", held=True)


RANGES: list[tuple[str, tuple[set[int | str], ...]]] = [
    ("(0-3),(0,2)", ({0, 1, 2, 3}, {0, 2})),
    ("(0 - 3), ( 0, 2 )", ({0, 1, 2, 3}, {0, 2})),
    ("0,9600,115200", ({0}, {9600}, {115200})),
    ('("SM","ME"),("0-1")', ({"SM", "ME"}, {"0-1"})),
    ("(),(1)", (set(), {1})),
    ("(3-1)", (set(),)),
    ("(0-4294967295)", ({"0-4294967295"},)),
    ("(" + "9" * 5000 + ")", ({"9" * 5000},)),
    ("(0-1,3),(1", ({0, 1, 3}, {1})),
]


@pytest.mark.parametrize(("text", "values"), RANGES)
def test_ranges(text: str, values: tuple[set[int | str], ...]) -> None:
    assert ranges(text) == values


TIMES = [
    (
        '"2022/09/05 17:46:53+32"',
        datetime(2022, 9, 5, 17, 46, 53, tzinfo=timezone(timedelta(hours=8))),
    ),
    ('"18/01/04,00:02:14+36"', datetime(2018, 1, 4, 0, 2, 14, tzinfo=timezone(timedelta(hours=9)))),
    (
        '"18/01/04,00:02:14-06"',
        datetime(2018, 1, 4, 0, 2, 14, tzinfo=timezone(timedelta(hours=-1.5))),
    ),
    ('"11/10/14,09:32:04"', datetime(2011, 10, 14, 9, 32, 4, tzinfo=UTC)),
]


@pytest.mark.parametrize(("text", "time"), TIMES)
def test_a_time_survives_with_its_quotes_and_commas(text: str, time: datetime) -> None:
    assert Clock.read(text).time == time


@pytest.mark.parametrize(
    ("line", "family", "code", "words"),
    [
        ("ERROR", None, None, "ERROR"),
        ("+CME ERROR: 10", "CME", 10, "+CME ERROR: 10 (SIM not inserted)"),
        ("+CMS ERROR:38", "CMS", 38, "+CMS ERROR:38 (network out of order)"),
        ("+CME ERROR: NO SIM", "CME", None, "+CME ERROR: NO SIM"),
        ("+CME ERROR:", "CME", None, "+CME ERROR:"),
        ("+CMS ERROR: 9999", "CMS", 9999, "+CMS ERROR: 9999"),
        ("+TCPSETUP: ERROR", None, None, "+TCPSETUP: ERROR"),
    ],
)
def test_refusals(line: str, family: str | None, code: int | None, words: str) -> None:
    error = Refused(line)
    assert (error.line, error.family, error.code, str(error)) == (line, family, code, words)


def test_a_refusal_with_a_hopeless_number_is_still_one() -> None:
    assert Refused("+CME ERROR: " + "9" * 5000).family == "CME"


# -- declarations


class Coordinates(Setting["Coordinates"], at="+Y", manual="none", timeout=4):
    x: int


def test_the_type_argument_says_what_answers() -> None:
    class Maybe(Command[Signal | None], at="+Y", manual="none"):
        pass

    class Many(Command[list[Signal]], at="+Y", manual="none"):
        pass

    class Slow(Maybe, at="+Z", manual="none", timeout=9, ends=Ends.REPLY):
        pass

    class Data(PayloadCommand[None], at="+Y", manual="none", end=b"\x1a", pause=0.1):
        pass

    maybe, many, slow = Maybe().exchange(), Many().exchange(), Slow().exchange()
    assert (maybe.reply, maybe.required, maybe.many) == (Signal, False, False)
    assert (many.reply, many.many) == (Signal, True)
    assert (slow.reply, slow.prefix, slow.timeout, slow.ends) == (Signal, "+Z", 9, Ends.REPLY)
    data = Data().payload_exchange(b"x", held=True)
    assert (data.reply, data.end, data.pause, data.held) == (None, b"\x1a", 0.1, True)
    assert (Coordinates.query().reply, Coordinates(1).set().timeout) == (Coordinates, 4)


def test_a_record_names_its_section_of_the_manual() -> None:
    with pytest.raises(TypeError, match="manual"):

        class Unfounded(Report, at="+X"):
            pass


def test_a_command_says_what_answers_it() -> None:
    class Vague(Command, at="+X", manual="none"):  # type: ignore[type-arg]
        pass

    with pytest.raises(TypeError, match="answers"):
        Vague().exchange()


def test_a_field_is_of_a_kind_that_can_stand_on_the_line() -> None:
    class Odd(Reply, at="+X", manual="none"):
        value: dict[str, int]

    with pytest.raises(TypeError, match="kind"):
        Odd.read("1")


def test_kinds_write_what_they_read() -> None:
    assert Text().write("a b") == '"a b"'
    assert Bare().write("a b") == "a b"
    assert Opened(1, SocketResult.FAIL).write() == '1,"FAIL"'
    assert Registration(2, Stat.ROAMING, 0xABC, 0x1).write() == '2,5,"0ABC","0001"'

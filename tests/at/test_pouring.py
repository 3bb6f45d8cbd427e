"""Raw data of unknown length go to their reader alone, whatever they look like."""

import re

import pytest

from n11bridge.at.chat import Chat, Done, Failed, Prompted, Reported, Unknown
from n11bridge.at.command import Command, PayloadCommand, Report
from n11bridge.at.errors import Refused, TimedOut

NASTY = b'a\r\nOK\r\n\r\nERROR\r\n\r\n>+CMTI: "SM",3\r\n+TCPRECV: 0,99,\r\n\r\n+POUR:\r\n\x00\xff'


class Pour(Command[None], at="+POUR", manual="16.3", timeout=30):
    """Let it flow."""


class FillAndPour(PayloadCommand[None], at="+FILL", manual="16.3", timeout=30):
    """Take something, and let it flow."""


class Arrived(Report, at="+CMTI", manual="6.4"):
    """A report that the data must not be taken for."""

    storage: str
    index: int


class Reader:
    """Reads up to a word; a pause of two seconds ends it as well."""

    header = re.compile(rb"\+POUR: *\r?\n?")
    refusal = re.compile(r"\+SOURCE: .*")
    patience = 2.0
    in_step = True

    def __init__(self, closing: bytes = b"") -> None:
        self.data = b""
        self.rest: bytes | None = None
        self._closing = closing

    def ends(self, line: str) -> bool:
        return line == "+DRY"

    def take(self, data: bytes) -> bytes:
        self.data += data
        if b"THE END" in self.data:
            self.data, _, self.rest = self.data.partition(b"THE END")
        return b""

    def quiet(self) -> bytes:
        if self._closing:
            closing, self._closing = self._closing, b""
            return closing
        self.rest, self.in_step = b"", False
        return b""


def dialogue(reader: Reader, received: bytes, step: int) -> tuple[Chat, list[object]]:
    chat = Chat([Arrived])
    chat.send(Pour().exchange().poured_to(reader), 0)
    assert chat.to_send() == b"AT+POUR\r"
    for start in range(0, len(received), step):
        chat.receive(received[start : start + step], 0)
    return chat, list(chat.events())


@pytest.mark.parametrize("step", [1, 2, 3, 5, 7, 11, 1000])
def test_what_comes_behind_the_data_is_read_as_lines(step: int) -> None:
    reader = Reader()
    received = (
        b"AT+POUR\r\r\nOK\r\n\r\n+POUR:\r\n" + NASTY + b'THE END\r\n+CMTI: "SM",1\r\n\r\nwhat?\r\n'
    )
    chat, events = dialogue(reader, received, step)
    assert reader.data.lstrip() == NASTY
    assert [type(event) for event in events] == [Done, Reported, Unknown]
    assert chat.idle


@pytest.mark.parametrize("step", [1, 1000])
def test_a_refusal_instead_of_data(step: int) -> None:
    chat, events = dialogue(Reader(), b"\r\nOK\r\n\r\n+SOURCE: none 3\r\n", step)
    assert isinstance(events[0], Failed)
    assert isinstance(events[0].error, Refused)
    assert events[0].error.line == "+SOURCE: none 3"
    assert chat.idle


def test_it_is_over_before_any_data() -> None:
    chat, events = dialogue(Reader(), b"\r\nOK\r\n\r\n+DRY\r\n", 1)
    assert [type(event) for event in events] == [Done, Unknown]
    assert chat.idle


def test_the_reader_may_write_and_decides_when_waiting_is_in_vain() -> None:
    reader = Reader(closing=b"AT+STOP\r")
    chat, events = dialogue(reader, b"\r\nOK\r\n", 1)
    assert events == []
    assert chat.deadline == 2  # for the first byte of the data
    chat.tick(2)
    assert chat.to_send() == b"AT+STOP\r"
    assert chat.deadline == 4
    chat.receive(b"\r\nOK\r\n" + NASTY, 3)
    assert chat.deadline == 5
    assert chat.events() == []
    chat.tick(5)
    assert isinstance(chat.events()[0], Done)
    assert not chat.idle  # the modem may say more of it: the line is drained and probed
    assert reader.data == b"\r\nOK\r\n" + NASTY


def test_without_an_ok_the_answer_is_a_timeout_like_any_other() -> None:
    chat, _ = dialogue(Reader(), b"", 1)
    chat.tick(30)
    (failed,) = chat.events()
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, TimedOut)


def test_a_payload_goes_before() -> None:
    reader = Reader()
    chat = Chat([Arrived])
    chat.send(FillAndPour().payload_exchange(b"\r\nOK\r\n+POUR:\r\n").poured_to(reader), 0)
    chat.to_send()
    chat.receive(b"\r\n>", 0)
    assert chat.to_send() == b"\r\nOK\r\n+POUR:\r\n"
    chat.receive(b"\r\nOK\r\n+POUR:\r\n\r\nOK\r\n\r\n+POUR:\r\nhelloTHE END", 0)
    assert reader.data.strip() == b"hello"


def test_the_ok_may_come_before_the_prompt() -> None:
    reader = Reader()
    chat = Chat([Arrived])
    chat.send(FillAndPour().payload_exchange(b"payload").poured_to(reader), 0)
    chat.to_send()
    chat.receive(b"\r\nOK\r\n\r\n> ", 0)
    assert chat.to_send() == b"payload"
    assert chat.deadline == 2  # for the data: no other OK is due
    chat.receive(b"\r\nOK\r\n\r\n+POUR:\r\nhelloTHE END", 0)
    assert reader.data.strip() == b"hello"
    assert [type(event) for event in chat.events()] == [Prompted, Done]


def test_a_restart_of_the_modem_forgets_the_data() -> None:
    reader = Reader()
    chat, _ = dialogue(reader, b"\r\nOK\r\n\r\n+POUR:\r\nhalf of", 1)
    chat.reset()
    assert isinstance(chat.events()[0], Failed)
    chat.receive(b'\r\n+CMTI: "SM",1\r\n', 0)
    assert isinstance(chat.events()[0], Reported)
    assert reader.data.strip() == b"half of"

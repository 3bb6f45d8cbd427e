"""Strings with line ends in them: a menu that a network sends is a text for people."""

import pytest

from n11bridge.at.chat import STALL, Chat
from n11bridge.at.command import Command, Report
from n11bridge.at.events import Done, Reported, Unknown
from n11bridge.at.wire import Counted, Keyword, Rest


class Said(Report, at="+CUSD", manual="5.2", spread=True):
    result: int
    string: Rest = ""


class Ask(Command[None], at="+CSQ", manual="4.1"):
    pass


MENU = b'\r\n+CUSD: 1,"1: balance\r\n\r\nOK\r\n2: tariffs",15\r\n'
STRING = '"1: balance\r\n\r\nOK\r\n2: tariffs",15'


@pytest.mark.parametrize("step", [1, 2, 3, 5, 100])
def test_it_is_one_report_however_it_is_cut(step: int) -> None:
    chat = Chat([Said])
    data = MENU + b"\r\n+CUSD: 4\r\n"
    for start in range(0, len(data), step):
        chat.receive(data[start : start + step], 0.0)
    assert chat.events() == [Reported(Said(1, STRING)), Reported(Said(4))]
    assert chat.deadline is None


def test_the_ok_in_it_ends_no_command() -> None:
    chat = Chat([Said])
    exchange = Ask().exchange()
    chat.send(exchange, 0.0)
    chat.to_send()
    chat.receive(MENU, 0.0)
    assert chat.events() == [Reported(Said(1, STRING))]
    chat.receive(b"\r\nOK\r\n", 0.0)
    assert chat.events() == [Done(exchange, None)]


def test_one_that_is_never_closed_is_lines_after_all() -> None:
    chat = Chat([Said])
    chat.receive(b'\r\n+CUSD: 1,"abc\r\nRING\r\n', 0.0)
    assert chat.events() == []
    assert chat.deadline == STALL
    chat.tick(STALL)
    assert chat.events() == [Reported(Said(1, '"abc')), Unknown("RING")]


def test_one_that_is_too_long_is_lines_at_once() -> None:
    chat = Chat([Said])
    chat.receive(b'\r\n+CUSD: 1,"abc\r\n' + b"x" * 2000 + b"\r\n", 0.0)
    assert len(chat.events()) == 2


@pytest.mark.parametrize("line", [b'+CUSD: 0,"one line",15', b"+CUSD: 0", b'+CMTI: "SM'])
def test_others_wait_for_nothing(line: bytes) -> None:
    chat = Chat([Said])
    chat.receive(b"\r\n" + line + b"\r\n", 0.0)
    assert len(chat.events()) == 1


class Datagram(Report, at="+FUDPRECV(S)", manual="14.2"):
    address: Keyword
    port: int
    length: int
    data: Counted


@pytest.mark.parametrize("step", [1, 2, 3, 5, 100])
@pytest.mark.parametrize("gap", [b"\r\n", b" \r\n", b"\r\n\r\n", b"\r"])
def test_a_name_may_stand_on_a_line_of_its_own(step: int, gap: bytes) -> None:
    chat = Chat([Said, Datagram])
    said = b"\r\n+CUSD:" + gap + b'1,"0031", 72\r\n'
    data = said + b"\r\n+FUDPRECV(S):" + gap + b"10.72.170.156,38061,00004,\r\nOK\r\n"
    for start in range(0, len(data), step):
        chat.receive(data[start : start + step], 0.0)
    datagram = Datagram("10.72.170.156", 38061, 4, b"\r\nOK")
    assert chat.events() == [Reported(Said(1, '"0031", 72')), Reported(datagram)]
    assert chat.deadline is None


def test_an_ok_behind_a_lonely_name_is_an_ok() -> None:
    chat = Chat([Said])
    exchange = Ask().exchange()
    chat.send(exchange, 0.0)
    chat.to_send()
    chat.receive(b"\r\n+CUSD:\r\n\r\nOK\r\n", 0.0)
    assert chat.events() == [Unknown("+CUSD:"), Done(exchange, None)]


def test_a_name_behind_which_nothing_comes_is_a_line_after_all() -> None:
    chat = Chat([Said])
    chat.receive(b"\r\n+CUSD:\r\n", 0.0)
    assert chat.events() == []
    chat.tick(STALL)
    assert chat.events() == [Unknown("+CUSD:")]


class Located(Report, at="+CIPGSMLOC", manual="24.5", spread=True):
    text: Rest


@pytest.mark.parametrize("step", [1, 2, 3, 5, 100])
@pytest.mark.parametrize("gap", [b" ", b"\r\n"])
@pytest.mark.parametrize(
    "said",
    [
        '{ "location": {"lat":22.69083, "lng":113.985228}, "accuracy":550.0}',
        '{ "location": {"lat":22.69083,\r\n"lng":113.985228}, "accuracy":550.0}',
        '{\n "location": {\n  "lat": 22.6\n },\n "accuracy": 5.0\n}',
    ],
)
def test_a_position_may_go_over_lines(step: int, gap: bytes, said: str) -> None:
    chat = Chat([Located])
    data = b"\r\n+CIPGSMLOC:" + gap + said.encode() + b"\r\n\r\n+CIPGSMLOC: OK\r\n"
    for start in range(0, len(data), step):
        chat.receive(data[start : start + step], 0.0)
    assert chat.events() == [Reported(Located(said)), Reported(Located("OK"))]
    assert chat.deadline is None

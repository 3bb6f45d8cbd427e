"""Whatever comes, and however it is cut: nothing is lost, nothing raises, nothing grows."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from n11bridge.at.chat import Chat, Done, Failed, Prompted, Reported, Silent, Unknown
from n11bridge.at.command import Exchange
from n11bridge.at.errors import Refused
from n11bridge.at.stream import LONGEST_LINE, MOST_DATA

from .clocked import PROBED, Clocked
from .records import (
    REPORTS,
    Attention,
    Identify,
    ListMessages,
    Open,
    ReadData,
    ReadDataLink,
    ReadImei,
    ReadMessage,
    ReadSignal,
    ReadSocketStatus,
    RegistrationReports,
    Send,
    SendMessage,
    WriteFile,
)

EXCHANGES: list[Exchange[Any]] = [
    Attention().exchange(),
    Identify().exchange(),
    ReadImei().exchange(),
    ReadSignal().exchange(),
    RegistrationReports.query(),
    ReadDataLink.query(),
    ListMessages().exchange(),
    ReadMessage(1).exchange(),
    ReadData(0, 100).exchange(),
    ReadSocketStatus(0).exchange(),
    Open(0, "a.example", 80).exchange(),
    Send(0, 5).payload_exchange(b"OK\r\n>"),
    SendMessage(19).payload_exchange(b"0791"),
    SendMessage(19).payload_exchange(b"0791", held=True),
    WriteFile("test.txt", 0, 2, 10).payload_exchange(b"OK"),
]

#: Each with a number that no other line has; a body belongs to the header before, or to none.
NUMBERED = [
    '+CMTI: "SM",{0}',
    "+CMT: ,{0}",
    "+CDS: {0}",
    "+CMGL: {0},1,,24",
    "+CMGR: 1,,{0}",
    "{0}",
    "+TCPRECV: 0,6,{0}",
    "+TCPREAD: 0,6,{0}",
    "+TCPREAD: {0},0",
    '+MQTTSUB:1,"{0}",9,\r\nOK\r\n> \r',
    "+CSQ: {0},99",
    "+CREG: 2,1,{0},1",
    "+CREG: 1,{0},0FCA",
    "+XIIC: 1,{0}",
    "+IPSTATUS: {0},CONNECT",
    "+IPSTATUS: ERROR {0}",
    "+TCPSETUP: {0},OK",
    "+TCPSETUP: ERROR {0}",
    "+TCPSEND: {0},5",
    "+CMGS: {0}",
    "+CME ERROR: {0}",
    "+CMS ERROR: {0}",
    "MODEM ERROR: {0}",
    "Buffer not enough {0}",
    "Connect AcceptSocket={0},ClientAddr=10.1.2.3,ClientPort=8000",
    "noise {0}",
    "+NEW: {0}",
    "RING{0}",
]
PLAIN = ["OK", "ERROR", ">", "RING", "NO CARRIER", "+IPR: 115200", "+TCPSETUP: 0,FAIL"]

heard_lines = st.lists(
    st.one_of(
        st.sampled_from(NUMBERED),
        st.sampled_from(PLAIN),
        st.sampled_from(EXCHANGES),
        st.just("wait"),
    ),
    max_size=12,
)


def told(talk: Clocked) -> str:
    """All that was told, without what we said ourselves."""
    parts = []
    for event in talk.heard:
        match event:
            case Done(_, result):
                parts.append(repr(result))
            case Failed(_, error):
                parts.append(error.line if isinstance(error, Refused) else str(error))
            case Reported(report):
                parts.append(repr(report))
            case Unknown(line):
                parts.append(line)
            case Prompted() | Silent():
                pass
    return "\n".join(parts)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(heard_lines, st.integers(1, 12))
def test_every_line_is_told_exactly_once(script: list[Any], portion: int) -> None:
    talk = Clocked()
    numbers = []
    for index, step in enumerate(script):
        if isinstance(step, Exchange):
            if talk.chat.idle:
                talk.chat.send(step, talk.now)
                talk.receive(b"")
        elif step == "wait":
            if talk.chat.deadline is not None:
                talk.wait()
        else:
            number = 400001 + index
            line = step.format(number).encode()
            if b"%d" % number in line:
                numbers.append(number)
            said = b"\r\n" + line + b"\r\n"
            for start in range(0, len(said), portion):
                talk.receive(said[start : start + portion])
    talk.reset()
    # The library reads the numbers in hexadecimal in two places.
    found = re.findall(r"\d{6,}", told(talk))
    for number in numbers:
        times = found.count(str(number)) + found.count(str(int(str(number), 16)))
        assert times == 1, (number, told(talk))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from(EXCHANGES),
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from(
                [
                    b"\r\nOK\r\n",
                    b"\r\nERROR\r\n",
                    b"\r\n> ",
                    b"+TCPRECV: 0,99999,",
                    b"+TCPREAD: 0,5,",
                    b'+MQTTSUB:1,"',
                    b"+CMT: ,5\r\n",
                    b"+CMGL: 1,1,,5\r\n",
                    b"07",
                    b"+CME ERROR: " + b"9" * 5000,
                    b"+CSQ: " + b"9" * 5000 + b",1\r\n",
                    b"x" * 3000,
                    b"\r",
                    b"+IPR: 9\r\n",
                ]
            ),
            st.floats(0, 3),
        ),
        max_size=40,
    ),
)
def test_anything_may_come(exchange: Exchange[Any], said: list[bytes | float]) -> None:
    talk = Clocked()
    for each in said:
        if talk.chat.idle:
            talk.chat.send(exchange, talk.now)
        if isinstance(each, float):
            talk.wait_for(each)
        else:
            talk.receive(each)
        assert pending(talk.chat) <= MOST_DATA + LONGEST_LINE
        assert talk.chat.idle or talk.chat.deadline is not None
    talk.reset()
    talk.assert_in_step()


def pending(chat: Chat) -> int:
    """How many bytes are kept for later; nobody else needs to know."""
    return len(chat._stream._buffer) + len(chat._headers)


@pytest.mark.parametrize(
    "said", [b"x", b"+TCPRECV: 0,99999,", b"> ", b"+CMT: ,5\r\n", b'+MQTTSUB:1,"', b"\r\n\0 \t"]
)
def test_what_is_kept_has_a_bound(said: bytes) -> None:
    chat = Chat(REPORTS)
    for _ in range(200):
        chat.receive(said * (4096 // len(said)), 0.0)
        assert pending(chat) <= MOST_DATA + LONGEST_LINE
        chat.events()


def test_a_line_without_an_end_is_told_in_pieces() -> None:
    chat = Chat()
    chat.receive(b"x" * (2 * LONGEST_LINE + 5) + b"\r\n", 0.0)
    assert chat.events() == [
        Unknown("x" * LONGEST_LINE),
        Unknown("x" * LONGEST_LINE),
        Unknown("x" * 5),
    ]


def test_a_talk_with_nobody_ends() -> None:
    """Each exchange comes to an end by itself, whatever it was."""
    for exchange in EXCHANGES:
        talk = Clocked()
        talk.send(exchange)
        talk.wait_for(600)
        assert talk.chat.idle
        assert talk.heard[-1] == Silent()
        assert talk.written().count(PROBED) == 3

"""Ten thousand byte streams never crash, hang or grow memory, nor do the worst that we know."""

import gc
import random
import time
from typing import Any

import pytest

from n11bridge.at.chat import Chat, Done, Failed
from n11bridge.at.command import Exchange
from n11bridge.at.errors import Malformed
from n11bridge.at.flight import LONGEST_ANSWER
from n11bridge.at.stream import LONGEST_LINE, MOST_DATA
from n11bridge.at.wire import ranges

from .clocked import Clocked
from .hostile import damaged, genuine, portions
from .records import (
    REPORTS,
    Identify,
    ListMessages,
    RegistrationReports,
    Send,
    WriteFile,
)
from .test_nothing_is_lost import EXCHANGES, pending

STREAMS = 10_000
#: No exchange and no recovery takes longer, nor more steps of the clock.
LONGEST, MOST_TICKS = 400.0, 60


def come_to_rest(talk: Clocked) -> None:
    """Let the time pass until nothing is waited for."""
    began = talk.now
    for _ in range(MOST_TICKS):
        if talk.chat.deadline is None:
            break
        talk.wait()
    assert talk.chat.idle
    assert talk.chat.deadline is None
    assert talk.now - began < LONGEST


def outcomes(talk: Clocked, exchange: Exchange[Any]) -> int:
    return sum(isinstance(e, Done | Failed) and e.exchange is exchange for e in talk.heard)


def endure(talk: Clocked, number: int, said: list[bytes]) -> int:
    """Play the stream of this number to a command in flight, and another behind it."""
    chance = random.Random(number)
    exchange = chance.choice(EXCHANGES)
    talk.send(exchange)
    length = 0
    for portion in portions(chance, damaged(chance, said)):
        talk.receive(portion)
        length += len(portion)
        assert pending(talk.chat) <= MOST_DATA + LONGEST_LINE
        if chance.random() < 0.1:
            talk.release()
        if chance.random() < 0.1:
            talk.wait_for(chance.choice((0.05, 0.5, 2.0)))
        if talk.chat.idle and chance.random() < 0.5:
            talk.chat.send(chance.choice(EXCHANGES), talk.now)
            talk.receive(b"")
    come_to_rest(talk)
    assert outcomes(talk, exchange) >= 1, number
    talk.heard.clear()
    talk.written()
    # What is incomplete stays, within its bounds, until the line says more or is opened anew.
    if number % 100 == 0:
        talk.reset()
        talk.assert_in_step()
        talk.heard.clear()
    return length


def test_ten_thousand_streams() -> None:
    talk, said = Clocked(), genuine()
    octets = 0
    for number in range(STREAMS):
        if number == STREAMS // 10:
            gc.collect()
            objects = len(gc.get_objects())
        octets += endure(talk, number, said)
    assert octets > 100 * STREAMS
    gc.collect()
    assert len(gc.get_objects()) < objects + 500
    talk.reset()
    talk.assert_in_step()


#: What made a reader look again and again at what it had seen, or that never comes to an end.
ENDLESS: dict[str, tuple[bytes, bytes]] = {
    "a line": (b"", b"x"),
    "a header that is never complete": (b'+MQTTSUB:1,"', b"x"),
    "blanks in a header": (b"+TCPRECV:", b" "),
    "blanks behind the name of a header": (b"+TCPRECV", b" "),
    "quotes in a header": (b"+MQTTSUB:1,", b'"'),
    "commas": (b"+CLIP: ", b","),
    "blanks in a line": (b"noise", b"                                              x"),
    "blanks after a prompt": (b"\r\n> ", b" "),
    "an echo": (b"\r\n> ", b"OK" * 100),
    "raw data": (b"+TCPRECV: 0,99999,", b"x"),
    "prompts": (b"", b"\r\n> "),
    "headers whose body does not come": (b"", b"+CMT: ,24\r\n"),
    "line ends": (b"", b"\r\n"),
    "ESC": (b"", b"\x1b"),
}
LENGTH = 40_000


@pytest.mark.parametrize(("first", "then"), ENDLESS.values(), ids=ENDLESS)
@pytest.mark.parametrize("portion", [1, 16, LENGTH])
@pytest.mark.parametrize(
    "exchange",
    [None, Send(0, 5).payload_exchange(b"hello"), WriteFile("a", 0, 2, 10).payload_exchange(b"OK")],
    ids=["nothing asked", "sending", "writing"],
)
def test_what_never_ends_costs_no_more_than_its_length(
    first: bytes, then: bytes, portion: int, exchange: Exchange[Any] | None
) -> None:
    talk = Clocked()
    if exchange is not None:
        talk.send(exchange)
    said = first + then * (LENGTH // len(then))
    began = time.process_time()
    for start in range(0, len(said), portion):
        talk.receive(said[start : start + portion])
        talk.heard.clear()
        assert pending(talk.chat) <= MOST_DATA + LONGEST_LINE
    # Ten times what it takes on a slow machine; looking at everything again for each byte, or at
    # each blank for each other blank, would be hundreds of times as much.
    assert time.process_time() - began < 4
    come_to_rest(talk)


def test_blanks_after_a_prompt_are_not_kept() -> None:
    talk = Clocked()
    talk.send(Send(0, 5).payload_exchange(b"hello"))
    talk.receive(b"\r\n> ")
    talk.wait()
    for _ in range(100):
        talk.receive(b" " * 1000)
        assert pending(talk.chat) == 0
    talk.receive(b"hello\r\n+TCPSEND: 0,5\r\n\r\nOK\r\n")
    come_to_rest(talk)
    [done] = [event for event in talk.heard if isinstance(event, Done)]
    assert done.result.length == 5


@pytest.mark.parametrize(
    ("exchange", "line"),
    [
        (ListMessages().exchange(), b"+CMGL: 1,1,,24\r\n" + b"07" * 40 + b"\r\n"),
        (Identify().exchange(), b"and on and on\r\n"),
    ],
    ids=["a list", "plain lines"],
)
def test_an_answer_without_an_end_is_given_up(exchange: Exchange[Any], line: bytes) -> None:
    talk = Clocked()
    talk.send(exchange)
    for _ in range(2 * LONGEST_ANSWER // len(line)):
        talk.receive(line)
        if talk.heard and isinstance(talk.heard[0], Failed):
            break
    assert isinstance(talk.heard[0], Failed)
    assert isinstance(talk.heard[0].error, Malformed)
    assert "endless" in str(talk.heard[0].error)
    talk.heard.clear()
    talk.come_back()
    talk.assert_in_step()


def test_a_number_of_thousands_of_digits_is_none() -> None:
    chat = Chat(REPORTS)
    chat.receive(b'+CREG: 1,"' + b"F" * 7000 + b'","0FCA"\r\n', 0.0)
    assert not any(getattr(each, "report", None) for each in chat.events())
    talk = Clocked()
    talk.send(RegistrationReports.query())
    talk.receive(b'+CREG: 2,1,"' + b"F" * 7000 + b'","0FCA"\r\nOK\r\n')
    [done] = [event for event in talk.heard if isinstance(event, Done)]
    assert done.result.lac is None


def test_a_test_form_of_everything() -> None:
    line = ",".join(f"({low}-{low + 65535})" for low in range(500))
    assert len(line) < LONGEST_LINE
    assert sum(len(each) for each in ranges(line)) < 3_000_000

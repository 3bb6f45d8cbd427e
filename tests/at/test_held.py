"""A payload that is held until its sender has committed, and what a reset makes of it all."""

from collections.abc import Callable

import pytest

from n11bridge.at.chat import Done, Failed, Prompted
from n11bridge.at.errors import Abandoned, Lost, Refused, TimedOut

from .clocked import Clocked
from .records import Attention, Open, ReadSocketStatus, Reference, Send, SendMessage

ESCAPE = b"\x1b"
LETTER = b"0011000B91"
HELD = SendMessage(19).payload_exchange(LETTER, held=True)


def held() -> Clocked:
    talk = Clocked()
    talk.send(HELD)
    talk.receive(b"\r\n> ")
    assert talk.heard == [Prompted(HELD)]
    assert talk.written() == LETTER
    talk.heard.clear()
    return talk


@pytest.mark.parametrize("echo", [b"", LETTER])
def test_the_end_leaves_only_when_released(echo: bytes) -> None:
    talk = held()
    talk.receive(echo)
    talk.wait_for(5)
    assert talk.written() == b""
    talk.release()
    assert talk.written() == b"\x1a"
    talk.receive((b"\x1a" if echo else b"") + b"\r\n+CMGS: 7\r\n\r\nOK\r\n")
    assert talk.heard == [Done(HELD, Reference(7))]
    talk.assert_in_step()


def test_with_a_pause_the_prompt_is_told_when_the_payload_leaves() -> None:
    class SendSlowly(SendMessage, at="+CMGS", manual="6.7", pause=0.1):
        pass

    exchange = SendSlowly(19).payload_exchange(LETTER, held=True)
    talk = Clocked()
    talk.send(exchange)
    talk.receive(b"\r\n> ")
    talk.release()  # too early: nobody was told
    assert talk.heard == []
    talk.wait()
    assert talk.heard == [Prompted(exchange)]
    assert talk.written() == LETTER
    talk.release()
    assert talk.written() == b"\x1a"


def test_abandoned_nothing_is_carried_out() -> None:
    talk = held()
    talk.abandon()
    assert isinstance(talk.failure(), Abandoned)
    assert talk.written() == ESCAPE
    talk.release()
    assert talk.written() == b""
    talk.receive(b"\r\nOK\r\n")
    talk.come_back()
    talk.assert_in_step()


def test_refused_before_the_release_what_was_written_is_escaped() -> None:
    talk = held()
    talk.receive(b"\r\n+CMS ERROR: 304\r\n")
    assert isinstance(talk.failure(), Refused)
    assert talk.written() == ESCAPE
    talk.release()
    assert talk.written() == b""
    talk.come_back()
    talk.assert_in_step()


@pytest.mark.parametrize("hold", [True, False])
def test_refused_together_with_the_prompt_the_payload_never_leaves(hold: bool) -> None:
    exchange = SendMessage(19).payload_exchange(LETTER, held=hold)
    talk = Clocked()
    talk.send(exchange)
    talk.receive(b"\r\n> \r\nERROR\r\n")
    assert isinstance(talk.failure(), Refused)
    assert talk.written() == b""
    talk.assert_in_step()


def test_an_ok_before_the_release_is_not_the_answer() -> None:
    talk = held()
    talk.receive(b"\r\nOK\r\n")
    assert not any(isinstance(event, Done) for event in talk.heard)
    talk.release()
    talk.receive(b"\r\n+CMGS: 8\r\n\r\nOK\r\n")
    assert talk.heard[-1] == Done(HELD, Reference(8))


def test_held_for_too_long_nothing_was_carried_out() -> None:
    talk = held()
    assert talk.wait() == pytest.approx(60.0)
    error = talk.failure()
    assert isinstance(error, TimedOut)
    assert not error.acted
    assert talk.written() == ESCAPE
    talk.release()
    assert talk.written() == b""
    talk.come_back()
    talk.assert_in_step()


def test_released_and_unanswered_it_may_have_been_carried_out() -> None:
    talk = held()
    talk.release()
    talk.wait()
    error = talk.failure()
    assert isinstance(error, TimedOut)
    assert error.acted


# -- reset


def prompted() -> Clocked:
    talk = Clocked()
    talk.send(Send(0, 5).payload_exchange(b"hello"))
    talk.receive(b"\r\n>")
    return talk


def sent(exchange: object, *received: bytes) -> Callable[[], Clocked]:
    def begin() -> Clocked:
        talk = Clocked()
        talk.send(exchange)  # type: ignore[arg-type]
        for each in received:
            talk.receive(each)
        return talk

    return begin


def released() -> Clocked:
    talk = held()
    talk.release()
    return talk


STATES: dict[str, tuple[Callable[[], Clocked], bool]] = {
    "sent": (sent(Attention().exchange()), True),
    "prompt due": (sent(HELD), False),
    "pause": (prompted, False),
    "held": (held, False),
    "released": (released, True),
    "outcome due": (sent(Open(0, "a", 1).exchange(), b"\r\nOK\r\n"), True),
}


@pytest.mark.parametrize("state", STATES)
def test_a_reset_fails_what_is_in_flight(state: str) -> None:
    begin, acted = STATES[state]
    talk = begin()
    talk.reset()
    error = talk.failure()
    assert isinstance(error, Lost)
    assert error.acted == acted
    assert talk.chat.deadline is None
    talk.assert_in_step()


def test_a_reset_before_the_command_is_written_takes_it_back() -> None:
    talk = Clocked()
    talk.chat.send(Attention().exchange(), talk.now)
    talk.reset()
    error = talk.failure()
    assert isinstance(error, Lost)
    assert not error.acted
    assert talk.written() == b""


def test_a_reset_after_the_answer_fails_nothing() -> None:
    talk = sent(ReadSocketStatus(0).exchange(), b"\r\n+IPSTATUS:0,DISCONNECT\r\n")()
    talk.reset()
    assert not any(isinstance(event, Failed) for event in talk.heard)
    talk.assert_in_step()


@pytest.mark.parametrize("waits", [1, 2])
def test_a_reset_ends_a_recovery(waits: int) -> None:
    talk = sent(Attention().exchange(), b"\r\n+TCPRECV: 0,9,half")()
    for _ in range(waits + 2):
        talk.wait()
    talk.failure()
    talk.reset()
    assert talk.chat.deadline is None
    talk.written()
    talk.assert_in_step()


def test_a_reset_when_idle_is_nothing() -> None:
    talk = Clocked()
    talk.receive(b"\r\n+TCPRECV: 0,9,half")
    talk.reset()
    assert talk.heard == []
    talk.assert_in_step()

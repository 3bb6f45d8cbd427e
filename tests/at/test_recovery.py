"""What follows when an answer does not come, comes too late, or comes in pieces."""

from typing import Any

import pytest

from n11bridge.at.chat import Done, Failed, Reported, Silent, Unknown
from n11bridge.at.command import Exchange
from n11bridge.at.errors import Malformed, Refused, TimedOut
from n11bridge.at.flight import PROMPT_TIMEOUT
from n11bridge.at.recovery import LONGEST_DRAIN, PROBE_TIMEOUT, PROBE_TRIES, QUIET

from .clocked import IN_STEP, PROBED, Clocked
from .records import (
    Attention,
    ListMessages,
    Open,
    ReadSignal,
    Reference,
    Registered,
    Send,
    SendMessage,
    Signal,
    Stat,
)

ESCAPE = b"\x1b"
LETTER = b"0011000B91"
LATE = b"\r\n+CMGS: 5\r\n\r\nOK\r\n"


def clocked(exchange: Exchange[Any]) -> Clocked:
    talk = Clocked()
    talk.send(exchange)
    return talk


def message_out() -> Clocked:
    """A message whose answer does not come."""
    talk = clocked(SendMessage(19).payload_exchange(LETTER))
    talk.receive(b"\r\n> ")
    assert talk.written() == LETTER + b"\x1a"
    return talk


# -- when, and what is written then


def test_a_command_times_out_and_the_modem_comes_back() -> None:
    talk = clocked(ReadSignal().exchange())
    assert talk.wait() == pytest.approx(2.0)
    error = talk.failure()
    assert isinstance(error, TimedOut)
    assert error.acted
    assert talk.written() == b""  # no prompt was due: no ESC
    assert not talk.chat.idle
    assert talk.wait() == pytest.approx(QUIET)
    assert talk.written() == PROBED
    talk.receive(PROBED + IN_STEP)
    assert not talk.chat.idle
    assert talk.wait() == pytest.approx(QUIET)
    assert talk.heard == []
    talk.assert_in_step()


def test_each_answer_of_a_list_gives_the_next_one_time() -> None:
    talk = clocked(ListMessages().exchange())
    for _ in range(3):
        talk.wait_for(1.5)
        talk.receive(b"\r\n+CMGL: 1,1,,2\r\n0791\r\n")
    talk.wait_for(1.5)
    talk.receive(b"\r\nOK\r\n")
    [done] = talk.heard
    assert isinstance(done, Done)
    assert len(done.result) == 3


def test_without_a_prompt_there_is_an_escape_and_nothing_was_done() -> None:
    talk = clocked(SendMessage(19).payload_exchange(LETTER))
    assert talk.wait() == pytest.approx(PROMPT_TIMEOUT)
    error = talk.failure()
    assert isinstance(error, TimedOut)
    assert not error.acted
    assert talk.written() == ESCAPE
    talk.receive(b"\r\nOK\r\n")  # the modem may say so to the ESC
    talk.come_back()
    talk.assert_in_step()


def test_with_the_payload_out_there_is_an_escape_and_it_may_have_been_sent() -> None:
    talk = message_out()
    assert talk.wait() == pytest.approx(60.0)
    error = talk.failure()
    assert isinstance(error, TimedOut)
    assert error.acted
    assert talk.written() == ESCAPE
    talk.come_back()
    talk.assert_in_step()


def test_when_only_the_outcome_is_missing_there_is_no_escape() -> None:
    talk = clocked(Send(0, 5).payload_exchange(b"hello"))
    talk.receive(b"\r\n>")
    talk.wait()
    assert talk.written() == b"hello"
    talk.receive(b"\r\nOK\r\n")
    assert talk.wait() == pytest.approx(30.0)
    error = talk.failure()
    assert isinstance(error, TimedOut)
    assert error.acted
    assert talk.written() == b""


def test_a_cause_without_an_outcome_is_not_lost() -> None:
    talk = clocked(Open(0, "a.example", 80).exchange())
    talk.receive(b"\r\nOK\r\n\r\n+CME ERROR: NO SIM\r\n")
    assert talk.heard == []
    talk.wait()
    assert talk.heard[0] == Unknown("+CME ERROR: NO SIM")
    assert isinstance(talk.failure(), TimedOut)


def test_a_prompt_that_comes_too_late_is_escaped() -> None:
    talk = clocked(Send(0, 5).payload_exchange(b"hello"))
    talk.wait()
    assert talk.written() == ESCAPE
    talk.wait_for(QUIET / 2)
    talk.receive(b"\r\n>")  # what we typed now would be the data
    assert talk.written() == ESCAPE
    assert talk.wait() == pytest.approx(QUIET)
    assert talk.written() == PROBED


def test_a_prompt_behind_a_refusal_is_escaped() -> None:
    talk = clocked(Send(0, 5).payload_exchange(b"hello"))
    talk.receive(b"\r\n+TCPSEND: DATA LENGTH ERROR\r\n")
    assert isinstance(talk.failure(), Refused)
    talk.receive(b"\r\n>")
    assert talk.written() == ESCAPE
    talk.come_back()
    talk.assert_in_step()


# -- late answers


def test_an_ok_alone_proves_nothing() -> None:
    talk = clocked(Attention().exchange())
    talk.wait()
    talk.wait()
    assert talk.written() == PROBED
    talk.receive(b"\r\nOK\r\n")
    assert not talk.chat.idle
    assert talk.heard[1:] == [Unknown("OK")]
    talk.receive(IN_STEP)
    talk.wait()
    talk.assert_in_step()


def timeline() -> list[tuple[float, bytes]]:
    """When the modem says what after a timeout: it answers the second probe only."""
    probed_again = QUIET + PROBE_TIMEOUT + QUIET
    return [
        (probed_again + 0.1, b"\r\n+IPR: 115200\r\n"),
        (probed_again + 0.2, b"\r\nOK\r\n"),
    ]


@pytest.mark.parametrize("late", [LATE, b"\r\nOK\r\n", b"\r\n+CMS ERROR: 38\r\n"])
@pytest.mark.parametrize("tenth", range(32))
def test_a_late_answer_is_never_taken_by_the_next_command(late: bytes, tenth: int) -> None:
    talk = message_out()
    talk.wait()
    talk.failure()
    for at, said in sorted([*timeline(), (tenth / 10, late)]):
        talk.wait_for(1060 + at - talk.now)
        talk.receive(said)
    talk.come_back()
    told = [event.line for event in talk.heard if isinstance(event, Unknown)]
    # An error in the midst of it costs a probe; an OK before the probe's own stands for it.
    assert {"+CMGS: 5", "OK", "+CMS ERROR: 38"} >= set(told) - {"+IPR: 115200"}
    assert told
    assert not any(isinstance(event, (Done, Failed, Silent)) for event in talk.heard)
    talk.assert_in_step()


@pytest.mark.parametrize("cut", range(1, len(LATE)))
def test_a_late_answer_in_pieces_is_not_taken_either(cut: int) -> None:
    talk = message_out()
    talk.wait()
    talk.failure()
    talk.receive(LATE[:cut])
    talk.wait()
    assert PROBED in talk.written()
    talk.receive(LATE[cut:] + PROBED + IN_STEP)
    talk.wait()
    assert Unknown("+CMGS: 5") in talk.heard
    talk.assert_in_step()


def test_a_late_answer_before_the_next_prompt_is_not_the_next_messages() -> None:
    talk = clocked(SendMessage(19).payload_exchange(LETTER))
    talk.receive(LATE)
    assert talk.heard == [Unknown("+CMGS: 5"), Unknown("OK")]
    talk.receive(b"\r\n> ")
    talk.receive(b"\r\n+CMGS: 6\r\n\r\nOK\r\n")
    assert talk.heard[-1] == Done(talk.heard[-1].exchange, Reference(6))  # type: ignore[union-attr]


def test_a_late_answer_before_the_command_is_written_is_not_its_answer() -> None:
    talk = Clocked()
    talk.chat.send(ReadSignal().exchange(), talk.now)
    talk.receive(b"\r\n+CSQ: 1,1\r\n\r\nOK\r\n")
    assert talk.heard == [Unknown("+CSQ: 1,1"), Unknown("OK")]
    talk.receive(b"\r\n+CSQ: 2,2\r\n\r\nOK\r\n")
    assert isinstance(talk.heard[-1], Done)
    assert talk.heard[-1].result == Signal(2, 2)


def test_a_second_probe_answered_together_with_the_first_is_told_apart() -> None:
    talk = clocked(Attention().exchange())
    talk.wait_for(2.0 + QUIET + PROBE_TIMEOUT + QUIET)
    assert talk.written().endswith(PROBED)
    talk.receive(IN_STEP)
    talk.wait_for(QUIET / 2)
    assert not talk.chat.idle
    talk.receive(IN_STEP)
    talk.wait()
    talk.assert_in_step()


def test_an_ok_without_the_answer_is_perhaps_that_of_something_earlier() -> None:
    talk = clocked(ReadSignal().exchange())
    talk.receive(b"\r\nOK\r\n")
    assert isinstance(talk.failure(), Malformed)
    assert talk.written() == b""
    talk.receive(b"\r\n+CSQ: 17,0\r\n\r\nOK\r\n")
    assert talk.heard == [Unknown("+CSQ: 17,0"), Unknown("OK")]
    talk.come_back()
    talk.assert_in_step()


# -- a line that does not get quiet, and one that stays so


def test_a_chattering_line_is_probed_all_the_same() -> None:
    talk = clocked(Attention().exchange())
    talk.wait()
    began = talk.now
    while not talk.written():
        talk.receive(b"\r\nnoise\r\n")
        talk.wait_for(QUIET / 3)
        assert talk.now - began < LONGEST_DRAIN + QUIET
    assert talk.now - began == pytest.approx(LONGEST_DRAIN, abs=QUIET)
    talk.receive(IN_STEP)
    began = talk.now
    while not talk.chat.idle:
        talk.receive(b"\r\nnoise\r\n")
        talk.wait_for(QUIET / 3)
        assert talk.now - began < LONGEST_DRAIN + QUIET
    talk.assert_in_step()


def test_reports_are_heard_while_the_line_is_drained() -> None:
    talk = clocked(Attention().exchange())
    talk.wait()
    talk.failure()
    talk.receive(b"\r\n+CREG: 1\r\n")
    talk.wait()
    assert talk.written() == PROBED
    talk.receive(b"\r\n+CREG: 5\r\n" + IN_STEP)
    talk.wait()
    assert talk.heard == [Reported(Registered(Stat.HOME)), Reported(Registered(Stat.ROAMING))]
    talk.assert_in_step()


def test_a_modem_that_answers_no_probe_is_silent() -> None:
    talk = clocked(Attention().exchange())
    talk.wait_for(2.0)
    talk.failure()
    talk.wait_for(PROBE_TRIES * (QUIET + PROBE_TIMEOUT) - 0.01)
    assert talk.written() == PROBED * PROBE_TRIES
    assert talk.heard == []
    talk.wait()
    assert talk.heard == [Silent()]
    assert talk.chat.idle
    assert talk.chat.deadline is None


def test_a_modem_that_answers_only_with_errors_is_silent_too() -> None:
    talk = clocked(Attention().exchange())
    talk.wait()
    talk.failure()
    for _ in range(PROBE_TRIES):
        talk.wait()
        assert talk.written() == PROBED
        talk.receive(b"\r\nERROR\r\n")
    assert Silent() in talk.heard
    assert talk.chat.idle

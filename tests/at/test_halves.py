"""Answers that end without an OK, data and bodies that stop in the middle, lines of others."""

from typing import Any

import pytest

from n11bridge.at.chat import STALL, Done, Reported, Unknown
from n11bridge.at.command import Exchange
from n11bridge.at.errors import Refused
from n11bridge.at.flight import LINGER

from .clocked import Clocked
from .records import (
    Attention,
    Identify,
    ListMessages,
    Open,
    Opened,
    ReadData,
    ReadMessage,
    ReadSignal,
    ReadSocketStatus,
    Received,
    Registered,
    RegistrationReports,
    ReportDirect,
    Signal,
    SocketResult,
    SocketStatus,
    Startup,
    Stat,
)


def clocked(exchange: Exchange[Any]) -> Clocked:
    talk = Clocked()
    talk.send(exchange)
    return talk


# -- answers without an OK


def test_an_ok_may_follow_for_a_while() -> None:
    talk = clocked(ReadSocketStatus(0).exchange())
    talk.receive(b"\r\n+IPSTATUS:0,DISCONNECT\r\n")
    [done] = talk.heard
    assert isinstance(done, Done)
    assert done.result == SocketStatus(0, "DISCONNECT")
    assert not talk.chat.idle
    assert talk.wait() == pytest.approx(LINGER)
    talk.assert_in_step()


def test_a_second_answer_is_nobodys() -> None:
    talk = clocked(ReadSocketStatus(0).exchange())
    talk.receive(b"\r\n+IPSTATUS:0,DISCONNECT\r\n\r\n+IPSTATUS:1,DISCONNECT\r\n\r\nOK\r\n")
    assert talk.heard[1:] == [Unknown("+IPSTATUS:1,DISCONNECT")]
    talk.assert_in_step()


def test_a_late_cause_behind_the_outcome_does_not_fail_the_next_command() -> None:
    talk = clocked(Open(0, "a.example", 80).exchange())
    talk.receive(b"\r\n+TCPSETUP: 0,FAIL\r\n\r\n+CME ERROR: NO SIM\r\n")
    done, unknown = talk.heard
    assert isinstance(done, Done)
    assert done.result == Opened(0, SocketResult.FAIL)
    assert unknown == Unknown("+CME ERROR: NO SIM")
    talk.assert_in_step()


# -- counted data that do not come to their end


def test_data_that_stop_in_the_middle_do_not_swallow_what_follows() -> None:
    talk = Clocked()
    talk.receive(b"\r\n+TCPRECV: 0,1000,only this\r\n\r\nMODEM:STARTUP\r\n")
    assert talk.heard == []
    assert talk.wait() == pytest.approx(STALL)
    assert talk.heard == [Unknown("+TCPRECV: 0,1000,only this"), Reported(Startup())]
    assert talk.chat.deadline is None
    talk.assert_in_step()


def test_data_that_come_slowly_are_waited_for() -> None:
    talk = Clocked()
    talk.receive(b"\r\n+TCPRECV: 0,5,")
    for byte in b"hello":
        talk.wait_for(STALL * 0.9)
        talk.receive(bytes([byte]))
    assert talk.heard == [Reported(Received(0, 5, b"hello"))]
    assert talk.chat.deadline is None


def test_a_command_does_not_time_out_while_its_data_flow() -> None:
    talk = clocked(ReadData(0, 40).exchange())
    talk.receive(b"\r\n+TCPREAD: 0,40,")
    for _ in range(40):
        talk.wait_for(0.5)
        talk.receive(b"x")
    talk.wait_for(0.5)
    talk.receive(b"\r\nOK\r\n")
    [done] = talk.heard
    assert isinstance(done, Done)
    assert done.result.data == b"x" * 40


def test_the_answer_behind_data_that_stop_is_still_heard() -> None:
    talk = clocked(ReadSignal().exchange())
    talk.receive(b"\r\n+TCPRECV: 0,1000,lost bytes\r\n\r\n+CSQ: 3,0\r\n\r\nOK\r\n")
    talk.wait()
    unknown, done = talk.heard
    assert unknown == Unknown("+TCPRECV: 0,1000,lost bytes")
    assert isinstance(done, Done)
    assert done.result == Signal(3, 0)


def test_data_that_nobody_waits_for_any_more_are_unknown() -> None:
    talk = clocked(ReadData(0, 100).exchange())
    talk.receive(b"\r\n+TCPREAD: 0,2,OK\r\n\r\nOK\r\n\r\n+TCPREAD: 0,4,\r\nOK\r\n")
    done, unknown = talk.heard
    assert isinstance(done, Done)
    assert unknown == Unknown("+TCPREAD: 0,4,\r\nOK")
    talk.assert_in_step()


# -- a body that does not come


def test_headers_without_a_body_are_not_lost() -> None:
    talk = clocked(ReadMessage(1).exchange())
    talk.receive(b"\r\n+CMT: ,24\r\n\r\n+CMGR: 1,,24\r\n")
    assert talk.wait() == pytest.approx(STALL)
    assert talk.heard == [Unknown("+CMT: ,24"), Unknown("+CMGR: 1,,24")]
    talk.receive(b"\r\n0791\r\n")
    assert talk.heard[2:] == [Unknown("0791")]


def test_a_body_may_come_after_the_end_of_the_exchange_before_it() -> None:
    talk = clocked(Attention().exchange())
    talk.receive(b"\r\n+CDS: 24\r\n\r\nOK\r\n\r\n0791\r\n")
    assert isinstance(talk.heard[0], Done)
    assert talk.heard[1:] == [Reported(ReportDirect(24, "0791"))]
    assert talk.chat.deadline is None


def test_answers_of_what_fails_in_the_end_are_not_lost() -> None:
    talk = clocked(ListMessages().exchange())
    talk.receive(b"\r\n+CMGL: 1,1,,24\r\n0791\r\n\r\n+CMS ERROR: 320\r\n")
    assert talk.heard[:2] == [Unknown("+CMGL: 1,1,,24"), Unknown("0791")]
    assert isinstance(talk.failure(), Refused)


def test_headers_without_a_body_do_not_survive_a_reset() -> None:
    talk = Clocked()
    talk.receive(b"\r\n+CMT: ,24\r\n")
    talk.reset()
    assert talk.heard == [Unknown("+CMT: ,24")]
    talk.receive(b"\r\n0791\r\n")
    assert talk.heard[1:] == [Unknown("0791")]


# -- error lines


def test_a_line_of_ones_own_name_does_not_end_what_ends_with_a_final_result() -> None:
    talk = clocked(ReadSignal().exchange())
    talk.receive(b"\r\n+CSQ: Error\r\n")
    assert talk.heard == [Unknown("+CSQ: Error")]
    talk.receive(b"\r\nERROR\r\n")
    assert isinstance(talk.failure(), Refused)


def test_only_one_cause_is_kept_for_the_outcome() -> None:
    talk = clocked(Open(0, "a.example", 80).exchange())
    talk.receive(b"\r\nOK\r\n\r\n+CME ERROR: NO SIM\r\n\r\n+CME ERROR: 30\r\n\r\nERROR\r\n")
    assert talk.heard == [Unknown("+CME ERROR: 30"), Unknown("ERROR")]
    talk.receive(b"\r\n+TCPSETUP: ERROR\r\n")
    del talk.heard[:2]
    assert str(talk.failure()) == "+TCPSETUP: ERROR after +CME ERROR: NO SIM"


# -- what plain lines may not take


def test_plain_lines_take_neither_reports_nor_what_came_before_them() -> None:
    talk = Clocked()
    talk.chat.send(Identify().exchange(), talk.now)
    talk.receive(b"\r\nearly\r\n")
    talk.receive(b"\r\nNEOWAY\r\n\r\n+CREG: 1\r\n\r\nN11\r\n\r\nOK\r\n")
    early, report, done = talk.heard
    assert early == Unknown("early")
    assert report == Reported(Registered(Stat.HOME))
    assert isinstance(done, Done)
    assert done.result == ["NEOWAY", "N11"]


def test_one_exchange_at_a_time() -> None:
    talk = clocked(RegistrationReports.query())
    with pytest.raises(RuntimeError):
        talk.chat.send(Attention().exchange(), talk.now)
    talk.receive(b"\r\n+CREG: 0,1\r\n\r\nOK\r\n")
    talk.assert_in_step()

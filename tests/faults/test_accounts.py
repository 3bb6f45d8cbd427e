"""The accounts notice what they are there for: each ledger is doctored, and must not pass."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from .accounts import Arrival, Asked, Audit, Findings, Heard, Leeway, Order

NUMBER = "+491701234567"
KEPT, AGAIN = "#one;#one;", "#two;#two;"
STRICT, KILLED = Leeway(), Leeway(unknown=1, repeated=True)


class Books:
    """Even accounts: two messages out, the second in two parts, and one in."""

    def __init__(self) -> None:
        self.asked = Asked(
            [Order("a", [NUMBER], KEPT), Order("b", [NUMBER], AGAIN, resend=True)],
            {"q": "signal/read"},
            [Arrival("#in;#in;")],
        )
        self.sent: list[dict[str, Any]] = [
            {"number": NUMBER, "text": KEPT, "header": ""},
            {"number": NUMBER, "text": AGAIN, "header": "050003010201"},
            {"number": NUMBER, "text": AGAIN, "header": "050003010202"},
        ]
        self.responses: list[dict[str, Any]] = [
            {"id": "a", "status": "accepted", "data": {"messages": [self._message("A", 1)]}},
            {"id": "b", "status": "accepted", "data": {"messages": [self._message("B", 2)]}},
            {"id": "q", "status": "ok", "data": {}},
        ]
        self.statuses = [
            {"message": key, "state": state}
            for key in "AB"
            for state in ("queued", "sending", "sent", "delivered")
        ]
        event = {"uid": "u1", "text": "#in;#in;", "redelivered": False}
        self.received: list[dict[str, Any]] = [event]
        self.inbox: list[dict[str, Any]] = [dict(event)]

    @staticmethod
    def _message(key: str, parts: int) -> dict[str, Any]:
        return {"message": key, "to": NUMBER, "parts": parts}

    def told(self, key: str, *states: str) -> None:
        self.statuses = [e for e in self.statuses if e["message"] != key]
        self.statuses += [{"message": key, "state": state} for state in states]

    def audit(self, leeway: Leeway = STRICT) -> Findings:
        heard = Heard(self.responses, self.statuses, self.received, self.inbox)
        return Audit(self.asked, self.sent, heard, leeway).close()


def test_even_accounts():
    findings = Books().audit()
    assert findings.good
    assert (findings.sent, findings.received, findings.answered) == (2, 1, 3)


def again(entry: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**deepcopy(entry), **changes}


def lose_a_part(books: Books) -> None:
    del books.sent[2]


def lose_an_end(books: Books) -> None:
    books.told("A", "queued", "sending")


def say_nothing_of_it(books: Books) -> None:
    books.told("A")


def lose_an_arrival(books: Books) -> None:
    books.received.clear()


def send_twice(books: Books) -> None:
    books.sent.append(again(books.sent[0]))


def send_a_part_twice(books: Books) -> None:
    books.sent.append(again(books.sent[1]))


def send_what_failed(books: Books) -> None:
    books.asked.orders[0] = Order("a", [NUMBER], KEPT, ends=frozenset({"failed"}))
    books.told("A", "queued", "sending", "failed")


def send_what_was_refused(books: Books) -> None:
    books.responses[0] = {"id": "a", "status": "error", "error": {"code": "rate_limited"}}


def give_two_uids(books: Books) -> None:
    books.received.append(again(books.received[0], uid="u2", redelivered=True))


def list_another_uid(books: Books) -> None:
    books.inbox[0]["uid"] = "u2"


def tell_again_unmarked(books: Books) -> None:
    books.received.append(again(books.received[0]))


def answer_nothing(books: Books) -> None:
    del books.responses[2]


def answer_twice(books: Books) -> None:
    books.responses.append(again(books.responses[2]))


def tell_a_state_twice(books: Books) -> None:
    books.told("A", "queued", "sending", "sending", "sent")


@pytest.mark.parametrize(
    ("doctor", "finding"),
    [
        (lose_a_part, "lost"),
        (lose_an_end, "lost"),
        (say_nothing_of_it, "lost"),
        (lose_an_arrival, "lost"),
        (send_twice, "duplicated"),
        (send_a_part_twice, "duplicated"),
        (send_what_failed, "duplicated"),
        (send_what_was_refused, "duplicated"),
        (give_two_uids, "duplicated"),
        (list_another_uid, "duplicated"),
        (tell_again_unmarked, "duplicated"),
        (answer_twice, "duplicated"),
        (tell_a_state_twice, "duplicated"),
        (answer_nothing, "unanswered"),
    ],
)
def test_what_is_lost_or_doubled_is_found(doctor: Callable[[Books], None], finding: str):
    books = Books()
    doctor(books)
    findings = books.audit()
    assert len(getattr(findings, finding)) == 1, findings
    assert not findings.good


@pytest.mark.parametrize(
    "doctor",
    [lose_a_part, lose_an_end, lose_an_arrival, send_twice, give_two_uids, tell_again_unmarked],
)
def test_a_kill_excuses_none_of_it(doctor: Callable[[Books], None]):
    books = Books()
    doctor(books)
    assert not books.audit(KILLED).good


def end_as_unknown(books: Books) -> None:
    books.told("A", "queued", "sending", "unknown")


@pytest.mark.parametrize(
    "doctor", [send_a_part_twice, answer_twice, tell_a_state_twice, end_as_unknown]
)
def test_what_a_kill_does_excuse(doctor: Callable[[Books], None]):
    """Only the message that asked for it may be sent again, and MQTT's own repetitions."""
    books = Books()
    doctor(books)
    assert books.audit(KILLED).good
    assert not books.audit().good


def test_not_more_is_unknown_than_can_be():
    books = Books()
    books.asked.orders[1] = Order("b", [NUMBER], AGAIN)
    books.told("A", "queued", "sending", "unknown")
    books.told("B", "queued", "sending", "unknown")
    assert books.audit(KILLED).wrong


def test_what_was_to_be_sent_again_does_not_stay_unknown():
    books = Books()
    books.told("B", "queued", "sending", "unknown")
    assert books.audit(KILLED).wrong


def test_another_answer_to_the_same_request():
    books = Books()
    books.responses.append(again(books.responses[2], status="error"))
    assert books.audit(KILLED).wrong


def test_what_nobody_asked_for():
    books = Books()
    books.sent.append({"number": NUMBER, "text": "#stray;", "header": ""})
    assert books.audit().wrong


def test_the_bridge_does_not_list_what_it_told():
    books = Books()
    books.inbox.clear()
    assert books.audit().wrong


def test_a_text_that_was_changed():
    books = Books()
    books.received[0]["text"] = "#in;#in"
    assert books.audit().wrong

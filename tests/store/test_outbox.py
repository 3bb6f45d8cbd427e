"""The life of an outgoing message, step by step. The tests hold the clock."""

import sqlite3
from collections.abc import Callable

import pytest

from n11bridge.store import Message, NewMessage, Tables, WrongState

Make = Callable[..., NewMessage]


def next_key(tables: Tables, now: float) -> tuple[str, int] | None:
    found = tables.outbox.next(now)
    return None if found is None else (found[0].key, found[1].seq)


def hand_over(
    tables: Tables, key: str, seq: int = 1, reference: int = 7, now: float = 2
) -> Message:
    tables.outbox.sending(key, seq, now)
    return tables.outbox.part_sent(key, seq, reference, now)


def state(tables: Tables, key: str) -> str:
    message = tables.outbox.find(key)
    assert message is not None
    return message.state


def test_a_message_comes_back_as_it_was_accepted(tables: Tables, new_message: Make) -> None:
    text = "a \x00 b \N{GRINNING FACE}\r\nOK\r\n"
    (message,) = tables.outbox.accept(
        [
            new_message(
                *("a", 2),
                contact="alice",
                text=text,
                encoding="ucs2",
                flash=True,
                report=False,
                priority=1,
                on_unknown="resend",
                expires=99.5,
            )
        ],
        now=1.5,
    )
    assert message == Message(
        key="a",
        request="request-a",
        to="+491701234567",
        contact="alice",
        text=text,
        encoding="ucs2",
        flash=True,
        report=False,
        priority=1,
        on_unknown="resend",
        expires=99.5,
        state="queued",
        parts=2,
        parts_sent=0,
        error=None,
        created=1.5,
        updated=1.5,
        attempts=0,
        not_before=0,
    )
    assert message.flash is True
    assert message.report is False
    assert tables.outbox.find("a") == message
    assert [(p.seq, p.pdu, p.length) for p in tables.outbox.parts("a")] == [
        (1, "0001", 21),
        (2, "0002", 22),
    ]
    assert tables.outbox.find("b") is None


def test_a_key_is_accepted_once(tables: Tables, new_message: Make) -> None:
    tables.outbox.accept([new_message("a")], now=1)
    with pytest.raises(sqlite3.IntegrityError):
        tables.outbox.accept([new_message("a")], now=1)


def test_a_message_has_parts(tables: Tables, new_message: Make) -> None:
    with pytest.raises(ValueError, match="no parts"):
        tables.outbox.accept([new_message("a", 0)], now=1)


def test_from_queued_to_sent(tables: Tables, new_message: Make) -> None:
    tables.outbox.accept([new_message("a", 2)], now=1)
    assert next_key(tables, 2) == ("a", 1)
    message = tables.outbox.sending("a", 1, now=2)
    assert (message.state, message.parts_sent, message.updated) == ("sending", 0, 2)
    assert next_key(tables, 2) is None  # one part at a time
    message = tables.outbox.part_sent("a", 1, reference=200, now=3)
    assert (message.state, message.parts_sent) == ("sending", 1)
    assert next_key(tables, 3) == ("a", 2)
    tables.outbox.sending("a", 2, now=4)
    message = tables.outbox.part_sent("a", 2, reference=201, now=5)
    assert (message.state, message.parts_sent, message.updated) == ("sent", 2, 5)
    assert [(p.state, p.reference, p.sent) for p in tables.outbox.parts("a")] == [
        ("sent", 200, 3),
        ("sent", 201, 5),
    ]
    assert next_key(tables, 6) is None


def test_a_message_begun_goes_first_then_priority_then_age(
    tables: Tables, new_message: Make
) -> None:
    tables.outbox.accept([new_message("old"), new_message("begun", 2)], now=1)
    tables.outbox.accept(
        [new_message("high", priority=1), new_message("higher", priority=1)], now=2
    )
    hand_over(tables, "begun", 1)
    order = []
    while (found := tables.outbox.next(3)) is not None:
        order.append(found[0].key)
        hand_over(tables, found[0].key, found[1].seq)
    assert order == ["begun", "high", "higher", "old"]


def test_a_part_is_handed_over_once(tables: Tables, new_message: Make) -> None:
    tables.outbox.accept([new_message("a")], now=1)
    tables.outbox.sending("a", 1, now=2)
    with pytest.raises(WrongState, match="part 1 of message a is not queued"):
        tables.outbox.sending("a", 1, now=2)
    tables.outbox.part_sent("a", 1, 7, now=3)
    with pytest.raises(WrongState, match="message a is sent"):
        tables.outbox.part_sent("a", 1, 7, now=3)
    with pytest.raises(WrongState, match="message a is sent"):
        tables.outbox.sending("a", 1, now=3)
    with pytest.raises(WrongState, match="no message b"):
        tables.outbox.sending("b", 1, now=3)


def test_a_part_known_not_sent_waits_and_is_tried_again(tables: Tables, new_message: Make) -> None:
    tables.outbox.accept([new_message("a"), new_message("b")], now=1)
    tables.outbox.sending("a", 1, now=2)
    message = tables.outbox.requeue("a", 1, not_before=30, error="no network", now=3, counts=True)
    assert (message.state, message.attempts, message.error) == ("queued", 1, "no network")
    assert (message.not_before, message.updated) == (30, 3)
    assert next_key(tables, 29.9) == ("b", 1)
    assert next_key(tables, 30) == ("a", 1)
    assert tables.outbox.sending("a", 1, now=30).error is None
    assert tables.outbox.part_sent("a", 1, 7, now=31).state == "sent"


def test_a_wait_is_no_attempt(tables: Tables, new_message: Make) -> None:
    tables.outbox.accept([new_message("a")], now=1)
    tables.outbox.sending("a", 1, now=2)
    message = tables.outbox.requeue("a", 1, not_before=30, error="x", now=3, counts=False)
    assert (message.state, message.attempts, message.not_before) == ("queued", 0, 30)


def test_a_message_begun_stays_begun_while_its_next_part_waits(
    tables: Tables, new_message: Make
) -> None:
    tables.outbox.accept([new_message("a", 2, expires=20), new_message("b")], now=1)
    hand_over(tables, "a", 1)
    tables.outbox.sending("a", 2, now=3)
    message = tables.outbox.requeue("a", 2, not_before=30, error="busy", now=3, counts=True)
    assert (message.state, message.parts_sent) == ("sending", 1)
    assert next_key(tables, 29) == ("b", 1)
    # What was begun is sent to its end, even beyond its time.
    assert tables.outbox.expire(now=40) == []
    assert next_key(tables, 40) == ("a", 2)


def test_a_wait_ends_when_the_clock_is_set_back(tables: Tables, new_message: Make) -> None:
    tables.outbox.accept([new_message("a")], now=1_000_000)
    tables.outbox.sending("a", 1, now=1_000_001)
    tables.outbox.requeue("a", 1, not_before=1_000_060, error="busy", now=1_000_001, counts=True)
    assert next_key(tables, 1_000_002) is None
    assert next_key(tables, 500) == ("a", 1)
    assert tables.outbox.wake(1_000_002) == 1_000_060
    assert tables.outbox.wake(500) is None  # it is due


def test_wake_tells_when_time_alone_will_change_something(
    tables: Tables, new_message: Make
) -> None:
    outbox = tables.outbox
    assert outbox.wake(1) is None
    outbox.accept([new_message("a"), new_message("b", expires=50)], now=1)
    assert outbox.wake(1) == 50
    outbox.sending("a", 1, now=2)
    outbox.requeue("a", 1, not_before=30, error="busy", now=2, counts=True)
    assert outbox.wake(3) == 30
    assert outbox.wake(30) == 50
    hand_over(tables, "b")
    assert outbox.wake(30) is None


def test_messages_expire_while_queued(tables: Tables, new_message: Make) -> None:
    tables.outbox.accept([new_message("a", expires=10), new_message("b")], now=1)
    tables.outbox.sending("a", 1, now=2)
    tables.outbox.requeue("a", 1, not_before=3, error="no network", now=2, counts=True)
    assert tables.outbox.expire(now=9.9) == []
    assert next_key(tables, 9.9) == ("a", 1)
    assert next_key(tables, 10) == ("b", 1)
    (message,) = tables.outbox.expire(now=10)
    assert (message.key, message.state, message.error) == ("a", "expired", "no network")
    assert tables.outbox.expire(now=11) == []


def test_only_what_is_queued_can_be_cancelled(tables: Tables, new_message: Make) -> None:
    tables.outbox.accept([new_message("a"), new_message("b", 2)], now=1)
    message = tables.outbox.cancel("a", now=2)
    assert message is not None
    assert (message.state, message.updated) == ("cancelled", 2)
    assert tables.outbox.cancel("a", now=3) is None
    assert tables.outbox.cancel("no such message", now=3) is None
    with pytest.raises(WrongState, match="message a is cancelled"):
        tables.outbox.sending("a", 1, now=3)
    tables.outbox.sending("b", 1, now=3)
    assert tables.outbox.cancel("b", now=4) is None
    tables.outbox.part_sent("b", 1, 7, now=4)
    assert tables.outbox.cancel("b", now=5) is None
    assert state(tables, "b") == "sending"


@pytest.mark.parametrize("end", ["failed", "unknown"])
def test_a_message_can_end_unsent(tables: Tables, new_message: Make, end: str) -> None:
    tables.outbox.accept([new_message("a", 2)], now=1)
    tables.outbox.sending("a", 1, now=2)
    message = tables.outbox.finish("a", end, "+CMS ERROR: 21", now=3)  # type: ignore[arg-type]
    assert (message.state, message.error, message.updated) == (end, "+CMS ERROR: 21", 3)
    assert next_key(tables, 4) is None
    assert tables.outbox.queued_parts() == 0
    assert tables.outbox.interrupted(now=5) == []
    with pytest.raises(WrongState):
        tables.outbox.finish("a", end, "again", now=6)  # type: ignore[arg-type]


def test_a_queued_message_can_fail_but_not_become_unknown(
    tables: Tables, new_message: Make
) -> None:
    tables.outbox.accept([new_message("a")], now=1)
    with pytest.raises(WrongState, match="message a is queued, not sending"):
        tables.outbox.finish("a", "unknown", "x", now=2)
    assert tables.outbox.finish("a", "failed", "x", now=2).state == "failed"


def test_after_a_crash_the_outcome_is_unknown_or_the_part_goes_again(
    tables: Tables, new_message: Make
) -> None:
    tables.outbox.accept(
        [
            new_message("keep"),
            new_message("resend", on_unknown="resend"),
            new_message("begun", 2, on_unknown="resend"),
            new_message("between", 2),
            new_message("waiting"),
        ],
        now=1,
    )
    hand_over(tables, "begun", 1)
    hand_over(tables, "between", 1)
    for key, seq in (("keep", 1), ("resend", 1), ("begun", 2)):
        tables.outbox.sending(key, seq, now=2)
    changed = tables.outbox.interrupted(now=10)
    assert [(m.key, m.state, m.attempts, m.updated) for m in changed] == [
        ("keep", "unknown", 0, 10),
        ("resend", "queued", 1, 10),
        ("begun", "sending", 1, 10),
    ]
    assert all(m.error == "stopped before the modem answered" for m in changed)
    assert tables.outbox.interrupted(now=11) == []
    order = []
    while (found := tables.outbox.next(11)) is not None:
        order.append((found[0].key, found[1].seq))
        hand_over(tables, *order[-1])
    assert order == [("begun", 2), ("between", 2), ("resend", 1), ("waiting", 1)]


def test_lists_and_counts(tables: Tables, new_message: Make) -> None:
    outbox = tables.outbox
    outbox.accept([new_message(key, 2) for key in "abcd"], now=1)
    hand_over(tables, "a", 1)
    hand_over(tables, "b", 1)
    hand_over(tables, "b", 2)
    outbox.cancel("c", now=3)
    assert [m.key for m in outbox.list(10)] == ["a", "b", "c", "d"]
    assert [m.key for m in outbox.list(2)] == ["c", "d"]
    assert [m.key for m in outbox.list(2, "sent")] == ["b"]
    assert outbox.count(["queued", "sending"]) == 2
    assert outbox.count({"sent"}) == 1
    assert outbox.count([]) == 0
    assert outbox.queued_parts() == 3


def test_what_is_done_can_be_forgotten_with_its_parts(tables: Tables, new_message: Make) -> None:
    tables.outbox.accept([new_message(key, 2) for key in "abc"], now=1)
    tables.outbox.cancel("a", now=5)
    tables.outbox.sending("b", 1, now=5)
    tables.outbox.forget(before=5)
    assert state(tables, "a") == "cancelled"
    tables.outbox.forget(before=100)
    assert [m.key for m in tables.outbox.list(10)] == ["b", "c"]
    assert tables.outbox.parts("a") == []
    assert len(tables.outbox.parts("b")) == 2


def test_the_caps_count_parts_by_the_time_of_acceptance(tables: Tables, new_message: Make) -> None:
    outbox = tables.outbox
    assert outbox.parts_accepted_since(0, now=1) == 0
    assert outbox.oldest_accepted(0) is None
    outbox.accept([new_message("a", 2)], now=10)
    outbox.accept([new_message("b", 3)], now=20)
    assert outbox.parts_accepted_since(9, now=30) == 5
    assert outbox.oldest_accepted(9) == 10
    # A window of 20 s is free of "a" the moment 20 s have passed.
    assert outbox.parts_accepted_since(10, now=30) == 3
    assert outbox.oldest_accepted(10) == 20


def test_the_caps_leave_out_what_never_went_to_the_modem(tables: Tables, new_message: Make) -> None:
    outbox = tables.outbox
    outbox.accept([new_message("cancelled"), new_message("expired", expires=15)], now=10)
    outbox.accept([new_message("tried", expires=15), new_message("failed")], now=11)
    outbox.sending("tried", 1, now=12)
    outbox.requeue("tried", 1, not_before=13, error="busy", now=12, counts=True)
    outbox.sending("failed", 1, now=12)
    outbox.finish("failed", "failed", "x", now=12)
    assert outbox.parts_accepted_since(0, now=14) == 4
    outbox.cancel("cancelled", now=14)
    outbox.expire(now=15)
    assert outbox.parts_accepted_since(0, now=16) == 2
    assert outbox.oldest_accepted(0) == 11


def test_what_was_accepted_in_the_future_counts_as_now_and_once(
    tables: Tables, new_message: Make
) -> None:
    tables.outbox.accept([new_message("a", 2)], now=1_000_000)
    assert tables.outbox.parts_accepted_since(440, now=500) == 2
    assert tables.outbox.oldest_accepted(440) == 500
    assert tables.outbox.parts_accepted_since(501, now=561) == 0

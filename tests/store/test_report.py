"""Delivery reports: which part they speak of, and what they make of its message."""

from collections.abc import Callable

import pytest

from n11bridge.store import NewMessage, Tables
from n11bridge.store.report import MOST_LATE

Make = Callable[..., NewMessage]
TO = "+491701234567"
DELIVERED, CONGESTED, EXPIRED = 0x00, 0x20, 0x46  # TP-ST


@pytest.fixture
def send(tables: Tables, new_message: Make) -> Callable[..., None]:
    def send(key: str, *references: int, now: float = 1, to: str = TO) -> None:
        tables.outbox.accept([new_message(key, len(references), to=to)], now)
        for seq, reference in enumerate(references, start=1):
            tables.outbox.sending(key, seq, now)
            tables.outbox.part_sent(key, seq, reference, now)

    return send


Send = Callable[..., None]


def state(tables: Tables, key: str) -> str:
    message = tables.outbox.find(key)
    assert message is not None
    return message.state


def test_a_message_of_one_part_is_delivered(tables: Tables, send: Send) -> None:
    send("a", 7)
    message = tables.outbox.report(7, TO, DELIVERED, "delivered", now=9)
    assert message is not None
    assert (message.key, message.state, message.updated) == ("a", "delivered", 9)
    (part,) = tables.outbox.parts("a")
    assert (part.state, part.status) == ("delivered", DELIVERED)


def test_a_message_is_delivered_when_all_its_parts_are(tables: Tables, send: Send) -> None:
    send("a", 7, 8, 9)
    assert tables.outbox.report(9, TO, DELIVERED, "delivered", now=9) is None
    assert tables.outbox.report(7, TO, DELIVERED, "delivered", now=9) is None
    assert state(tables, "a") == "sent"
    message = tables.outbox.report(8, TO, DELIVERED, "delivered", now=9)
    assert message is not None
    assert message.state == "delivered"


def test_one_part_that_failed_makes_it_undelivered(tables: Tables, send: Send) -> None:
    send("a", 7, 8)
    message = tables.outbox.report(8, TO, EXPIRED, "failed", now=9, error="validity expired")
    assert message is not None
    assert (message.state, message.error) == ("undelivered", "validity expired")
    assert tables.outbox.report(7, TO, DELIVERED, "delivered", now=10) is None
    assert state(tables, "a") == "undelivered"
    assert [p.status for p in tables.outbox.parts("a")] == [DELIVERED, EXPIRED]


def test_a_pending_report_is_noted_and_changes_nothing(tables: Tables, send: Send) -> None:
    send("a", 7)
    assert tables.outbox.report(7, TO, CONGESTED, "pending", now=9) is None
    assert tables.outbox.parts("a")[0].status == CONGESTED
    message = tables.outbox.report(7, TO, DELIVERED, "delivered", now=10)
    assert message is not None
    assert message.state == "delivered"


def test_doubled_and_unknown_reports_change_nothing(tables: Tables, send: Send) -> None:
    send("a", 7)
    assert tables.outbox.report(8, TO, DELIVERED, "delivered", now=9) is None
    assert tables.outbox.report(7, "+491700000000", DELIVERED, "delivered", now=9) is None
    assert tables.outbox.report(7, "", DELIVERED, "delivered", now=9) is None
    assert state(tables, "a") == "sent"
    assert tables.outbox.report(7, TO, DELIVERED, "delivered", now=9) is not None
    assert tables.outbox.report(7, TO, EXPIRED, "failed", now=10) is None
    assert state(tables, "a") == "delivered"


@pytest.mark.parametrize("number", ["01701234567", "00491701234567", "1234567", "0170 123-4567"])
def test_the_network_may_rewrite_the_prefix(tables: Tables, send: Send, number: str) -> None:
    send("a", 7)
    assert tables.outbox.report(7, number, DELIVERED, "delivered", now=9) is not None


def test_a_short_code_is_compared_whole(tables: Tables, send: Send) -> None:
    send("a", 7, to="4567")
    assert tables.outbox.report(7, TO, DELIVERED, "delivered", now=9) is None
    assert tables.outbox.report(7, "4567", DELIVERED, "delivered", now=9) is not None


def test_of_two_parts_under_one_reference_the_latest_is_meant(tables: Tables, send: Send) -> None:
    send("old", 7, now=1)
    send("new", 7, now=100)
    send("other", 7, now=200, to="+491700000000")
    message = tables.outbox.report(7, TO, DELIVERED, "delivered", now=300)
    assert message is not None
    assert message.key == "new"
    message = tables.outbox.report(7, TO, DELIVERED, "delivered", now=300)
    assert message is not None
    assert message.key == "old"


def test_a_part_sent_long_ago_is_not_meant(tables: Tables, send: Send) -> None:
    send("a", 7, now=100)
    assert tables.outbox.report(7, TO, DELIVERED, "delivered", now=101 + MOST_LATE) is None
    assert tables.outbox.report(7, TO, DELIVERED, "delivered", now=100 + MOST_LATE) is not None


def test_reports_that_overtake_the_rest_of_the_message(tables: Tables, new_message: Make) -> None:
    tables.outbox.accept([new_message("good", 2), new_message("bad", 2)], now=1)
    ends = []
    for key, reference, outcome in (("good", 7, "delivered"), ("bad", 9, "failed")):
        tables.outbox.sending(key, 1, now=2)
        assert tables.outbox.part_sent(key, 1, reference, now=2).state == "sending"
        report = tables.outbox.report(reference, TO, 0, outcome, now=3)  # type: ignore[arg-type]
        assert report is None
        assert state(tables, key) == "sending"
        tables.outbox.sending(key, 2, now=4)
        ends.append(tables.outbox.part_sent(key, 2, reference + 1, now=4))
    assert [(m.state, m.parts_sent) for m in ends] == [("sent", 2), ("undelivered", 2)]


def test_a_message_whose_rest_failed_stays_failed(tables: Tables, new_message: Make) -> None:
    tables.outbox.accept([new_message("a", 2)], now=1)
    tables.outbox.sending("a", 1, now=2)
    tables.outbox.part_sent("a", 1, 7, now=2)
    tables.outbox.sending("a", 2, now=3)
    tables.outbox.finish("a", "unknown", "modem restarted", now=3)
    assert tables.outbox.report(7, TO, DELIVERED, "delivered", now=4) is None
    assert state(tables, "a") == "unknown"
    assert tables.outbox.parts("a")[0].state == "delivered"

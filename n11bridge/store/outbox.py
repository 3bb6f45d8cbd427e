"""Outgoing messages: accepted once, handed to the modem once, followed until they are delivered.

The states are those of the MQTT contract:

    queued -> sending -> sent -> delivered | undelivered
    queued -> expired | cancelled | failed        sending -> failed | unknown

A message of several parts that the network gave up on before its last part was sent goes from
sending to undelivered at once.
"""

import sqlite3
from collections.abc import Iterable
from typing import Literal, TypeAlias

from n11bridge.message import Message, NewMessage, Part, State
from n11bridge.store.errors import WrongState
from n11bridge.store.report import find_reported

Messages: TypeAlias = "list[Message]"  # within the class, `list` is a method

_MESSAGE = """
    SELECT key, request, recipient AS "to", contact, text, encoding, flash, report, priority,
        on_unknown, expires, state, error, created, updated, attempts, not_before,
        (SELECT count(*) FROM part WHERE message = key) AS parts,
        (SELECT count(*) FROM part WHERE message = key AND sent IS NOT NULL) AS parts_sent
    FROM message
"""
_PART = "SELECT message, seq, pdu, length, state, reference, status, sent FROM part"

# A wait that was set in the future is void: the clock was set back, and the wait would never end.
_NEXT = """
    SELECT part.message, part.seq FROM message JOIN part ON part.message = message.key
    WHERE message.state IN ('queued', 'sending') AND part.state = 'queued'
        AND (not_before <= :now OR updated > :now)
        AND (expires IS NULL OR expires > :now OR message.state = 'sending')
        AND NOT EXISTS (SELECT * FROM part AS other
                        WHERE other.message = message.key AND other.state = 'sending')
    ORDER BY message.state = 'sending' DESC, priority DESC, message.id, part.seq LIMIT 1
"""
_WAKE = """
    SELECT min(moment) FROM (
        SELECT not_before AS moment FROM message
        WHERE state IN ('queued', 'sending') AND not_before > :now AND updated <= :now
        UNION ALL
        SELECT expires FROM message WHERE state = 'queued' AND expires > :now
    )
"""

_ACCEPTED = "created > ? AND NOT (message.state IN ('cancelled', 'expired') AND attempts = 0)"


class Outbox:
    """The messages, in the order of their acceptance. All times are Unix seconds."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def accept(self, messages: Iterable[NewMessage], now: float) -> Messages:
        """Queue messages; ValueError if one has no parts, IntegrityError if its key is taken."""
        accepted = []
        for message in messages:
            if not message.parts:
                raise ValueError(f"message {message.key} has no parts")
            self._connection.execute(
                "INSERT INTO message (key, request, recipient, contact, text, encoding, flash, "
                "report, priority, on_unknown, expires, state, created, updated) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?)",
                (
                    *(message.key, message.request, message.to, message.contact, message.text),
                    *(message.encoding, message.flash, message.report, message.priority),
                    *(message.on_unknown, message.expires, now, now),
                ),
            )
            self._connection.executemany(
                "INSERT INTO part (message, seq, pdu, length) VALUES (?, ?, ?, ?)",
                [
                    (message.key, seq, part.pdu, part.length)
                    for seq, part in enumerate(message.parts, start=1)
                ],
            )
            accepted.append(self._get(message.key))
        return accepted

    def next(self, now: float) -> tuple[Message, Part] | None:
        """Return what to hand to the modem next, None if nothing is due.

        A message begun goes on first, then high priority, then the oldest.
        """
        row = self._connection.execute(_NEXT, {"now": now}).fetchone()
        if row is None:
            return None
        part = self._connection.execute(f"{_PART} WHERE message = ? AND seq = ?", tuple(row))
        return self._get(row["message"]), Part(*part.fetchone())

    def wake(self, now: float) -> float | None:
        """Return when `next` or `expire` will have more to give, None if never by time alone."""
        (moment,) = self._connection.execute(_WAKE, {"now": now}).fetchone()
        return None if moment is None else float(moment)

    def sending(self, key: str, seq: int, now: float) -> Message:
        """Record that a part is about to leave; WrongState if it must not (cancelled meanwhile)."""
        self._require(key, "queued", "sending")
        self._step(key, seq, "queued", "state = 'sending'")
        return self._move(key, "sending", None, now)

    def part_sent(self, key: str, seq: int, reference: int, now: float) -> Message:
        """Record the modem's reference; after the last part the message is sent."""
        self._require(key, "sending")
        self._step(key, seq, "sending", "state = 'sent', reference = ?, sent = ?", reference, now)
        message = self._move(key, "sending", None, now)
        if message.parts_sent < message.parts:
            return message
        message = self._move(key, "sent", None, now)
        return self._reported(message, None, now) or message

    def requeue(
        self, key: str, seq: int, not_before: float, error: str, now: float, *, counts: bool
    ) -> Message:
        """Record that a part is known not to have left; it is tried again from `not_before` on.

        `counts`: it was an attempt, not a wait for SIM, network or modem.
        """
        self._require(key, "sending")
        return self._again(key, seq, not_before, error, now, counts=counts)

    def finish(
        self, key: str, state: Literal["failed", "unknown"], error: str, now: float
    ) -> Message:
        """End a message that was not sent whole; a part in the modem's hands shares its fate."""
        if state == "unknown":
            self._require(key, "sending")
        else:
            self._require(key, "queued", "sending")
        self._connection.execute(
            "UPDATE part SET state = ? WHERE message = ? AND state = 'sending'", (state, key)
        )
        return self._move(key, state, error, now)

    def cancel(self, key: str, now: float) -> Message | None:
        """Take back a message of which nothing was sent; None if it is too late, or unknown."""
        message = self.find(key)
        if message is None or message.state != "queued":
            return None
        return self._move(key, "cancelled", message.error, now)

    def expire(self, now: float) -> Messages:
        """End the queued messages whose time is up, and return them."""
        rows = self._connection.execute(
            "SELECT key, error FROM message WHERE state = 'queued' AND expires <= ? ORDER BY id",
            (now,),
        ).fetchall()
        return [self._move(row["key"], "expired", row["error"], now) for row in rows]

    def interrupted(self, now: float) -> Messages:
        """At start: decide what becomes of the parts that were leaving when the process died."""
        rows = self._connection.execute(
            "SELECT key, seq, on_unknown FROM message JOIN part ON message = key "
            "WHERE message.state = 'sending' AND part.state = 'sending' ORDER BY message.id"
        ).fetchall()
        error = "stopped before the modem answered"
        return [
            self._again(row["key"], row["seq"], now, error, now, counts=True)
            if row["on_unknown"] == "resend"
            else self.finish(row["key"], "unknown", error, now)
            for row in rows
        ]

    def report(
        self,
        reference: int,
        number: str,
        status: int,
        outcome: Literal["delivered", "pending", "failed"],
        now: float,
        error: str | None = None,
    ) -> Message | None:
        """Apply a delivery report; return the message if that changed its state.

        A report that was seen before or fits no part sent changes nothing. `error` is kept with
        a message that was not delivered.
        """
        found = find_reported(self._connection, reference, number, now)
        if found is None:
            return None
        key, seq = found
        state = {"delivered": "delivered", "pending": "sent", "failed": "undelivered"}[outcome]
        self._step(key, seq, "sent", "state = ?, status = ?", state, status)
        return self._reported(self._get(key), error, now)

    def find(self, key: str) -> Message | None:
        """Return a message as it stands."""
        row = self._connection.execute(f"{_MESSAGE} WHERE key = ?", (key,)).fetchone()
        return None if row is None else _message(row)

    def parts(self, key: str) -> "list[Part]":
        """Return the parts of a message, in order."""
        rows = self._connection.execute(f"{_PART} WHERE message = ? ORDER BY seq", (key,))
        return [Part(*row) for row in rows]

    def count(self, states: Iterable[State]) -> int:
        """Return how many messages are in one of these states."""
        chosen = tuple(states)
        marks = ", ".join("?" * len(chosen))
        query = f"SELECT count(*) FROM message WHERE state IN ({marks})"
        return int(self._connection.execute(query, chosen).fetchone()[0])

    def queued_parts(self) -> int:
        """Return how many parts are still to be handed over."""
        (count,) = self._connection.execute(
            "SELECT count(*) FROM part JOIN message ON message = key "
            "WHERE part.state = 'queued' AND message.state IN ('queued', 'sending')"
        ).fetchone()
        return int(count)

    def parts_accepted_since(self, time: float, now: float) -> int:
        """Return how many parts were accepted after that time, those never handed over left out.

        It is a change, not for `read`: what bears a time in the future, for the clock was set
        back, counts as accepted now. Left as it is it would fill the cap until that day comes.
        """
        self._connection.execute("UPDATE message SET created = ?1 WHERE created > ?1", (now,))
        (count,) = self._connection.execute(
            f"SELECT count(*) FROM part JOIN message ON message = key WHERE {_ACCEPTED}", (time,)
        ).fetchone()
        return int(count)

    def oldest_accepted(self, since: float) -> float | None:
        """Return when the oldest message that counts after that time was accepted."""
        (oldest,) = self._connection.execute(
            f"SELECT min(created) FROM message WHERE {_ACCEPTED}", (since,)
        ).fetchone()
        return None if oldest is None else float(oldest)

    def forget(self, before: float) -> None:
        """Drop messages that are done and have not changed since that time."""
        self._connection.execute(
            "DELETE FROM message WHERE updated < ? AND state NOT IN ('queued', 'sending')",
            (before,),
        )

    def _get(self, key: str) -> Message:
        message = self.find(key)
        if message is None:
            raise WrongState(f"there is no message {key}")
        return message

    def _require(self, key: str, *states: State) -> None:
        state = self._get(key).state
        if state not in states:
            raise WrongState(f"message {key} is {state}, not {' or '.join(states)}")

    def _step(self, key: str, seq: int, state: str, change: str, *values: object) -> None:
        """Change a part that is in this state; WrongState if it is not."""
        changed = self._connection.execute(
            f"UPDATE part SET {change} WHERE message = ? AND seq = ? AND state = ?",
            (*values, key, seq, state),
        ).rowcount
        if not changed:
            raise WrongState(f"part {seq} of message {key} is not {state}")

    def _move(self, key: str, state: State, error: str | None, now: float) -> Message:
        self._connection.execute(
            "UPDATE message SET state = ?, error = ?, updated = ? WHERE key = ?",
            (state, error, now, key),
        )
        return self._get(key)

    def _again(
        self, key: str, seq: int, not_before: float, error: str, now: float, *, counts: bool
    ) -> Message:
        self._step(key, seq, "sending", "state = 'queued'")
        self._connection.execute(
            "UPDATE message SET attempts = attempts + ?, not_before = ? WHERE key = ?",
            (counts, not_before, key),
        )
        state: State = "sending" if self._get(key).parts_sent else "queued"
        return self._move(key, state, error, now)

    def _reported(self, message: Message, error: str | None, now: float) -> Message | None:
        """Move a message that is sent to the end that the reports on its parts add up to."""
        if message.state != "sent":
            return None
        states = {part.state for part in self.parts(message.key)}
        if "undelivered" in states:
            return self._move(message.key, "undelivered", error, now)
        if states == {"delivered"}:
            return self._move(message.key, "delivered", None, now)
        return None

    # Last in the class, for from here on its name hides the builtin.
    def list(self, limit: int, state: State | None = None) -> Messages:
        """Return the newest messages, at most `limit`, the newest last."""
        rows = self._connection.execute(
            f"{_MESSAGE} WHERE ?1 IS NULL OR state = ?1 ORDER BY id DESC LIMIT ?2", (state, limit)
        ).fetchall()
        return [_message(row) for row in reversed(rows)]


def _message(row: sqlite3.Row) -> Message:
    flags = {name: bool(row[name]) for name in ("flash", "report")}
    return Message(**{**dict(row), **flags})

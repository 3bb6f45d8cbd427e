"""Storms of identical messages: the later ones become one, which counts them.

Such a message waits until its window closes, and takes in what comes meanwhile. It keeps the text
that was asked for beside its own, which holds the count.
"""

import sqlite3
from dataclasses import dataclass

from n11bridge.message import NewMessage


@dataclass(frozen=True, slots=True)
class Storm:
    """The last message of a storm, and when the window that it opened or waits for begins."""

    key: str
    begun: float
    waiting: bool
    """It still takes in others: it is not due yet, and nobody has cancelled it."""
    times: int
    parts: int


class Storms:
    """What was asked for again and again. All times are Unix seconds."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def last(self, to: str, text: str, since: float, now: float) -> Storm | None:
        """Return the last message with this text to this number that was accepted since then.

        One that failed, or was cancelled, is no reason to hold back another.
        """
        row = self._connection.execute(
            "SELECT key, coalesce(due, created) AS begun, state, due, times, "
            "(SELECT count(*) FROM part WHERE message = key) AS parts FROM message "
            "WHERE created > ? AND recipient = ? AND coalesce(asked, text) = ? "
            "AND state IN ('queued', 'sending', 'sent', 'delivered') ORDER BY id DESC LIMIT 1",
            (since, to, text),
        ).fetchone()
        if row is None:
            return None
        waiting = row["state"] == "queued" and row["due"] is not None and now < row["due"]
        return Storm(row["key"], row["begun"], waiting, row["times"], row["parts"])

    def open(self, key: str, asked: str, due: float) -> None:
        """Have a message that was just accepted wait for others like it."""
        self._connection.execute(
            "UPDATE message SET asked = ?, due = ?3, not_before = ?3 WHERE key = ?2",
            (asked, key, due),
        )

    def add(self, key: str, message: NewMessage) -> None:
        """Count another one: the message waiting becomes this one, under its own key."""
        self._connection.execute(
            "UPDATE message SET times = times + 1, text = ?, encoding = ?, "
            "expires = max(expires, ?) WHERE key = ?",
            (message.text, message.encoding, message.expires, key),
        )
        self._connection.execute("DELETE FROM part WHERE message = ?", (key,))
        self._connection.executemany(
            "INSERT INTO part (message, seq, pdu, length) VALUES (?, ?, ?, ?)",
            [(key, seq, p.pdu, p.length) for seq, p in enumerate(message.parts, start=1)],
        )

"""What is still to be published, written with the change it tells of (transactional outbox)."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Publication:
    """One MQTT message that the broker has not acknowledged yet."""

    seq: int
    topic: str
    payload: str
    properties: str | None


class Publications:
    """The list, oldest first; a row goes only after the broker's acknowledgement."""

    added: list[Publication]
    """Added since the store last took them to tell its listener; the store keeps this list."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.added = []

    def add(self, topic: str, payload: str, properties: str | None = None) -> int:
        """Put a message on the list; return its number, which is never used again."""
        (seq,) = self._connection.execute(
            "INSERT INTO publication (topic, payload, properties) VALUES (?, ?, ?) RETURNING seq",
            (topic, payload, properties),
        ).fetchone()
        self.added.append(Publication(seq, topic, payload, properties))
        return int(seq)

    def waiting(self, limit: int, after: int = 0) -> list[Publication]:
        """Return the oldest messages whose number is above ``after``, at most `limit`."""
        rows = self._connection.execute(
            "SELECT seq, topic, payload, properties FROM publication WHERE seq > ? "
            "ORDER BY seq LIMIT ?",
            (after, limit),
        )
        return [Publication(*row) for row in rows]

    def done(self, seqs: Iterable[int]) -> None:
        """Take acknowledged messages off the list; numbers not on it are ignored."""
        self._connection.executemany(
            "DELETE FROM publication WHERE seq = ?", [(seq,) for seq in seqs]
        )

    def count(self) -> int:
        """Return how many messages wait."""
        (count,) = self._connection.execute("SELECT count(*) FROM publication").fetchone()
        return int(count)

"""Requests by their id: carried out once, answered always, and always with the same words."""

import sqlite3
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Begun:
    """The id is new and now on record: carry the request out."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The id was seen before: `same` tells whether the request was, too.

    `response` is the answer then given, None if there is none yet.
    """

    same: bool
    response: str | None


class Unanswered(NamedTuple):
    """A request that nobody has answered yet."""

    id: str
    name: str
    properties: str | None


class Requests:
    """The requests of the last days."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def begin(
        self,
        id: str,
        name: str,
        digest: str,
        now: float,
        properties: str | None = None,
        *,
        packet: int | None = None,
        redelivered: bool = False,
    ) -> Begun | Seen:
        """Record a request, or tell that it was recorded before.

        `properties` is what the answer will need: response topic and correlation data. A request
        without an id of its own gets a new one at each delivery; when the broker delivers it
        again, its `packet` identifier is the same (MQTT 3.1.1, 4.4) and tells that it is known.
        """
        row = self._connection.execute(
            "SELECT name, digest, response FROM request WHERE id = ?", (id,)
        ).fetchone()
        if row is None and redelivered and packet is not None:
            row = self._connection.execute(
                "SELECT name, digest, response FROM request WHERE packet = ? AND digest = ? "
                "ORDER BY rowid DESC LIMIT 1",
                (packet, digest),
            ).fetchone()
        if row is not None:
            return Seen((row["name"], row["digest"]) == (name, digest), row["response"])
        self._connection.execute(
            "INSERT INTO request (id, name, digest, properties, packet, begun) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (id, name, digest, properties, packet, now),
        )
        return Begun()

    def forget_packets(self, before: float) -> None:
        """Drop the packet identifiers of requests begun before that time.

        To be called when the broker has begun a new session: it delivers nothing of the old one
        again, and counts its packets from the beginning (MQTT 3.1.1, 2.3.1).
        """
        self._connection.execute("UPDATE request SET packet = NULL WHERE begun < ?", (before,))

    def answer(self, id: str, response: str) -> None:
        """Record the answer; the first one stands."""
        self._connection.execute(
            "UPDATE request SET response = ? WHERE id = ? AND response IS NULL", (response, id)
        )

    def unanswered(self) -> list[Unanswered]:
        """Return what awaits an answer, oldest first; at start, what a dead process left."""
        rows = self._connection.execute(
            "SELECT id, name, properties FROM request WHERE response IS NULL ORDER BY begun, rowid"
        )
        return [Unanswered(*row) for row in rows]

    def forget(self, before: float, most: int) -> None:
        """Drop what was begun before that time, and all but so many of the latest.

        What still awaits its answer stays.
        """
        self._connection.execute(
            "DELETE FROM request WHERE response IS NOT NULL AND (begun < ? OR rowid <= "
            "(SELECT max(rowid) FROM request) - ?)",
            (before, most),
        )

"""What is to reach a remote broker over the modem and has not yet."""

import sqlite3
from dataclasses import dataclass

#: So often may the modem refuse a message before others go ahead of it.
PATIENCE = 3


@dataclass(frozen=True, slots=True)
class Uplinked:
    """One message that waits."""

    seq: int
    topic: str
    payload: bytes
    qos: int
    retain: bool
    refusals: int = 0


class Uplink:
    """The queue, oldest first; what was refused again and again stands behind all others."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int,
        retain: bool = False,
        packet: int | None = None,
        duplicate: bool = False,
        most: int,
    ) -> int:
        """Put a message at the end; return how many were dropped: only such with QoS 0.

        ``packet`` and ``duplicate`` are those of the local broker, whose second delivery of what
        still waits is none.
        """
        if (
            duplicate
            and self._connection.execute(
                "SELECT 1 FROM uplink WHERE packet = ? AND topic = ? AND payload = ?",
                (packet, topic, payload),
            ).fetchone()
        ):
            return 0
        self._connection.execute(
            "INSERT INTO uplink (topic, payload, qos, retain, packet) VALUES (?, ?, ?, ?, ?)",
            (topic, payload, qos, retain, packet),
        )
        excess = self.count() - most
        if excess <= 0:
            return 0
        return self._connection.execute(
            "DELETE FROM uplink WHERE seq IN "
            "(SELECT seq FROM uplink WHERE qos = 0 ORDER BY seq LIMIT ?)",
            (excess,),
        ).rowcount

    def first(self) -> Uplinked | None:
        """Return what is to be sent next."""
        row = self._connection.execute(
            "SELECT seq, topic, payload, qos, retain, refusals FROM uplink "
            f"ORDER BY refusals / {PATIENCE}, seq LIMIT 1"
        ).fetchone()
        return None if row is None else _uplinked(row)

    def refused(self, seq: int) -> None:
        """Note that the modem, although connected, refused it."""
        self._connection.execute("UPDATE uplink SET refusals = refusals + 1 WHERE seq = ?", (seq,))

    def done(self, seq: int) -> None:
        """Take one off the queue."""
        self._connection.execute("DELETE FROM uplink WHERE seq = ?", (seq,))

    def count(self) -> int:
        """Return how many wait."""
        (count,) = self._connection.execute("SELECT count(*) FROM uplink").fetchone()
        return int(count)


def _uplinked(row: sqlite3.Row) -> Uplinked:
    return Uplinked(
        row["seq"],
        row["topic"],
        bytes(row["payload"]),
        row["qos"],
        bool(row["retain"]),
        row["refusals"],
    )

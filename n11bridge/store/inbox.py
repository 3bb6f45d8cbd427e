"""Received messages: every PDU kept once, parts waiting for each other, one uid for ever.

A message is found under its uid from its first part on, and listed once it has a payload.
"""

import sqlite3
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class PartAdded:
    """What became of a part, and how its message stands now."""

    uid: str
    new: bool
    """False: a copy of a part that is known."""
    pdus: dict[int, str]
    """All parts here so far, by sequence number."""
    complete: bool
    published: bool
    """True: the message was published before, incomplete or whole."""


class Stale(NamedTuple):
    """A message whose parts have waited for each other long enough."""

    uid: str
    pdus: dict[int, str]
    sender: str


class Inbox:
    """The messages received. All times are Unix seconds, of our own clock."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def seen(self, hash: str) -> str | None:
        """Return the uid of the message this PDU belongs to, None if it is new."""
        row = self._connection.execute(
            "SELECT uid FROM inbox_part WHERE hash = ?", (hash,)
        ).fetchone()
        return None if row is None else str(row["uid"])

    def add_single(
        self, hash: str, pdu: str, uid: str, sender: str, payload: str, now: float
    ) -> bool:
        """Keep and list a message of one part; False, and nothing done, if its PDU is known.

        Known PDUs come again: stored in two memories, read twice, or redelivered by the network.
        """
        if self.seen(hash) is not None:
            return False
        self._connection.execute(
            "INSERT INTO inbox (uid, sender, total, received) VALUES (?, ?, 1, ?)",
            (uid, sender, now),
        )
        self._keep(hash, pdu, uid, 1, now)
        self.set_payload(uid, payload, True, now)
        return True

    def add_part(
        self,
        hash: str,
        pdu: str,
        sender: str,
        ref: int,
        bits: int,
        total: int,
        seq: int,
        now: float,
        window: float,
    ) -> PartAdded:
        """Keep one part of a longer message; ValueError unless 1 <= seq <= total.

        Reference numbers come round again (3GPP TS 23.040, 9.2.3.24.1). So a part joins the
        newest message with its sender, `ref`, `bits` and `total` that began within `window`
        seconds and still lacks this `seq`; if there is none, it begins a message.
        """
        if not 1 <= seq <= total:
            raise ValueError(f"part {seq} of {total} does not exist")
        uid = self.seen(hash)
        new = uid is None
        if uid is None:
            uid = self._lacking(sender, ref, bits, total, seq, now - window)
            if uid is None:
                uid = hash[:20]
                self._connection.execute(
                    "INSERT INTO inbox (uid, sender, ref, bits, total, received) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    (uid, sender, ref, bits, total, now),
                )
            self._keep(hash, pdu, uid, seq, now)
        (published,) = self._connection.execute(
            "SELECT published IS NOT NULL FROM inbox WHERE uid = ?", (uid,)
        ).fetchone()
        pdus = self._pdus(uid)
        return PartAdded(uid, new, pdus, len(pdus) == total, bool(published))

    def set_payload(self, uid: str, payload: str, complete: bool, now: float) -> None:
        """List a message as published with this payload.

        When a late part replaces the payload the place in the list stays, so that nobody who
        reads on from a uid misses what was listed in between.
        """
        self._connection.execute(
            "UPDATE inbox SET payload = ?, complete = ?, published = ?, "
            "position = coalesce(position, (SELECT coalesce(max(position), 0) + 1 FROM inbox)) "
            "WHERE uid = ?",
            (payload, complete, now, uid),
        )

    def stale(self, before: float) -> list[Stale]:
        """Return what began before that time and is not published yet, oldest first."""
        rows = self._connection.execute(
            "SELECT uid, sender FROM inbox WHERE position IS NULL AND received < ? ORDER BY id",
            (before,),
        ).fetchall()
        return [Stale(row["uid"], self._pdus(row["uid"]), row["sender"]) for row in rows]

    def since(self, uid: str | None, limit: int) -> list[tuple[str, str]]:
        """Return uid and payload of what was listed after that message, oldest first.

        None, or a uid that is not listed (any more), begins at the oldest.
        """
        rows = self._connection.execute(
            "SELECT uid, payload FROM inbox WHERE position > "
            "coalesce((SELECT position FROM inbox WHERE uid = ?), 0) ORDER BY position LIMIT ?",
            (uid, limit),
        )
        return [(row["uid"], row["payload"]) for row in rows]

    def newest(self) -> str | None:
        """Return the payload of the message listed last."""
        row = self._connection.execute(
            "SELECT payload FROM inbox WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1"
        ).fetchone()
        return None if row is None else str(row["payload"])

    def count(self) -> int:
        """Return how many messages are listed."""
        (count,) = self._connection.execute("SELECT count(position) FROM inbox").fetchone()
        return int(count)

    def waiting_parts(self) -> int:
        """Return how many parts belong to messages not published yet."""
        (count,) = self._connection.execute(
            "SELECT count(*) FROM inbox_part JOIN inbox USING (uid) WHERE position IS NULL"
        ).fetchone()
        return int(count)

    def forget(self, before: float, most: int) -> None:
        """Drop what was published before that time, and all but so many of the latest.

        With messages goes the memory of their PDUs.

        A PDU still on the SIM, or redelivered by the network, would then count as new: the
        retention must be longer than that can last, months rather than days.
        """
        self._connection.execute("DELETE FROM inbox WHERE published < ?", (before,))
        self._connection.execute(
            "DELETE FROM inbox WHERE position <= (SELECT max(position) FROM inbox) - ?", (most,)
        )

    def _keep(self, hash: str, pdu: str, uid: str, seq: int, now: float) -> None:
        self._connection.execute(
            "INSERT INTO inbox_part (hash, uid, seq, pdu, received) VALUES (?, ?, ?, ?, ?)",
            (hash, uid, seq, pdu, now),
        )

    def _lacking(
        self, sender: str, ref: int, bits: int, total: int, seq: int, begun: float
    ) -> str | None:
        row = self._connection.execute(
            "SELECT uid FROM inbox WHERE sender = ? AND ref = ? AND bits = ? AND total = ? "
            "AND received >= ? AND NOT EXISTS "
            "(SELECT * FROM inbox_part WHERE inbox_part.uid = inbox.uid AND seq = ?) "
            "ORDER BY id DESC LIMIT 1",
            (sender, ref, bits, total, begun, seq),
        ).fetchone()
        return None if row is None else str(row["uid"])

    def _pdus(self, uid: str) -> dict[int, str]:
        rows = self._connection.execute(
            "SELECT seq, pdu FROM inbox_part WHERE uid = ? ORDER BY seq", (uid,)
        )
        return {row["seq"]: row["pdu"] for row in rows}

"""PINs by SIM: one attempt for each, on record before it is made.

A SIM locks itself after three wrong PINs (3GPP TS 31.101), so a PIN that was refused, or whose
answer never came, is not tried again on the same SIM. Only one that the SIM accepted before gets
a second attempt when the answer to the first did not come: a power cut at the wrong moment must
not silence a station for good, and two wrong tries leave one.
"""

import hashlib
import hmac
import os
import sqlite3
from typing import Literal

from n11bridge.store.errors import WrongState

Outcome = Literal["pending", "unproven", "refused", "verified"]
"""`unproven` is pending, but the SIM accepted the PIN before."""


class Pins:
    """The attempts made. Each method takes some tens of milliseconds per PIN known of the SIM."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def attempted(self, iccid: str, pin: str) -> Outcome | None:
        """Return how the attempt ended; "pending" or "unproven" if that is not known, None if
        there was none.
        """
        row = self._find(iccid, pin)
        return None if row is None else row["outcome"]

    def begin(self, iccid: str, pin: str, now: float) -> None:
        """Record an attempt before it is made; WrongState if this PIN must not be tried.

        A verified PIN is asked for again after every restart of the SIM.
        """
        row = self._find(iccid, pin)
        if row is None:
            salt = os.urandom(16)
            self._connection.execute(
                "INSERT INTO pin (iccid, salt, hash, outcome, attempted) "
                "VALUES (?, ?, ?, 'pending', ?)",
                (iccid, salt, _hash(pin, salt), now),
            )
        elif row["outcome"] in ("verified", "unproven"):
            outcome = "unproven" if row["outcome"] == "verified" else "pending"
            self._connection.execute(
                "UPDATE pin SET outcome = ?, attempted = ? WHERE rowid = ?",
                (outcome, now, row["rowid"]),
            )
        else:
            raise WrongState(f"this PIN was tried on SIM {iccid} before: {row['outcome']}")

    def result(self, iccid: str, pin: str, outcome: Literal["refused", "verified"]) -> None:
        """Record how the attempt ended; WrongState if none was begun."""
        row = self._find(iccid, pin)
        if row is None:
            raise WrongState(f"no attempt was begun with this PIN on SIM {iccid}")
        self._connection.execute(
            "UPDATE pin SET outcome = ? WHERE rowid = ?", (outcome, row["rowid"])
        )

    def _find(self, iccid: str, pin: str) -> sqlite3.Row | None:
        rows: list[sqlite3.Row] = self._connection.execute(
            "SELECT rowid, salt, hash, outcome FROM pin WHERE iccid = ?", (iccid,)
        ).fetchall()
        for row in rows:
            if hmac.compare_digest(_hash(pin, row["salt"]), row["hash"]):
                return row
        return None


def _hash(pin: str, salt: bytes) -> bytes:
    # Honestly: four digits are ten thousand guesses, minutes of work for whoever has the file.
    # The hash keeps the PIN from being read in passing, in a backup or a dump; no more than that.
    # So not scrypt, whose 16 MB the process would keep for the rest of its life.
    return hashlib.pbkdf2_hmac("sha256", pin.encode(), salt, 50_000)

"""An SMS on its way: what was asked, its parts, where it stands, and how it is known again."""

import hashlib
from dataclasses import dataclass
from typing import Literal

State = Literal[
    "queued",
    "sending",
    "sent",
    "delivered",
    "undelivered",
    "expired",
    "cancelled",
    "failed",
    "unknown",
]
PartState = Literal["queued", "sending", "sent", "delivered", "undelivered", "failed", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What was asked to be sent, and to whom."""

    key: str
    request: str
    to: str
    contact: str | None
    text: str
    encoding: str
    flash: bool
    report: bool
    priority: int
    """1 high, 0 normal."""
    on_unknown: Literal["keep", "resend"]
    """What to do when nobody knows whether a part went out."""
    expires: float | None
    """Unix seconds after which sending it is not to begin any more."""


@dataclass(frozen=True, slots=True)
class NewPart:
    """One SMS-SUBMIT, ready for the modem: the PDU in hex, its length in octets for +CMGS."""

    pdu: str
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage(Submission):
    """A message to accept, cut into at least one part."""

    parts: list[NewPart]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Submission):
    """A message as it stands. Times are Unix seconds."""

    state: State
    parts: int
    parts_sent: int
    error: str | None
    created: float
    updated: float
    attempts: int
    """How often a part was handed over in vain."""
    not_before: float


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message; `seq` counts from 1."""

    message: str
    seq: int
    pdu: str
    length: int
    state: PartState
    reference: int | None
    """TP-MR that the network's report will bear (3GPP TS 23.040, 9.2.3.6)."""
    status: int | None
    """TP-ST of the last delivery report (3GPP TS 23.040, 9.2.3.15)."""
    sent: float | None


def fingerprint(pdu: str) -> str:
    """Return the identity of an SMS-DELIVER: SHA-256 of its hex in upper case.

    The PDU holds the centre's time stamp, so only a copy of the same message has the same one.
    """
    return hashlib.sha256(pdu.upper().encode()).hexdigest()

"""SMS-STATUS-REPORT: what became of a message that was sent (3GPP TS 23.040 9.2.2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from . import content, timestamp
from .address import AUTO, Address
from .content import Content, Fields
from .envelope import Encoded, seal
from .errors import PduError
from .octets import Reader, octet

_REPORT, _NO_MORE, _LOOP, _OF_COMMAND, _HEADER = 0x02, 0x04, 0x08, 0x20, 0x40
_HAS_PID, _HAS_DCS, _HAS_DATA, _EXTENDED = 0x01, 0x02, 0x04, 0x80

_NOTHING: Fields = {**content.decode(b"", 0, 0, has_header=False), "text": None}

Outcome = Literal["delivered", "pending", "failed"]


@dataclass(frozen=True, kw_only=True)
class StatusReport(Content):
    """The fate of one part: ``reference`` is the TP-MR that AT+CMGS answered for it.

    ``number`` is whom it went to, ``timestamp`` when the centre took it, ``discharged`` when it was
    delivered or last tried. ``text`` and ``data`` are those of the report itself and rarely there;
    ``of_command`` says that it answers an SMS-COMMAND.
    """

    reference: int
    number: str
    status: int
    smsc: str | None = None
    timestamp: datetime | None = None
    discharged: datetime | None = None
    more_messages: bool = False
    loop_prevention: bool = False
    of_command: bool = False
    pid: int | None = None
    number_type: int = AUTO

    @property
    def outcome(self) -> Outcome:
        """What the status means (9.2.3.15).

        Below 0x20 the message left the centre: 0x00 it arrived, 0x01 it was passed on without a
        confirmation, 0x02 a later one replaced it. Below 0x40 the centre goes on trying. From there
        on it gave up, for good or not; reserved values mean the same.
        """
        if self.status < 0x20:
            return "delivered"
        return "pending" if self.status < 0x40 else "failed"

    @classmethod
    def read(cls, reader: Reader, smsc: str | None) -> StatusReport:
        """Read the TPDU of a STATUS-REPORT; what is wrong with its optional end is padding."""
        first, reference = reader.octet(), reader.octet()
        recipient = Address.read(reader)
        sent, discharged = timestamp.decode(reader.take(7)), timestamp.decode(reader.take(7))
        status = reader.octet()
        try:
            pid, fields = _decode_parameters(reader, has_header=bool(first & _HEADER))
        except PduError:
            pid, fields = None, _NOTHING
        return cls(
            reference=reference,
            number=recipient.number,
            status=status,
            smsc=smsc,
            timestamp=sent,
            discharged=discharged,
            more_messages=not first & _NO_MORE,
            loop_prevention=bool(first & _LOOP),
            of_command=bool(first & _OF_COMMAND),
            pid=pid,
            number_type=recipient.type,
            **fields,
        )

    def encode(self) -> Encoded:
        """Return the PDU; PduError if a field cannot be written."""
        first = (
            _REPORT
            | (0 if self.more_messages else _NO_MORE)
            | (_LOOP if self.loop_prevention else 0)
            | (_OF_COMMAND if self.of_command else 0)
            | (_HEADER if self.header else 0)
        )
        tpdu = (
            bytes((first,))
            + octet(self.reference, "reference")
            + Address(self.number, self.number_type).encode()
            + timestamp.encode(self.timestamp)
            + timestamp.encode(self.discharged)
            + octet(self.status, "status")
            + self._parameters()
        )
        return seal(tpdu, self.smsc)

    def _parameters(self) -> bytes:
        """Return the optional end: TP-PI and what it says follows (9.2.3.27)."""
        has_data = self.text is not None or self.data is not None
        indicator = _HAS_PID if self.pid is not None else 0
        octets = b"" if self.pid is None else octet(self.pid, "pid")
        if has_data:
            indicator |= _HAS_DCS | _HAS_DATA
            octets += octet(self.dcs, "dcs") + self.encode_content()
        return bytes((indicator,)) + octets if indicator else b""


def _decode_parameters(reader: Reader, *, has_header: bool) -> tuple[int | None, Fields]:
    if reader.at_end:
        return None, _NOTHING
    indicator = reader.octet()
    if indicator & _EXTENDED:
        raise PduError("reserved parameter indicator")
    pid = reader.octet() if indicator & _HAS_PID else None
    dcs = reader.octet() if indicator & _HAS_DCS else 0
    if not indicator & _HAS_DATA:
        return pid, _NOTHING
    length = reader.octet()
    return pid, content.decode(reader.rest(), length, dcs, has_header=has_header)

"""SMS-SUBMIT: a message to the network (3GPP TS 23.040 9.2.2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from . import content, validity
from .address import AUTO, Address
from .content import Content
from .envelope import Encoded, seal
from .octets import Reader, octet
from .validity import Enhanced, Validity

_SUBMIT, _REJECT_DUPLICATES, _VALIDITY, _REPORT, _HEADER, _REPLY_PATH = (
    0x01, 0x04, 0x18, 0x20, 0x40, 0x80,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Submit(Content):
    """A message to be sent, or one part of it.

    ``number`` is whom it goes to. ``validity`` None leaves it to the service centre; a timedelta is
    written in the relative form, a datetime in the absolute one. ``reference`` is TP-MR, for which
    a modem puts its own.
    """

    number: str
    smsc: str | None = None
    validity: Validity = None
    report_requested: bool = False
    pid: int = 0
    reference: int = 0
    reply_path: bool = False
    reject_duplicates: bool = False
    number_type: int = AUTO

    @property
    def validity_seconds(self) -> int | None:
        """The period of validity in seconds, None if there is none or it is a date."""
        period = self.validity.period if isinstance(self.validity, Enhanced) else self.validity
        return int(period.total_seconds()) if isinstance(period, timedelta) else None

    @classmethod
    def read(cls, reader: Reader, smsc: str | None) -> Submit:
        """Read the TPDU of a SUBMIT."""
        first, reference = reader.octet(), reader.octet()
        recipient = Address.read(reader)
        pid, dcs = reader.octet(), reader.octet()
        until = validity.decode(first & _VALIDITY, reader)
        length = reader.octet()
        return cls(
            number=recipient.number,
            smsc=smsc,
            validity=until,
            report_requested=bool(first & _REPORT),
            pid=pid,
            reference=reference,
            reply_path=bool(first & _REPLY_PATH),
            reject_duplicates=bool(first & _REJECT_DUPLICATES),
            number_type=recipient.type,
            **content.decode(reader.rest(), length, dcs, has_header=bool(first & _HEADER)),
        )

    def encode(self) -> Encoded:
        """Return the PDU; PduError if a field cannot be written."""
        form, until = validity.encode(self.validity)
        first = (
            _SUBMIT
            | form
            | (_REJECT_DUPLICATES if self.reject_duplicates else 0)
            | (_REPORT if self.report_requested else 0)
            | (_HEADER if self.header else 0)
            | (_REPLY_PATH if self.reply_path else 0)
        )
        tpdu = (
            bytes((first,))
            + octet(self.reference, "reference")
            + Address(self.number, self.number_type).encode()
            + octet(self.pid, "pid")
            + octet(self.dcs, "dcs")
            + until
            + self.encode_content()
        )
        return seal(tpdu, self.smsc)

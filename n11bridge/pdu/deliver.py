"""SMS-DELIVER: a message from the network (3GPP TS 23.040 9.2.2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from . import content, timestamp
from .address import AUTO, Address
from .content import Content
from .envelope import Encoded, seal
from .octets import Reader, octet

_NO_MORE, _LOOP, _REPORT, _HEADER, _REPLY_PATH = 0x04, 0x08, 0x20, 0x40, 0x80


@dataclass(frozen=True, kw_only=True)
class Deliver(Content):
    """A received message, or one part of it.

    ``number`` is who sent it: "+4917..." international, plain digits otherwise, or a name;
    ``number_type`` the type-of-address octet behind that. ``timestamp`` is the centre's, None if it
    sent nonsense. ``more_messages`` are waiting at the centre; ``report_indication`` says that the
    sender wants a report.
    """

    number: str
    smsc: str | None = None
    timestamp: datetime | None = None
    pid: int = 0
    reply_path: bool = False
    more_messages: bool = False
    loop_prevention: bool = False
    report_indication: bool = False
    number_type: int = AUTO

    @classmethod
    def read(cls, reader: Reader, smsc: str | None) -> Deliver:
        """Read the TPDU of a DELIVER."""
        first = reader.octet()
        sender = Address.read(reader)
        pid, dcs = reader.octet(), reader.octet()
        time = timestamp.decode(reader.take(7))
        length = reader.octet()
        return cls(
            number=sender.number,
            smsc=smsc,
            timestamp=time,
            pid=pid,
            reply_path=bool(first & _REPLY_PATH),
            more_messages=not first & _NO_MORE,
            loop_prevention=bool(first & _LOOP),
            report_indication=bool(first & _REPORT),
            number_type=sender.type,
            **content.decode(reader.rest(), length, dcs, has_header=bool(first & _HEADER)),
        )

    def encode(self) -> Encoded:
        """Return the PDU; PduError if a field cannot be written."""
        first = (
            (0 if self.more_messages else _NO_MORE)
            | (_LOOP if self.loop_prevention else 0)
            | (_REPORT if self.report_indication else 0)
            | (_HEADER if self.header else 0)
            | (_REPLY_PATH if self.reply_path else 0)
        )
        tpdu = (
            bytes((first,))
            + Address(self.number, self.number_type).encode()
            + octet(self.pid, "pid")
            + octet(self.dcs, "dcs")
            + timestamp.encode(self.timestamp)
            + self.encode_content()
        )
        return seal(tpdu, self.smsc)

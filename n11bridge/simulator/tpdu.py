"""The TPDUs of 3GPP TS 23.040, 9.2: what a modem and its SMS centre must know of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from . import alphabet
from .octets import Octets, address, stamp

DELIVER, SUBMIT, STATUS_REPORT = range(3)

HEADER_INDICATOR = 0x40
_REPORT_REQUEST = 0x20
_VALIDITY_LENGTH = {0: 0, 1: 7, 2: 1, 3: 7}


def is_gsm7(dcs: int) -> bool:
    """Say whether a data coding scheme means the 7-bit alphabet (23.038, 4)."""
    if dcs & 0xF0 == 0xF0:
        return not dcs & 0x04
    return dcs & 0xF0 in (0xC0, 0xD0) or (dcs & 0xC0 in (0x00, 0x40) and not dcs & 0x2C)


def is_ucs2(dcs: int) -> bool:
    """Say whether a data coding scheme means UCS2 (23.038, 4)."""
    return dcs & 0xF0 == 0xE0 or (dcs & 0xC0 in (0x00, 0x40) and dcs & 0x2C == 0x08)


def message_class(dcs: int) -> int | None:
    """Return the class 0 to 3 that a data coding scheme gives, None for no class."""
    if dcs & 0xF0 == 0xF0 or (dcs & 0xC0 in (0x00, 0x40) and dcs & 0x10):
        return dcs & 3
    return None


@dataclass(frozen=True)
class UserData:
    """The end of a TPDU: a header if there is one, and what the data coding scheme makes of it."""

    dcs: int
    length: int
    front: bytes
    """The header with its length octet; empty without one."""
    data: bytes
    """The octets after the header, still packed."""

    @classmethod
    def take(cls, octets: Octets, dcs: int, has_header: bool) -> UserData:
        """Read the user data, which must end the TPDU; ValueError if it does not."""
        length = octets.octet()
        value = Octets(octets.take((length * 7 + 7) // 8 if is_gsm7(dcs) else length))
        if octets.rest():
            raise ValueError("the PDU is too long")
        front = b""
        if has_header:
            size = value.octet()
            front = bytes((size,)) + value.take(size)
        return cls(dcs, length, front, value.rest())

    @property
    def text(self) -> str:
        """The text; empty for data of eight bits."""
        if is_gsm7(self.dcs):
            before = (8 * len(self.front) + 6) // 7
            fill = before * 7 - 8 * len(self.front)
            return alphabet.decode(alphabet.unpack(self.data, self.length - before, fill))
        if is_ucs2(self.dcs):
            return self.data.decode("utf-16-be", "replace")
        return ""


def user_data(dcs: int, text: str, data: bytes = b"", header: bytes = b"") -> bytes:
    """Return user data with its length in front, as ``dcs`` says; ValueError if it is too long."""
    front = bytes((len(header),)) + header if header else b""
    if is_gsm7(dcs):
        before = (8 * len(front) + 6) // 7
        septets = [code for codes in alphabet.encode(text) for code in codes]
        value = front + alphabet.pack(septets, before * 7 - 8 * len(front))
        length = before + len(septets)
    else:
        value = front + (text.encode("utf-16-be", "surrogatepass") if is_ucs2(dcs) else data)
        length = len(value)
    if len(value) > 140:
        raise ValueError("the text is too long for one message")
    return bytes((length,)) + value


@dataclass(frozen=True)
class Submit:
    """An SMS-SUBMIT (9.2.2.2)."""

    first: int
    number: str
    pid: int
    user: UserData

    @classmethod
    def decode(cls, tpdu: bytes) -> Submit:
        """Take an SMS-SUBMIT apart; ValueError if it is none."""
        octets = Octets(tpdu)
        first = octets.octet()
        if first & 3 != SUBMIT:
            raise ValueError("no SMS-SUBMIT")
        octets.octet()  # the reference: the modem gives its own
        number = octets.address()
        pid, dcs = octets.octet(), octets.octet()
        octets.take(_VALIDITY_LENGTH[first >> 3 & 3])
        return cls(first, number, pid, UserData.take(octets, dcs, bool(first & HEADER_INDICATOR)))

    @property
    def wants_report(self) -> bool:
        """Whether a delivery report is requested."""
        return bool(self.first & _REPORT_REQUEST)


@dataclass(frozen=True)
class Deliver:
    """An SMS-DELIVER (9.2.2.1)."""

    first: int
    sender: str
    pid: int
    dcs: int
    stamp: bytes
    user: UserData

    @classmethod
    def decode(cls, tpdu: bytes) -> Deliver:
        """Take an SMS-DELIVER apart; ValueError if it is none."""
        octets = Octets(tpdu)
        first = octets.octet()
        if first & 3 != DELIVER:
            raise ValueError("no SMS-DELIVER")
        sender = octets.address()
        pid, dcs, time = octets.octet(), octets.octet(), octets.take(7)
        user = UserData.take(octets, dcs, bool(first & HEADER_INDICATOR))
        return cls(first, sender, pid, dcs, time, user)


@dataclass(frozen=True)
class StatusReport:
    """An SMS-STATUS-REPORT (9.2.2.3)."""

    first: int
    reference: int
    number: str
    stamp: bytes
    discharge: bytes
    status: int

    @classmethod
    def decode(cls, tpdu: bytes) -> StatusReport:
        """Take an SMS-STATUS-REPORT apart; ValueError if it is none."""
        octets = Octets(tpdu)
        first = octets.octet()
        if first & 3 != STATUS_REPORT:
            raise ValueError("no SMS-STATUS-REPORT")
        reference, number = octets.octet(), octets.address()
        return cls(first, reference, number, octets.take(7), octets.take(7), octets.octet())


def status_report(
    reference: int, number: str, sent: datetime, done: datetime, status: int
) -> bytes:
    """Return an SMS-STATUS-REPORT with TP-Status ``status`` (9.2.3.15)."""
    return bytes((0x06, reference)) + address(number) + stamp(sent) + stamp(done) + bytes((status,))


def submit(number: str, parameters: tuple[int, int, int, int], text: str, data: bytes) -> bytes:
    """Return an SMS-SUBMIT with CSMP's fo, vp, pid and dcs; ValueError if it is too long."""
    first, validity, pid, dcs = parameters
    vp = bytes((validity,)) if first >> 3 & 3 == 2 else b""
    head = bytes((first & ~HEADER_INDICATOR, 0)) + address(number) + bytes((pid, dcs)) + vp
    return head + user_data(dcs, text, data)

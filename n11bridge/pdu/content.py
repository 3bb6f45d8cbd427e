"""What a message carries: TP-DCS, TP-UDL and TP-UD (3GPP TS 23.040 9.2.3.10, .16 and .24)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from . import alphabet, coding, header, septets
from .address import AUTO
from .coding import Encoding
from .errors import PduError
from .header import Concatenation, Header, Ports

ROOM = 140
"""Octets of user data in one message, header included."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """The user data of one message and what is said about it.

    Either ``text`` or, for the encoding "8bit", ``data``. ``dcs`` and ``header`` are the raw fields
    behind ``encoding``, ``message_class``, ``concat`` and ``ports``; left out, they are made from
    these, and where given they are what is sent. ``units`` is the user data as it came, for
    ``join``: septets one per byte for "gsm7", otherwise the octets.
    """

    text: str | None = None
    data: bytes | None = None
    encoding: Encoding = "gsm7"
    message_class: int | None = None
    concat: Concatenation | None = None
    ports: Ports | None = None
    dcs: int = AUTO
    header: Header = ()
    units: bytes = b""

    def __post_init__(self) -> None:
        if self.dcs == AUTO:
            dcs = coding.for_message(self.encoding, self.message_class)
            object.__setattr__(self, "dcs", dcs)
        if not self.header:
            given = (part.element() for part in (self.concat, self.ports) if part)
            object.__setattr__(self, "header", tuple(given))

    @property
    def locking_shift(self) -> int:
        """The language of the locking shift table, 0 for the default alphabet."""
        return header.shifts(self.header)[0]

    @property
    def single_shift(self) -> int:
        """The language of the single shift table, 0 for the default extension."""
        return header.shifts(self.header)[1]

    def encode_content(self) -> bytes:
        """Return TP-UDL and TP-UD; PduError if it does not fit or cannot be written."""
        front = header.encode(self.header)
        units = to_units(self)
        if self.encoding == "gsm7":
            fill = septets.fill_bits(len(front))
            length = (8 * len(front) + fill) // 7 + len(units)
            octets = front + septets.pack(units, fill=fill)
        else:
            octets = front + units
            length = len(octets)
        if len(octets) > ROOM:
            raise PduError(f"{len(octets)} octets of user data, {ROOM} are the most")
        return bytes((length,)) + octets


class Fields(TypedDict):
    """The fields of Content, as they are read."""

    text: str | None
    data: bytes | None
    encoding: Encoding
    message_class: int | None
    concat: Concatenation | None
    ports: Ports | None
    dcs: int
    header: Header
    units: bytes


def to_units(content: Content) -> bytes:
    """Return the septets or octets of the text or the data, without the header."""
    if content.encoding == "8bit":
        return content.data or b""
    text = content.text or ""
    if content.encoding == "gsm7":
        locking, single = content.locking_shift, content.single_shift
        return alphabet.encode(text, locking=locking, single=single)
    return encode_ucs2(text)


def to_text(units: bytes, encoding: Encoding, elements: Header = ()) -> str | None:
    """Return the text of septets or octets, None if they are data."""
    if encoding == "8bit":
        return None
    if encoding == "gsm7":
        locking, single = header.shifts(elements)
        return alphabet.decode(units, locking=locking, single=single)
    return decode_ucs2(units)


def encode_ucs2(text: str) -> bytes:
    """Return the text in UTF-16, which is how UCS2 is used; PduError for half a character."""
    try:
        return text.encode("utf-16-be")
    except UnicodeEncodeError:
        raise PduError("the text holds half of a surrogate pair") from None


def decode_ucs2(octets: bytes) -> str:
    """Return the text of UTF-16 octets, U+FFFD for what is no character; an odd last octet goes."""
    return octets[: len(octets) & ~1].decode("utf-16-be", "replace")


def decode(octets: bytes, length: int, dcs: int, *, has_header: bool) -> Fields:
    """Return the content of user data.

    A TP-UDL that is too large counts as what there is, and what follows the user data is padding.
    PduError if there should be a header and is none.
    """
    meaning = coding.of_message(dcs)
    octets = octets[: (7 * length + 7) // 8 if meaning.encoding == "gsm7" else length]
    front, elements = split_header(octets) if has_header else (0, ())
    if meaning.encoding == "gsm7":
        fill = septets.fill_bits(front)
        count = max(0, length - (8 * front + fill) // 7)
        units = septets.unpack(octets[front:], count, fill=fill)
    else:
        units = octets[front:]
    return {
        "text": to_text(units, meaning.encoding, elements),
        "data": units if meaning.encoding == "8bit" else None,
        "encoding": meaning.encoding,
        "message_class": meaning.message_class,
        "concat": header.concatenation(elements),
        "ports": header.ports(elements),
        "dcs": dcs,
        "header": elements,
        "units": units,
    }


def split_header(octets: bytes) -> tuple[int, Header]:
    """Return how many octets a user data header takes, and its elements."""
    if not octets or octets[0] >= len(octets):
        raise PduError("the user data header is longer than the user data")
    front = octets[0] + 1
    return front, header.decode(octets[1:front])

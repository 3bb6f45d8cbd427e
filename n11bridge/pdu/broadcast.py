"""Cell broadcast: one page of a message to everyone in a cell (3GPP TS 23.041 9.4.1)."""

from __future__ import annotations

from dataclasses import dataclass

from . import alphabet, coding, header, septets
from .content import encode_ucs2, split_header, to_text
from .errors import PduError
from .header import Header
from .octets import Reader, from_hex, octet

_ROOM = 82
"""Octets of content in a page; the six before it say what it is."""


@dataclass(frozen=True, kw_only=True)
class Broadcast:
    """Page ``page`` of ``pages``, as AT+CMGR and +CBM give it.

    ``language`` is ISO 639, None if it is not said; in the text itself it stands only if ``dcs`` is
    0x10 or 0x11. ``text`` is None and ``data`` is set where the scheme says data.
    """

    serial: int
    message_id: int
    dcs: int = 0x0F
    page: int = 1
    pages: int = 1
    language: str | None = None
    text: str | None = None
    data: bytes | None = None
    header: Header = ()

    @property
    def scope(self) -> int:
        """Where it holds: 0 cell, to be shown at once, 1 network, 2 area, 3 cell (9.4.1.2.1)."""
        return self.serial >> 14 & 0x3

    @property
    def code(self) -> int:
        """Which message of this identifier it is."""
        return self.serial >> 4 & 0x3FF

    @property
    def update(self) -> int:
        """Which version of this message it is, 0..15."""
        return self.serial & 0xF

    @classmethod
    def decode(cls, pdu: str) -> Broadcast:
        """Return the page in a hex string; it may be cut short. PduError if it is no page."""
        reader = Reader(from_hex(pdu))
        serial, message_id = (int.from_bytes(reader.take(2), "big") for _ in range(2))
        dcs, of = reader.octet(), reader.octet()
        page, pages = of >> 4, of & 0xF
        if not (page and pages):  # to be treated as the only page (9.4.1.2.4)
            page = pages = 1
        meaning = coding.of_broadcast(dcs)
        octets = reader.rest()[:_ROOM]
        front, elements = split_header(octets) if meaning.header else (0, ())
        language, text = read_text(octets, meaning, front, elements)
        return cls(
            serial=serial,
            message_id=message_id,
            dcs=dcs,
            page=page,
            pages=pages,
            language=language,
            text=text,
            data=octets[front:] if text is None else None,
            header=elements,
        )

    def encode(self) -> str:
        """Return the page of 88 octets in hex; PduError if something does not fit."""
        if not (0 <= self.serial <= 0xFFFF and 0 <= self.message_id <= 0xFFFF):
            raise PduError("serial number and identifier of a broadcast are two octets each")
        if not 1 <= self.page <= self.pages <= 15:
            raise PduError(f"no such page: {self.page} of {self.pages}")
        front = self.serial.to_bytes(2, "big") + self.message_id.to_bytes(2, "big")
        front += octet(self.dcs, "dcs") + bytes((self.page << 4 | self.pages,))
        content = self._content()
        if len(content) > _ROOM:
            raise PduError(f"{len(content)} octets in a page, {_ROOM} are the most")
        return (front + content).hex().upper()

    def _content(self) -> bytes:
        """Return the content, text filled up with carriage returns (23.038 5)."""
        meaning = coding.of_broadcast(self.dcs)
        front = header.encode(self.header) if meaning.header else b""
        if meaning.encoding == "8bit":
            return front + (self.data or b"").ljust(_ROOM - len(front), b"\0")
        text = self.text or ""
        prefix = self.language if meaning.prefixed and self.language else ""
        if meaning.encoding == "ucs2":
            front += septets.pack(alphabet.encode(prefix))
            octets = encode_ucs2(text)
            return front + octets + b"\0\r" * ((_ROOM - len(front) - len(octets)) // 2)
        locking, single = header.shifts(self.header)
        units = alphabet.encode(f"{prefix}\r" if prefix else "")
        units += alphabet.encode(text, locking=locking, single=single)
        fill = septets.fill_bits(len(front))
        room = (8 * (_ROOM - len(front)) - fill) // 7
        return front + septets.pack(units.ljust(room, b"\r"), fill=fill)


def read_text(
    octets: bytes, meaning: coding.Coding, front: int = 0, elements: Header = ()
) -> tuple[str | None, str | None]:
    """Return language and text of a page, or of USSD, without its padding; no text for data."""
    language = meaning.language
    body = octets[front:]
    if meaning.encoding == "gsm7":
        fill = septets.fill_bits(front)
        body = septets.unpack(body, len(octets) * 8, fill=fill)
    elif meaning.encoding == "ucs2" and meaning.prefixed:
        prefix = alphabet.decode(septets.unpack(body[:2], 2))
        if _is_language(prefix):
            language, body = prefix, body[2:]
    text = to_text(body, meaning.encoding, elements)
    if text is None:
        return language, None
    if meaning.encoding == "gsm7" and meaning.prefixed:
        prefix = text[:2]
        if _is_language(prefix) and text[2:3] == "\r":
            language, text = prefix, text[3:]
    return language, text.rstrip("\r")


def _is_language(prefix: str) -> bool:
    """Whether it can be ISO 639, which some networks leave out although they announce it."""
    return len(prefix) == 2 and prefix.isascii() and prefix.isalpha()

"""Incoming messages from text or data, in as many parts as they need (23.040, 9.2.3.24)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count

from . import alphabet as gsm7
from .octets import address, stamp
from .tpdu import HEADER_INDICATOR, user_data

_MORE_MESSAGES_NONE = 0x04
_DCS = {"gsm7": 0x00, "8bit": 0x04, "ucs2": 0x08}
_REFERENCES = count(1)


def compose(
    sender: str,
    text: str,
    data: bytes = b"",
    *,
    alphabet: str = "auto",
    message_class: int | None = None,
    ports: tuple[int, int] | None = None,
    time: datetime,
) -> list[bytes]:
    """Return the SMS-DELIVER TPDUs of a message; ValueError if the alphabet cannot hold it."""
    if alphabet == "auto":
        alphabet = "gsm7" if gsm7.fits_gsm7(text) else "ucs2"
    if alphabet not in _DCS:
        raise ValueError(f"the alphabet is one of auto, {', '.join(_DCS)}")
    dcs = _DCS[alphabet] | (0 if message_class is None else 0x10 | message_class)
    port_header = _ports(*ports) if ports else b""
    parts = _split(text, data, alphabet, len(port_header))
    reference = next(_REFERENCES) % 256
    tpdus = []
    for number, (part_text, part_data) in enumerate(parts, 1):
        header = port_header
        if len(parts) > 1:
            header += bytes((0x00, 3, reference, len(parts), number))
        first = _MORE_MESSAGES_NONE | (HEADER_INDICATOR if header else 0)
        head = bytes((first,)) + address(sender) + bytes((0, dcs)) + stamp(time)
        tpdus.append(head + user_data(dcs, part_text, part_data, header))
    return tpdus


def _ports(destination: int, source: int) -> bytes:
    return b"\x05\x04" + destination.to_bytes(2, "big") + source.to_bytes(2, "big")


def _split(text: str, data: bytes, alphabet: str, extra: int) -> list[tuple[str, bytes]]:
    whole, part = (140 - (extra + 1 if extra else 0)), 140 - extra - 6
    if alphabet == "8bit":
        size = whole if len(data) <= whole else part
        return [("", data[i : i + size]) for i in range(0, len(data), size)] or [("", b"")]
    if alphabet == "gsm7":
        weights = [len(codes) for codes in gsm7.encode(text)]
        whole, part = whole * 8 // 7, part * 8 // 7
    else:
        weights = [2 if ord(character) > 0xFFFF else 1 for character in text]
        whole, part = whole // 2, part // 2
    if sum(weights) <= whole:
        return [(text, b"")]
    return [(piece, b"") for piece in _pieces(text, weights, part)]


def _pieces(text: str, weights: list[int], size: int) -> Iterator[str]:
    """Cut text where the next character, an escaped one or a surrogate pair whole, is too much."""
    start, used = 0, 0
    for index, weight in enumerate(weights):
        if used + weight > size:
            yield text[start:index]
            start, used = index, 0
        used += weight
    yield text[start:]

"""The GSM 7-bit default alphabet and its packing (3GPP TS 23.038, 6.1.2, 6.2.1)."""

from __future__ import annotations

from collections.abc import Iterable

ESCAPE = 0x1B

_DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_CODES = {character: (code,) for code, character in enumerate(_DEFAULT) if code != ESCAPE} | {
    character: (ESCAPE, code) for code, character in _EXTENSION.items()
}


def fits_gsm7(text: str) -> bool:
    """Say whether every character is in the default alphabet or its extension."""
    return all(character in _CODES for character in text)


def encode(text: str) -> list[tuple[int, ...]]:
    """Return the septets of each character; ValueError for one that the alphabet lacks."""
    if not fits_gsm7(text):
        raise ValueError("the text does not fit the GSM alphabet")
    return [_CODES[character] for character in text]


def decode(septets: Iterable[int]) -> str:
    """Return the text of septets; an unknown extension shows its default character."""
    characters: list[str] = []
    escaped = False
    for septet in septets:
        if escaped:
            characters.append(_EXTENSION.get(septet, _DEFAULT[septet]))
            escaped = False
        elif septet == ESCAPE:
            escaped = True
        else:
            characters.append(_DEFAULT[septet])
    return "".join(characters)


def pack(septets: Iterable[int], fill: int = 0) -> bytes:
    """Pack septets into octets, after ``fill`` bits that align them to a header."""
    value, bits = 0, fill
    for septet in septets:
        value |= septet << bits
        bits += 7
    return value.to_bytes((bits + 7) // 8, "little")


def unpack(octets: bytes, count: int, fill: int = 0) -> list[int]:
    """Unpack ``count`` septets."""
    value = int.from_bytes(octets, "little") >> fill
    return [value >> 7 * i & 0x7F for i in range(count)]

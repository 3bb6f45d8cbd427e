"""Cutting a text into the messages it takes (3GPP TS 23.040 9.2.3.24.1)."""

from collections.abc import Callable
from typing import Literal

from . import alphabet
from .address import Address
from .coding import Encoding
from .content import encode_ucs2
from .errors import PduError
from .header import Concatenation
from .submit import Submit
from .validity import Validity

Choice = Literal["auto", "gsm7", "ucs2"]

# Septets or UTF-16 units in a message alone, and in a part with an 8- or a 16-bit reference.
_ALONE: dict[Encoding, int] = {"gsm7": 160, "ucs2": 70}
_PART: dict[tuple[Encoding, int], int] = {
    ("gsm7", 8): 153,
    ("gsm7", 16): 152,
    ("ucs2", 8): 67,
    ("ucs2", 16): 66,
}
_MOST_PARTS = 255


def submit(
    number: str,
    text: str,
    *,
    encoding: Choice = "auto",
    flash: bool = False,
    report: bool = False,
    validity: Validity = None,
    reference: int = 0,
    bits: int = 8,
    transliterate: bool = False,
) -> tuple[Submit, ...]:
    """Return the messages that carry a text to a number.

    "auto" takes UCS2 where the GSM alphabet lacks a character; ``transliterate`` first tries to
    replace it by a like one. ``flash`` shows it at once (class 0), ``report`` asks for a report of
    each part. ``reference`` of ``bits`` bits ties several parts together; one alone has none.

    PduError: no such number, a character outside a forced alphabet, more than 255 parts.
    """
    if not number or Address.of(number).is_name:
        raise PduError(f"{number!r} is not a number to send to")
    text, chosen = _choose(text, encoding, transliterate=transliterate)
    parts = _cut(text, chosen, bits)
    total = len(parts)
    return tuple(
        Submit(
            number=number,
            text=part,
            encoding=chosen,
            message_class=0 if flash else None,
            concat=Concatenation(reference, total, seq, bits) if total > 1 else None,
            validity=validity,
            report_requested=report,
        )
        for seq, part in enumerate(parts, 1)
    )


def measure(
    text: str, encoding: Choice = "auto", *, bits: int = 8, transliterate: bool = False
) -> tuple[Encoding, int]:
    """Return the encoding and the number of messages that a text would take; errors as submit."""
    text, chosen = _choose(text, encoding, transliterate=transliterate)
    return chosen, len(_cut(text, chosen, bits))


def _choose(text: str, encoding: Choice, *, transliterate: bool) -> tuple[str, Encoding]:
    """Return the text as it will be sent and the encoding it will be sent in."""
    if encoding != "ucs2":
        plain = alphabet.transliterate(text) if transliterate else text
        if encoding == "gsm7" or alphabet.fits(plain):
            return plain, "gsm7"
    return text, "ucs2"


def _cut(text: str, encoding: Encoding, bits: int) -> list[str]:
    """Cut between characters only, so that no escape and no surrogate pair is torn apart."""
    if (encoding, bits) not in _PART:
        raise PduError(f"a concatenation reference has 8 or 16 bits, not {bits}")
    units = len(alphabet.encode(text)) if encoding == "gsm7" else len(encode_ucs2(text)) // 2
    if units <= _ALONE[encoding]:
        return [text]
    size: Callable[[str], int] = alphabet.size if encoding == "gsm7" else _utf16_size
    parts, start, used = [], 0, 0
    for at, char in enumerate(text):
        width = size(char)
        if used + width > _PART[encoding, bits]:
            parts.append(text[start:at])
            start, used = at, 0
        used += width
    parts.append(text[start:])
    if len(parts) > _MOST_PARTS:
        raise PduError(f"the text takes {len(parts)} messages, {_MOST_PARTS} are the most")
    return parts


def _utf16_size(char: str) -> int:
    """Return the UTF-16 units of a character."""
    return 2 if ord(char) > 0xFFFF else 1

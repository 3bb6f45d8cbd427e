"""Data coding schemes of messages and of cell broadcasts (3GPP TS 23.038 4 and 5)."""

from dataclasses import dataclass
from typing import Literal

from .errors import PduError

Encoding = Literal["gsm7", "ucs2", "8bit"]

# Bits 3 and 2 of the general groups; the fourth value is reserved, which means the default.
_ALPHABETS: tuple[Encoding, ...] = ("gsm7", "8bit", "ucs2", "gsm7")

# ISO 639 of broadcast groups 0 and 2; the last of the first group is "unspecified".
_LANGUAGES = (
    "de",
    "en",
    "it",
    "fr",
    "es",
    "nl",
    "sv",
    "da",
    "pt",
    "fi",
    "no",
    "el",
    "tr",
    "hu",
    "pl",
)
_MORE_LANGUAGES = ("cs", "he", "ar", "ru", "is")


@dataclass(frozen=True)
class Coding:
    """What a data coding scheme says of the octets it stands for.

    ``encoding`` is "8bit" for compressed text too: nobody sends it, and it is data to us.
    ``language`` is ISO 639; ``prefixed`` means that the text itself begins with its language, and
    ``header`` that a user data header stands before it (both in broadcasts only).
    """

    encoding: Encoding
    message_class: int | None = None
    compressed: bool = False
    language: str | None = None
    prefixed: bool = False
    header: bool = False


def _general(dcs: int) -> Coding:
    """Return the meaning of a general data coding group: compression, class, alphabet."""
    message_class = dcs & 3 if dcs & 0x10 else None
    if dcs & 0x20:
        return Coding("8bit", message_class, compressed=True)
    return Coding(_ALPHABETS[dcs >> 2 & 3], message_class)


def _with_class(dcs: int) -> Coding:
    """Return the meaning of the group "data coding and message class"."""
    return Coding("8bit" if dcs & 4 else "gsm7", dcs & 3)


def of_message(dcs: int) -> Coding:
    """Return what a TP-DCS means; reserved ones mean the default alphabet (23.038 4)."""
    group = dcs >> 4
    if group < 0x8:
        return _general(dcs)
    if group == 0xE:
        return Coding("ucs2")
    if group == 0xF:
        return _with_class(dcs)
    return Coding("gsm7")


def of_broadcast(dcs: int) -> Coding:
    """Return what the scheme of a broadcast or of USSD means (23.038 5)."""
    group, low = dcs >> 4, dcs & 0x0F
    if group == 0x0:
        return Coding("gsm7", language=_LANGUAGES[low] if low < len(_LANGUAGES) else None)
    if dcs in (0x10, 0x11):
        return Coding("ucs2" if low else "gsm7", prefixed=True)
    if group == 0x2 and low < len(_MORE_LANGUAGES):
        return Coding("gsm7", language=_MORE_LANGUAGES[low])
    if 0x4 <= group < 0x8:
        return _general(dcs)
    if group == 0x9:
        return Coding(_ALPHABETS[dcs >> 2 & 3], dcs & 3, header=True)
    if group == 0xE:
        return Coding("8bit")  # the WAP forum's
    if group == 0xF:
        return _with_class(dcs)
    return Coding("gsm7")


def for_message(encoding: Encoding, message_class: int | None) -> int:
    """Return the TP-DCS of an encoding and a message class, in the general group."""
    dcs = _ALPHABETS.index(encoding) << 2
    if message_class is None:
        return dcs
    if not 0 <= message_class <= 3:
        raise PduError(f"there is no message class {message_class}")
    return dcs | 0x10 | message_class

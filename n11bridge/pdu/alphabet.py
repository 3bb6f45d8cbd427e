"""Text to septets and back in the GSM 7-bit alphabet (3GPP TS 23.038 6.2.1).

Septets are written one per byte here; ``septets`` packs them. ``locking`` and ``single`` are the
language identifiers of 23.038 6.2.1.2.4; 0, and those unknown, are the default alphabet.
"""

import unicodedata
from functools import cache

from .errors import PduError
from .languages import ESCAPE, LOCKING, SINGLE

# What a keyboard or an editor puts in by itself and Unicode does not decompose.
_PLAIN = str.maketrans("‘’‚‛“”„‟‹›«»‐‒–—―−•", "''''\"\"\"\"<><>------*")


@cache
def _codes(locking: int, single: int) -> dict[str, bytes]:
    """Return how each character is written: one septet where possible, else escape and code."""
    shifted = SINGLE.get(single, SINGLE[0])
    table = LOCKING.get(locking, LOCKING[0])
    codes = {char: bytes((ESCAPE, code)) for code, char in reversed(shifted.items())}
    codes |= {char: bytes((code,)) for code, char in reversed([*enumerate(table)])}
    codes[" "] = b" "
    del codes[chr(ESCAPE)]
    return codes


def decode(septets: bytes, *, locking: int = 0, single: int = 0) -> str:
    """Return the text of septets.

    An escaped code that the shift table lacks means the character of the locking table (6.2.1.1); a
    second escape shows as a space. An escape at the very end says nothing.
    """
    table = LOCKING.get(locking, LOCKING[0])
    shifted = SINGLE.get(single, SINGLE[0])
    text = []
    escaped = False
    for code in septets:
        if escaped:
            text.append(" " if code == ESCAPE else shifted.get(code, table[code]))
            escaped = False
        elif code == ESCAPE:
            escaped = True
        else:
            text.append(table[code])
    return "".join(text)


def encode(text: str, *, locking: int = 0, single: int = 0) -> bytes:
    """Return the septets of a text; PduError names the first character that has none."""
    codes = _codes(locking, single)
    try:
        return b"".join([codes[char] for char in text])
    except KeyError as missing:
        raise PduError(f"character {missing.args[0]!r} is not in the GSM 7-bit alphabet") from None


def fits(text: str) -> bool:
    """Whether every character is in the default alphabet or its extension."""
    return _codes(0, 0).keys() >= set(text)


def size(char: str) -> int:
    """Return the septets that a character of the default alphabet or its extension takes."""
    return len(encode(char))


def transliterate(text: str) -> str:
    """Replace characters outside the default alphabet by like ones inside it, where there are any.

    Accents go ("š" to "s"), typographic signs become plain ones; everything else stays.
    """
    codes = _codes(0, 0)
    written = []
    for char in text:
        plain = unicodedata.normalize("NFKD", char.translate(_PLAIN))
        plain = "".join(part for part in plain if not unicodedata.combining(part))
        written.append(plain if char not in codes and plain and fits(plain) else char)
    return "".join(written)

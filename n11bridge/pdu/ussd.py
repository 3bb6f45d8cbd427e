"""The string of +CUSD and AT+CUSD (3GPP TS 27.007 7.15, 23.038 5 and 6.1.2.3).

What a modem puts between the quotation marks depends on its make: the packed octets in hex, UCS2 in
hex, or text that it has decoded already. The data coding scheme tells only the first two apart.
"""

from . import alphabet, coding, septets
from .broadcast import read_text
from .coding import Coding
from .content import decode_ucs2, encode_ucs2

GSM7, UCS2 = 15, 72
"""The data coding schemes to send: default alphabet with no language, and UCS2."""


def decode(text: str, dcs: int) -> str:
    """Return what the network says; never raises, and what cannot be read stays as it is.

    A string of nothing but pairs of hex digits is taken as octets in the scheme's alphabet. Where
    that is the 7-bit one the modem may as well have sent UCS2, or text that happens to look like
    hex, such as a number: see ``_septets_or_text``. Padding at the end goes.
    """
    meaning = coding.of_broadcast(dcs & 0xFF)
    compact = "".join(text.split())
    octets = _hex(compact)
    if not octets:
        said = text
    elif meaning.encoding == "8bit":
        said = _decode_8bit(octets)
    elif meaning.encoding == "ucs2":
        said = read_text(octets, meaning)[1] or ""
    else:
        said = _septets_or_text(compact, octets, meaning)
    # Some firmware gives its whole buffer: no character is U+FFFF, so the text ended there.
    said = said.partition("\uffff")[0].rstrip("\r\0")
    return said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def encode(text: str, *, packed: bool = False) -> tuple[str, int]:
    """Return string and data coding scheme for AT+CUSD; PduError for half a surrogate pair.

    Plain text where the 7-bit alphabet has the characters at ASCII's places (packed in hex for a
    modem that wants it so), else UCS2 in hex.
    """
    if alphabet.fits(text) and packed:
        units = alphabet.encode(text)
        # Seven spare bits would read as "@", and a last CR as padding (23.038 6.1.2.3.1).
        if len(units) % 8 == 7 or (len(units) % 8 == 0 and units.endswith(b"\r")):
            units += b"\r"
        return septets.pack(units).hex().upper(), GSM7
    # A modem may read the string in either alphabet; a quotation mark would end it.
    if alphabet.fits(text) and alphabet.encode(text) == text.encode() and '"' not in text:
        return text, GSM7
    return encode_ucs2(text).hex().upper(), UCS2


def _hex(compact: str) -> bytes:
    """Return the octets of a hex string, an odd last digit left out; none if it is no hex."""
    if not compact.isascii():
        return b""
    try:
        return bytes.fromhex(compact[: len(compact) & ~1])
    except ValueError:
        return b""


def _decode_8bit(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _septets_or_text(compact: str, octets: bytes, meaning: Coding) -> str:
    """Tell UCS2, packed septets and plain text apart where the scheme says 7-bit.

    UCS2 has the same few high octets everywhere, which packed text has not. Digits alone are a
    number, for packed text without one of A to F is all but impossible. Packed text leaves its
    spare bits empty and reads mostly as ASCII.
    """
    high = set(octets[::2])
    digits = compact.isdecimal()
    if len(octets) % 2 == 0 and high <= (
        {0x00} if digits else {0x00, 0x03, 0x04, 0x05, 0x06, 0x20}
    ):
        return decode_ucs2(octets)
    said = read_text(octets, meaning)[1] or ""
    spare = len(octets) * 8 % 7
    full = len(compact) % 2 == 0 and octets[-1] >> 8 - spare == 0
    if digits or not full or 2 * sum(map(str.isascii, said)) < len(said):
        return compact
    return said

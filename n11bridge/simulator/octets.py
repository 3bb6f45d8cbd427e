"""Addresses and time stamps, as octets (3GPP TS 23.040, 9.1.2)."""

from __future__ import annotations

from datetime import datetime

from . import alphabet

_DIGITS = "0123456789*#abc"


class Octets:
    """Octets that are read from the front; ValueError when there are too few."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def take(self, count: int) -> bytes:
        """Return the next ``count`` octets."""
        if count > len(self._data):
            raise ValueError("the PDU is too short")
        taken, self._data = self._data[:count], self._data[count:]
        return taken

    def octet(self) -> int:
        """Return the next octet as a number."""
        return self.take(1)[0]

    def rest(self) -> bytes:
        """Return all that is left."""
        return self.take(len(self._data))

    def address(self) -> str:
        """Return an address: digits with ``+`` if international, or a name (9.1.2.5)."""
        length = self.octet()
        kind = self.octet()
        value = self.take((length + 1) // 2)
        if kind & 0x70 == 0x50:
            return alphabet.decode(alphabet.unpack(value, length * 4 // 7))
        return ("+" if kind & 0x70 == 0x10 else "") + _digits(value)[:length]


def _digits(value: bytes) -> str:
    nibbles = (nibble for octet in value for nibble in (octet & 15, octet >> 4))
    return "".join(_DIGITS[nibble] for nibble in nibbles if nibble < 15)


def _semi_octets(digits: str) -> bytes:
    padded = digits + "f" * (len(digits) % 2)
    codes = [(_DIGITS + "f").index(digit) for digit in padded]
    return bytes(low | high << 4 for low, high in zip(codes[::2], codes[1::2], strict=True))


def address(number: str) -> bytes:
    """Return an address with its length and type; what is no number becomes a name."""
    digits = number.removeprefix("+")
    if all(digit in _DIGITS for digit in digits):
        kind = 0x91 if number.startswith("+") else 0x81
        return bytes((len(digits), kind)) + _semi_octets(digits)
    septets = [code for codes in alphabet.encode(number) for code in codes]
    return bytes(((len(septets) * 7 + 3) // 4, 0xD0)) + alphabet.pack(septets)


def with_centre(number: str, tpdu: bytes) -> bytes:
    """Put the centre's address before a TPDU: its length there counts octets (27.005, 4.1)."""
    if not number:
        return b"\0" + tpdu
    value = address(number)[1:]
    return bytes((len(value),)) + value + tpdu


def split_centre(pdu: bytes) -> tuple[str, bytes]:
    """Return the centre's number and the TPDU; ValueError if the PDU is too short."""
    octets = Octets(pdu)
    value = Octets(octets.take(octets.octet())).rest()
    international = value[:1] and value[0] & 0x70 == 0x10
    return ("+" if international else "") + _digits(value[1:]), octets.rest()


def stamp(time: datetime) -> bytes:
    """Return a time stamp of seven octets; the zone counts quarters of an hour (9.2.3.11)."""
    offset = time.utcoffset()
    quarters = round(offset.total_seconds() / 900) if offset is not None else 0
    zone = int(_semi_octets(f"{abs(quarters):02}")[0]) | (0x08 if quarters < 0 else 0)
    return _semi_octets(f"{time:%y%m%d%H%M%S}") + bytes((zone,))


def stamp_text(value: bytes, *, long: bool) -> str:
    """Return a time stamp as text mode writes it."""
    year, month, day, hour, minute, second = (f"{octet & 15}{octet >> 4}" for octet in value[:6])
    zone = f"{'-' if value[6] & 8 else '+'}{value[6] & 7}{value[6] >> 4}"
    date = f"20{year}/{month}/{day} " if long else f"{year}/{month}/{day},"
    return f"{date}{hour}:{minute}:{second}{zone}"

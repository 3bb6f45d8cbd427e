"""Telephone numbers and alphanumeric senders (3GPP TS 23.040 9.1.2.5)."""

from __future__ import annotations

from dataclasses import dataclass

from . import alphabet, septets
from .errors import PduError
from .octets import Reader, nibbles, octet

AUTO = -1
"""Stands for a raw field that is to be made from the fields that mean something."""

_DIGITS = "0123456789*#abc"
_INTERNATIONAL, _ALPHANUMERIC = 1, 5
_MOST_DIGITS = 20


@dataclass(frozen=True)
class Address:
    """A number as people write it: "+4917..." international, else plain digits, or a name.

    ``type`` is the type-of-address octet; left out, it follows from how the number is written.
    """

    number: str
    type: int = AUTO

    def __post_init__(self) -> None:
        if self.type == AUTO:
            object.__setattr__(self, "type", _type_of(self.number))

    @classmethod
    def of(cls, number: str) -> Address:
        """Return the address that a number, as people write it, stands for."""
        return cls(number)

    @property
    def kind(self) -> int:
        """The type of number, 0..7: 1 international, 2 national, 5 alphanumeric."""
        return self.type >> 4 & 7

    @property
    def is_name(self) -> bool:
        """Whether it is a name, which nothing can be sent to."""
        return self.kind == _ALPHANUMERIC

    @classmethod
    def read(cls, reader: Reader) -> Address:
        """Read an originating, destination or recipient address: length in semi-octets first."""
        length = reader.octet()
        if length > _MOST_DIGITS:
            raise PduError(f"address of {length} digits, {_MOST_DIGITS} are the most")
        kind = reader.octet()
        return cls._decoded(kind, reader.take((length + 1) // 2), length)

    @classmethod
    def read_service_centre(cls, reader: Reader) -> Address | None:
        """Read a service centre's address: length in octets first, 0 for none (27.005 3.1)."""
        length = reader.octet()
        if not length:
            return None
        kind = reader.octet()
        return cls._decoded(kind, reader.take(length - 1), 2 * (length - 1))

    @classmethod
    def _decoded(cls, kind: int, octets: bytes, length: int) -> Address:
        if kind >> 4 & 7 == _ALPHANUMERIC:
            return cls(alphabet.decode(septets.unpack(octets, length * 4 // 7)), kind)
        digits = "".join(_DIGITS[digit] for digit in nibbles(octets)[:length] if digit < 15)
        plus = "+" if digits and kind >> 4 & 7 == _INTERNATIONAL else ""
        return cls(plus + digits, kind)

    def encode(self) -> bytes:
        """Return the octets of a TP address field."""
        octets, length = self._value()
        return bytes((length,)) + octet(self.type, "type of address") + octets

    def encode_service_centre(self) -> bytes:
        """Return the octets of a service centre's address."""
        octets, _ = self._value()
        return bytes((len(octets) + 1,)) + octet(self.type, "type of address") + octets

    def _value(self) -> tuple[bytes, int]:
        """Return the address value and its length in semi-octets."""
        if self.is_name:
            name = alphabet.encode(self.number)
            octets, length = septets.pack(name), (7 * len(name) + 3) // 4
        else:
            digits = self.number.removeprefix("+")
            if not set(digits) <= set(_DIGITS):
                raise PduError(f"{self.number!r} is not a number")
            values = [_DIGITS.index(digit) for digit in digits] + [15] * (len(digits) % 2)
            pairs = zip(values[::2], values[1::2], strict=True)
            octets, length = bytes(high << 4 | low for low, high in pairs), len(digits)
        if length > _MOST_DIGITS:
            raise PduError(f"{self.number!r} is too long for an address")
        return octets, length


def _type_of(number: str) -> int:
    """Return the type of address of a number by the way it is written."""
    if number[:1] == "+" and number[1:].isascii() and number[1:].isdecimal():
        return 0x91
    if set(number) <= set(_DIGITS) and (not number or set(number) - set("abc")):
        return 0x81
    return 0xD0

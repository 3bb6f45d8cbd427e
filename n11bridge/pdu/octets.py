"""Reading octets one field after another, and the semi-octets that digits come in."""

from .errors import PduError


class Reader:
    """Takes fields off the front of some octets; PduError once they run out."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def octet(self) -> int:
        """Return the next octet."""
        return self.take(1)[0]

    def take(self, count: int) -> bytes:
        """Return the next ``count`` octets."""
        if self._at + count > len(self._octets):
            raise PduError(f"PDU ends early: {count} octets wanted at octet {self._at}")
        self._at += count
        return self._octets[self._at - count : self._at]

    def rest(self) -> bytes:
        """Return everything that is left."""
        return self.take(len(self._octets) - self._at)

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self._at == len(self._octets)


def from_hex(text: str) -> bytes:
    """Return the octets of a hex string in either case; PduError if it is none."""
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise PduError(f"not a hex string: {error}") from None


def nibbles(octets: bytes) -> list[int]:
    """Return the semi-octets in the order of digits: the low one first (23.040 9.1.2.3)."""
    return [nibble for octet in octets for nibble in (octet & 0x0F, octet >> 4)]


def octet(value: int, name: str) -> bytes:
    """Return a field of one octet; PduError names it if the value does not fit."""
    if not 0 <= value <= 255:
        raise PduError(f"{name} is one octet, not {value}")
    return bytes((value,))


def swapped(value: int) -> int:
    """Return 0..99 as one octet of two decimal digits, the tens in the low semi-octet."""
    return value % 10 << 4 | value // 10

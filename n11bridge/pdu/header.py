"""The user data header: concatenation, ports, language tables (3GPP TS 23.040 9.2.3.24)."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import PduError

Header = tuple[tuple[int, bytes], ...]
"""Information elements, each its identifier and its data, in the order of the header."""

_CONCAT_8, _CONCAT_16 = 0x00, 0x08
_PORTS_8, _PORTS_16 = 0x04, 0x05
_SINGLE_SHIFT, _LOCKING_SHIFT = 0x24, 0x25


@dataclass(frozen=True)
class Concatenation:
    """Which part of which message: ``seq`` of ``total``, from 1; ``bits`` of the reference."""

    ref: int
    total: int
    seq: int
    bits: int = 8

    def element(self) -> tuple[int, bytes]:
        """Return the information element; PduError if a field is out of its range."""
        if self.bits not in (8, 16):
            raise PduError(f"a concatenation reference has 8 or 16 bits, not {self.bits}")
        if not (0 <= self.ref < 1 << self.bits and 1 <= self.seq <= self.total <= 255):
            raise PduError(f"no such part: {self}")
        reference = self.ref.to_bytes(self.bits // 8, "big")
        iei = _CONCAT_8 if self.bits == 8 else _CONCAT_16
        return iei, reference + bytes((self.total, self.seq))


@dataclass(frozen=True)
class Ports:
    """Application ports: to which one on this side, from which one on the other."""

    destination: int
    source: int
    bits: int = 16

    def element(self) -> tuple[int, bytes]:
        """Return the information element; PduError if a port is out of its range."""
        if self.bits not in (8, 16):
            raise PduError(f"a port has 8 or 16 bits, not {self.bits}")
        if not all(0 <= port < 1 << self.bits for port in (self.destination, self.source)):
            raise PduError(f"no such ports: {self}")
        size = self.bits // 8
        iei = _PORTS_8 if self.bits == 8 else _PORTS_16
        return iei, self.destination.to_bytes(size, "big") + self.source.to_bytes(size, "big")


def decode(octets: bytes) -> Header:
    """Return the elements of a header without its length octet.

    A header whose last element does not end where the header does is ignored as a whole, as the
    standard demands.
    """
    elements = []
    at = 0
    while at < len(octets):
        if at + 2 > len(octets) or at + 2 + octets[at + 1] > len(octets):
            return ()
        end = at + 2 + octets[at + 1]
        elements.append((octets[at], octets[at + 2 : end]))
        at = end
    return tuple(elements)


def encode(header: Header) -> bytes:
    """Return the octets of a header with its length octet, nothing at all for no elements."""
    octets = b"".join(bytes((iei, len(data))) + data for iei, data in header)
    if len(octets) > 139:
        raise PduError(f"a user data header of {len(octets)} octets leaves no room for itself")
    return bytes((len(octets),)) + octets if header else b""


def concatenation(header: Header) -> Concatenation | None:
    """Return what the header says of parts: its last valid word on it counts (9.2.3.24)."""
    found = None
    for iei, data in header:
        size = {_CONCAT_8: 3, _CONCAT_16: 4}.get(iei, -1)
        if len(data) == size and 1 <= data[-1] <= data[-2]:
            bits = 8 * (size - 2)
            found = Concatenation(int.from_bytes(data[:-2], "big"), data[-2], data[-1], bits)
    return found


def ports(header: Header) -> Ports | None:
    """Return what the header says of ports: its last valid word on it counts (9.2.3.24)."""
    found = None
    for iei, data in header:
        size = {_PORTS_8: 1, _PORTS_16: 2}.get(iei, 0)
        if size and len(data) == 2 * size:
            destination, source = data[:size], data[size:]
            found = Ports(
                int.from_bytes(destination, "big"), int.from_bytes(source, "big"), 8 * size
            )
    return found


def shifts(header: Header) -> tuple[int, int]:
    """Return the languages of the locking and of the single shift, 0 for the default."""
    languages = {iei: data[0] for iei, data in header if len(data) == 1}
    return languages.get(_LOCKING_SHIFT, 0), languages.get(_SINGLE_SHIFT, 0)

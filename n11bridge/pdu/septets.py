"""Packing of 7-bit characters into octets, lowest bit first (3GPP TS 23.038 6.1.2)."""


def pack(septets: bytes, *, fill: int = 0) -> bytes:
    """Return the octets of septets (one per byte) that start after ``fill`` bits of zero."""
    bits = 0
    for position, septet in enumerate(septets):
        bits |= septet << 7 * position
    return (bits << fill).to_bytes((fill + 7 * len(septets) + 7) // 8, "little")


def unpack(octets: bytes, count: int, *, fill: int = 0) -> bytes:
    """Return ``count`` septets, one per byte, or as many as there are whole ones."""
    bits = int.from_bytes(octets, "little") >> fill
    there = max(0, 8 * len(octets) - fill) // 7
    return bytes(bits >> 7 * position & 0x7F for position in range(min(count, there)))


def fill_bits(octets: int) -> int:
    """Return the bits between a header of so many octets and the next septet boundary."""
    return -8 * octets % 7

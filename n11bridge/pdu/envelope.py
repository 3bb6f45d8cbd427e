"""What stands around a TPDU at the serial line: hex, and the service centre (27.005 3.1)."""

from dataclasses import dataclass

from .address import Address
from .octets import Reader, from_hex


@dataclass(frozen=True)
class Encoded:
    """A PDU as AT+CMGS and AT+CMGW take it: hex, and the octets without the service centre."""

    pdu: str
    length: int


def seal(tpdu: bytes, smsc: str | None) -> Encoded:
    """Put the service centre before a TPDU; None leaves it to the SIM's setting."""
    front = b"\0" if smsc is None else Address.of(smsc).encode_service_centre()
    return Encoded((front + tpdu).hex().upper(), len(tpdu))


def unseal(pdu: str, *, smsc: bool) -> tuple[str | None, Reader]:
    """Return the service centre, if it stands there and names one, and the TPDU."""
    reader = Reader(from_hex(pdu))
    centre = Address.read_service_centre(reader) if smsc else None
    return (centre.number or None if centre else None), reader

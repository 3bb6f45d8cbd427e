"""Time stamps of seven octets: TP-SCTS, TP-DT and absolute validity (3GPP TS 23.040 9.2.3.11)."""

from datetime import UTC, datetime, timedelta, timezone

from .errors import PduError
from .octets import nibbles, swapped

_QUARTER = timedelta(minutes=15)
# Two digits name a year; there was no short message before this one.
_FIRST_YEAR = 1990


def decode(octets: bytes) -> datetime | None:
    """Return the time with its zone, or None if the digits are no date at all."""
    digits = nibbles(octets)
    negative = digits[12] & 8
    digits[12] &= 7
    if max(digits) > 9:
        return None
    year, month, day, hour, minute, second, quarters = (
        10 * tens + ones for tens, ones in zip(digits[::2], digits[1::2], strict=True)
    )
    offset = (-quarters if negative else quarters) * _QUARTER
    century = 2000 if year < _FIRST_YEAR % 100 else 1900
    zone = timezone(offset) if offset else UTC
    try:
        return datetime(century + year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


def encode(time: datetime | None) -> bytes:
    """Return the seven octets of an aware time, all zero for None; PduError for a naive one."""
    if time is None:
        return bytes(7)
    offset = time.utcoffset()
    if offset is None:
        raise PduError("a time stamp needs a time zone")
    if not _FIRST_YEAR <= time.year < _FIRST_YEAR + 100:
        raise PduError(f"the year {time.year} cannot be written in a time stamp")
    quarters = abs(offset) // _QUARTER
    if quarters > 79:
        raise PduError(f"the time zone {offset} cannot be written in a time stamp")
    fields = (time.year % 100, time.month, time.day, time.hour, time.minute, time.second)
    zone = swapped(quarters) | (8 if offset < timedelta(0) else 0)
    return bytes(map(swapped, fields)) + bytes((zone,))

"""How long a service centre keeps trying: TP-VP in its three forms (3GPP TS 23.040 9.2.3.12)."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from . import timestamp
from .errors import PduError
from .octets import Reader, nibbles, swapped

# TP-VPF, bits 4 and 3 of the first octet of a SUBMIT (9.2.3.3).
NONE, ENHANCED, RELATIVE, ABSOLUTE = 0x00, 0x08, 0x10, 0x18

Form = Literal["none", "relative", "seconds", "clock"]
_FORMS: tuple[Form, ...] = ("none", "relative", "seconds", "clock")


@dataclass(frozen=True)
class Enhanced:
    """The enhanced form: a period to the second, and whether only one attempt is to be made.

    ``form`` is how the period is written: as the one octet of the relative form, as 1..255 seconds,
    or as hours, minutes and seconds up to 99:59:59; "none" has no period.
    """

    period: timedelta | None = None
    form: Form = "clock"
    single_shot: bool = False


Validity = timedelta | datetime | Enhanced | None


def _period(code: int) -> timedelta:
    """Return what an octet of the relative form means (9.2.3.12.1)."""
    if code <= 143:
        return (code + 1) * timedelta(minutes=5)
    if code <= 167:
        return timedelta(hours=12) + (code - 143) * timedelta(minutes=30)
    if code <= 196:
        return (code - 166) * timedelta(days=1)
    return (code - 192) * timedelta(weeks=1)


_PERIODS = [_period(code) for code in range(256)]


def relative(period: timedelta) -> int:
    """Return the octet of the shortest period that is not shorter; 63 weeks are the most."""
    if period <= timedelta(0):
        raise PduError(f"a validity of {period} is over before it begins")
    return min(bisect_left(_PERIODS, period), 255)


def encode(validity: Validity) -> tuple[int, bytes]:
    """Return the format bits for the first octet and the octets of the field."""
    match validity:
        case None:
            return NONE, b""
        case timedelta():
            return RELATIVE, bytes((relative(validity),))
        case datetime():
            return ABSOLUTE, timestamp.encode(validity)
        case Enhanced():
            return ENHANCED, _encode_enhanced(validity)


def decode(form: int, reader: Reader) -> Validity:
    """Read the field whose format bits are given; None where it says nothing."""
    if form == RELATIVE:
        return _PERIODS[reader.octet()]
    if form == ABSOLUTE:
        return timestamp.decode(reader.take(7))
    if form == ENHANCED:
        return _decode_enhanced(reader.take(7))
    return None


def _encode_enhanced(validity: Enhanced) -> bytes:
    indicator = _FORMS.index(validity.form) | (0x40 if validity.single_shot else 0)
    if validity.form == "none":
        return bytes((indicator,)).ljust(7, b"\0")
    if validity.period is None:
        raise PduError(f"the enhanced form {validity.form!r} needs a period")
    seconds = -(-validity.period // timedelta(seconds=1))
    minutes, hours = seconds // 60, seconds // 3600
    if validity.form == "relative":
        octets = bytes((relative(validity.period),))
    elif validity.form == "seconds" and 1 <= seconds <= 255:
        octets = bytes((seconds,))
    elif validity.form == "clock" and 0 <= hours <= 99:
        octets = bytes(map(swapped, (hours, minutes % 60, seconds % 60)))
    else:
        raise PduError(f"{validity.period} cannot be written in the form {validity.form!r}")
    return (bytes((indicator,)) + octets).ljust(7, b"\0")


def _decode_enhanced(octets: bytes) -> Enhanced | None:
    """Return the enhanced form (9.2.3.12.3), or None where it is a reserved or broken one."""
    reader = Reader(octets)
    indicator = extension = reader.octet()
    while extension & 0x80 and not reader.at_end:
        extension = reader.octet()
    value = reader.rest().ljust(3, b"\0")
    single_shot = bool(indicator & 0x40)
    form = _FORMS[indicator & 0x07] if indicator & 0x07 < len(_FORMS) else None
    if form == "none":
        return Enhanced(None, form, single_shot)
    if form == "relative":
        return Enhanced(_PERIODS[value[0]], form, single_shot)
    if form == "seconds" and value[0]:
        return Enhanced(timedelta(seconds=value[0]), form, single_shot)
    digits = nibbles(value[:3])
    if form == "clock" and max(digits) <= 9:
        hours, minutes, seconds = (10 * digits[at] + digits[at + 1] for at in (0, 2, 4))
        period = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return Enhanced(period, form, single_shot)
    return None

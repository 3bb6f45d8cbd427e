"""Times as the modem writes them, in all their forms (manual 3.15, 24.2, 24.6)."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_STAMP = re.compile(
    r'"? *(?P<year>\d{4}|\d\d)[/-](?P<month>\d\d?)[/-](?P<day>\d\d?)[, ] *'
    r'(?P<hour>\d\d?):(?P<minute>\d\d?):(?P<second>\d\d?) *(?:/?(?:GMT)?(?P<zone>[+-]\d{1,2}))? *"?'
)
PARTS = ("year", "month", "day", "hour", "minute", "second")
QUARTER = timedelta(minutes=15)


def read(text: str, zone: tzinfo) -> datetime | None:
    """Return the time, in ``zone`` where it names none itself; None for what is no time."""
    match = _STAMP.fullmatch(text.strip())
    if match is None:
        return None
    parts = {name: int(match[name]) for name in PARTS}
    parts["year"] += 2000 if parts["year"] < 100 else 0
    try:
        if match["zone"] is not None:
            zone = timezone(int(match["zone"]) * QUARTER)
        return datetime(**parts, tzinfo=zone)
    except ValueError:
        return None


def write(time: datetime, *, with_zone: bool) -> str:
    """Return a time as AT+CCLK wants it; the zone counts quarters of an hour."""
    offset = time.utcoffset() or timedelta()
    quarters = round(offset / QUARTER)
    return f"{time:%y/%m/%d,%H:%M:%S}" + (f"{quarters:+03d}" if with_zone else "")


def whole_hours(time: datetime) -> timezone:
    """Return the zone of a time if the modem can be told it: E13 to W12, whole hours; else UTC."""
    hours = (time.utcoffset() or timedelta()) / timedelta(hours=1)
    if hours != int(hours) or not -12 <= hours <= 13:
        return UTC
    return timezone(timedelta(hours=int(hours)))


def named(zone: timezone) -> str:
    """Return the name of such a zone (manual 24.2)."""
    hours = int(zone.utcoffset(None) / timedelta(hours=1))
    return f"{'W' if hours < 0 else 'E'}{abs(hours)}"

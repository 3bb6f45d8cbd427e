"""The credit of a prepaid SIM, read out of the answer to a USSD code."""

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from n11bridge.host import Host

#: The fact under which the store remembers the credit: to ask for it may cost some.
BALANCE = "balance"
#: The longest answer that a network can give is 182 characters (3GPP TS 23.038, 6.1.2.3).
LONGEST = 200


@dataclass(frozen=True)
class Reading:
    """A credit, and when it was read (Unix seconds)."""

    value: float
    time: float


class Balance:
    """The last credit read, and whether it has been called low."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.settings = host.config.balance
        self.last: Reading | None = None

    async def recall(self) -> None:
        """Read what was known before the daemon's start."""
        text = await self._host.store.read(lambda tables: tables.facts.get(BALANCE))
        if text is not None:
            self.last = Reading(**json.loads(text))

    @property
    def due(self) -> float:
        """When it is to be asked for (Unix seconds)."""
        return 0.0 if self.last is None else self.last.time + float(self.settings.interval)

    @property
    def low(self) -> bool | None:
        """Whether it is below the mark; None when there is none, or no credit is known."""
        if self.settings is None or self.settings.low is None or self.last is None:
            return None
        return self.last.value < float(self.settings.low)

    async def take(self, text: str | None) -> float | None:
        """Read the credit out of an answer, and warn once when it fell below the mark."""
        match = re.search(self.settings.pattern, (text or "")[:LONGEST])
        value = amount(match[1]) if match and match[1] else None
        if value is None:
            return None
        was_low = self.low
        reading = self.last = Reading(value, self._host.now())
        fact = json.dumps(asdict(reading))
        await self._host.store.commit(lambda tables: tables.facts.set(BALANCE, fact))
        if self.low and not was_low:
            self._host.event("ussd", "low", {"balance": value, "low": self.settings.low})
        return value

    def values(self) -> dict[str, Any]:
        """The keys of ``state/ussd`` that are about the credit."""
        last = self.last if self.settings is not None else None
        read = last and datetime.fromtimestamp(last.time, UTC).astimezone()
        return {
            "balance": last and last.value,
            "balance_time": read and read.isoformat(timespec="seconds"),
            "low": self.low,
        }


def amount(text: str) -> float | None:
    """Read a number as people write it; the last point or comma is the decimal one if it is alone.

    None when there is no number.
    """
    digits = re.sub(r"[^0-9.,+-]", "", text)
    whole, mark, fraction = re.fullmatch(r"(.*?)(?:([.,])([^.,]*))?", digits).groups("")  # type: ignore[union-attr]  # it matches anything
    if mark and mark in whole:
        whole, fraction = whole + fraction, ""
    plain = f"{re.sub('[.,]', '', whole)}.{fraction}"
    return float(plain) if re.fullmatch(r"[+-]?([0-9]+\.[0-9]*|\.[0-9]+)", plain) else None

"""One attempt for each PIN on each SIM.

A SIM locks itself after three wrong PINs (3GPP TS 31.101). So an attempt is on disk before the PIN
leaves, and only a PIN that was accepted may be used again: one whose answer never came may not,
unless the SIM had accepted it before.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from n11bridge.capability import RequestError
from n11bridge.host import Host

#: Stands for every SIM that does not give its ICCID.
UNIDENTIFIED = "unidentified"
#: The fact that lists the SIMs which did.
IDENTIFIED = "pin_sims"


@dataclass(frozen=True)
class Attempt:
    """A PIN about to be used; ``verified`` when the SIM accepted it before."""

    sim: str
    pin: str = field(repr=False)
    verified: bool


class Guard:
    """Keeps the record of attempts; ``iccid`` None is a SIM that does not say who it is."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def begin(self, iccid: str | None, pin: str) -> Attempt:
        """Record an attempt; RequestError when this PIN had one that was not accepted."""
        now = self._host.now()
        attempt = await self._host.store.commit(lambda tables: _begin(tables, iccid, pin, now))
        if attempt is None:
            raise RequestError(
                "forbidden",
                "this PIN was tried on this SIM before and is not known to have been accepted; "
                "another wrong one could lock the SIM",
            )
        return attempt

    async def accepted(self, attempt: Attempt) -> None:
        """The SIM took it: it may be used again."""
        await self._record(attempt, "verified")

    async def refused(self, attempt: Attempt) -> None:
        """The SIM did not take it: it is not used again."""
        await self._record(attempt, "refused")

    async def unjudged(self, attempt: Attempt) -> None:
        """The SIM was not asked: a PIN accepted before stays so, a new one counts as tried."""
        if attempt.verified:
            await self._record(attempt, "verified")

    async def proved(self, iccid: str | None, pin: str) -> None:
        """A SIM that wants a PIN is ready: an attempt whose answer was lost must have been good.

        We died between the SIM's answer and the record of it, and the modem stayed on.
        """
        sim = iccid or UNIDENTIFIED

        def work(tables: Any) -> None:
            if tables.pins.attempted(sim, pin) in ("pending", "unproven"):
                tables.pins.result(sim, pin, "verified")

        await self._host.store.commit(work)

    async def learn(self, iccid: str | None, pin: str) -> None:
        """Remember the PIN that the SIM has just been given."""
        now = self._host.now()
        await self._host.store.commit(lambda tables: _learn(tables, iccid, pin, now))

    async def _record(self, attempt: Attempt, outcome: str) -> None:
        sim, pin = attempt.sim, attempt.pin
        await self._host.store.commit(lambda tables: tables.pins.result(sim, pin, outcome))


def _begin(tables: Any, iccid: str | None, pin: str, now: float) -> Attempt | None:
    sim = _remembered(tables, iccid)
    own = tables.pins.attempted(sim, pin)
    others: list[str] = []
    if iccid is None:
        # It may be any of those that once said who they are.
        others = _identified(tables)
    elif own is None:
        # It may have been tried when it did not say who it is.
        others = [UNIDENTIFIED]
    outcomes = [own, *(tables.pins.attempted(other, pin) for other in others)]
    if "pending" in outcomes or "refused" in outcomes:
        return None
    tables.pins.begin(sim, pin, now)
    return Attempt(sim, pin, own in ("verified", "unproven"))


def _learn(tables: Any, iccid: str | None, pin: str, now: float) -> None:
    sim = _remembered(tables, iccid)
    if tables.pins.attempted(sim, pin) is None:
        tables.pins.begin(sim, pin, now)
    tables.pins.result(sim, pin, "verified")


def _remembered(tables: Any, iccid: str | None) -> str:
    """The SIM as the store knows it, from now on."""
    if iccid is None:
        return UNIDENTIFIED
    known = _identified(tables)
    if iccid not in known:
        tables.facts.set(IDENTIFIED, json.dumps([*known, iccid]))
    return iccid


def _identified(tables: Any) -> list[str]:
    return list(json.loads(tables.facts.get(IDENTIFIED) or "[]"))

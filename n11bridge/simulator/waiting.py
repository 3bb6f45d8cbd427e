"""The action of the control interface that spares a test its sleeps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from .ledger import Ledger

if TYPE_CHECKING:
    from .actions import Result
    from .simulation import Simulator


def wait(
    simulator: Simulator,
    *,
    sent: int | None = None,
    delivered: int | None = None,
    reports: int | None = None,
    deleted: int | None = None,
    starts: int | None = None,
    stored: int | None = None,
    waiting: int | None = None,
    stat: int | None = None,
    sim: str | None = None,
    link: bool | None = None,
    open: int | None = None,
    bytes_in: int | None = None,
    commands: int | None = None,
    matching: str = "*",
    further: bool = False,
    idle: bool = False,
    held: bool = False,
    timeout: float = 10.0,
) -> Awaitable[Result]:
    """Answer once every condition given holds; ValueError after ``timeout`` seconds.

    ``sent`` to ``starts``, ``bytes_in`` and ``commands`` are at least so many since the start of
    the simulator (``commands`` with ``further``: from now on); ``stored``, ``waiting``, ``stat``,
    ``link`` and ``open`` (what the data side has open) are exact, ``sim`` is the status as CPIN
    says it, ``idle`` means that no command runs, ``held`` that a fault holds bytes back.
    """
    modem, seen = simulator.modem, simulator.modem.ledger
    before = seen.commands(matching) if further else 0

    def holds() -> bool:
        at_least = (
            (sent, len(seen.sent)),
            (delivered, seen.delivered),
            (reports, seen.reports),
            (deleted, len(seen.deleted)),
            (starts, seen.starts),
            (bytes_in, seen.bytes_in),
        )
        exact = (
            (stored, modem.storages.used),
            (waiting, len(modem.centre.waiting)),
            (stat, modem.radio.stat),
            (sim, modem.sim.status),
            (link, modem.stack.link.active),
            (open, len(modem.stack.journal.open)),
        )
        return (
            all(wanted is None or wanted <= now for wanted, now in at_least)
            and all(wanted is None or wanted == now for wanted, now in exact)
            and (commands is None or commands <= seen.commands(matching) - before)
            and not (held and not (modem.inlet.shut or modem.outlet.shut))
            and not (idle and modem.interpreter is not None and not modem.interpreter.idle)
        )

    return _wait(seen, holds, timeout)


async def _wait(ledger: Ledger, holds: Callable[[], bool], seconds: float) -> Result:
    if not await ledger.wait(holds, seconds):
        raise ValueError(f"wait: nothing of the sort within {seconds} s")
    return {}

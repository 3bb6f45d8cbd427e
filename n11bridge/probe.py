"""Finds the modem: tries each serial port at each rate, and says what answers."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from n11bridge.at.command import Report
from n11bridge.at.errors import AtError, Unavailable
from n11bridge.capabilities.modem.wire import ReadInformation, ReadSerialNumber
from n11bridge.modem import Modem
from n11bridge.port import RATES, PortError, candidates

T = TypeVar("T")

#: All rates of one port are tried in this time (seconds).
TIME = 3.0 * len(RATES)


class _Visitor(Generic[T]):
    """Sets nothing up: asks what it was told to, and reads nothing else.

    ``found`` is done with the answer, None when nothing answers; PortError when there is no port.
    """

    def __init__(self, ask: Callable[[Modem], Awaitable[T]]) -> None:
        self.found: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        self.modem: Modem | None = None
        self._ask = ask

    async def prepare(self) -> None:
        """Ask."""
        assert self.modem is not None
        said = await self._ask(self.modem)
        if not self.found.done():
            self.found.set_result(said)

    def reported(self, report: Report) -> None:
        """Of no interest here."""

    def unknown(self, line: str) -> None:
        """Of no interest here."""

    def status_changed(self) -> None:
        """The port cannot be opened, or has gone away."""
        assert self.modem is not None
        if self.modem.status == "absent" and not self.found.done():
            self.found.set_exception(PortError(self.modem.trouble))

    def problem(self, code: str, message: str) -> None:
        """Of no interest here."""

    def recovering(self, step: str, reason: str) -> None:
        """Nothing answered at any rate."""
        if not self.found.done():
            self.found.set_result(None)


async def visit(port: str, baud: int, ask: Callable[[Modem], Awaitable[T]]) -> T | None:
    """Ask a modem that no bridge serves; None when none answers, PortError without a port."""
    # What the modem's recovery has to say is of no use to somebody who looks for a port.
    logging.getLogger("n11bridge").addHandler(logging.NullHandler())
    visitor = _Visitor(ask)
    visitor.modem = Modem(port, baud, [], visitor, visitor.prepare)
    supervising = asyncio.ensure_future(visitor.modem.supervise())
    try:
        async with asyncio.timeout(TIME):
            return await asyncio.shield(visitor.found)
    except (TimeoutError, Unavailable):
        return None
    finally:
        supervising.cancel()
        await asyncio.gather(supervising, return_exceptions=True)


async def identify(modem: Modem) -> list[str]:
    """Ask a modem who it is, and tell its rate last."""
    said = await modem.run(ReadInformation())
    with suppress(AtError):
        said.append(f"IMEI {(await modem.run(ReadSerialNumber())).text}")
    return [*said, f"{modem.actual_baud} baud"]


async def run(ports: Sequence[str]) -> bool:
    """Print what is on each port; return whether a modem was found."""
    found = [(port, "") for port in ports] or [(c.path, c.description) for c in candidates()]
    if not found:
        sys.stdout.write("This machine has no serial port. Is the adapter plugged in?\n")
        return False
    good = []
    for port, description in found:
        sys.stdout.write(f"{port}{f' ({description})' if description else ''}: ")
        sys.stdout.flush()
        try:
            lines = await visit(port, RATES[0], identify) or []
        except PortError as error:
            sys.stdout.write(str(error).removeprefix(f"{port} ") + "\n")
            continue
        sys.stdout.write((", ".join(lines) or "no modem answers") + "\n")
        if lines:
            good.append((port, lines[-1]))
    if good:
        port, rate = good[0]
        baud = "" if rate == f"{RATES[0]} baud" else f"    baud: {rate.split()[0]}\n"
        sys.stdout.write(f"\nIn the configuration:\n\n  modem:\n    port: {port}\n{baud}")
    return bool(good)

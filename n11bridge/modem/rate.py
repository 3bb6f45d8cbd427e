"""In step with a modem, at whatever rate it answers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from n11bridge.at.basic import Attention, BaudRate, ResultCodes, VerboseResults
from n11bridge.at.chat import QUIET
from n11bridge.at.command import Exchange
from n11bridge.at.errors import Lost, Malformed, Refused, TimedOut
from n11bridge.at.raw import ESCAPE, GUARD
from n11bridge.line import Line
from n11bridge.port import RATES, Port

log = logging.getLogger(__name__)

#: An answer of earlier may still be about; a modem that talks is asked so often.
TRIES = 3

Ask = Callable[[Exchange[Any]], Awaitable[Any]]


async def synchronise(line: Line, port: Port, baud: int, ask: Ask) -> None:
    """Get an answer to AT, at another rate when the configured one is silent; TimedOut if none."""
    line.reset()
    if line.maybe_in_data_mode:
        await _leave_data_mode(line, ask)
    for rate in (baud, *(rate for rate in RATES if rate != baud)):
        if rate != port.baud:
            port.set_baud(rate)
        # A modem that was left at an SMS prompt would take our AT as text.
        line.write_raw(b"\x1b")
        if await _answers(line, ask) and await _in_step(ask):
            if rate != baud:
                log.warning("the modem answers at %d baud, not %d", rate, baud)
            return
    port.set_baud(baud)
    raise TimedOut("AT", acted=False)


async def _leave_data_mode(line: Line, ask: Ask) -> None:
    """End the data mode that the modem was left in, perhaps by a daemon before us (manual 5.3)."""
    line.maybe_in_data_mode = False
    try:
        await ask(Attention().exchange())
    except (TimedOut, Refused, Lost):
        line.reset()
        await asyncio.sleep(GUARD)
        line.write_raw(ESCAPE)
        await asyncio.sleep(GUARD)


async def _answers(line: Line, ask: Ask) -> bool:
    for question in (Attention(), ResultCodes(), VerboseResults(), Attention()):
        try:
            await ask(question.exchange())
        except (TimedOut, Refused, Lost):
            # No draining here: an answer to any of them will do.
            line.reset()
            continue
        return True
    return False


async def _in_step(ask: Ask) -> bool:
    """Whether an answer belongs to its question: an OK of earlier may still be about."""
    for _ in range(TRIES):
        try:
            await ask(BaudRate.query())
        except Malformed:
            await asyncio.sleep(QUIET)
        except (TimedOut, Refused, Lost):
            return False
        else:
            return True
    return False

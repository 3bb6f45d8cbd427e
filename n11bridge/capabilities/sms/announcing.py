"""How the modem is made to announce messages: the best that its +CNMI offers (manual 6.4)."""

import contextlib

from n11bridge.at.errors import AtError, Refused
from n11bridge.capabilities.sms.wire import Indications
from n11bridge.capability import ModemLike

#: By the manual's text; what a modem's test form offers comes before.
USUAL = (Indications(2, 1, 0, 1, 0), Indications(2, 1, 0, 0, 0))


async def choose(modem: ModemLike, while_busy: float) -> bool:
    """Have messages stored and announced, and delivery reports handed over; whether it will.

    ``while_busy``: seconds for which the SIM may be busy.
    """
    for wish in [*await _offered(modem), *USUAL]:
        with contextlib.suppress(Refused):
            await modem.write(wish, while_busy=while_busy)
            return True
    return False


async def _offered(modem: ModemLike) -> list[Indications]:
    """The best of what the test form offers, which differs from the manual's text."""
    try:
        offered = (await modem.test(Indications)).values
    except AtError:
        return []
    if len(offered) < 4:
        return []
    modes, _, broadcasts, reports = offered[:4]
    buffers = offered[4] if len(offered) > 4 else frozenset({0})
    return [
        Indications(
            _first(modes, 2, 1, 3, 0),
            # Stored and announced: what is handed over directly is lost if we are not there.
            1,
            _first(broadcasts, 2, 0),
            _first(reports, 1, 2, 0),
            _first(buffers, 0, 1),
        )
    ]


def _first(offered: frozenset[int | str], *wanted: int) -> int:
    return next((value for value in wanted if value in offered), wanted[-1])

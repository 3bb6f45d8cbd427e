"""How the modem is made to announce messages: the best that its +CNMI offers (manual 6.4)."""

import contextlib

from n11bridge.at.basic import BACKGROUND
from n11bridge.at.errors import AtError, Malformed, Refused
from n11bridge.capabilities.sms.wire import Indications, IndicationsInForce
from n11bridge.host import ModemLike

#: By the manual's text; what a modem's test form offers comes before.
USUAL = (Indications(2, 1, 0, 1, 0), Indications(2, 1, 0, 0, 0))


class Announcing:
    """The announcements of one modem. No restart of it keeps them, so they also tell of one."""

    def __init__(self, modem: ModemLike) -> None:
        self._modem = modem
        #: What it said was in force after it was set; None if that is not what was set.
        self._proof: IndicationsInForce | None = None

    async def choose(self, while_busy: float) -> bool:
        """Have messages stored and announced, delivery reports handed over; whether it will.

        ``while_busy``: seconds for which the SIM may be busy.
        """
        self._proof = None
        for wish in [*await _offered(self._modem), *USUAL]:
            with contextlib.suppress(Refused):
                await self._modem.write(wish, while_busy=while_busy)
                said = await self._in_force()
                if said is not None and _same(said, wish):
                    self._proof = said
                return True
        return False

    async def forgotten(self) -> bool:
        """Whether they are certainly gone: the modem restarted, and nothing said so."""
        if self._proof is None:
            return False
        said = await self._in_force()
        return said is not None and said != self._proof

    async def _in_force(self) -> IndicationsInForce | None:
        try:
            return await self._modem.read(Indications, priority=BACKGROUND)
        except (Refused, Malformed):
            return None


def _same(said: IndicationsInForce, wish: Indications) -> bool:
    return (said.mode, said.messages, said.broadcasts, said.reports) == (
        *(wish.mode, wish.messages, wish.broadcasts, wish.reports),
    )


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

"""How much has passed, ever: it survives restarts of the modem, of the link and of the daemon.

The modem counts kilobytes since the link came up, and by its manual not in every mode (24.7); we
count payload exactly. Of both the larger is true.
"""

import contextlib
from typing import Any

from n11bridge.at.errors import Refused
from n11bridge.host import ModemLike, SocketsLike, StoreLike
from n11bridge.internet import wire

_NAMES = ("traffic_sent", "traffic_received")
KILOBYTE = 1024


class Traffic:
    """Bytes ``sent`` and ``received``; None before they are known."""

    def __init__(self, modem: ModemLike, sockets: SocketsLike, store: StoreLike) -> None:
        self.sent: int | None = None
        self.received: int | None = None
        self._modem = modem
        self._sockets = sockets
        self._store = store
        #: What the modem said last; what of this session is in the totals; our own count at its
        #: beginning.
        self._said = self._counted = (0, 0)
        self._before = sockets.passed

    async def load(self) -> None:
        """Know what passed before."""
        counters = await self._store.read(lambda tables: tables.counters.all())
        self.sent, self.received = (counters.get(name, 0) for name in _NAMES)

    async def begin(self) -> None:
        """The modem has started: have it count from nothing, whatever it counted before."""
        await self.look(ask=False)
        with contextlib.suppress(Refused):
            await self._modem.write(wire.CountTraffic(0))
        self._said = (0, 0)
        self._said = self._counted = await self._ask()
        self._before = self._sockets.passed

    async def look(self, *, ask: bool = True) -> None:
        """Add what passed since the last time; ``ask`` the modem as well."""
        said = await self._ask() if ask else self._said
        if any(now < before for now, before in zip(said, self._said, strict=True)):
            self._counted, self._before = (0, 0), self._sockets.passed
        self._said = said
        ours = _less(self._sockets.passed, self._before)
        session = max(ours[0], said[0]), max(ours[1], said[1])
        more = _less(session, self._counted)
        self._counted = max(self._counted[0], session[0]), max(self._counted[1], session[1])
        await self._add(max(more[0], 0), max(more[1], 0))

    async def _ask(self) -> tuple[int, int]:
        try:
            said = await self._modem.read(wire.CountTraffic)
        except Refused:
            return self._said
        return said.sent * KILOBYTE, said.received * KILOBYTE

    async def _add(self, *amounts: int) -> None:
        if self.sent is None or self.received is None or not any(amounts):
            return

        def add(tables: Any) -> None:
            for name, amount in zip(_NAMES, amounts, strict=True):
                tables.counters.add(name, amount)

        await self._store.commit(add)
        self.sent, self.received = self.sent + amounts[0], self.received + amounts[1]

    async def reset(self) -> None:
        """Begin from nothing."""
        await self._add(-(self.sent or 0), -(self.received or 0))


def _less(more: tuple[int, int], less: tuple[int, int]) -> tuple[int, int]:
    return more[0] - less[0], more[1] - less[1]

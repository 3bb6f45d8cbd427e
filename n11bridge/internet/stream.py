"""One socket in use: bytes, or datagrams, to and from the far side."""

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Callable
from typing import Any

from n11bridge.at.basic import BACKGROUND
from n11bridge.at.errors import AtError, Expired, Refused, Unavailable
from n11bridge.capability import ModemLike
from n11bridge.internet import wire
from n11bridge.internet.kinds import Kind

#: Data never end: with any other priority, what can wait would wait for ever.
BULK = BACKGROUND
#: A read that gave less than was asked for had all, says the modem; but one that keeps some back
#: is asked again when so many seconds have passed without a word of its own.
ASK_AGAIN = 0.25
#: How long the modem may say that its buffer is full, and how often it is asked.
PATIENCE, FIRST_PAUSE, LAST_PAUSE = 60.0, 0.05, 1.0
#: What is handed on unasked has to be kept somewhere; with more than this nobody keeps up.
MOST_KEPT = 1 << 20

_ROOM = re.compile(r".*BUFFER NOT ENOUGH *,? *(\d*).*", re.IGNORECASE)


class Stream:
    """A connection through socket ``number``. ``freed`` is called once when that may be reused."""

    def __init__(
        self, modem: ModemLike, kind: Kind, number: int, freed: Callable[[], None]
    ) -> None:
        self.number = number
        self.kind = kind
        self.sent = self.received = 0
        self._modem = modem
        self._freed: Callable[[], None] | None = freed
        self._kept: deque[bytes] = deque()
        self._waiting = False
        self._ask_again = False
        self._ended = ""
        self._lost = ""
        self._broken = ""
        self._news = asyncio.Event()
        self._sending = asyncio.Lock()

    # -- what the modem tells

    def heard(self, report: Any) -> None:
        """Data came, or wait to be read, or the far side closed."""
        match report:
            case wire.Received(data=data):
                self._kept.append(data)
                if sum(map(len, self._kept)) > MOST_KEPT:
                    self.broke("nobody reads what comes")
            case wire.Waiting():
                self._waiting = True
            case wire.PeerClosed(cause=cause):
                self._ended = cause or "closed"
                self._waiting = self.kind.read is not None
        self._news.set()

    def lost(self, reason: str) -> None:
        """The link is gone; what came before can still be read."""
        self._lost = self._lost or reason
        self._waiting = self.kind.read is not None
        self._news.set()

    def broke(self, reason: str) -> None:
        """Nothing can be had any more."""
        self._broken = self._broken or reason
        self._news.set()

    # -- what its owner does

    async def receive(self) -> bytes:
        """What came next; nothing once the far side has closed. ConnectionError when it broke."""
        while True:
            if self._kept:
                data = self._kept.popleft()
                self.received += len(data)
                return data
            if self._broken:
                raise ConnectionResetError(self._broken)
            if self._waiting or self._ask_again:
                await self._read()
            elif self._lost:
                raise ConnectionResetError(self._lost)
            elif self._ended:
                return b""
            else:
                await self._wait()

    async def _wait(self) -> None:
        self._news.clear()
        await self._news.wait()

    async def _read(self) -> None:
        """Fetch what waits, and know whether there may be more."""
        assert self.kind.read is not None
        if self._ask_again and not self._waiting:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ASK_AGAIN):
                    await self._news.wait()
            if self._kept or self._broken or self._waiting:
                return
        self._waiting = self._ask_again = False
        try:
            said = await self._modem.run(self.kind.read(self.number, wire.BLOCK), priority=BULK)
        except Refused:
            return  # some say so when nothing waits
        except (AtError, Unavailable, Expired) as error:
            self.broke(str(error))
            return
        if said.data:
            self._kept.append(said.data)
            last = self._ended or self._lost
            self._waiting = self._waiting or bool(last) or len(said.data) == wire.BLOCK
            self._ask_again = True

    async def send(self, data: bytes) -> None:
        """Hand over; returns once the modem has taken it. ConnectionError when it broke."""
        async with self._sending:
            position = 0
            while position < len(data):
                position += await self._send(data[position : position + wire.BLOCK])

    async def _send(self, block: bytes) -> int:
        pause, give_up = FIRST_PAUSE, asyncio.get_running_loop().time() + PATIENCE
        while True:
            if over := self._broken or self._lost or self._ended:
                raise ConnectionResetError(f"nothing can be sent: {over}")
            try:
                await self._modem.send(
                    self.kind.send(self.number, len(block)), block, priority=BULK
                )
            except Refused as error:
                room = _ROOM.fullmatch(error.line)
                if room is None or asyncio.get_running_loop().time() > give_up:
                    raise ConnectionResetError(str(error)) from error
                if room[1] and 0 < int(room[1]) < len(block) and not self.kind.datagrams:
                    block = block[: int(room[1])]
                    continue
            except (AtError, Unavailable, Expired) as error:
                self.broke(str(error))
                raise ConnectionResetError(str(error)) from error
            else:
                self.sent += len(block)
                return len(block)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LAST_PAUSE)

    async def close(self) -> None:
        """Close; safe to call again."""
        freed, self._freed = self._freed, None
        if freed is None:
            return
        try:
            if not (self._ended or self._lost or self._broken):
                with contextlib.suppress(AtError, Unavailable, Expired):
                    await self._modem.run(self.kind.close(self.number))
        finally:
            self.broke("closed")
            freed()

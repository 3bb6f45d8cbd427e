"""One socket in use: bytes, or datagrams, to and from the far side."""

import asyncio
import contextlib
import logging
import re
from collections import deque
from collections.abc import Callable
from typing import Any

from n11bridge.at.errors import AtError, Expired, Refused, Unavailable
from n11bridge.host import ModemLike
from n11bridge.internet import wire
from n11bridge.internet.kinds import BULK, TCP, Kind, Sends
from n11bridge.internet.manners import ADVISED_PAUSE, Manners

log = logging.getLogger(__name__)

#: A read that gave less than was asked for had all, says the modem; but one that keeps some back
#: is asked again when so many seconds have passed without a word of its own.
ASK_AGAIN = 0.25
#: How long the modem may say that its buffer is full, and how often it is asked.
PATIENCE, FIRST_PAUSE, LAST_PAUSE = 60.0, 0.05, 1.0
#: What is handed on unasked has to be kept somewhere; with more than this nobody keeps up.
MOST_KEPT = 1 << 20
#: Before it is closed, a connection may bring what was sent to its end, as long as the far side
#: acknowledges more of it within so many seconds.
PROGRESS = 3.0

_EXPIRED = re.compile(r".*OPERATION EXPIRED.*", re.IGNORECASE)
_ROOM = re.compile(r".*BUFFER NOT ENOUGH *,? *(\d*).*", re.IGNORECASE)


class Stream:
    """A connection through socket ``number``. ``freed`` is called once when that may be reused."""

    def __init__(
        self,
        modem: ModemLike,
        kind: Kind,
        number: int,
        manners: Manners,
        freed: Callable[[], None],
    ) -> None:
        self.number = number
        self.kind = kind
        self.sent = self.received = 0
        self._modem = modem
        self._manners = manners
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
                if data:  # nothing at all would be the end
                    self._kept.append(data)
                if sum(map(len, self._kept)) > MOST_KEPT:
                    self.broke("nobody reads what comes")
            case wire.Waiting():
                self._waiting = True
            case wire.PeerClosed(cause=cause):
                self._ended = cause or "closed"
                self._waiting = True
        self._news.set()

    def lost(self, reason: str) -> None:
        """The link is gone; what came before can still be read."""
        self._lost = self._lost or reason
        self._waiting = True
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
                self._manners.received += len(data)
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

    @property
    def over(self) -> str:
        """Why nothing can be sent any more; "" while it can."""
        return self._broken or self._lost or self._ended

    async def _read(self) -> None:
        """Fetch what waits, and know whether there may be more."""
        if self._ask_again and not self._waiting:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ASK_AGAIN):
                    await self._news.wait()
            if self._kept or self._broken or self._waiting:
                return
        self._waiting = self._ask_again = False
        try:
            data = await self.kind.read(self._modem, self.number, self._manners)
        except Refused:
            return  # some say so when nothing waits
        except (AtError, Unavailable, Expired) as error:
            self.broke(str(error))
            return
        if data:
            self._kept.append(data)
            last = self._ended or self._lost
            self._waiting = self._waiting or bool(last) or len(data) == self.kind.block
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
            if self.over:
                raise ConnectionResetError(f"nothing can be sent: {self.over}")
            try:
                taken = await self._hand_over(block)
            except Refused as error:
                if _ROOM.fullmatch(error.line) is None:
                    raise ConnectionResetError(str(error)) from error
                if asyncio.get_running_loop().time() > give_up:
                    full = f"the far side takes nothing any more: {error}"
                    raise ConnectionResetError(full) from error
                if 0 < (room := await self._room(error)) < len(block) and not self.kind.datagrams:
                    block = block[:room]
                    continue
            except (AtError, Unavailable, Expired) as error:
                self.broke(str(error))
                raise ConnectionResetError(str(error)) from error
            else:
                self.sent += taken
                self._manners.sent += taken
                return taken
            await asyncio.sleep(pause)
            pause = min(2 * pause, LAST_PAUSE)

    async def _hand_over(self, block: bytes) -> int:
        manners = self._manners
        used, spelling = manners.pause, manners.spelling(*self.kind.sends)

        async def send(record: Sends) -> Any:
            command = record(self.number, len(block))
            return await self._modem.send(command, block, priority=BULK, pause=manners.pause)

        try:
            said = await spelling.attempt(send)
        except Refused as error:
            # Part of the data came too early for the modem; it has thrown away the rest.
            if used >= ADVISED_PAUSE or not _EXPIRED.fullmatch(error.line):
                raise
            log.warning("the modem misses data that follow its prompt at once: they wait now")
            manners.pause = ADVISED_PAUSE
            said = await spelling.attempt(send)
        length = getattr(said, "length", len(block))
        return length if 0 < length < len(block) else len(block)

    async def _room(self, error: Refused) -> int:
        """How many bytes can be sent, by the modem's refusal or its own account; 0 if unknown."""
        match = _ROOM.fullmatch(error.line)
        if match is not None and match[1]:
            return int(match[1])
        with contextlib.suppress(Refused):
            said = await self._modem.run(wire.AskStatus(self.number), priority=BULK)
            return said.room or 0
        return 0

    async def acknowledged(self) -> int | None:
        """How many bytes the far side has acknowledged; None where the modem does not say."""
        if self.kind is not TCP or self.over:
            return None
        try:
            said = await self._modem.run(wire.AskAcknowledged(self.number), priority=BULK)
        except (AtError, Unavailable, Expired):
            return None
        return said.acknowledged

    async def arrived(self, patience: float) -> int | None:
        """Wait until all that was sent is acknowledged, so long after the last progress.

        How many bytes are; None where the modem does not say.
        """
        clock = asyncio.get_running_loop().time
        best, pause, give_up = -1, FIRST_PAUSE, clock() + patience
        while (now := await self.acknowledged()) is not None and now < self.sent:
            if now > best:
                best, give_up = now, clock() + patience
            if clock() > give_up:
                break
            await asyncio.sleep(pause)
            pause = min(2 * pause, LAST_PAUSE)
        return now

    async def close(self) -> None:
        """Close; safe to call again."""
        freed, self._freed = self._freed, None
        if freed is None:
            return
        try:
            if not self.over and self.sent:
                await self.arrived(PROGRESS)
            if not (self._ended or self._lost):
                with contextlib.suppress(AtError, Unavailable, Expired):
                    await self._modem.run(self.kind.close(self.number))
        finally:
            self.broke("closed")
            freed()

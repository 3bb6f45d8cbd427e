"""What other rooms remember over a restart, kept in the store."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

from n11bridge.clock import Clock
from n11bridge.discovery import Announced
from n11bridge.host import Host
from n11bridge.modem import Ladder

log = logging.getLogger(__name__)

ANNOUNCED, LADDER, CLOCK = "announced", "ladder", "clock"

#: How often the system's clock is looked at, and how often the time is written down (seconds).
LOOK, WRITE = 5.0, 600.0


class AnnouncedMemory:
    """What discovery announced last."""

    def __init__(self, store: Any) -> None:
        self._store = store

    async def get(self) -> Announced | None:
        """What was announced, None if nothing was."""
        text = await self._store.read(lambda tables: tables.facts.get(ANNOUNCED))
        return json.loads(text) if text else None

    async def set(self, announced: Announced | None) -> None:
        """Remember what was announced."""
        text = json.dumps(announced)
        await self._store.commit(lambda tables: tables.facts.set(ANNOUNCED, text))


class LadderMemory:
    """How far recovery has come, so that a daemon started again does not cure too often."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def recall(self, ladder: Ladder, now: float) -> None:
        """Go on where the process before this one stood; ``now`` is on the loop's clock."""
        text = await self._host.store.read(lambda tables: tables.facts.get(LADDER))
        if text:
            kept = json.loads(text)
            ladder.recall(kept["ladder"], self._host.now() - kept["time"], now)

    def keep(self, ladder: Ladder, now: float) -> None:
        """Remember where it stands now."""
        text = json.dumps({"time": self._host.now(), "ladder": ladder.remember(now)})
        self._host.start(
            self._host.store.commit(lambda tables: tables.facts.set(LADDER, text)), "recovery"
        )


class Timekeeper:
    """Takes jumps of the system's clock over, and moves all that is recorded with it.

    ``on_jump`` gets the jump and by how much was moved, in seconds.
    """

    def __init__(self, store: Any, clock: Clock, on_jump: Callable[[float, float], None]) -> None:
        self._store = store
        self._clock = clock
        self._on_jump = on_jump

    async def begin(self) -> None:
        """Go on from the time that the process before this one knew."""

        def work(tables: Any) -> float:
            text = tables.facts.get(CLOCK)
            moved = self._clock.begin(text) if text else 0.0
            if moved:
                tables.times.move(moved)
            self._write(tables)
            return moved

        moved = await self._store.commit(work)
        if moved:
            log.warning("the clock was set by %+.0f s while we were away", moved)

    async def watch(self) -> None:
        """Look at the clock for ever; what raises StoreError is tried again."""
        loop = asyncio.get_running_loop()
        written = loop.time()
        while True:
            await asyncio.sleep(LOOK)
            jump = self._clock.jump()
            if jump:
                await self._take_over(jump)
            if jump or loop.time() - written >= WRITE:
                await self._store.commit(self._write)
                written = loop.time()

    async def _take_over(self, jump: float) -> None:
        moved = self._clock.moved(jump)
        followed = False

        def work(tables: Any) -> None:
            nonlocal followed
            tables.times.move(moved)
            # Here and now: what is done after it in the store must read the time after it.
            self._clock.follow(jump)
            followed = True

        try:
            await self._store.commit(work)
        except Exception:
            if followed:
                self._clock.follow(-jump)
            raise
        self._clock.settled()
        log.warning(
            "the clock was set by %+.0f s; what is recorded was moved by %+.0f s", jump, moved
        )
        self._on_jump(jump, moved)

    async def end(self) -> None:
        """Write the time down a last time."""
        await self._store.commit(self._write)

    def _write(self, tables: Any) -> None:
        tables.facts.set(CLOCK, self._clock.remember())

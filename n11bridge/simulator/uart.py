"""The UART of the modem: its baud rate, and bytes that take their time on it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

RATES = (0, 9600, 19200, 38400, 57600, 115200)
"""The values of AT+IPR; 0 detects the rate (3.13)."""

_TICK = 0.008
"""Seconds of bytes that are let through together: little delay, few wake-ups."""


class Passage(NamedTuple):
    """Bytes that passed a paced line together."""

    time: float
    """When the last of them had passed, on the clock of ``time.monotonic`` (seconds)."""
    direction: Literal["in", "out"]
    """As the modem sees it."""
    data: bytes


_CROWDED = 2048
"""Bytes under way from which on bulk data had better wait."""


@dataclass
class Uart:
    """The baud rate of the modem's side of the line."""

    rate: int = 115200
    """As AT+IPR sets it; 0: whatever the other side uses."""
    enforced: bool = False
    """Whether the other side must use the same rate to be understood."""
    passed: deque[Passage] = field(default_factory=lambda: deque(maxlen=10_000), repr=False)
    """What passed lately, where bytes take their time; nothing is noted otherwise."""

    @property
    def byte_time(self) -> float:
        """Seconds that one byte takes: ten bits."""
        return 10 / (self.rate or 115200)


class Pacer:
    """Passes bytes on as slowly as a UART does, on an absolute schedule."""

    def __init__(self, uart: Uart, sink: Callable[[bytes], None]) -> None:
        self._uart = uart
        self._sink = sink
        self._queue = bytearray()
        self._start = 0.0
        self._sent = 0
        self._byte_time = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._empty = asyncio.Event()
        self._empty.set()
        self._room = asyncio.Event()
        self._room.set()

    def put(self, data: bytes) -> None:
        """Queue ``data`` behind what is under way."""
        if not data:
            return
        if not self._queue:
            busy_until = self._start + self._sent * self._byte_time
            self._start = max(asyncio.get_running_loop().time(), busy_until)
            self._sent, self._byte_time = 0, self._uart.byte_time
            self._empty.clear()
        self._queue += data
        if len(self._queue) >= _CROWDED:
            self._room.clear()
        if self._timer is None:
            self._arm()

    async def drain(self) -> None:
        """Return when the last byte has passed."""
        await self._empty.wait()

    async def room(self) -> None:
        """Return when not much is under way, long before the line falls silent."""
        await self._room.wait()

    def discard(self) -> None:
        """Forget what is under way."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._queue.clear()
        self._empty.set()
        self._room.set()

    def _arm(self) -> None:
        step = max(1, min(len(self._queue), int(_TICK / self._byte_time)))
        due = self._start + (self._sent + step) * self._byte_time
        self._timer = asyncio.get_running_loop().call_at(due, self._release)

    def _release(self) -> None:
        elapsed = asyncio.get_running_loop().time() - self._start
        count = max(1, int(elapsed / self._byte_time + 1e-6) - self._sent)
        chunk = bytes(self._queue[:count])
        del self._queue[:count]
        self._sent += len(chunk)
        self._timer = None
        if len(self._queue) < _CROWDED:
            self._room.set()
        if self._queue:
            self._arm()
        else:
            self._empty.set()
        self._sink(chunk)

"""What happened so far, for a test to look at and to wait for."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any


class Ledger:
    """Everything that was sent, deleted, delivered and commanded since the simulator started."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.deleted: list[dict[str, Any]] = []
        self.delivered = 0
        self.reports = 0
        self.starts = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.recent: deque[str] = deque(maxlen=1000)
        self._seen: Counter[str] = Counter()
        self._waiting: set[asyncio.Future[None]] = set()

    def command(self, text: str) -> None:
        """Note a command line, without its ``AT``."""
        self._seen[text] += 1
        self.recent.append(f"AT{text}")
        self.touch()

    def commands(self, pattern: str) -> int:
        """Count the command lines whose text or name fits ``pattern``, as ``fnmatch`` does."""
        return sum(count for text, count in self._seen.items() if fits(pattern, text))

    def send(self, **message: Any) -> dict[str, Any]:
        """Note a message that went out to the network, and return its entry."""
        entry = {**message, "time": time.time()}
        self.sent.append(entry)
        self.touch()
        return entry

    def touch(self) -> None:
        """Wake everyone who waits for a condition."""
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until ``holds`` does; False after ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    future = asyncio.get_running_loop().create_future()
                    self._waiting.add(future)
                    try:
                        await future
                    finally:
                        self._waiting.discard(future)
        except TimeoutError:
            return False
        return True

    def summary(self, since: int = 0) -> dict[str, Any]:
        """Return everything as one JSON object, the first ``since`` sent and deleted left out."""
        return {
            "sent": self.sent[since:],
            "deleted": self.deleted[since:],
            "delivered": self.delivered,
            "reports": self.reports,
            "starts": self.starts,
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "commands": self._seen.total(),
            "recent": list(self.recent),
        }


def fits(pattern: str, text: str) -> bool:
    """Say whether a command's text (``+CMGS=33``) fits a pattern: ``+CMGS``, ``AT+CM*``, ``*``."""
    name = text.split("=")[0].split("?")[0]
    wanted = pattern.upper()
    return any(
        fnmatchcase(candidate.upper(), wanted)
        for candidate in (text, name, f"AT{text}", f"AT{name}")
    )

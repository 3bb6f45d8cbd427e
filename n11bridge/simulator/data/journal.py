"""What was opened, how much went through it, and what is open now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Entry:
    """One connection, or whatever else was open for a while."""

    kind: str
    """As chapters name it: TCP, SSL, UDP, LISTEN, CLIENT, FUDP, TRANSPARENT, FTP, HTTP, HTTPS."""
    socket: int | None
    peer: str
    sent: int = 0
    """Bytes that the modem sent, TLS not counted."""
    received: int = 0
    closed: str | None = None
    """Who ended it: client, peer, link or power; None while it is open."""


class Journal:
    """Every entry since the simulator started."""

    def __init__(self, touch: Callable[[], None]) -> None:
        self._touch = touch
        self._entries: list[Entry] = []

    @property
    def open(self) -> list[Entry]:
        """What is open now."""
        return [entry for entry in self._entries if entry.closed is None]

    def opened(self, kind: str, socket: int | None, peer: str) -> Entry:
        """Note that something was opened."""
        entry = Entry(kind, socket, peer)
        self._entries.append(entry)
        self._touch()
        return entry

    def passed(self, entry: Entry, *, sent: int = 0, received: int = 0) -> None:
        """Note bytes that went through it."""
        entry.sent += sent
        entry.received += received
        self._touch()

    def closed(self, entry: Entry, by: str) -> None:
        """Note who ended it; the first one counts."""
        entry.closed = entry.closed or by
        self._touch()

    def summary(self) -> dict[str, Any]:
        """Return everything as JSON has it."""
        return {
            "opened": [asdict(entry) for entry in self._entries],
            "open": [asdict(entry) for entry in self.open],
        }

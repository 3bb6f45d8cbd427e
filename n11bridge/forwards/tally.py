"""What a forward is doing: the numbers of its state."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger(__name__)


@dataclass
class Tally:
    """One forward's numbers. ``changed`` is called with each change of them."""

    name: str
    changed: Callable[[], None]
    #: Told of what a person should look at: a word and a sentence.
    problem: Callable[[str, str], None]
    is_listening: bool = False
    open: int = 0
    total: int = 0
    failures: int = 0
    sent: int = 0
    received: int = 0
    last_error: str | None = field(default=None)

    def listening(self, is_listening: bool) -> None:
        """Whether the port is there."""
        if is_listening != self.is_listening:
            self.is_listening = is_listening
            self.changed()

    def opened(self) -> None:
        """A connection came about."""
        self.open += 1
        self.total += 1
        self.changed()

    def closed(self, sent: int, received: int) -> None:
        """A connection that was opened has ended, after so many bytes."""
        self.open -= 1
        self.sent += sent
        self.received += received
        self.changed()

    def failed(self, reason: str, message: str) -> None:
        """A connection did not come about, or broke; the same again is logged but once."""
        self.failures += 1
        if reason != self.last_error:
            log.info("forward %s: %s", self.name, message)
        if reason == "busy":
            self.problem("no_socket", f"forward {self.name}: {message}")
        self.last_error = reason
        self.changed()

    def state(self) -> dict[str, Any]:
        """The numbers as they are published."""
        return {
            "listening": self.is_listening,
            "open": self.open,
            "total": self.total,
            "failures": self.failures,
            "sent": self.sent,
            "received": self.received,
            "last_error": self.last_error,
        }

"""What is known of a modem from the use of its sockets: the manual does not say all."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from n11bridge.at.command import Command
from n11bridge.at.spelling import Spelling

R = TypeVar("R", bound=Command[Any])

#: What the manual advises between prompt and data is 50 to 100 ms (8.2).
ADVISED_PAUSE = 0.1


@dataclass
class Manners:
    """Of one modem, until the daemon ends."""

    #: Seconds between prompt and data. As advised they cost a seventh of the wire's time, and most
    #: modems need none; one that missed the beginning of the data gets them from then on.
    pause: float = 0.0
    #: Whether SSLTCPREAD answers with a length (9.6); None as long as nobody knows.
    tls_counted: bool | None = None
    #: Bytes that passed through all sockets.
    sent: int = 0
    received: int = 0
    _spellings: dict[tuple[type[Command[Any]], ...], Spelling[Any]] = field(default_factory=dict)

    def spelling(self, *records: type[R]) -> Spelling[R]:
        """How this modem spells a command."""
        return self._spellings.setdefault(records, Spelling(*records))

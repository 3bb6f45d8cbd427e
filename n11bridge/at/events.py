"""What the dialogue tells its owner."""

from dataclasses import dataclass
from typing import Any

from n11bridge.at.command import Exchange
from n11bridge.at.errors import AtError
from n11bridge.at.record import Report


@dataclass(frozen=True, slots=True)
class Done:
    """An exchange ended well; ``result`` is of the type that its command declares."""

    exchange: Exchange[Any]
    result: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """An exchange ended badly."""

    exchange: Exchange[Any]
    error: AtError


@dataclass(frozen=True, slots=True)
class Prompted:
    """The modem asked for the payload; with a held exchange, `release` or `abandon` it now."""

    exchange: Exchange[Any]


@dataclass(frozen=True, slots=True)
class Reported:
    """The modem said something by itself."""

    report: Report


@dataclass(frozen=True, slots=True)
class Unknown:
    """A line that nothing was declared for, or that came when nothing waited for it."""

    line: str


@dataclass(frozen=True, slots=True)
class Silent:
    """The modem did not come back after a timeout: the line, or the modem, is dead."""


Event = Done | Failed | Prompted | Reported | Unknown | Silent

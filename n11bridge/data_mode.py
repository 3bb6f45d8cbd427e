"""Data mode on the line: whose bytes they are then, and when the line is had back for commands."""

import asyncio
from collections.abc import Collection
from typing import Protocol

from n11bridge.at.basic import BACKGROUND
from n11bridge.at.raw import Came, Left, Phase, Raw


class Talker(Protocol):
    """Who speaks with the peer in data mode."""

    @property
    def yields(self) -> bool:
        """Whether data mode is left for a while when there is something else to do."""

    def came(self, data: bytes) -> None:
        """The peer sent bytes."""

    def left(self) -> None:
        """Data mode is over: commands have their turns, ATO among them."""


class DataMode:
    """One time of data mode, from the line that began it on."""

    def __init__(self, talker: Talker, names: Collection[str], line_end: bytes) -> None:
        self.talker = talker
        self.raw = Raw(names, _now(), line_end)

    @property
    def open(self) -> bool:
        """Whether bytes may be written."""
        return self.raw.phase is Phase.OPEN

    def wanted_back(self, priority: int) -> None:
        """Somebody waits for a turn: leave, unless that can wait until the next time."""
        if self.talker.yields and priority < BACKGROUND:
            self.raw.leave(_now())

    def hand_on(self) -> Left | None:
        """Hand on what came; the end, if it has come."""
        for event in self.raw.events():
            match event:
                case Came(data):
                    self.talker.came(data)
                case Left():
                    return event
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()

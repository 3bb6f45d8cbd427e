"""What passed the line, byte by byte, with the time that it took there."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Literal

from n11bridge.simulator import Control

from .outcome import NotMeasured
from .rig import BAUD

BYTE_TIME = 10 / BAUD
"""Seconds that one byte takes: start bit, eight bits, stop bit."""

Direction = Literal["in", "out"]


@dataclass(frozen=True)
class Span:
    """Bytes in a row in one direction: how many, and when the first began and the last ended."""

    text: str
    began: float
    ended: float

    @property
    def bytes(self) -> int:
        """Their number."""
        return len(self.text)


@dataclass
class _Way:
    text: str = ""
    ends: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def passed(self, offset: int) -> float:
        """When the byte at ``offset`` had passed."""
        piece = bisect_left(self.ends, offset + 1)
        return self.times[piece] - (self.ends[piece] - offset - 1) * BYTE_TIME


class Recording:
    """Everything that passed the line after ``since``; directions are the modem's."""

    def __init__(self, control: Control, since: float) -> None:
        self._ways: dict[Direction, _Way] = {"in": _Way(), "out": _Way()}
        for time, direction, data in control.do("passed", since=since)["passed"]:
            way = self._ways[direction]
            way.text += bytes.fromhex(data).decode("latin-1")
            way.ends.append(len(way.text))
            way.times.append(time)

    def spans(self, direction: Direction, pattern: str) -> list[Span]:
        """Return every place at which the pattern fits, in order."""
        way = self._ways[direction]
        return [
            Span(m[0], way.passed(m.start()) - BYTE_TIME, way.passed(m.end() - 1))
            for m in re.finditer(pattern, way.text, re.DOTALL)
        ]

    def first(self, direction: Direction, pattern: str) -> Span:
        """Return the first place at which the pattern fits; NotMeasured if there is none."""
        found = self.spans(direction, pattern)
        if not found:
            raise NotMeasured(f"nothing like {pattern!r} passed the line")
        return found[0]

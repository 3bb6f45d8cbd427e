"""A fault as the catalogue states it: what it does, and what is expected of the bridge."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .scene import Scene

#: Strikes up to its `yield`, while which there is traffic, and mends afterwards what was broken.
Strike = Callable[[Scene], Iterator[None]]


@dataclass(frozen=True, eq=False)
class Fault:
    """One thing that goes wrong."""

    group: str
    name: str
    expected: str
    strike: Strike
    #: How often it strikes in one scene, and in how many scenes, when all faults are tried.
    rounds: int = 1
    scenes: int = 1
    #: Whether it makes traffic of its own, and is to be left alone with it.
    alone: bool = False
    options: Sequence[str] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: Whether all must be quiet when it strikes, so that in a pair it is the first.
    first: bool = False
    #: Why it cannot be tried here; "" if it can.
    hindrance: Callable[[], str] = lambda: ""

    @property
    def label(self) -> str:
        """Its name for the command line."""
        words = (re.sub(r"[^a-z0-9]+", "-", each.lower()) for each in (self.group, self.name))
        return "/".join(each.strip("-") for each in words)


class Catalogue:
    """The faults of one group; `fault` declares one."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.faults: list[Fault] = []

    def fault(self, name: str, expected: str, **more: Any) -> Callable[[Strike], Strike]:
        """Declare what a generator does as a fault."""

        def declare(strike: Strike) -> Strike:
            self.faults.append(Fault(self.group, name, expected, strike, **more))
            return strike

        return declare

"""Where messages lie: SM, ME, and MT as both in a row (manual 6.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

UNREAD, READ, UNSENT, SENT = range(4)
STATES = ("REC UNREAD", "REC READ", "STO UNSENT", "STO SENT")


@dataclass
class Stored:
    """A message in a slot: hexadecimal PDU with the centre's address in front, and its state."""

    pdu: str
    state: int


class Store(Protocol):
    """What CPMS may name; indices count from 1."""

    size: int

    def items(self) -> Iterator[tuple[int, Stored]]:
        """Yield what is stored, by index."""

    def add(self, stored: Stored) -> tuple[str, int] | None:
        """Store in the first free slot; return store and index there, None if there is none."""

    def remove(self, index: int) -> None:
        """Empty a slot; KeyError if it is."""


class Storage:
    """One real store."""

    def __init__(self, name: str, size: int) -> None:
        self.name = name
        self.size = size
        self.slots: dict[int, Stored] = {}

    def items(self) -> Iterator[tuple[int, Stored]]:
        """Yield what is stored, by index."""
        yield from sorted(self.slots.items())

    def add(self, stored: Stored) -> tuple[str, int] | None:
        """Store in the first free slot; return store and index there, None if there is none."""
        for index in range(1, self.size + 1):
            if index not in self.slots:
                self.slots[index] = stored
                return self.name, index
        return None

    def remove(self, index: int) -> None:
        """Empty a slot; KeyError if it is."""
        del self.slots[index]


class Row:
    """Two stores as one: the indices of the second follow those of the first."""

    def __init__(self, first: Storage, second: Storage) -> None:
        self._first = first
        self._second = second
        self.size = first.size + second.size

    def items(self) -> Iterator[tuple[int, Stored]]:
        """Yield what is stored, by index."""
        yield from self._first.items()
        yield from ((self._first.size + index, stored) for index, stored in self._second.items())

    def add(self, stored: Stored) -> tuple[str, int] | None:
        """Store in the first free slot; return store and index there, None if there is none."""
        return self._first.add(stored) or self._second.add(stored)

    def remove(self, index: int) -> None:
        """Empty a slot; KeyError if it is."""
        if index <= self._first.size:
            self._first.remove(index)
        else:
            self._second.remove(index - self._first.size)


class Storages:
    """The stores of a modem and which of them CPMS prefers; both outlive a restart."""

    def __init__(self, size: int, shared: bool) -> None:
        self.sm = Storage("SM", size)
        self.me = self.sm if shared else Storage("ME", size)
        self._named: dict[str, Store] = {"SM": self.sm, "ME": self.me}
        self._named["MT"] = self.sm if shared else Row(self.sm, self.me)
        self.preferred = ["SM", "SM", "SM"]

    def __contains__(self, name: str) -> bool:
        return name in self._named

    def named(self, name: str) -> Store:
        """Return the store of this name; KeyError if there is none."""
        return self._named[name]

    def memory(self, number: int) -> Store:
        """Return mem1 (to read), mem2 (to write and send) or mem3 (to receive)."""
        return self._named[self.preferred[number - 1]]

    def counts(self, number: int) -> tuple[int, int]:
        """Return how many slots of mem1, mem2 or mem3 are used, and how many there are."""
        store = self.memory(number)
        return sum(1 for _ in store.items()), store.size

    @property
    def used(self) -> int:
        """How many messages are stored in all."""
        return len(self.sm.slots) + (len(self.me.slots) if self.me is not self.sm else 0)

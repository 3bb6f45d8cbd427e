"""What was heard so far, in order, and how a test waits for more of it."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

#: Nothing here takes so long; it is how long a test waits for what never comes (seconds).
PATIENCE = 20.0
_SHOWN = 40


class Journal(Generic[T]):
    """A list that one thread fills and another waits for."""

    def __init__(self) -> None:
        self._entries: list[T] = []
        self._added = threading.Condition(threading.RLock())

    def add(self, entry: T) -> None:
        """Append an entry and wake who waits."""
        with self._added:
            self._entries.append(entry)
            self._added.notify_all()

    def mark(self) -> int:
        """The present end, for `since` and `wait_for`."""
        return len(self._entries)

    def since(self, mark: int = 0) -> list[T]:
        """The entries from a mark on."""
        with self._added:
            return self._entries[mark:]

    def wait_for(
        self, fits: Callable[[T], bool], *, after: int = 0, timeout: float = PATIENCE
    ) -> T:
        """The first entry from a mark on that fits; AssertionError when none comes."""
        found: list[T] = []

        def look(entries: Sequence[T]) -> bool:
            found[:] = [entry for entry in entries[after:] if fits(entry)]
            return bool(found)

        self.wait_until(look, timeout=timeout)
        return found[0]

    def wait_until(
        self, holds: Callable[[Sequence[T]], bool], *, timeout: float = PATIENCE
    ) -> None:
        """Return once the whole journal is as wanted; AssertionError when it does not become so."""
        with self._added:
            if not self._added.wait_for(lambda: holds(self._entries), timeout):
                shown = "\n".join(str(entry) for entry in self._entries[-_SHOWN:])
                raise AssertionError(f"nothing of the sort within {timeout} s; heard:\n{shown}")

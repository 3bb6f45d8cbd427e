"""Our own time: Unix seconds that do not jump when somebody sets the system's clock.

A Raspberry Pi has no clock of its own: it starts in the past, and jumps when the network tells it
the time. So `now` follows a clock that only runs forward, and a jump of the system's clock is
taken over when everything recorded has been moved with it.
"""

import contextlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

#: Smaller differences (seconds) are left alone: a clock that is disciplined creeps.
TOLERANCE = 2.0
#: For so long after its start (seconds) a computer may still be learning the time.
LEARNING = 3600.0


def since_boot() -> float:
    """Seconds since the computer started, those asleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def this_boot() -> str:
    """A name for the time since the computer started; "" where there is none."""
    name = os.environ.get("BOOT_ID", "")  # from the unit, which hides the file
    if not name:
        with contextlib.suppress(OSError):
            name = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    return name.strip().replace("-", "")


class Clock:
    """The time as far as messages, caps and deadlines are concerned."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = since_boot,
        boot: Callable[[], str] = this_boot,
    ) -> None:
        self._wall, self._steady, self._boot = wall, steady, boot
        self._offset = wall() - steady()
        self._learning = False
        #: By how much the clock was behind our records when the computer had started.
        self._owed = 0.0

    def now(self) -> float:
        """The time in Unix seconds."""
        return self._steady() + self._offset

    def remember(self) -> str:
        """Return what `begin` will need, as a text to be kept over a restart."""
        return json.dumps({"now": self.now(), "steady": self._steady(), "boot": self._boot()})

    def begin(self, text: str) -> float:
        """Go on from such a text; return by how much what was recorded is to be moved."""
        last = json.loads(text)
        if last["boot"] and last["boot"] == self._boot():
            return _beyond(self.now() - last["now"] - (self._steady() - last["steady"]))
        self._learning = True
        self._owed = max(0.0, last["now"] - self.now())
        return _beyond(-self._owed)

    def jump(self) -> float:
        """By how many seconds the system's clock was set, forward or back; else 0."""
        return _beyond(self._wall() - self.now())

    def moved(self, jump: float) -> float:
        """By how much what was recorded is to be moved when this jump is taken over.

        It moves with the clock, for no time has passed. But the first jump forward after a start
        of the computer tells how long it was off: that time has passed.
        """
        if jump > 0 and self._learning and self._steady() < LEARNING:
            return min(jump, self._owed)
        return jump

    def follow(self, jump: float) -> None:
        """Take a jump over; with the opposite sign, take that back."""
        self._offset += jump

    def settled(self) -> None:
        """A jump was taken over for good: the computer has learnt the time."""
        self._learning = False


def _beyond(difference: float) -> float:
    return difference if abs(difference) > TOLERANCE else 0.0

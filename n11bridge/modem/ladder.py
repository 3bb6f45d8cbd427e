"""The ladder of recovery: which cure is next for a modem that does not come back, and when.

To reach for it costs nothing and goes on all the time. A cure costs a restart: each gets time to
work before the next one, and when none has helped comes a pause that doubles, up to an hour.
Times are seconds on the caller's clock, which must not jump.
"""

import json
from collections.abc import Callable, Sequence

RESET, POWER, BACK_OFF = "reset", "power", "back_off"

#: How long the modem is reached for before the first cure, and after each of them: a module needs
#: about 15 s to start, and finding its rate another 10.
PATIENCE = {"reopen": 20.0, RESET: 30.0, POWER: 45.0}
FIRST_PAUSE, LAST_PAUSE = 60.0, 3600.0


class Ladder:
    """The cures in their order; ``changed`` is called when there is something new to remember."""

    def __init__(
        self, cures: Sequence[str] = (RESET,), changed: Callable[[], None] = lambda: None
    ) -> None:
        self._steps = (*cures, BACK_OFF)
        self._changed = changed
        self._next = 0
        self._pause = FIRST_PAUSE
        self._due = 0.0
        self._reach_until = 0.0

    def fell(self, now: float) -> None:
        """The modem went out of service: first it is only reached for."""
        self._reach_until = now + PATIENCE["reopen"]

    def rose(self) -> None:
        """The modem is in service; that it works has still to be proved."""
        self._reach_until = 0.0

    def climb(self, now: float) -> str | None:
        """Return the step to take now, None while the one before still has its time."""
        if now < max(self._due, self._reach_until):
            return None
        step = self._steps[self._next]
        self._next = (self._next + 1) % len(self._steps)
        if step == BACK_OFF:
            self._due = now + self._pause
            self._pause = min(2 * self._pause, LAST_PAUSE)
        else:
            self._due = now + PATIENCE[step]
        self._changed()
        return step

    def well(self) -> None:
        """The modem has proved that it works: begin from the bottom the next time."""
        if self._next or self._pause != FIRST_PAUSE:
            self._next, self._pause, self._due = 0, FIRST_PAUSE, 0.0
            self._changed()

    def pause(self, now: float) -> float:
        """How long until the next step, in seconds."""
        return max(0.0, self._due - now)

    # A program that is started again and again must not switch the modem off each time.

    def remember(self, now: float) -> str:
        """Return where it stands, as a text to be kept over a restart."""
        return json.dumps({"next": self._next, "pause": self._pause, "left": self.pause(now)})

    def recall(self, text: str, elapsed: float, now: float) -> None:
        """Go on from such a text, written ``elapsed`` seconds ago."""
        known = json.loads(text)
        self._next = int(known["next"]) % len(self._steps)
        self._pause = float(known["pause"])
        self._due = now + max(0.0, float(known["left"]) - max(0.0, elapsed))

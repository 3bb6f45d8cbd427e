"""A SIM that was there and vanished: a contact that shook loose is found again at a restart only.

Many a module looks for its SIM when it starts and never again. So it is restarted, first after a
minute, then less and less often. Times are seconds on the caller's clock, which must not jump.
"""

FIRST_WAIT, LAST_WAIT = 60.0, 3600.0


class Search:
    """When to restart the modem for a SIM that is missing."""

    def __init__(self) -> None:
        self._seen = False
        self._wait = FIRST_WAIT
        self._due: float | None = None

    def found(self) -> None:
        """There is a SIM."""
        self._seen, self._wait, self._due = True, FIRST_WAIT, None

    def missing(self, now: float) -> bool:
        """There is none; whether the modem should be restarted for it now."""
        if not self._seen:
            return False  # nobody has put one in
        if self._due is None:
            self._due = now + self._wait
        if now < self._due:
            return False
        self._due, self._wait = None, min(2 * self._wait, LAST_WAIT)
        return True

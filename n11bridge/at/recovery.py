"""Back in step after a timeout: a late answer must not be taken by the next command.

The line is drained until it is quiet; then `AT+IPR?` is asked, whose answer has a name of its own,
for a bare late OK proves nothing; then the line must be quiet once more, because what was late may
still follow the answer. Times are seconds on the caller's clock.
"""

import enum

#: The line counts as quiet after this long without a byte.
QUIET = 0.3
#: A chattering line is gone on with all the same after this long.
LONGEST_DRAIN = 5.0
PROBE = "AT+IPR?"
PROBE_TIMEOUT = 2.0
PROBE_TRIES = 3


class Step(enum.Enum):
    """How far the recovery has come."""

    DRAIN = "waiting for quiet"
    PROBE = "asked whether the modem is in step"
    SETTLE = "answered; waiting for quiet again"
    IN_STEP = "over: the modem may be talked to"
    SILENT = "over: no probe was answered"


class Recovery:
    """One recovery, from the timeout on."""

    def __init__(self, now: float) -> None:
        self._probes = 0
        self._answered = False
        self._wait_for_quiet(Step.DRAIN, now)

    def _wait_for_quiet(self, step: Step, now: float) -> None:
        self.step = step
        self.deadline = now + QUIET
        self._quiet_by = now + LONGEST_DRAIN

    def byte_came(self, now: float) -> None:
        """Something was received, whatever it is."""
        if self.step is not Step.PROBE:
            self.deadline = min(now + QUIET, self._quiet_by)

    def takes(self, text: str, name: str, now: float) -> bool:
        """Whether a line is an answer to the probe, or its echo."""
        if self.step is not Step.PROBE:
            return False
        if name == "+IPR":
            self._answered = True
            return True
        if text == "OK" and self._answered:
            self._wait_for_quiet(Step.SETTLE, now)
            return True
        # What was typed before may stand in front of the probe's echo.
        return text.lstrip("\x1b") == PROBE

    def refused(self, now: float) -> None:
        """An error came: late, or because of what was typed before the probe."""
        if self.step is Step.PROBE:
            self._try_again(now)

    def tick(self, now: float) -> bytes:
        """Act when `deadline` has passed; what to write."""
        match self.step:
            case Step.DRAIN:
                self._probes += 1
                self._answered = False
                self.step, self.deadline = Step.PROBE, now + PROBE_TIMEOUT
                return PROBE.encode() + b"\r"
            case Step.PROBE:
                self._try_again(now)
            case Step.SETTLE:
                self.step = Step.IN_STEP
        return b""

    def _try_again(self, now: float) -> None:
        if self._probes < PROBE_TRIES:
            self._wait_for_quiet(Step.DRAIN, now)
        else:
            self.step = Step.SILENT

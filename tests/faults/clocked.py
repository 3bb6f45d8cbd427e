"""Runs a Python program whose clocks somebody else may advance.

    python clocked.py CLOCK -m MODULE ... | SCRIPT ...

CLOCK is a file of three doubles: seconds to add to the clocks that run steadily, and to the
wall's, and until when its asyncio loop sleeps unless something happens. SIGUSR1 wakes the loop, so
that it looks at the clock again. See `clock`.
"""

import mmap
import runpy
import selectors
import signal
import struct
import sys
import time

_, CLOCK, *PROGRAM = sys.argv


with open(CLOCK, "r+b") as file:
    SHARED = mmap.mmap(file.fileno(), 24)
DOUBLE = struct.Struct("d")


class Selector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    """Tells until when it sleeps."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        until = float("inf") if timeout is None else time.monotonic() + timeout
        DOUBLE.pack_into(SHARED, 16, until)
        return super().select(timeout)


def take_over() -> None:
    """Put clocks with these offsets in the place of the real ones."""
    monotonic, wall, gettime = time.monotonic, time.time, time.clock_gettime

    def shifted(clock: int) -> float:
        if clock in (time.CLOCK_MONOTONIC, time.CLOCK_BOOTTIME, time.CLOCK_REALTIME):
            return (
                gettime(clock) + DOUBLE.unpack_from(SHARED, 8 * (clock == time.CLOCK_REALTIME))[0]
            )
        return gettime(clock)

    time.monotonic = lambda: monotonic() + DOUBLE.unpack_from(SHARED, 0)[0]
    time.time = lambda: wall() + DOUBLE.unpack_from(SHARED, 8)[0]
    time.clock_gettime = shifted


# Whatever signal has a handler in Python wakes the loop (signal.set_wakeup_fd).
signal.signal(signal.SIGUSR1, lambda *_: None)
take_over()
selectors.DefaultSelector = Selector
if PROGRAM[0] == "-m":
    sys.argv = PROGRAM[1:]
    runpy.run_module(PROGRAM[1], run_name="__main__", alter_sys=True)
else:
    sys.argv = PROGRAM
    runpy.run_path(PROGRAM[0], run_name="__main__")

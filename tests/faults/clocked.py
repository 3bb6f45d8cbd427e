"""Runs a Python program whose clocks somebody else may advance.

    python clocked.py CLOCK -m MODULE ... | SCRIPT ...

CLOCK is a file of two doubles: seconds to add to the clocks that run steadily, and to the wall's.
SIGUSR1 wakes an asyncio loop, so that it looks at the clock again. See `clock`.
"""

import mmap
import runpy
import signal
import struct
import sys
import time

_, CLOCK, *PROGRAM = sys.argv


def take_over() -> None:
    """Put clocks with these offsets in the place of the real ones."""
    with open(CLOCK, "rb") as file:
        offsets = mmap.mmap(file.fileno(), 16, access=mmap.ACCESS_READ)
    monotonic, wall, gettime = time.monotonic, time.time, time.clock_gettime
    unpack = struct.Struct("d").unpack_from

    def shifted(clock: int) -> float:
        if clock in (time.CLOCK_MONOTONIC, time.CLOCK_BOOTTIME, time.CLOCK_REALTIME):
            return gettime(clock) + unpack(offsets, 8 * (clock == time.CLOCK_REALTIME))[0]
        return gettime(clock)

    time.monotonic = lambda: monotonic() + unpack(offsets, 0)[0]
    time.time = lambda: wall() + unpack(offsets, 8)[0]
    time.clock_gettime = shifted


# Whatever signal has a handler in Python wakes the loop (signal.set_wakeup_fd).
signal.signal(signal.SIGUSR1, lambda *_: None)
take_over()
if PROGRAM[0] == "-m":
    sys.argv = PROGRAM[1:]
    runpy.run_module(PROGRAM[1], run_name="__main__", alter_sys=True)
else:
    sys.argv = PROGRAM
    runpy.run_path(PROGRAM[0], run_name="__main__")

"""Runs a Python program whose clocks somebody else may advance.

    python clocked.py CLOCK -m MODULE ... | SCRIPT ...

CLOCK is a file of two doubles: seconds to add to the monotonic and to the wall clock. SIGUSR1 wakes
an asyncio loop, so that it looks at the clock again. See `clock`.
"""

import mmap
import runpy
import signal
import struct
import sys
import time
from collections.abc import Callable

_, CLOCK, *PROGRAM = sys.argv


def clocks() -> tuple[Callable[[], float], Callable[[], float]]:
    """The monotonic and the wall clock, each with its offset."""
    with open(CLOCK, "rb") as file:
        offsets = mmap.mmap(file.fileno(), 16, access=mmap.ACCESS_READ)
    monotonic, wall = time.monotonic, time.time
    unpack = struct.Struct("d").unpack_from
    return (
        lambda: monotonic() + unpack(offsets, 0)[0],
        lambda: wall() + unpack(offsets, 8)[0],
    )


# Whatever signal has a handler in Python wakes the loop (signal.set_wakeup_fd).
signal.signal(signal.SIGUSR1, lambda *_: None)
time.monotonic, time.time = clocks()
if PROGRAM[0] == "-m":
    sys.argv = PROGRAM[1:]
    runpy.run_module(PROGRAM[1], run_name="__main__", alter_sys=True)
else:
    sys.argv = PROGRAM
    runpy.run_path(PROGRAM[0], run_name="__main__")

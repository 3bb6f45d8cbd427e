"""The daemon's clocks, in the test's hands."""

import contextlib
import mmap
import os
import signal
import struct
import time
from pathlib import Path


class Clock:
    """Offsets of a daemon's clocks, which `clocked` adds; they outlive the daemon."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(24))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 24)
        launcher = Path(__file__).with_name("clocked.py")
        #: What stands before the program for its clocks to be these.
        self.launcher = (str(launcher), str(path))
        self.advanced = 0.0

    def advance(self, seconds: float, pid: int | None) -> None:
        """Let time pass in a moment, for a daemon that runs and for those after it."""
        self.advanced += seconds
        self._add(0, seconds)
        self._add(8, seconds)
        self._wake(pid)

    @property
    def gap(self) -> float:
        """Seconds until the daemon will do something by itself; meaningful while it is at rest."""
        return self._read(16) - time.monotonic() - self._read(0)

    def jump(self, seconds: float, pid: int | None) -> None:
        """Set the wall clock alone, as an operator or NTP does; it may go back."""
        self._add(8, seconds)
        self._wake(pid)

    def _add(self, place: int, seconds: float) -> None:
        struct.pack_into("d", self._shared, place, self._read(place) + seconds)

    def _read(self, place: int) -> float:
        (value,) = struct.unpack_from("d", self._shared, place)
        return float(value)

    @staticmethod
    def _wake(pid: int | None) -> None:
        if pid is not None and _listens(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGUSR1)


def _listens(pid: int) -> bool:
    """Whether it does anything but die of the signal: it may have been started just now."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGUSR1 - 1) & 1)

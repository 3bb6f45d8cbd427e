"""The power hook: how the modem's power is cycled when nothing else brings it back.

Either a command of the owner's, or a line of a GPIO chip that is made active for some seconds. The
line is spoken to through the kernel's character device (linux/gpio.h, version 2 of its interface,
Linux 5.10 or later), which needs no library.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import struct
from collections.abc import Sequence
from typing import Protocol

log = logging.getLogger(__name__)

#: A command that takes longer is killed (seconds).
LIMIT = 60.0
#: So much of its output goes to the log, in bytes.
MOST_OUTPUT = 4096

_GET_LINE, _SET_VALUES = 0xC250B407, 0xC010B40F
_ACTIVE_LOW, _OUTPUT = 1 << 1, 1 << 3
# struct gpio_v2_line_request: offsets, consumer, config (flags, number and space of attributes),
# number of lines, size of the event buffer, padding, and the descriptor that the kernel fills in.
_LINE_REQUEST = struct.Struct("=64I32sQI20x240xII20xi")
_LINE_VALUES = struct.Struct("=QQ")


class PowerError(Exception):
    """The hook failed; the message says how."""


class PowerHook(Protocol):
    """Takes the modem's power away and gives it back."""

    async def cycle(self) -> None:
        """Do it; PowerError when it failed."""


class CommandHook:
    """A command, run without a shell; its output goes to the log."""

    def __init__(self, command: Sequence[str], limit: float = LIMIT) -> None:
        self._command = command
        self._limit = limit

    async def cycle(self) -> None:
        """Run it to its end, or kill it with all that it started."""
        output = _Output()
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output.write_end,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            output.close()
            raise PowerError(f"{self._command[0]} cannot be run: {error.strerror}") from error
        try:
            async with asyncio.timeout(self._limit):
                code = await process.wait()
        except BaseException as error:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, TimeoutError):
                took = f"it took more than {self._limit:g} s"
                raise PowerError(f"{self._command[0]} was killed: {took}") from None
            raise
        finally:
            for line in output.close():
                log.info("%s: %s", self._command[0], line)
        if code:
            raise PowerError(f"{self._command[0]} ended with {code}")


class _Output:
    """A pipe that is read at once, and kept in part.

    Not asyncio's: it would wait for all that the command leaves running.
    """

    def __init__(self) -> None:
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._kept = bytearray()
        asyncio.get_running_loop().add_reader(self._read_end, self._read)

    def _read(self) -> bool:
        try:
            data = os.read(self._read_end, 65536)
        except BlockingIOError:
            return False
        self._kept += data[: MOST_OUTPUT - len(self._kept)]
        return bool(data)

    def close(self) -> list[str]:
        """Hang up, and return the lines."""
        asyncio.get_running_loop().remove_reader(self._read_end)
        os.close(self.write_end)
        for _ in range(16):  # what was left running may never stop talking
            if not self._read():
                break
        os.close(self._read_end)
        return self._kept.decode("utf-8", "replace").splitlines()


class GpioHook:
    """A line of a GPIO chip, held active for some seconds; at rest nobody drives it."""

    def __init__(self, chip: str, line: int, seconds: float, *, active_low: bool = False) -> None:
        self._chip = chip
        self._line = line
        self._seconds = seconds
        self._active_low = active_low

    async def cycle(self) -> None:
        """Hold the line active, then let go of it."""
        try:
            descriptor = self._take()
        except OSError as error:
            raise PowerError(f"line {self._line} of {self._chip}: {error.strerror}") from error
        try:
            fcntl.ioctl(descriptor, _SET_VALUES, _LINE_VALUES.pack(1, 1))
            await asyncio.sleep(self._seconds)
            fcntl.ioctl(descriptor, _SET_VALUES, _LINE_VALUES.pack(0, 1))
        except OSError as error:
            raise PowerError(f"line {self._line} of {self._chip}: {error.strerror}") from error
        finally:
            os.close(descriptor)

    def _take(self) -> int:
        """Take the line as an inactive output; its descriptor."""
        request = bytearray(line_request(self._line, active_low=self._active_low))
        chip = os.open(self._chip, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.ioctl(chip, _GET_LINE, request)
        finally:
            os.close(chip)
        return int(_LINE_REQUEST.unpack(request)[-1])


def line_request(line: int, *, active_low: bool) -> bytes:
    """The kernel's request for one line as an output."""
    flags = _OUTPUT | (_ACTIVE_LOW if active_low else 0)
    return _LINE_REQUEST.pack(line, *[0] * 63, b"n11bridge", flags, 0, 1, 0, 0)

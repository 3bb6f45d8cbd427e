"""The serial port: a device path, ``socket://host:port`` or ``rfc2217://host:port``.

The only module that imports pyserial. Ports with a file descriptor are read and written on the
loop itself, without a thread and without polling; rfc2217, which has none, gets two threads.
"""

import asyncio
import contextlib
import errno
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import serial

#: The rates of the manual (3.13), the likeliest first; N11 modules ship at 9600 or detect it.
RATES = (115200, 9600, 57600, 38400, 19200)


class PortError(Exception):
    """The port cannot be opened, or went away."""


@dataclass(frozen=True, slots=True)
class Found:
    """A serial port of this machine."""

    path: str
    description: str


def candidates() -> list[Found]:
    """The serial ports that a modem may be on, the stable by-id names where there are some."""
    from serial.tools import list_ports  # of no use to the daemon

    by_id: dict[str, str] = {}
    with contextlib.suppress(OSError):
        folder = "/dev/serial/by-id"
        for name in sorted(os.listdir(folder)):
            by_id[os.path.realpath(f"{folder}/{name}")] = f"{folder}/{name}"
    ports = [
        Found(by_id.get(port.device, port.device), port.description)
        for port in sorted(list_ports.comports())
    ]
    known = {os.path.realpath(port.path) for port in ports}
    ports += [
        Found(path, "UART of the GPIO header")
        for path in ("/dev/serial0",)
        if os.path.exists(path) and os.path.realpath(path) not in known
    ]
    return ports


class Port:
    """One open port. ``on_bytes`` gets what arrives, ``on_lost`` a sentence when it goes away.

    Both are called on the loop; ``on_lost`` at most once, and not after `close`.
    """

    def __init__(
        self, device: Any, on_bytes: Callable[[bytes], None], on_lost: Callable[[str], None]
    ) -> None:
        self._device = device
        self._on_bytes = on_bytes
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._unwritten = bytearray()
        self._writer: ThreadPoolExecutor | None = None
        self._descriptor = _descriptor(device)
        if self._descriptor is not None:
            self._loop.add_reader(self._descriptor, self._readable, self._descriptor)
        else:
            self._writer = ThreadPoolExecutor(1, "port-write")
            threading.Thread(target=self._read_thread, name="port-read", daemon=True).start()

    @classmethod
    async def open(
        cls,
        url: str,
        baud: int,
        on_bytes: Callable[[bytes], None],
        on_lost: Callable[[str], None],
        *,
        hardware_flow_control: bool = False,
    ) -> "Port":
        """Open for this process alone, at ``baud`` bit/s, 8N1; PortError says why not."""

        def blocking() -> Any:
            return serial.serial_for_url(
                url,
                baudrate=baud,
                timeout=1,  # only ports without a descriptor are read with it
                rtscts=hardware_flow_control,
                exclusive=True if "://" not in url else None,
            )

        try:
            device = await asyncio.get_running_loop().run_in_executor(None, blocking)
        except (OSError, ValueError) as error:
            raise PortError(_reason(url, error)) from error
        return cls(device, on_bytes, on_lost)

    @property
    def baud(self) -> int:
        """The rate in bit/s."""
        return int(self._device.baudrate)

    def set_baud(self, baud: int) -> None:
        """Change the rate; PortError when the device refuses."""
        try:
            self._device.baudrate = baud
        except (OSError, ValueError) as error:
            raise PortError(f"the port does not do {baud} baud: {error}") from error

    def write(self, data: bytes) -> None:
        """Write without waiting; what the device does not take at once follows."""
        if not self._open or not data:
            return
        if self._writer is not None:
            self._writer.submit(self._write_thread, data)
            return
        self._unwritten += data
        if len(self._unwritten) == len(data):
            self._writable()

    def close(self) -> None:
        """Close; nothing is called back any more."""
        if not self._open:
            return
        self._open = False
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            self._loop.remove_writer(self._descriptor)
        if self._writer is not None:
            self._writer.shutdown(wait=False, cancel_futures=True)
        if isinstance(self._device, serial.Serial):
            self._close_device()
        else:
            # The ports over the network wait a while when they are closed.
            threading.Thread(target=self._close_device, name="port-close", daemon=True).start()

    def _close_device(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._device.close()

    def _lost(self, reason: str) -> None:
        if self._open:
            self.close()
            self._on_lost(reason)

    # -- ports with a descriptor

    def _readable(self, descriptor: int) -> None:
        try:
            data = os.read(descriptor, 65536)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost(error.strerror or str(error))
            return
        if data:
            self._on_bytes(data)
        else:
            self._lost("the device went away")

    def _writable(self) -> None:
        assert self._descriptor is not None
        try:
            written = os.write(self._descriptor, self._unwritten)
        except BlockingIOError:
            written = 0
        except OSError as error:
            self._lost(error.strerror or str(error))
            return
        del self._unwritten[:written]
        if self._unwritten:
            self._loop.add_writer(self._descriptor, self._writable)
        else:
            self._loop.remove_writer(self._descriptor)

    # -- ports without

    def _read_thread(self) -> None:
        try:
            while self._open:
                data = self._device.read(max(1, self._device.in_waiting))
                if data and self._open:
                    self._loop.call_soon_threadsafe(self._deliver, data)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            self._call(self._lost, str(error))

    def _deliver(self, data: bytes) -> None:
        if self._open:
            self._on_bytes(data)

    def _write_thread(self, data: bytes) -> None:
        try:
            self._device.write(data)
        except (OSError, ValueError) as error:
            self._call(self._lost, str(error))

    def _call(self, function: Callable[[str], None], argument: str) -> None:
        # The loop may be closed already when the daemon stops.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, argument)


def _descriptor(device: Any) -> int | None:
    try:
        return int(device.fileno())
    except (AttributeError, OSError, ValueError):
        return None


def _reason(url: str, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.ENOENT:
        return f"{url} does not exist; is the modem plugged in?"
    if number == errno.EACCES:
        return f"no permission for {url}; add the user to the group dialout"
    if number in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in str(error):
        return f"{url} is in use by another program"
    return f"{url} cannot be opened: {error}"

"""Where a client finds the modem: a pty that stands for a serial port, or a TCP port."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import re
import socket
import termios
import tty
from collections.abc import Callable
from pathlib import Path

from .uart import Uart

Receive = Callable[[bytes], None]

_SPEEDS = {
    getattr(termios, name): int(name[1:])
    for name in dir(termios)
    if re.fullmatch(r"B[1-9]\d*", name)
}
_CONSTANTS = {rate: constant for constant, rate in _SPEEDS.items()}
_BACKLOG = 1 << 18
"""Bytes kept for a client that does not read; what comes after them is lost."""

_CROWDED = 1 << 12
"""Bytes kept for the client from which on bulk data had better wait."""

_MISREAD = bytes(octet ^ 0xA5 for octet in range(256))
"""What a byte looks like at another baud rate: not the real waveform, but never text."""


class Channel:
    """Bytes to and from a file descriptor, which it owns, without ever blocking."""

    def __init__(self, fd: int, receive: Receive, ended: Callable[[], None]) -> None:
        self._fd = fd
        self._receive = receive
        self._ended = ended
        self._backlog = bytearray()
        self._room = asyncio.Event()
        self._room.set()
        os.set_blocking(fd, False)
        asyncio.get_running_loop().add_reader(fd, self._readable)

    def write(self, data: bytes) -> None:
        """Send bytes, later if need be; what exceeds the backlog is lost."""
        if len(self._backlog) + len(data) <= _BACKLOG:
            self._backlog += data
        self._flush()

    async def room(self) -> None:
        """Return when the client has read most of what it was sent."""
        await self._room.wait()

    def close(self) -> None:
        """Close the descriptor; what is not sent by now is lost."""
        self._room.set()
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._fd)
        loop.remove_writer(self._fd)
        os.close(self._fd)

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, 65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._receive(data)
        else:
            self._ended()

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            del self._backlog[: os.write(self._fd, self._backlog)]
        except BlockingIOError:
            pass
        except OSError:  # the client is gone, as the reader will find out
            self._backlog.clear()
        if len(self._backlog) < _CROWDED:
            self._room.set()
        else:
            self._room.clear()
        if self._backlog:
            loop.add_writer(self._fd, self._flush)
        else:
            loop.remove_writer(self._fd)


class PtyLine:
    """A pty whose slave is the serial port; it sees the baud rate that the client set."""

    def __init__(self, uart: Uart, link: Path | None, *, garbage: bool = True) -> None:
        self._uart = uart
        self._link = link
        self._garbage = garbage
        self._receive: Receive | None = None
        self._master: Channel | None = None
        self._slave = -1

    @property
    def name(self) -> str:
        """The path that a client opens."""
        return str(self._link) if self._link else os.ttyname(self._slave)

    async def open(self, receive: Receive) -> None:
        """Create the port; FileExistsError if something else has the link's name."""
        self._receive = receive
        self.replug()

    async def close(self) -> None:
        """Remove the port."""
        self.unplug()

    def write(self, data: bytes) -> None:
        """Send bytes to the client; they are lost while the line is cut."""
        if self._master is None:
            return
        if self._same_rate():
            self._master.write(data)
        elif self._garbage:
            self._master.write(data.translate(_MISREAD))

    async def drain(self) -> None:
        """Return at once: the kernel has the bytes."""

    async def room(self) -> None:
        """Return when the client has read most of what it was sent."""
        if self._master is not None:
            await self._master.room()

    def unplug(self) -> None:
        """Close both ends, as when an adapter is pulled out: the client's reads fail."""
        if self._master is None:
            return
        self._master.close()
        self._master = None
        os.close(self._slave)
        if self._link:
            self._link.unlink(missing_ok=True)

    def replug(self) -> None:
        """Create a new pty under the same link."""
        if self._master is not None:
            return
        master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        mode = termios.tcgetattr(self._slave)
        mode[4] = mode[5] = _CONSTANTS[self._uart.rate or 115200]
        termios.tcsetattr(self._slave, termios.TCSANOW, mode)
        self._master = Channel(master, self._arrived, self.unplug)
        if self._link:
            if self._link.is_symlink():  # left behind by one that was killed
                self._link.unlink()
            self._link.symlink_to(os.ttyname(self._slave))

    def _arrived(self, data: bytes) -> None:
        if not self._same_rate():
            self.write(data)  # which garbles it, where garbage is wanted
        elif self._receive is not None:
            self._receive(data)

    def _same_rate(self) -> bool:
        if not (self._uart.enforced and self._uart.rate):
            return True
        return _SPEEDS.get(termios.tcgetattr(self._slave)[4]) == self._uart.rate


class TcpLine:
    """A TCP port for one client at a time, as ``socket://`` has it."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._receive: Receive | None = None
        self._listener: socket.socket | None = None
        self._client: Channel | None = None

    @property
    def name(self) -> str:
        """The URL that a client opens."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"socket://{host}:{self._port}"

    async def open(self, receive: Receive) -> None:
        """Listen; OSError if the port is taken."""
        self._receive = receive
        self.replug()

    async def close(self) -> None:
        """Hang up and stop listening."""
        self.unplug()

    def write(self, data: bytes) -> None:
        """Send bytes to the client; without one they are lost."""
        if self._client is not None:
            self._client.write(data)

    async def drain(self) -> None:
        """Return at once: the kernel has the bytes."""

    async def room(self) -> None:
        """Return when the client has read most of what it was sent."""
        if self._client is not None:
            await self._client.room()

    def unplug(self) -> None:
        """Hang up and stop listening."""
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None
        self._hang_up()

    def replug(self) -> None:
        """Listen at the same port again."""
        if self._listener is None:
            family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
            self._listener = socket.create_server((self._host, self._port), family=family)
            self._listener.setblocking(False)
            self._port = self._listener.getsockname()[1]
            asyncio.get_running_loop().add_reader(self._listener, self._accept, self._listener)

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            client, _ = listener.accept()
            if self._client is not None or self._receive is None:
                client.close()
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._client = Channel(client.detach(), self._receive, self._hang_up)

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

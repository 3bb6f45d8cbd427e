"""Where a client finds the modem: a pty that stands for a serial port, or a TCP port."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import re
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

_MISREAD = bytes(octet ^ 0xA5 for octet in range(256))
"""What a byte looks like at another baud rate: not the real waveform, but never text."""


def _nowhere(_data: bytes) -> None:
    """Take bytes while nobody listens."""


class PtyLine:
    """A pty whose slave is the serial port; it sees the baud rate that the client set."""

    def __init__(self, uart: Uart, link: Path | None, *, garbage: bool = True) -> None:
        self._uart = uart
        self._link = link
        self._garbage = garbage
        self._receive: Receive = _nowhere
        self._master = self._slave = -1
        self._backlog = bytearray()

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
        if self._master < 0:
            return
        if not self._same_rate():
            data = data.translate(_MISREAD) if self._garbage else b""
        if len(self._backlog) + len(data) <= _BACKLOG:
            self._backlog += data
        self._flush()

    async def drain(self) -> None:
        """Return at once: the kernel has the bytes."""

    def unplug(self) -> None:
        """Close both ends, as when an adapter is pulled out: the client's reads fail."""
        if self._master < 0:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._master)
        loop.remove_writer(self._master)
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1
        self._backlog.clear()
        if self._link:
            self._link.unlink(missing_ok=True)

    def replug(self) -> None:
        """Create a new pty under the same link."""
        if self._master >= 0:
            return
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        mode = termios.tcgetattr(self._slave)
        mode[4] = mode[5] = _CONSTANTS[self._uart.rate or 115200]
        termios.tcsetattr(self._slave, termios.TCSANOW, mode)
        os.set_blocking(self._master, False)
        if self._link:
            if self._link.is_symlink():  # left behind by one that was killed
                self._link.unlink()
            self._link.symlink_to(os.ttyname(self._slave))
        asyncio.get_running_loop().add_reader(self._master, self._readable)

    def _readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._master, 65536)
            if self._same_rate():
                self._receive(data)
            elif self._garbage:
                self.write(data)

    def _flush(self) -> None:
        with contextlib.suppress(BlockingIOError):
            del self._backlog[: os.write(self._master, self._backlog)]
        loop = asyncio.get_running_loop()
        if self._backlog:
            loop.add_writer(self._master, self._flush)
        else:
            loop.remove_writer(self._master)

    def _same_rate(self) -> bool:
        if not (self._uart.enforced and self._uart.rate):
            return True
        return _SPEEDS.get(termios.tcgetattr(self._master)[4]) == self._uart.rate


class TcpLine:
    """A TCP port for one client at a time, as ``socket://`` has it."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._receive: Receive = _nowhere
        self._server: asyncio.Server | None = None
        self._joining: asyncio.Task[None] | None = None
        self.client: asyncio.Transport | None = None

    @property
    def name(self) -> str:
        """The URL that a client opens."""
        return f"socket://{self._host}:{self._port}"

    async def open(self, receive: Receive) -> None:
        """Listen; OSError if the port is taken."""
        self._receive = receive
        await self._listen()

    async def close(self) -> None:
        """Hang up and stop listening."""
        if self._joining is not None:
            await asyncio.wait({self._joining})
        self.unplug()

    def write(self, data: bytes) -> None:
        """Send bytes to the client; without one they are lost."""
        if self.client is not None and self.client.get_write_buffer_size() < _BACKLOG:
            self.client.write(data)

    async def drain(self) -> None:
        """Return at once: the kernel has the bytes."""

    def unplug(self) -> None:
        """Hang up and stop listening."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self.client is not None:
            self.client.abort()
            self.client = None

    def replug(self) -> None:
        """Listen at the same port again."""
        if self._server is None:
            self._joining = asyncio.get_running_loop().create_task(self._listen())

    def receive(self, data: bytes) -> None:
        """Take bytes from the client."""
        self._receive(data)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Client(self), self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]


class _Client(asyncio.Protocol):
    """One connection to a TcpLine; a second one is turned away."""

    def __init__(self, line: TcpLine) -> None:
        self._line = line
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self._line.client is not None:
            transport.abort()
            return
        self._transport = self._line.client = transport

    def data_received(self, data: bytes) -> None:
        if self._line.client is self._transport:
            self._line.receive(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None and self._line.client is self._transport:
            self._line.client = None

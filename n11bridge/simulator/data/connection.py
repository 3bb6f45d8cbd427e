"""One TCP connection of the modem to the real world, with TLS or without."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import socket
import ssl
import struct
import termios
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from .journal import Entry
from .names import Endpoint

if TYPE_CHECKING:
    from .stack import Stack

SEND_BUFFER = 4096
"""Bytes that a socket takes before the peer has acknowledged any (8.5)."""

_SEGMENT = 1460
_PARTING = 2.0
"""Seconds that a closed connection has for what it still must send."""

Received = Callable[[bytes], Awaitable[None]]


async def dial(
    endpoint: Endpoint,
    *,
    port: int = 0,
    keepalive: tuple[int, int] | None = None,
    context: ssl.SSLContext | None = None,
    host: str = "",
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect from local ``port``, with TLS for ``host`` where there is a context; OSError."""
    plain = socket.socket()
    try:
        plain.setblocking(False)
        if port:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            plain.bind(("", port))
        if keepalive:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, keepalive[0])
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, keepalive[1])
        await asyncio.get_running_loop().sock_connect(plain, endpoint)
        name = host if context else None
        return await asyncio.open_connection(
            sock=plain, ssl=context, server_hostname=name, limit=SEND_BUFFER
        )
    except BaseException:
        plain.close()
        raise


class Connection:
    """What stands behind a socket number: a send buffer, and a reader that can be held up."""

    def __init__(
        self,
        stack: Stack,
        entry: Entry,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        received: Received,
        ended: Callable[[], None],
    ) -> None:
        self.entry = entry
        self._stack = stack
        self._reader, self._writer = streams
        self._writer.transport.set_write_buffer_limits(high=0)
        self._received = received
        self._ended = ended
        self._unsent = bytearray()
        self._more, self._less = asyncio.Event(), asyncio.Event()
        self._tasks = (stack.spawn(self._pump()), stack.spawn(self._listen()))

    @property
    def unacknowledged(self) -> int:
        """Bytes taken from the client that the peer's side has not acknowledged."""
        waiting = len(self._unsent) + self._writer.transport.get_write_buffer_size()
        real: socket.socket = self._writer.get_extra_info("socket")
        if real.fileno() < 0:
            return waiting
        answer = fcntl.ioctl(real.fileno(), termios.TIOCOUTQ, bytes(4))
        queued: int = struct.unpack("i", answer)[0]
        return waiting + queued

    @property
    def acknowledged(self) -> int:
        """Bytes that the peer's side has acknowledged."""
        return max(0, self.entry.sent - self.unacknowledged)

    @property
    def free(self) -> int:
        """Bytes that may be sent now."""
        return max(0, SEND_BUFFER - self.unacknowledged)

    def send(self, data: bytes) -> None:
        """Take bytes into the send buffer."""
        self._unsent += data
        self._stack.journal.passed(self.entry, sent=len(data))
        self._more.set()

    async def room(self) -> None:
        """Return once the send buffer is not full."""
        while len(self._unsent) >= SEND_BUFFER:
            self._less.clear()
            await self._less.wait()

    def close(self, by: str) -> None:
        """Hang up; what was taken still goes out."""
        self._stop(by)
        if self._stack.link.flowing:
            self._writer.write(bytes(self._unsent))
            self._writer.close()
            asyncio.get_running_loop().call_later(_PARTING, self._writer.transport.abort)
        else:
            self._writer.transport.abort()

    def abort(self, by: str) -> None:
        """Be gone at once."""
        self._stop(by)
        self._writer.transport.abort()

    def _stop(self, by: str) -> None:
        for task in self._tasks:
            task.cancel()
        self._stack.journal.closed(self.entry, by)

    async def _pump(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await self._more.wait()
                self._more.clear()
                while self._unsent:
                    piece = bytes(self._unsent[:_SEGMENT])
                    await self._stack.link.send(len(piece))
                    del self._unsent[: len(piece)]
                    self._less.set()
                    self._writer.write(piece)
                    await self._writer.drain()

    async def _listen(self) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while data := await self._reader.read(_SEGMENT):
                await self._stack.link.receive(len(data))
                self._stack.journal.passed(self.entry, received=len(data))
                await self._received(data)
        await self._stack.link.flows()
        self.close("peer")
        self._ended()

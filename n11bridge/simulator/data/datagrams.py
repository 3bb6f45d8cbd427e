"""UDP: datagrams to and from the real world."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from .connection import SEND_BUFFER
from .journal import Entry
from .names import Endpoint

if TYPE_CHECKING:
    from .stack import Stack

_LARGEST = 65535
_WAITING = 64
"""Datagrams that wait for the client or the link; those after them are lost."""

Heard = Callable[[bytes, Endpoint], Awaitable[None]]


async def associate(endpoint: Endpoint, port: int = 0) -> socket.socket:
    """Return a socket that hears and speaks to ``endpoint`` alone, from a local port; OSError."""
    plain = bound(port)
    plain.connect(endpoint)
    return plain


def bound(port: int, address: str = "") -> socket.socket:
    """Return a UDP socket at a local port, 0 for any; OSError if it is taken."""
    plain = socket.socket(type=socket.SOCK_DGRAM)
    try:
        plain.setblocking(False)
        plain.bind((address, port))
    except OSError:
        plain.close()
        raise
    return plain


class Datagrams:
    """One UDP socket: what it sends waits for the link, and so does what it hears."""

    def __init__(self, stack: Stack, entry: Entry, plain: socket.socket, heard: Heard) -> None:
        self.entry = entry
        self._stack = stack
        self._plain = plain
        self._heard = heard
        self._outgoing: asyncio.Queue[tuple[bytes, Endpoint | None]] = asyncio.Queue()
        self._incoming: asyncio.Queue[tuple[bytes, Endpoint]] = asyncio.Queue(_WAITING)
        self._unsent = 0
        asyncio.get_running_loop().add_reader(plain, self._readable)
        self._tasks = (stack.spawn(self._send_all()), stack.spawn(self._hear_all()))

    @property
    def free(self) -> int:
        """Bytes that may be sent now."""
        return max(0, SEND_BUFFER - self._unsent)

    def send_to(self, data: bytes, endpoint: Endpoint | None) -> None:
        """Take one datagram; without an endpoint it goes to the one and only."""
        self._unsent += len(data)
        self._stack.journal.passed(self.entry, sent=len(data))
        self._outgoing.put_nowait((data, endpoint))

    def close(self, by: str) -> None:
        """Be gone at once: what did not leave yet is lost."""
        self.abort(by)

    def abort(self, by: str) -> None:
        """Be gone at once."""
        for task in self._tasks:
            task.cancel()
        if self._plain.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._plain)
            self._plain.close()
        self._stack.journal.closed(self.entry, by)

    def _readable(self) -> None:
        try:
            data, endpoint = self._plain.recvfrom(_LARGEST)
        except OSError:  # nobody is there, as ICMP says: UDP does not care
            return
        if not self._stack.lost_on_air() and not self._incoming.full():
            self._incoming.put_nowait((data, endpoint))

    async def _send_all(self) -> None:
        while True:
            data, endpoint = await self._outgoing.get()
            await self._stack.link.send(len(data))
            self._unsent -= len(data)
            if not self._stack.lost_on_air():
                self._let_go(data, endpoint)

    def _let_go(self, data: bytes, endpoint: Endpoint | None) -> None:
        with contextlib.suppress(OSError):  # nobody is there
            if endpoint is None:
                self._plain.send(data)
            else:
                self._plain.sendto(data, endpoint)

    async def _hear_all(self) -> None:
        while True:
            data, endpoint = await self._incoming.get()
            await self._stack.link.receive(len(data))
            self._stack.journal.passed(self.entry, received=len(data))
            await self._heard(data, endpoint)


class Association(Datagrams):
    """A UDP socket with one peer, as AT+UDPSETUP makes it."""

    def __init__(
        self,
        stack: Stack,
        entry: Entry,
        plain: socket.socket,
        received: Callable[[bytes], Awaitable[None]],
    ) -> None:
        super().__init__(stack, entry, plain, lambda data, _endpoint: received(data))

    def send(self, data: bytes) -> None:
        """Take one datagram."""
        self.send_to(data, None)

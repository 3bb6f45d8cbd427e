"""The five sockets, who holds them, and how what they receive reaches the client."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from ..commands import Raw

if TYPE_CHECKING:
    from ..modem import Modem

NUMBERS = range(5)

_RECEIVE_BUFFERS = {"SSL": 2048}
_RECEIVE_BUFFER = 8192
"""Bytes that wait for the client where it reads them itself (8.10, 9.6)."""

_FAREWELLS = {
    "TCP": "+TCPCLOSE: {},Link Closed",
    "SSL": "+SSLTCPCLOSE: {},Link Closed",
    "UDP": "+UDPCLOSE: {},Link Closed",
    "LISTEN": "+CLOSELISTEN: {},local link closed",
    "CLIENT": "+CLOSECLIENT: {},remote link closed",
    "FUDP": "+CLOSEFUDPLISTEN: {},closed",
    "TRANSPARENT TCP": "+TCPTRANS: Link Closed",
    "TRANSPARENT SSL": "+SSLTCPCLOSE: {},Link Closed",
    "TRANSPARENT UDP": "+UDPTRANS: Link Closed",
}
"""What the modem says of a socket that ends from outside, by kind."""


class Peer(Protocol):
    """What can stand behind a socket: a connection, an association, a listener."""

    @property
    def free(self) -> int:
        """Bytes that may be sent now."""

    def send(self, data: bytes) -> None:
        """Take bytes into the send buffer."""

    def close(self, by: str) -> None:
        """Hang up; what was taken still goes out."""

    def abort(self, by: str) -> None:
        """Be gone at once."""


class Socket:
    """One socket in use; without a peer yet while it is being set up."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.peer: Peer | None = None
        self.setting_up: asyncio.Task[None] | None = None
        self.target = ""
        """What the set-up was asked for, as its query shows it."""
        self.failure = ""
        """What is to be said if the set-up comes to nothing."""


class Sockets:
    """All five, with what was received for them; that outlives a link that is closed."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self._used: dict[int, Socket] = {}
        self._read = asyncio.Event()
        self.buffers: dict[int, bytearray] = {number: bytearray() for number in NUMBERS}

    @property
    def used(self) -> dict[int, Socket]:
        """The sockets in use by number, also those that are being set up."""
        return dict(sorted(self._used.items()))

    def of(self, number: int, *kinds: str) -> Peer | None:
        """Return what is connected behind ``number`` if it is of one of these kinds."""
        socket = self._used.get(number)
        return socket.peer if socket is not None and socket.kind in kinds else None

    def first_free(self) -> int | None:
        """Return the lowest number that nobody uses."""
        return next((number for number in NUMBERS if number not in self._used), None)

    def take(self, number: int, kind: str) -> Socket:
        """Take a free number; what was received for the one before is forgotten."""
        self._used[number] = socket = Socket(kind)
        self.buffers[number].clear()
        return socket

    def release(self, number: int) -> None:
        """Give a number back."""
        self._used.pop(number, None)
        self._modem.ledger.touch()

    def close(self, number: int) -> None:
        """Hang up at the client's wish and give the number back."""
        socket = self._used[number]
        if socket.setting_up is not None:
            socket.setting_up.cancel()
        if socket.peer is not None:
            socket.peer.close("client")
        self.release(number)

    def ended(self, number: int) -> None:
        """Tell the client that the peer hung up, and give the number back."""
        farewell = self._farewell(number)
        if self._modem.stack.transparent.number == number:
            self._modem.stack.transparent.cut()
        self.release(number)
        self._modem.report(farewell)

    def _farewell(self, number: int) -> str:
        socket = self._used[number]
        if socket.peer is None:
            return socket.failure
        kind = socket.kind
        if kind == "CLIENT" and self._modem.style.client_gone == "listen":
            kind = "LISTEN"
        return _FAREWELLS[kind].format(number)

    def cut(self, by: str) -> list[str]:
        """End everything at once and return the farewells; data received can still be read."""
        farewells = [self._farewell(number) for number in self.used]
        for number, socket in self.used.items():
            if socket.setting_up is not None:
                socket.setting_up.cancel()
            if socket.peer is not None:
                socket.peer.abort(by)
            self.release(number)
        return farewells

    def forget(self) -> None:
        """Forget whatever was received or is being set up."""
        self._used.clear()
        self.clear()

    def clear(self) -> None:
        """Forget what was received, as RECVMODE does (8.10)."""
        for buffer in self.buffers.values():
            buffer.clear()
        self._read.set()

    async def received(
        self, number: int, name: str, data: bytes, *, stream: bool = True, direct: bool = False
    ) -> None:
        """Report data, or keep them for the client; returns once there is room for more."""
        if direct or self._modem.settings.recvmode[0]:
            await self._modem.room()
            self._modem.report(Raw(f"{name}: {number},{len(data)},{self.shown(data)}"))
            return
        buffer = self.buffers[number]
        limit = _RECEIVE_BUFFERS.get(self._used[number].kind, _RECEIVE_BUFFER)
        while stream and len(buffer) + len(data) > limit:
            self._read.clear()
            await self._read.wait()
        if len(buffer) + len(data) > limit:
            return  # a datagram too many is lost
        first = not buffer
        buffer += data
        style = self._modem.style
        if first or style.notice == "arrival":
            counted = not stream or style.notice_length == "always"
            self._modem.report(f"{name}: {number}" + (f",{len(data)}" if counted else ""))

    def read(self, number: int, limit: int) -> bytes:
        """Take up to ``limit`` buffered bytes."""
        buffer = self.buffers[number]
        data = bytes(buffer[:limit])
        del buffer[:limit]
        self._read.set()
        return data

    def shown(self, data: bytes) -> str:
        """Return received data as DATAFORMAT and RECVMODE want them (8.7, 8.10)."""
        settings = self._modem.settings
        if settings.dataformat[1] == 0 or settings.recvmode[1] == 1:
            return data.hex().upper()
        return data.decode("latin-1")

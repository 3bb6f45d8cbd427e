"""The data mode of a transparent connection: every byte goes through (manual 5.3, 5.4, 12)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .connection import Connection
from .sockets import Peer

if TYPE_CHECKING:
    from ..interpreter import Interpreter
    from ..modem import Modem

TRANSPARENT = ("TRANSPARENT TCP", "TRANSPARENT UDP", "TRANSPARENT SSL")
"""The kinds of sockets that have a data mode."""

_ESCAPE = b"+++"
_PACKET = 4096
_INTERRUPTING = ("RING", "+CMTI", "+CMT", "+CDS", "+CDSI")


class Transparent:
    """The one transparent connection that there can be, and whether its data mode is on."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self._on = asyncio.Event()
        self.number: int | None = None
        """The socket that it uses; None: there is none."""

    @property
    def on(self) -> bool:
        """Whether bytes go through instead of being commands."""
        return self._on.is_set()

    def begin(self, number: int) -> None:
        """Switch to data mode with the connection behind this socket number."""
        self.number = number
        self._switch(True)

    def resume(self) -> bool:
        """Switch to data mode again; False without a connection (5.4)."""
        if self.number is None:
            return False
        self._switch(True)
        return True

    def cut(self) -> None:
        """The connection is gone: be in command mode."""
        self.number = None
        self._switch(False)

    def _switch(self, on: bool) -> None:
        if on:
            self._on.set()
        else:
            self._on.clear()
        if self._modem.interpreter is not None:
            self._modem.interpreter.wake()

    async def received(self, data: bytes) -> None:
        """Pass data on to the client; in command mode they wait."""
        await self._on.wait()
        await self._modem.room()
        if self._modem.interpreter is not None:
            self._modem.interpreter.pour(data)

    def interrupted_by(self, line: str) -> bool:
        """Say whether a report must wait for the end of data mode; a call or message ends it."""
        if not self.on:
            return False
        if line.partition(":")[0] in _INTERRUPTING:
            self._on.clear()
        return True

    async def run(self, interpreter: Interpreter) -> None:
        """Pass on what the client sends until ``+++`` between silences, or the connection ends."""
        loop, guard = asyncio.get_running_loop(), self._modem.profile.guard
        held, heard = b"", loop.time()
        while self.on:
            await interpreter.more(guard if held else None)
            if not self.on:
                return
            data = interpreter.take(_PACKET)
            silent = loop.time() - heard > guard * 0.99
            if held == _ESCAPE and silent and not data:
                self._on.clear()
                interpreter.pour(b"\r\nOK\r\n")
                return
            if not data and not (held and silent):
                continue
            if data:
                heard = loop.time()
            if data and (held or silent) and _ESCAPE.startswith(held + data):
                held += data
                continue
            await self._send(held + data)
            held = b""

    async def _send(self, data: bytes) -> None:
        peer: Peer | None = None
        if self.number is not None:
            peer = self._modem.stack.sockets.of(self.number, *TRANSPARENT)
        if isinstance(peer, Connection):
            await peer.room()
        if peer is not None:
            peer.send(data)

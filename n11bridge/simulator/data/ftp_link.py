"""The control connection to an FTP server, and transfers on data connections beside it."""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import socket
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, TypeVar

from .journal import Entry

if TYPE_CHECKING:
    from ..modem import Modem

T = TypeVar("T")

BUFFER = 20480
"""Bytes that downloads in buffer mode may take together (15.7)."""

_ASCII = 1
_PIECE = 4096
_REPLIES_LATER = 30.0


def _hang_up(ftp: ftplib.FTP) -> None:
    """Close the connection, under a thread that waits for an answer as well."""
    with contextlib.suppress(OSError):
        if ftp.sock is not None:
            ftp.sock.shutdown(socket.SHUT_RDWR)
    ftp.close()


class ControlLost(Exception):
    """The server is gone."""


class FtpLink:
    """What FTPLOGIN opens: one server at a time, asked by one command at a time."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self._ftp: ftplib.FTP | None = None
        self._entry: Entry | None = None
        self.server = ("0.0.0.0", 0)
        """Address and port as the client gave them."""
        self.busy = False
        self.buffer = bytearray()
        """What FTPGETBUFF has fetched; even a restart does not lose it (15.6)."""

    @property
    def logged_in(self) -> bool:
        """Whether there is a server to ask."""
        return self._ftp is not None

    async def login(self, host: str, port: int, user: str, password: str) -> None:
        """Connect and log in; OSError, TimeoutError, ControlLost, or ftplib.error_perm for 530."""
        stack = self._modem.stack
        endpoint = stack.names.endpoint(host, port)
        await stack.link.flows()
        ftp = ftplib.FTP(timeout=_REPLIES_LATER, encoding="latin-1")
        try:
            await self._apart(lambda: ftp.connect(*endpoint))
            await self._apart(lambda: ftp.login(user, password))
            if not stack.link.active:  # it went meanwhile
                raise ControlLost
        except BaseException:
            _hang_up(ftp)
            raise
        self._ftp, self.server = ftp, (host, port)
        self._entry = stack.journal.opened("FTP", None, f"{host}:{port}")
        self._watch(True)

    async def logout(self) -> None:
        """Say goodbye to the server."""
        with contextlib.suppress(ControlLost, *ftplib.all_errors):
            await self.ask(lambda ftp: ftp.quit())
        self.cut("client")

    def cut(self, by: str) -> str | None:
        """Be gone at once; return what is to be said of it."""
        if self._ftp is None or self._entry is None:
            return None
        self._watch(False)
        _hang_up(self._ftp)
        self._modem.stack.journal.closed(self._entry, by)
        self._ftp = None
        return "+FTP:Server Control Link Disconnect"

    async def ask(self, question: Callable[[ftplib.FTP], T], *, over: bool = True) -> T:
        """Ask the server something; ControlLost, TimeoutError, or ftplib's where it says no.

        ``over``: the server has nothing more to say to it, so that whatever comes is a farewell.
        """
        ftp = self._ftp
        if ftp is None:
            raise ControlLost
        self._watch(False)
        try:
            async with self._patience():
                await self._modem.stack.link.flows()
            return await self._apart(lambda: question(ftp))
        finally:
            if over and self._ftp is ftp:
                self._watch(True)

    async def download(
        self, command: str, kind: int, offset: int = 0, limit: int | None = None
    ) -> AsyncIterator[bytes]:
        """Yield what the server sends, up to ``limit`` bytes; ControlLost, ftplib.Error."""
        data = await self._data_connection(command, kind, offset)
        loop = asyncio.get_running_loop()
        left = limit
        with data:
            while left is None or left > 0:
                async with self._patience():
                    piece = await self._piece(loop, data, min(_PIECE, left or _PIECE))
                    await self._modem.stack.link.receive(len(piece))
                if not piece:
                    break
                left = None if left is None else left - len(piece)
                self._passed(received=len(piece))
                yield piece
        with contextlib.suppress(ftplib.Error):  # it may have wanted to send more
            await self.ask(lambda ftp: ftp.voidresp())

    async def _piece(
        self, loop: asyncio.AbstractEventLoop, data: socket.socket, most: int
    ) -> bytes:
        """Return the next bytes, as many as may be: pieces are what the client gets to see."""
        piece = b""
        while len(piece) < most and (more := await loop.sock_recv(data, most - len(piece))):
            piece += more
        return piece

    async def upload(self, command: str, kind: int, content: bytes) -> None:
        """Send the server a file; ControlLost, ftplib.Error, OSError."""
        data = await self._data_connection(command, kind, 0)
        with data:
            async with self._patience():
                await self._modem.stack.link.send(len(content))
                await asyncio.get_running_loop().sock_sendall(data, content)
            self._passed(sent=len(content))
        await self.ask(lambda ftp: ftp.voidresp())

    async def size(self, path: str) -> int | None:
        """Return the length of a file; None if the server does not tell."""

        def asked(ftp: ftplib.FTP) -> int | None:
            ftp.voidcmd("TYPE I")
            return ftp.size(path)

        try:
            return await self.ask(asked)
        except ftplib.Error:
            return None

    async def _data_connection(self, command: str, kind: int, offset: int) -> socket.socket:
        def opened(ftp: ftplib.FTP) -> socket.socket:
            ftp.voidcmd("TYPE A" if kind == _ASCII else "TYPE I")
            return ftp.transfercmd(command, offset or None)

        data = await self.ask(opened, over=False)
        data.setblocking(False)
        return data

    def _patience(self) -> asyncio.Timeout:
        """Return the time in which something must happen (15.3)."""
        return asyncio.timeout(_REPLIES_LATER * self._modem.profile.patience)

    def _passed(self, *, sent: int = 0, received: int = 0) -> None:
        if self._entry is not None:
            self._modem.stack.journal.passed(self._entry, sent=sent, received=received)

    async def _apart(self, question: Callable[[], T]) -> T:
        """Ask in a thread, as ftplib waits for its answers."""
        try:
            return await asyncio.to_thread(question)
        except (EOFError, ConnectionResetError, BrokenPipeError) as error:
            raise ControlLost from error

    def _watch(self, on: bool) -> None:
        """Look out for a server that hangs up while nobody asks it anything."""
        loop = asyncio.get_running_loop()
        sock = self._ftp.sock if self._ftp is not None else None
        if sock is None:
            return
        if on:
            loop.add_reader(sock, self._stirred)
        else:
            loop.remove_reader(sock)

    def _stirred(self) -> None:
        said = self.cut("peer")  # a farewell or the end: it is over in either case
        if said is not None:
            self._modem.report(said)

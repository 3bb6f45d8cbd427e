"""Bytes between a local connection and one through the modem, until both have had their say.

Neither side is read faster than the other takes it: a slow reader stops the sender, over the modem
as well.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

from n11bridge.host import ByteStream

#: What is read at once; a block of the modem's sending buffer (manual 8.2).
BLOCK = 4096
#: What the system may keep for a client that does not read; by itself it keeps megabytes.
KEPT = 16 * BLOCK
#: The modem cannot close one direction alone. When the local side has, the other may still speak
#: until it has been silent for so many seconds.
HALF_CLOSED = 30.0
#: One that has closed after an answer most likely wants no more, and sockets are few.
ANSWERED = 2.0

T = TypeVar("T")


class Gone(Exception):
    """The local side broke off."""


class Idle(Exception):
    """Nothing was said for as long as a connection may be silent."""


class Relay:
    """One connection's two directions; ``sent`` and ``received`` count bytes through the modem."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        stream: ByteStream,
        idle: float,
    ) -> None:
        self.sent = self.received = 0
        self._reader = reader
        self._writer = writer
        self._stream = stream
        self._idle = idle
        #: Whether the local side spoke last.
        self._answer_due = False
        self._limit = asyncio.timeout(None)

    async def run(self) -> None:
        """Return when the far side has closed or both have; Gone, Idle, or the stream's own."""
        # A reader that stops is to be noticed here, and not after megabytes.
        self._writer.transport.set_write_buffer_limits(high=BLOCK)
        if sock := self._writer.get_extra_info("socket"):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KEPT)
        up = asyncio.ensure_future(self._up())
        down = asyncio.ensure_future(self._down())
        try:
            async with self._limit:
                self._alive()
                while not down.done():
                    waiting = [task for task in (up, down) if not task.done()]
                    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
        except TimeoutError:
            if not self._limit.expired():
                raise
            if not up.done():
                raise Idle("it was silent for too long") from None
        finally:
            for task in (up, down):
                task.cancel()
            await asyncio.gather(up, down, return_exceptions=True)

    async def _up(self) -> None:
        while data := await self._local(self._reader.read(BLOCK)):
            self._answer_due = True
            await self._stream.send(data)
            self.sent += len(data)
            self._alive()
        self._idle = min(self._idle, HALF_CLOSED if self._answer_due else ANSWERED)
        self._alive()

    async def _down(self) -> None:
        while data := await self._stream.receive():
            self._answer_due = False
            self._writer.write(data)
            self.received += len(data)
            await self._local(self._writer.drain())
            self._alive()

    async def _local(self, doing: Awaitable[T]) -> T:
        try:
            return await doing
        except OSError as error:
            raise Gone from error

    def _alive(self) -> None:
        if not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time() + self._idle)


@contextlib.asynccontextmanager
async def closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Close a local connection at the end: politely, or with a reset when something went wrong."""
    try:
        yield
    except BaseException:
        reset(writer)
        raise
    finally:
        with contextlib.suppress(OSError):
            writer.close()
            await writer.wait_closed()


def reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the client sees that it did not get everything."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()

"""Connections by this machine's own network in place of the modem's, and peers to talk to."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from n11bridge.config import Endpoint, Forward
from n11bridge.forwards import DatagramPort, Port, Tally
from n11bridge.host import DialError, Trust


class LocalStream:
    """A connection over the loopback; it sends in blocks and waits for each, as the modem does."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.closed = False
        writer.transport.set_write_buffer_limits(high=0)

    async def receive(self) -> bytes:
        return await self.reader.read(4096)

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def close(self) -> None:
        self.closed = True
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


class LocalDatagrams(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.came: asyncio.Queue[bytes] = asyncio.Queue()
        self.transport: Any = None
        self.closed = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.came.put_nowait(data)

    async def receive(self) -> bytes:
        return await self.came.get()

    async def send(self, data: bytes) -> None:
        self.transport.sendto(data)

    async def close(self) -> None:
        self.closed = True
        self.transport.close()


class LocalDialler:
    """Has ``sockets`` sockets; refuses with ``error`` when that is set."""

    def __init__(self, sockets: int = 5) -> None:
        self.error: DialError | None = None
        self.free = asyncio.Semaphore(sockets)
        self.streams: list[Any] = []
        self.asked: list[tuple[str, int, bool]] = []

    async def _socket(self, wait: float) -> None:
        if self.error is not None:
            raise self.error
        try:
            async with asyncio.timeout(wait):
                await self.free.acquire()
        except TimeoutError:
            raise DialError("busy", "all sockets are in use") from None

    def _keep(self, stream: Any) -> Any:
        self.streams.append(stream)
        close = stream.close

        async def close_and_free() -> None:
            if not stream.closed:
                self.free.release()
            await close()

        stream.close = close_and_free
        return stream

    async def dial(
        self, host: str, port: int, *, tls: bool, wait: float, trust: Trust | None = None
    ) -> Any:
        self.asked.append((host, port, tls))
        await self._socket(wait)
        return self._keep(LocalStream(*await asyncio.open_connection("127.0.0.1", port)))

    async def dial_udp(self, host: str, port: int, *, wait: float) -> Any:
        await self._socket(wait)
        loop = asyncio.get_running_loop()
        remote = ("127.0.0.1", port)
        _, stream = await loop.create_datagram_endpoint(LocalDatagrams, remote_addr=remote)
        return self._keep(stream)


class Watched(Tally):
    """A tally whose changes can be waited for, and that keeps its problems."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._news = asyncio.Event()
        super().__init__("test", self._news.set, lambda code, _: self.problems.append(code))

    async def until(self, holds: Callable[[], Any]) -> None:
        while not holds():
            self._news.clear()
            await self._news.wait()


@contextlib.asynccontextmanager
async def serving(forward: Forward, dialler: LocalDialler) -> AsyncIterator[Watched]:
    """A forward that listens."""
    tally = Watched()
    port = (DatagramPort if forward.udp else Port)(forward, dialler, tally)
    task = asyncio.ensure_future(port.serve())
    await tally.until(lambda: tally.is_listening)
    try:
        yield tally
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def peer(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any],
) -> AsyncIterator[int]:
    """A server far away; its port."""
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


def endpoint(port: int, host: str = "127.0.0.1") -> Endpoint:
    return Endpoint(host, port)

"""A local UDP port whose datagrams go through the modem to one place."""

import asyncio
import logging

from n11bridge.config import Forward
from n11bridge.forwards.tally import Tally
from n11bridge.host import ByteStream, DialError, Dialler

log = logging.getLogger(__name__)

Address = tuple[str, int]

#: Datagrams of one client that wait for the modem; more are dropped, as UDP may.
MOST_WAITING = 32
#: Clients that wait for a socket or have one; the modem has five.
MOST_CLIENTS = 16
#: The largest datagram that the modem is to be given (manual 11.2).
LARGEST = 1472


class DatagramPort(asyncio.DatagramProtocol):
    """One listening port for datagrams; each client has a socket of the modem while it speaks."""

    def __init__(self, forward: Forward, dialler: Dialler, tally: Tally) -> None:
        assert forward.to is not None
        self._to = forward.to
        self._forward = forward
        self._dialler = dialler
        self._tally = tally
        self._clients: dict[Address, tuple[asyncio.Queue[bytes], asyncio.Task[None]]] = {}
        self._transport: asyncio.DatagramTransport | None = None

    async def serve(self) -> None:
        """Take datagrams until cancelled; OSError when the address cannot be had."""
        loop = asyncio.get_running_loop()
        listen = self._forward.listen
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(listen.host, listen.port)
        )
        self._tally.listening(True)
        try:
            await loop.create_future()
        finally:
            await self.close()

    async def close(self) -> None:
        """Take no more, and end what there is."""
        self._tally.listening(False)
        if self._transport is not None:
            self._transport.close()
        clients = [task for _, task in self._clients.values()]
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Take a datagram of a client, new or known."""
        if len(data) > LARGEST:
            self._tally.failed("too_long", f"a datagram of more than {LARGEST} bytes is dropped")
            return
        if addr not in self._clients:
            if len(self._clients) >= MOST_CLIENTS:
                self._tally.failed("busy", f"more than {MOST_CLIENTS} clients at a time")
                return
            queue: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
            self._clients[addr] = queue, asyncio.ensure_future(self._client(addr, queue))
        queue, _ = self._clients[addr]
        if not queue.full():
            queue.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        """A client has gone; its datagrams are lost, as UDP's are."""

    async def _client(self, addr: Address, queue: "asyncio.Queue[bytes]") -> None:
        try:
            stream = await self._dialler.dial_udp(
                self._to.host, self._to.port, wait=float(self._forward.wait)
            )
            assert self._transport is not None
            relay = _Relay(self._transport, addr, queue, stream)
            self._tally.opened()
            try:
                await relay.run(float(self._forward.idle))
            finally:
                try:
                    await stream.close()
                finally:
                    self._tally.closed(relay.sent, relay.received)
        except (DialError, OSError) as error:
            self._tally.failed(getattr(error, "reason", "closed"), str(error))
        except Exception:
            log.exception("forwarding datagrams failed")
        finally:
            del self._clients[addr]


class _Relay:
    """One client's datagrams, both ways; the numbers count bytes through the modem."""

    def __init__(
        self,
        transport: asyncio.DatagramTransport,
        addr: Address,
        queue: "asyncio.Queue[bytes]",
        stream: ByteStream,
    ) -> None:
        self.sent = self.received = 0
        self._transport = transport
        self._addr = addr
        self._queue = queue
        self._stream = stream
        self._limit = asyncio.timeout(None)

    async def run(self, idle: float) -> None:
        """Return after so many seconds of silence; what the stream raises."""
        tasks = [asyncio.ensure_future(each) for each in (self._up(idle), self._down(idle))]
        try:
            async with self._limit:
                self._alive(idle)
                await asyncio.gather(*tasks)
        except TimeoutError:
            if not self._limit.expired():
                raise
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _up(self, idle: float) -> None:
        while True:
            data = await self._queue.get()
            await self._stream.send(data)
            self.sent += len(data)
            self._alive(idle)

    async def _down(self, idle: float) -> None:
        while data := await self._stream.receive():
            self._transport.sendto(data, self._addr)
            self.received += len(data)
            self._alive(idle)
        raise ConnectionResetError("the modem closed the socket")

    def _alive(self, idle: float) -> None:
        if not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time() + idle)

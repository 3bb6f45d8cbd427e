"""A local port whose connections go through the modem, to one place or wherever SOCKS5 says."""

import asyncio
import logging

from n11bridge.config import Forward
from n11bridge.forwards import socks
from n11bridge.forwards.relay import BLOCK, Gone, Idle, Relay, closing
from n11bridge.forwards.tally import Tally
from n11bridge.host import ByteStream, DialError, Dialler, Trust

log = logging.getLogger(__name__)

#: So long (seconds) a client may take to say where it wants to go.
HANDSHAKE = 10.0
#: More connections at a time would only wait for one of the modem's five sockets.
MOST = 64
#: What a SOCKS client is told of the reason why its connection did not come about.
ANSWERS = {
    "unknown_host": socks.Answer.HOST_UNREACHABLE,
    "refused": socks.Answer.REFUSED,
    "timeout": socks.Answer.TIMED_OUT,
    "link_down": socks.Answer.NETWORK_UNREACHABLE,
}


class Port:
    """One listening port for connections."""

    def __init__(self, forward: Forward, dialler: Dialler, tally: Tally) -> None:
        self._forward = forward
        self._dialler = dialler
        self._tally = tally
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()
        self._credentials = (
            socks.Credentials(forward.username, forward.password)
            if forward.username and forward.password
            else None
        )

    async def serve(self) -> None:
        """Take connections until cancelled; OSError when the address cannot be had."""
        listen = self._forward.listen
        self._server = await asyncio.start_server(
            self._taken, listen.host, listen.port, limit=BLOCK
        )
        self._tally.listening(True)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await self.close()

    async def close(self) -> None:
        """Take no more, and end what there is."""
        self._tally.listening(False)
        if self._server is not None:
            self._server.close()
        clients = list(self._clients)
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)

    def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= MOST:
            writer.transport.abort()
            self._tally.failed("busy", f"{MOST} connections are waiting already")
            return
        client = asyncio.ensure_future(self._client(reader, writer))
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with closing(writer):
                if self._forward.to is not None:
                    to = self._forward.to.host, self._forward.to.port
                    await self._serve(reader, writer, await self._dial(*to))
                else:
                    await self._socks(reader, writer)
        except Gone:
            return  # as clients do
        except (Idle, OSError, DialError) as error:
            self._tally.failed(getattr(error, "reason", "closed"), str(error))
        except Exception:
            log.exception("a forwarded connection failed")

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HANDSHAKE):
                to = await socks.accept(reader, writer, self._credentials)
        except (socks.Rejected, asyncio.IncompleteReadError, TimeoutError) as error:
            self._tally.failed("rejected", f"a client {error or 'says nothing'}")
            return
        try:
            stream = await self._dial(*to)
        except DialError as error:
            socks.answer(writer, ANSWERS.get(error.reason, socks.Answer.FAILED))
            self._tally.failed(error.reason, str(error))
            return
        socks.answer(writer, socks.Answer.GRANTED)
        await self._serve(reader, writer, stream)

    async def _dial(self, host: str, port: int) -> ByteStream:
        forward = self._forward
        return await self._dialler.dial(
            host,
            port,
            tls=forward.tls,
            wait=float(forward.wait),
            trust=Trust(forward.ca, forward.certificate, forward.key),
        )

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stream: ByteStream
    ) -> None:
        relay = Relay(reader, writer, stream, float(self._forward.idle))
        self._tally.opened()
        try:
            await relay.run()
        finally:
            try:
                await stream.close()
            finally:
                self._tally.closed(relay.sent, relay.received)

"""The `tcp_server` capability: clients from the internet connect to the modem (manual 13)."""

import asyncio
import contextlib
from dataclasses import asdict, dataclass
from typing import Any

import voluptuous as vol

from n11bridge import content
from n11bridge.at.errors import Refused
from n11bridge.capabilities.listening import LISTEN, Server
from n11bridge.capabilities.tcp_server import wire
from n11bridge.capability import Kept, Request, RequestError, on, request
from n11bridge.host import Host
from n11bridge.payload import Field, Fields, listed

#: The most that one command sends, and what a request may hold.
BLOCK, LARGEST = 4096, 65536
#: The modem says ERROR when it cannot take more just now (manual 13.5); it is asked so often.
TRIES, PAUSE = 20, 0.5

CLIENT: Fields = {
    "client": Field(int, 1, "its socket, by which requests name it"),
    "address": Field(vol.Maybe(str), "119.123.77.133"),
    "port": Field(vol.Maybe(int), 8000),
}
STATE: Fields = {
    "listening": Field(bool, True),
    "port": Field(vol.Maybe(int), 6800, "at which it listens"),
    "clients": listed(CLIENT),
}
SENT: Fields = {"client": Field(int, 1), "bytes": Field(int, 5, "handed to the modem")}


@dataclass(frozen=True)
class Client:
    """Who has connected."""

    client: int
    address: str | None
    port: int | None


class TcpServer(Server):
    """One listener, as the modem has it, and its clients."""

    name = "tcp_server"
    states = {"tcp_server": STATE}
    events = {
        "connected": CLIENT,
        "received": {**CLIENT, **content.CONTENT},
        "closed": CLIENT,
    }

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._clients: dict[int, Client] = {}
        self._sending = asyncio.Lock()

    # -- requests

    @request("listen", LISTEN, kept=Kept.NOTHING, answer=STATE, example={"port": 6800})
    async def listen(self, request: Request) -> dict[str, Any]:
        """Take connections on this port, which a SIM with a public address needs (manual 13.1)."""
        await self._begin(request["port"], self._listen)
        return self._values()

    async def _listen(self, port: int) -> int:
        with contextlib.suppress(Refused):
            now = await self.modem.read(wire.ReadListening)
            if now.status.is_listening:
                await self.modem.run(wire.CloseListener())
        return (await self.modem.run(wire.Listen(port))).socket

    @request(
        "send",
        {vol.Required("client"): int, **content.parameters()},
        answer=SENT,
        example={"client": 1, "text": "hello"},
    )
    async def send(self, request: Request) -> dict[str, Any]:
        """Send bytes to a client; answered once the modem has taken all of them."""
        data = content.required(request.parameters, least=1, most=LARGEST)
        number = self._known(request["client"]).client
        async with self._sending:
            for start in range(0, len(data), BLOCK):
                await self._send(number, data[start : start + BLOCK])
        return {"client": number, "bytes": len(data)}

    async def _send(self, number: int, block: bytes) -> None:
        for attempt in range(TRIES):
            self._known(number)
            try:
                await self.modem.send(wire.Send(number, len(block)), block)
            except Refused as error:
                congested = error.line.replace(" ", "").upper() == "+TCPSENDS:ERROR"
                if not congested or attempt == TRIES - 1:
                    raise
            else:
                return
            await asyncio.sleep(PAUSE)

    @request(
        "close",
        {vol.Optional("client"): int},
        kept=Kept.NOTHING,
        answer=STATE,
        example={"client": 1},
    )
    async def close(self, request: Request) -> dict[str, Any]:
        """End one client's connection; without a client all of them, and listen no more."""
        if request.get("client") is not None:
            await self._close_client(self._known(request["client"]).client)
            return self._values()
        for number in list(self._clients):
            await self._close_client(number)
        if self._port is not None:
            await self.modem.run(wire.CloseListener())
            self._no_listener()
        return self._values()

    async def _close_client(self, number: int) -> None:
        await self.modem.run(wire.CloseClient(number))
        self._gone(number)

    def _known(self, number: int) -> Client:
        if number not in self._clients:
            raise RequestError("invalid_request", f"client: nobody is connected as {number}")
        return self._clients[number]

    # -- what the modem tells

    @on(wire.Connect)
    def connects(self, _: wire.Connect) -> None:
        """Who it is follows on the next line."""

    @on(wire.Accepted)
    @on(wire.AcceptedOnItsOwnLine)
    def accepted(self, said: wire.Accepted) -> None:
        """A client has connected."""
        self._gone(said.socket)
        self._clients[said.socket] = client = Client(said.socket, said.address, said.port)
        self.host.sockets.take(said.socket, self.name)
        self.host.event(self.name, "connected", asdict(client))
        self._publish()

    @on(wire.Received)
    def received(self, said: wire.Received) -> None:
        """A client sent bytes."""
        client = self._clients.get(said.socket) or Client(said.socket, None, None)
        self.host.event(self.name, "received", {**asdict(client), **content.shown(said.data)})

    @on(wire.ClientLost)
    @on(wire.ListenerLost)
    def lost(self, said: wire.ClientLost | wire.ListenerLost) -> None:
        """A socket was closed: a client's, whatever the report is called, or the listener's."""
        if said.socket in self._clients:
            self._gone(said.socket)
        elif said.socket == self._socket:
            self._no_listener()

    # -- what is known

    def _gone(self, number: int) -> None:
        client = self._clients.pop(number, None)
        if client is not None:
            self.host.sockets.free(number)
            self.host.event(self.name, "closed", asdict(client))
            self._publish()

    def _no_listener(self) -> None:
        self._end()
        self._publish()

    def _forget(self) -> None:
        for number in list(self._clients):
            self._gone(number)
        self._no_listener()

    def _values(self) -> dict[str, Any]:
        return {
            "listening": self._port is not None,
            "port": self._port,
            "clients": [asdict(client) for client in self._clients.values()],
        }

    def _publish(self) -> None:
        self.host.state(self.name, self._values())

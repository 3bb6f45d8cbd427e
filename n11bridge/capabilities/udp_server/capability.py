"""The `udp_server` capability: anyone may send the modem datagrams, and is answered (manual 14)."""

import contextlib
import ipaddress
from typing import Any

import voluptuous as vol

from n11bridge import content
from n11bridge.at.errors import Refused
from n11bridge.capabilities.listening import LISTEN, Server
from n11bridge.capabilities.udp_server import wire
from n11bridge.capability import Kept, Request, on, request
from n11bridge.host import Host
from n11bridge.payload import Field, Fields

#: The most that one command takes by its parameters; its examples reach for 4096 (manual 14.3).
LARGEST = 1024
#: Clients are not connected; those that were heard last are shown.
MOST_CLIENTS = 16

PEER: Fields = {
    "address": Field(str, "10.72.170.156"),
    "port": Field(int, 38061),
}
STATE: Fields = {
    "listening": Field(bool, True),
    "port": Field(vol.Maybe(int), 6000, "at which it listens"),
    "clients": Field([str], ["10.72.170.156:38061"], "who was heard last, the latest at the end"),
}
SENT: Fields = {**PEER, "bytes": Field(int, 5, "handed to the modem")}


def _address(value: Any) -> str:
    """An IPv4 address."""
    try:
        return str(ipaddress.IPv4Address(value if isinstance(value, str) else None))
    except ValueError:
        raise vol.Invalid("expected an IPv4 address") from None


class UdpServer(Server):
    """One listener, as the modem has it."""

    name = "udp_server"
    states = {"udp_server": STATE}
    events = {
        "connected": PEER,
        "received": {**PEER, **content.CONTENT},
        "closed": {"port": Field(vol.Maybe(int), 6000, "at which it listened")},
    }

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._clients: list[str] = []

    @request("listen", LISTEN, kept=Kept.NOTHING, answer=STATE, example={"port": 6000})
    async def listen(self, request: Request) -> dict[str, Any]:
        """Take datagrams on this port, which a SIM with a public address needs (manual 14.1)."""
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
        {
            vol.Required("address"): _address,
            vol.Required("port"): vol.All(int, vol.Range(min=1, max=65535)),
            **content.parameters(),
        },
        answer=SENT,
        example={"address": "10.72.170.156", "port": 38061, "text": "hello"},
    )
    async def send(self, request: Request) -> dict[str, Any]:
        """Send a datagram from the port that it listens on."""
        data = content.required(request.parameters, least=1, most=LARGEST)
        address, port = request["address"], request["port"]
        await self.modem.send(wire.Send(address, port, len(data)), data)
        return {"address": address, "port": port, "bytes": len(data)}

    @request("close", kept=Kept.NOTHING, answer=STATE)
    async def close(self, _: Request) -> dict[str, Any]:
        """Listen no more."""
        if self._port is not None:
            await self.modem.run(wire.CloseListener())
            self._forget()
        return self._values()

    @on(wire.Received)
    def received(self, said: wire.Received) -> None:
        """A datagram came; the first of each client is told as its connecting."""
        peer = {"address": said.address, "port": said.port}
        name = f"{said.address}:{said.port}"
        if name not in self._clients:
            self.host.event(self.name, "connected", peer)
            self._clients = [*self._clients, name][-MOST_CLIENTS:]
            self._publish()
        self.host.event(self.name, "received", {**peer, **content.shown(said.data)})

    @on(wire.ListenerLost)
    @on(wire.ListenerLostAsTabled)
    def lost(self, _: wire.ListenerLost) -> None:
        """The network took it away."""
        self._forget()

    def _forget(self) -> None:
        before, self._clients = self._port, []
        self._end()
        if before is not None:
            self.host.event(self.name, "closed", {"port": before})
        self._publish()

    def _values(self) -> dict[str, Any]:
        return {
            "listening": self._port is not None,
            "port": self._port,
            "clients": list(self._clients),
        }

    def _publish(self) -> None:
        self.host.state(self.name, self._values())

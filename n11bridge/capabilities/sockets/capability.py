"""The capabilities `tcp`, `tls` and `udp`: any MQTT client can open a socket (manual 8, 9, 11)."""

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

import voluptuous as vol

from n11bridge import content
from n11bridge.capabilities.certificates import NAME
from n11bridge.capabilities.sockets.connection import Connection
from n11bridge.capability import Capability, Kept, Request, RequestError, request
from n11bridge.host import DialError, Host, Trust
from n11bridge.payload import Field, Fields, listed

#: What one request may hold, and what one datagram may (manual 11.2).
LARGEST, DATAGRAM = 65536, 4096
#: How long a request waits for a socket, and for progress of what is to be acknowledged (seconds).
WAIT, PROGRESS = 0.0, 30.0
#: The contract's code for each reason why a connection did not come about.
CODES = {"busy": "unavailable", "link_down": "unavailable", "timeout": "timeout"}

SOCKET = vol.All(int, vol.Range(0, 4))
HOST = vol.All(str, vol.Match(r"^[A-Za-z0-9_.-]{1,253}$", msg="expected a name or an address"))
PORT = vol.All(int, vol.Range(1, 65535))
OPEN: Mapping[Any, Any] = {
    vol.Required("host"): HOST,
    vol.Required("port"): PORT,
    vol.Optional("idle"): vol.All(int, vol.Range(0, 86400)),
}
CERTIFICATES = {vol.Optional(name): NAME for name in ("ca", "certificate", "key")}
SEND: Mapping[Any, Any] = {vol.Required("socket"): SOCKET, **content.parameters()}

WHOSE: Fields = {
    "socket": Field(int, 0, "by which requests name it"),
    "host": Field(str, "example.com"),
    "port": Field(int, 80),
}
SENT: Fields = {
    "socket": Field(int, 0),
    "bytes": Field(int, 5, "handed to the modem"),
    "acknowledged": Field(
        bool, True, "whether the far side has all that was ever sent", optional=True
    ),
}
COUNTS: Fields = {"sent": Field(int, 5, "bytes"), "received": Field(int, 10, "bytes")}
CLOSED: Fields = {**WHOSE, **COUNTS, "cause": Field(str, "closed by the far side", "why")}
STATUS: Fields = {
    **WHOSE,
    **COUNTS,
    "acknowledged": Field(vol.Maybe(int), 5, "bytes; null where the modem does not say"),
}


class Sockets(Capability):
    """What the three have in common."""

    kind: ClassVar[str]

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._connections: dict[int, Connection] = {}
        self._idle: int = host.config.gprs.socket_idle

    async def started(self) -> None:
        """Say that there is none."""
        self._publish()

    async def stopping(self) -> None:
        """Leave nothing open."""
        for connection in (open_ := list(self._connections.values())):
            connection.close("the daemon stopped")
        await asyncio.gather(*(connection.closed() for connection in open_))

    async def _open(self, request: Request, trust: Trust | None = None) -> dict[str, Any]:
        to, port = request["host"], request["port"]
        try:
            stream = await self.host.sockets.open(
                self.kind, to, port, wait=WAIT, by=self.name, trust=trust
            )
        except DialError as error:
            code = CODES.get(error.reason, "modem_error")
            words = getattr(error.__cause__, "line", None)
            retryable = code != "modem_error"
            raise RequestError(code, str(error), retryable=retryable, modem=words) from error
        idle = request.get("idle")
        connection = Connection(stream, to, port, self._idle if idle is None else idle, self._tell)
        self._connections[stream.number] = connection
        self.host.start(self._serve(connection), f"{self.name} socket {stream.number}")
        await connection.begun.wait()
        self._publish()
        return connection.whose

    async def _serve(self, connection: Connection) -> None:
        number = connection.stream.number
        try:
            await connection.run()
        finally:
            if self._connections.get(number) is connection:
                del self._connections[number]
                self._publish()

    async def _tell(self, what: str, values: dict[str, Any]) -> None:
        if what == "closed":  # first, so that whoever hears of it finds the number free
            self._connections.pop(values["socket"], None)
            self._publish()
        await self.host.deliver(self.name, what, values)

    async def _send(self, request: Request, most: int) -> tuple[Connection, dict[str, Any]]:
        data = content.required(request.parameters, least=1, most=most)
        connection = self._named(request)
        await connection.send(data)
        return connection, {"socket": connection.stream.number, "bytes": len(data)}

    @request("close", {vol.Required("socket"): SOCKET}, answer=CLOSED, example={"socket": 0})
    async def close(self, request: Request) -> dict[str, Any]:
        """Close a connection."""
        connection = self._named(request)
        connection.close("closed as requested")
        await connection.closed()
        stream = connection.stream
        counts = {"sent": stream.sent, "received": stream.received}
        return connection.whose | counts | {"cause": "closed as requested"}

    @request("status", kept=Kept.NOTHING, answer={"sockets": listed(STATUS)})
    async def status(self, _: Request) -> dict[str, Any]:
        """How each connection fares."""
        return {
            "sockets": [
                connection.whose
                | {"sent": connection.stream.sent, "received": connection.stream.received}
                | {"acknowledged": await connection.stream.acknowledged()}
                for connection in list(self._connections.values())
            ]
        }

    def _named(self, request: Request) -> Connection:
        connection = self._connections.get(request["socket"])
        if connection is None:
            message = f"socket: {self.name} has no connection {request['socket']}"
            raise RequestError("invalid_request", message)
        return connection

    def _publish(self) -> None:
        using = [each.whose for _, each in sorted(self._connections.items())]
        self.host.state(self.name, {"sockets": using})


EVENTS = {"received": {**WHOSE, **content.CONTENT}, "closed": CLOSED}


class Tcp(Sockets):
    """Connections without encryption."""

    name = kind = "tcp"
    states = {"tcp": {"sockets": listed(WHOSE)}}
    events = EVENTS

    @request("open", OPEN, answer=WHOSE, example={"host": "example.com", "port": 80})
    async def open(self, request: Request) -> dict[str, Any]:
        """Connect; what comes is published until it is closed, by whom or what ever."""
        return await self._open(request)

    @request(
        "send",
        {**SEND, vol.Optional("acknowledged", default=False): bool},
        answer=SENT,
        example={"socket": 0, "text": "hello"},
    )
    async def send(self, request: Request) -> dict[str, Any]:
        """Send; ``acknowledged`` waits until the far side has it, or nothing moves any more."""
        connection, answer = await self._send(request, LARGEST)
        if request["acknowledged"]:
            arrived = await connection.stream.arrived(PROGRESS)
            answer["acknowledged"] = arrived is not None and arrived >= connection.stream.sent
        return answer


class Tls(Sockets):
    """Connections that the modem encrypts."""

    name = kind = "tls"
    states = {"tls": {"sockets": listed(WHOSE)}}
    events = EVENTS

    @request(
        "open",
        {**OPEN, vol.Optional("certificates", default=dict): CERTIFICATES},
        answer=WHOSE,
        example={"host": "example.com", "port": 443, "certificates": {"ca": "ca.pem"}},
    )
    async def open(self, request: Request) -> dict[str, Any]:
        """Connect; ``certificates`` names files in the modem. Without ca nobody is verified."""
        trust = Trust(**request["certificates"])
        if (trust.certificate is None) != (trust.key is None):
            message = "certificates: a certificate needs its key, and a key its certificate"
            raise RequestError("invalid_request", message)
        return await self._open(request, trust)

    @request("send", SEND, answer=SENT, example={"socket": 0, "text": "hello"})
    async def send(self, request: Request) -> dict[str, Any]:
        """Send."""
        return (await self._send(request, LARGEST))[1]


class Udp(Sockets):
    """Datagrams to and from one place."""

    name = kind = "udp"
    states = {"udp": {"sockets": listed(WHOSE)}}
    events = EVENTS

    @request("open", OPEN, answer=WHOSE, example={"host": "example.com", "port": 53})
    async def open(self, request: Request) -> dict[str, Any]:
        """Have a socket for datagrams to one place and from there."""
        return await self._open(request)

    @request("send", SEND, answer=SENT, example={"socket": 0, "text": "hello"})
    async def send(self, request: Request) -> dict[str, Any]:
        """Send one datagram; above 1472 bytes it may get lost."""
        return (await self._send(request, DATAGRAM))[1]

"""The `aliyun` capability: a device on Ali's cloud."""

from typing import Any

import voluptuous as vol

from n11bridge import content, topics
from n11bridge.at.command import Report
from n11bridge.at.spelling import Spelling
from n11bridge.capabilities.aliyun import wire
from n11bridge.capability import Capability, Kept, Request, RequestError, every, on, request
from n11bridge.host import Host
from n11bridge.payload import Field, Fields

CONNECTED = 2
#: How often the modem is asked whether it is still connected (seconds).
INTERVAL = 60
#: The granted quality of service that is none.
REFUSED = 128
NO_ANSWER = 1

STATE: Fields = {
    "authenticated": Field(bool, True, "whether the modem knows who the device is"),
    "connected": Field(bool, True, "whether the cloud is reached"),
}
MESSAGE: Fields = {
    "topic": Field(str, "/a1B2c3D4e5F/n11/user/get"),
    **content.CONTENT,
    "complete": Field(bool, True, "false for what is cut at a line end"),
}
GRANTED: Fields = {"qos": Field(int, 1, "the quality of service that was granted")}


def topic(value: Any) -> str:
    """A topic that the modem can take."""
    if not isinstance(value, str):
        raise vol.Invalid("expected a topic")
    if why := topics.fault(value, wildcards=True):
        raise vol.Invalid(f"it {why}")
    return value


# No quotation marks and 63 bytes at most (19.12); nothing is said of commas, which would divide.
KEY = vol.All(str, vol.Match(r"[!#-+\--~]{1,63}\Z", msg="1 to 63 plain characters"))
# The message stands in the command itself; a control character would end that.
TEXT = vol.All(str, vol.Match(r"[ -~]{1,1024}\Z", msg="1 to 1024 characters of plain ASCII"))
QOS = vol.All(int, vol.In((0, 1)))
KEYS = ("product_key", "device_name", "device_secret")


class Aliyun(Capability):
    """One connection to the cloud."""

    name = "aliyun"
    states = {"aliyun": STATE}
    events = {"message": MESSAGE}

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._authenticated = self._connected = False
        self._parameter = Spelling(wire.Parameter, wire.ParameterAsTabled)
        host.link.on_change(self._link_changed)

    async def prepare(self) -> None:
        """A modem that starts knows nothing."""
        self._become(authenticated=False, connected=False)

    def gone(self) -> None:
        """Nor does one that is not there."""
        self._become(authenticated=False, connected=False)

    def _link_changed(self) -> None:
        if not self.host.link.up:
            self._become(connected=False)

    def _become(self, *, connected: bool, authenticated: bool | None = None) -> None:
        self._connected = connected
        if authenticated is not None:
            self._authenticated = authenticated
        self.host.state(self.name, self._values())

    def _values(self) -> dict[str, Any]:
        return {"authenticated": self._authenticated, "connected": self._connected}

    @every(INTERVAL)
    async def poll(self) -> None:
        """See whether the connection broke: the modem does not tell."""
        if self._connected:
            state = (await self.modem.read(wire.State)).state
            self._become(connected=state == CONNECTED)

    @on(wire.Received)
    @on(wire.ReceivedWithOneT)
    def received(self, said: wire.Received) -> None:
        """A message came."""
        data, complete = said.content
        values = {"topic": said.topic, **content.shown(data), "complete": complete}
        self.host.event(self.name, "message", values)

    @on(wire.Publishing)
    @on(wire.Subscribing)
    @on(wire.Unsubscribing)
    def numbered(self, _: Report) -> None:
        """A packet has its number; what becomes of it is told later."""

    @request(
        "authenticate",
        {**{vol.Optional(key): KEY for key in KEYS}, vol.Optional("tls", default=False): bool},
        kept=Kept.NOTHING,
        secret=True,
        answer=STATE,
        example={"product_key": "a1B2c3D4e5F", "device_name": "n11", "device_secret": "secret"},
    )
    async def authenticate(self, request: Request) -> dict[str, Any]:
        """Show who the device is, as asked or as the modem was told before (19.1, 19.2, 19.12)."""
        given = [request.get(key) for key in KEYS]
        if any(given) and not all(given):
            raise RequestError("invalid_request", f"give all of {', '.join(KEYS)}, or none")
        if not any(given):
            known = await self.modem.read(wire.Keys)
            given = [known.product_key, known.device_name, known.device_secret]
        await self.host.link.connect()
        await self.modem.write(wire.Mode(int(request["tls"])))
        self._become(authenticated=False, connected=False)
        await self.modem.run(wire.Authenticate(*map(str, given)))
        self._become(authenticated=True, connected=False)
        return self._values()

    @request(
        "connect",
        {
            vol.Optional("keepalive", default=60): vol.All(int, vol.Range(min=60, max=180)),
            vol.Optional("clean", default=True): bool,
        },
        kept=Kept.NOTHING,
        answer=STATE,
    )
    async def connect(self, request: Request) -> dict[str, Any]:
        """Connect, once the device is authenticated (19.3, 19.4)."""
        await self.host.link.connect()
        values = {"KEEPALIVE": request["keepalive"], "CLEAN": int(request["clean"])}
        for tag, value in values.items():
            await self._set(tag, value)
        await self.modem.run(wire.Connect())
        self._become(connected=True)
        return self._values()

    async def _set(self, tag: str, value: int) -> None:
        await self._parameter.attempt(lambda record: self.modem.write(record(tag, value)))

    @request(
        "subscribe",
        {vol.Required("topic"): topic, vol.Optional("qos", default=1): QOS},
        kept=Kept.NOTHING,
        answer=GRANTED,
        example={"topic": "/a1B2c3D4e5F/n11/user/get"},
    )
    async def subscribe(self, request: Request) -> dict[str, Any]:
        """Have messages told as event/aliyun/message (19.6)."""
        self._must_be_connected()
        said = await self.modem.run(wire.Subscribe(request["topic"], request["qos"]))
        if said.status >= REFUSED:
            raise RequestError("modem_error", f"the cloud refuses it: {said.status}")
        return {"qos": said.status}

    @request(
        "unsubscribe",
        {vol.Required("topic"): topic},
        kept=Kept.NOTHING,
        example={"topic": "/a1B2c3D4e5F/n11/user/get"},
    )
    async def unsubscribe(self, request: Request) -> dict[str, Any]:
        """End a subscription (19.7)."""
        self._must_be_connected()
        self._judge((await self.modem.run(wire.Unsubscribe(request["topic"]))).status, "timeout")
        return {}

    @request(
        "publish",
        {
            vol.Required("topic"): topic,
            vol.Required("text"): TEXT,
            vol.Optional("qos", default=1): QOS,
        },
        example={"topic": "/a1B2c3D4e5F/n11/user/update", "text": '{"temperature": 21.5}'},
    )
    async def publish(self, request: Request) -> dict[str, Any]:
        """Publish a text (19.5)."""
        self._must_be_connected()
        said = await self.modem.run(wire.Publish(request["topic"], request["qos"], request["text"]))
        self._judge(said.status, "unknown_outcome")
        return {}

    @request("disconnect", kept=Kept.NOTHING, answer=STATE)
    async def disconnect(self, _: Request) -> dict[str, Any]:
        """Disconnect (19.10)."""
        await self.modem.run(wire.Disconnect())
        self._become(connected=False)
        return self._values()

    def _must_be_connected(self) -> None:
        if not self._connected:
            message = "there is no connection: ask for aliyun/authenticate and aliyun/connect"
            raise RequestError("unavailable", message)

    @staticmethod
    def _judge(status: int, unanswered: str) -> None:
        if status == NO_ANSWER:
            raise RequestError(unanswered, "the cloud did not answer in time")
        if status:
            raise RequestError("modem_error", f"the cloud did not take it: {status}")

"""The `gprs` capability: the data link, on demand or always, and what passes through it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import voluptuous as vol

from n11bridge.at.basic import BACKGROUND
from n11bridge.at.errors import AtError, Refused, Unavailable
from n11bridge.capabilities.gprs.traffic import Traffic
from n11bridge.capability import Capability, Kept, Request, RequestError, every, on, request
from n11bridge.entity import BinarySensor, Sensor, Switch
from n11bridge.host import Host
from n11bridge.internet import wire
from n11bridge.payload import Field, Fields, listed, nested

TRAFFIC: Fields = {
    "sent": Field(vol.Maybe(int), 123456, "bytes, ever"),
    "received": Field(vol.Maybe(int), 7890123, "bytes, ever"),
}
SOCKET: Fields = {"socket": Field(int, 0), "by": Field(str, "tcp", "which capability has it")}
STATE: Fields = {
    "attached": Field(vol.Maybe(bool), True, "whether the packet network knows the modem"),
    "connected": Field(bool, True, "whether the data link is up"),
    "address": Field(vol.Maybe(str), "10.232.165.29", "ours in the network"),
    "traffic": nested(TRAFFIC),
    "sockets": listed(SOCKET, "those in use, of five"),
}
ACCESS: Fields = {"apn": Field(vol.Maybe(str), "internet", "null: what the modem has")}
#: How often it is looked whether a link that was up still is, and is needed (seconds).
INTERVAL = 15
#: Pauses between attempts to have a link up that is to be kept up (seconds).
FIRST_RETRY, LAST_RETRY = 10.0, 300.0
#: The modem takes no longer names and passwords (manual 5.9).
LOGIN = vol.All(str, vol.Length(max=32), vol.Match(r"^[ !#-~]*$", msg="has characters it cannot"))


@dataclass(frozen=True)
class Access:
    """An access point that was asked for."""

    apn: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    authentication: str = "pap"


def _traffic(key: str, name: str, icon: str) -> Sensor:
    return Sensor(
        key,
        name=name,
        value=f"traffic.{key}",
        device_class="data_size",
        state_class="total_increasing",
        unit_of_measurement="B",
        entity_category="diagnostic",
        icon=icon,
    )


class Gprs(Capability):
    """Owns the link's reports; whoever needs the link brings it up."""

    name = "gprs"
    states = {"gprs": STATE}
    events = {"disconnected": {"address": Field(str, "10.232.165.29", "ours until then")}}
    entities = (
        BinarySensor(
            "link",
            name="Data link",
            value="connected",
            device_class="connectivity",
            entity_category="diagnostic",
        ),
        Switch(
            "switch",
            name="Data link",
            value="connected",
            verb="connect",
            payload_on="{}",
            payload_off='{"on": false}',
            icon="mdi:wan",
        ),
        _traffic("sent", "Data sent", "mdi:upload-network"),
        _traffic("received", "Data received", "mdi:download-network"),
        Sensor(
            "address",
            name="Address",
            value="address",
            icon="mdi:ip-network",
            entity_category="diagnostic",
            enabled_by_default=False,
        ),
    )

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._link, self._sockets = host.link, host.sockets
        self._settings: Any = host.config.gprs
        self._access: Any = self._settings
        self._traffic = Traffic(self.modem, host.sockets, host.store)
        self._link.on_change(self._publish)
        self._sockets.on_change(self._used_now)
        self._address: str | None = None
        self._attached: bool | None = None
        self._wanted = self._settings.keep_up
        self._used = self._next_try = 0.0
        self._retry = FIRST_RETRY

    async def started(self) -> None:
        """Know what passed before."""
        await self._traffic.load()

    async def prepare(self) -> None:
        """Leave nothing open of what a daemon before us had."""
        self._sockets.forget()
        if await self._link.check():
            await self._sockets.sweep()
        await self._link.clear()
        await self._traffic.begin()
        self._publish()

    def gone(self) -> None:
        """Without a modem there is no link."""
        self._sockets.forget()
        self._link.lost()
        self._attached = None
        self._publish()

    def status_changed(self, status: str) -> None:
        """A modem that starts has no link yet; have one that is to be kept up."""
        if status == "starting":
            self.gone()
        elif status == "ready" and self._wanted:
            self._retry, self._next_try = FIRST_RETRY, 0.0
            self.host.start(self._keep_up(), "the data link")

    @on(wire.LinkLost)
    def lost(self, _: wire.LinkLost) -> None:
        """The network took it away."""
        self._link.lost()

    @on(wire.Received)
    @on(wire.Waiting)
    @on(wire.PeerClosed)
    @on(wire.ReceivedUdp)
    @on(wire.WaitingUdp)
    @on(wire.UdpLost)
    @on(wire.ReceivedTls)
    @on(wire.WaitingTls)
    @on(wire.TlsPeerClosed)
    def heard(self, report: Any) -> None:
        """Something about a socket."""
        self._sockets.heard(report)

    def _used_now(self) -> None:
        self._used = self.host.now()
        self._publish()

    @every(INTERVAL)
    async def poll(self) -> None:
        """See whether it went down without a word, whether it is needed, and what passed."""
        now = self.host.now()
        if self._link.holders or self._sockets.taken or not self._link.up:
            self._used = now
        with_modem = self._link.up and await self._link.check()
        if self._link.up and not with_modem:
            self._link.lost()
        self._attached = await self._is_attached()
        await self._traffic.look(ask=with_modem)
        idle = self._settings.idle
        if self._wanted:
            await self._keep_up()
        elif self._link.up and idle and now - self._used >= idle:
            await self._link.disconnect()
        self._publish()

    async def _is_attached(self) -> bool | None:
        try:
            return bool((await self.modem.read(wire.Attachment, priority=BACKGROUND)).on)
        except Refused:
            return None

    async def _keep_up(self) -> None:
        if self._link.up or self.host.now() < self._next_try or self.modem.status != "ready":
            return
        try:
            await self._link.connect()
        except RequestError as error:
            self.host.problem("data_link", f"{error.message}; it is tried again")
            self._next_try = self.host.now() + self._retry
            self._retry = min(2 * self._retry, LAST_RETRY)
        else:
            self._retry = FIRST_RETRY

    @request(
        "connect",
        {vol.Optional("on", default=True): bool},
        kept=Kept.NOTHING,
        answer=STATE,
        example={},
    )
    async def connect(self, request: Request) -> dict[str, Any]:
        """Bring the data link up and keep it up; whoever needs it does so by itself."""
        if not request["on"]:
            return await self.disconnect(request)
        await self._link.connect()
        self._wanted = True
        return self._values()

    @request("disconnect", kept=Kept.NOTHING, answer=STATE)
    async def disconnect(self, _: Request) -> dict[str, Any]:
        """Take the data link down with all that uses it; who needs it next brings it up again."""
        self._wanted = False
        if self._link.up:
            await self._look_at_traffic()
        await self._link.disconnect()
        return self._values()

    @request("attach", {vol.Optional("on", default=True): bool}, kept=Kept.NOTHING, answer=STATE)
    async def attach(self, request: Request) -> dict[str, Any]:
        """Attach to the packet network, or leave it: nothing goes through it then."""
        await self.modem.write(wire.Attachment(int(request["on"])))
        self._attached = await self._is_attached()
        if not request["on"]:
            self._link.lost()
        self._publish()
        return self._values()

    @request(
        "apn",
        {
            vol.Optional("apn"): vol.All(LOGIN, vol.Length(min=1)),
            vol.Optional("username"): LOGIN,
            vol.Optional("password"): LOGIN,
            vol.Optional("authentication", default="pap"): vol.In(("none", "pap", "chap")),
        },
        secret=True,
        answer=ACCESS,
        example={"apn": "internet"},
    )
    async def apn(self, request: Request) -> Mapping[str, Any]:
        """Use an access point from the next connection until the daemon ends; say which is used."""
        if request.get("apn") is None:
            if request.get("username") or request.get("password"):
                raise RequestError("invalid_request", "apn: is missing, give it with its login")
        else:
            self._access = Access(**request.parameters)
            self._link.set_access(self._access)
        return {"apn": self._access.apn}

    @request("reset_traffic", answer=TRAFFIC)
    async def reset_traffic(self, _: Request) -> dict[str, Any]:
        """Count the traffic from nothing."""
        await self._look_at_traffic()
        await self._traffic.reset()
        self._publish()
        return self._totals()

    async def _look_at_traffic(self) -> None:
        try:
            await self._traffic.look(ask=self._link.up)
        except (AtError, Unavailable):
            await self._traffic.look(ask=False)

    def _values(self) -> dict[str, Any]:
        return {
            "attached": self._attached,
            "connected": self._link.up,
            "address": self._link.address,
            "traffic": self._totals(),
            "sockets": [{"socket": n, "by": by} for n, by in self._sockets.taken.items()],
        }

    def _totals(self) -> dict[str, Any]:
        return {"sent": self._traffic.sent, "received": self._traffic.received}

    def _publish(self) -> None:
        before, self._address = self._address, self._link.address
        if before is not None and self._address is None:
            self.host.event(self.name, "disconnected", {"address": before})
        if before is None and self._address is not None:
            self._attached = True
            self._used = self.host.now()
        self.host.state(self.name, self._values())

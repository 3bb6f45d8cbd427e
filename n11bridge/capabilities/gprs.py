"""The data link (manual 5.1, 5.5-7, 5.9): up on demand, and told of."""

from typing import Any

import voluptuous as vol

from n11bridge.capability import Capability, Host, Kept, Request, every, on, request
from n11bridge.entity import BinarySensor
from n11bridge.internet import wire
from n11bridge.payload import Field, Fields

STATE: Fields = {
    "connected": Field(bool, True, "whether the data link is up"),
    "address": Field(vol.Maybe(str), "10.232.165.29", "ours in the network"),
}
#: How often it is looked whether a link that was up still is (seconds).
INTERVAL = 60


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
    )

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._link, self._sockets = host.link, host.sockets
        self._link.on_change(self._publish)
        self._address: str | None = None

    async def prepare(self) -> None:
        """Leave nothing open of what a daemon before us had."""
        self._sockets.forget()
        await self._link.clear()
        self._publish()

    def status_changed(self, status: str) -> None:
        """Without a modem there is no link."""
        if status in ("absent", "starting", "recovering", "stopped"):
            self._sockets.forget()
            self._link.lost()

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

    @every(INTERVAL)
    async def poll(self) -> None:
        """See whether it went down without a word."""
        if self._link.up and not await self._link.check():
            self._link.lost()

    @request("connect", kept=Kept.NOTHING, answer=STATE)
    async def connect(self, _: Request) -> dict[str, Any]:
        """Bring the data link up; whoever needs it does so by itself."""
        await self._link.connect()
        return self._values()

    @request("disconnect", kept=Kept.NOTHING, answer=STATE)
    async def disconnect(self, _: Request) -> dict[str, Any]:
        """Take the data link down, and with it all that uses it."""
        await self._link.disconnect()
        return self._values()

    def _values(self) -> dict[str, Any]:
        return {"connected": self._link.up, "address": self._link.address}

    def _publish(self) -> None:
        before, self._address = self._address, self._link.address
        if before is not None and self._address is None:
            self.host.event(self.name, "disconnected", {"address": before})
        self.host.state(self.name, self._values())

"""The `transparent` capability: one connection that has the line for itself (manual 5.3-4, 12).

While it is in data mode no command can be given. When there is something to be done, a text to be
sent or one that came, data mode is left for that and entered again, if the configuration permits.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from n11bridge import content
from n11bridge.at.basic import BACKGROUND
from n11bridge.at.errors import AtError, Expired, Refused, Unavailable
from n11bridge.at.raw import ESCAPE, GUARD
from n11bridge.capabilities.transparent import wire
from n11bridge.capability import Capability, Kept, Request, RequestError, on, request
from n11bridge.host import Host
from n11bridge.payload import Field, Fields

OFF, DATA, COMMAND = "off", "data", "command"
#: The most that the modem takes as one packet, and that a request may hold (manual 12.1).
BLOCK, LARGEST = 4096, 65536
#: What comes without such a pause in it is told in one event (seconds).
TOGETHER = 0.05
#: How long a request waits until data mode is on again, and how often it looks.
PATIENCE, LOOK = 30.0, 0.1

STATE: Fields = {
    "mode": Field(
        vol.In((OFF, DATA, COMMAND)), DATA, "command: left for a while for something else"
    ),
    "protocol": Field(vol.Maybe(vol.In(("tcp", "udp"))), "tcp"),
    "host": Field(vol.Maybe(str), "meter.example.com"),
    "port": Field(vol.Maybe(int), 7000),
}
HOST = vol.All(str, vol.Match(r"[A-Za-z0-9_.-]{1,250}\Z", msg="a host name or an IPv4 address"))


@dataclass(frozen=True)
class Target:
    """Whereto the connection leads."""

    protocol: str
    host: str
    port: int


class Transparent(Capability):
    """At most one such connection; it talks on the line (`data_mode.Talker`) while it is open."""

    name = "transparent"
    states = {"transparent": STATE}
    events = {
        "received": content.CONTENT,
        "closed": {"reason": Field(str, "the far side has closed")},
    }

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._target: Target | None = None
        #: All sockets, while there is a target.
        self._held = contextlib.ExitStack()
        self._mode = OFF
        self._closing = False
        self._came = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._sending = asyncio.Lock()
        host.link.on_change(self._link_changed)

    async def prepare(self) -> None:
        """Nothing of before has outlived the start: see `gprs`."""
        self._ended("the modem was set up anew")
        self._publish()

    async def stopping(self) -> None:
        """Leave the modem in command mode."""
        if self._target is not None:
            with contextlib.suppress(AtError, Unavailable, Expired):
                await self._close()

    # -- requests

    @request(
        "open",
        {
            vol.Required("host"): HOST,
            vol.Required("port"): vol.All(int, vol.Range(min=1, max=65535)),
            vol.Optional("protocol", default="tcp"): vol.In(("tcp", "udp")),
        },
        answer=STATE,
        example={"host": "meter.example.com", "port": 7000},
    )
    async def open(self, request: Request) -> dict[str, Any]:
        """Connect, and have the whole line for that; no other socket may be in use."""
        target = Target(request["protocol"], request["host"], request["port"])
        self._held.enter_context(self.host.sockets.exclusive(self.name))
        self._target, self._closing = target, False
        try:
            await self.host.link.connect()
            if target.protocol == "udp":
                await self.modem.converse(wire.OpenUdp(target.host, target.port), self)
            else:
                await self.modem.converse(wire.Open(target.host, target.port), self)
        except BaseException:
            self._forget()
            raise
        self._become(DATA)
        return self._values()

    @request("send", content.parameters(), answer={"bytes": Field(int, 5)}, example={"hex": "01ff"})
    async def send(self, request: Request) -> dict[str, Any]:
        """Send bytes to the peer; answered when they are on the wire to the modem."""
        data = content.required(request.parameters, least=1, most=LARGEST)
        async with self._sending:
            for start in range(0, len(data), BLOCK):
                block = data[start : start + BLOCK]
                if block == ESCAPE:
                    # Alone between two silences it would end data mode.
                    await self._write(block[:1])
                    await asyncio.sleep(GUARD)
                    block = block[1:]
                await self._write(block)
                await asyncio.sleep(10 * len(block) / (self.modem.actual_baud or 115200))
        return {"bytes": len(data)}

    async def _write(self, block: bytes) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while self._target is not None:
                    if self.modem.write_data(block):
                        return
                    await asyncio.sleep(LOOK)
        raise RequestError("unavailable", "there is no transparent connection", retryable=True)

    @request("close", kept=Kept.NOTHING, answer=STATE)
    async def close(self, _: Request) -> dict[str, Any]:
        """Leave data mode and close the connection."""
        if self._target is not None:
            await self._close()
        return self._values()

    async def _close(self) -> None:
        self._closing = True
        try:
            with contextlib.suppress(Refused):  # there is none any more
                await self.modem.run(wire.Close())
        finally:
            self._closing = False
        self._ended("closed as requested")

    # -- the line, while it is ours (data_mode.Talker)

    @property
    def yields(self) -> bool:
        """Whether data mode is left when there is something else to do."""
        return self._closing or bool(self.host.config.transparent.yields)

    def came(self, data: bytes) -> None:
        """Tell of bytes together as they came."""
        self._came += data
        if self._timer is not None:
            self._timer.cancel()
        if len(self._came) >= BLOCK:
            self._tell()
        else:
            self._timer = asyncio.get_running_loop().call_later(TOGETHER, self._tell)

    def _tell(self) -> None:
        self._timer = None
        data, self._came = bytes(self._came), bytearray()
        if data:
            self.host.event(self.name, "received", content.shown(data))

    def left(self) -> None:
        """Go back as soon as nothing else is to be done."""
        if self._target is not None:
            self._become(COMMAND)
            if not self._closing:
                self.host.start(self._go_back(self._target), "going back to data mode")

    async def _go_back(self, target: Target) -> None:
        try:
            await self.modem.converse(wire.GoBack(), self, priority=BACKGROUND)
        except Refused:
            if self._target is target and not self._closing:
                self._ended("the far side has closed")
        except (AtError, Unavailable) as error:
            if self._target is target:
                self._ended(str(error))
        else:
            self._become(DATA)

    # -- what the modem tells

    @on(wire.Closed)
    @on(wire.ClosedUdp)
    def closed(self, _: wire.Closed) -> None:
        """The connection is gone."""
        self._ended("the far side has closed")

    def gone(self) -> None:
        """Without a modem there is no connection."""
        self._ended("the modem is gone")
        self._publish()

    def _link_changed(self) -> None:
        if not self.host.link.up:
            self._ended("the data link is lost")

    # -- what is known

    def _ended(self, reason: str) -> None:
        if self._target is None or self._mode == OFF:
            return
        self._tell()
        self._forget()
        self.host.event(self.name, "closed", {"reason": reason})

    def _forget(self) -> None:
        self._target = None
        self._held.close()
        self._become(OFF)

    def _become(self, mode: str) -> None:
        self._mode = mode
        self._publish()

    def _values(self) -> dict[str, Any]:
        target = self._target
        return {
            "mode": self._mode,
            "protocol": target and target.protocol,
            "host": target and target.host,
            "port": target and target.port,
        }

    def _publish(self) -> None:
        self.host.state(self.name, self._values())

"""The `clock` capability: what the modem's clock shows, and how to set it right."""

import asyncio
import logging
from datetime import UTC, datetime, tzinfo
from typing import Any

import voluptuous as vol

from n11bridge.at.basic import BACKGROUND
from n11bridge.at.errors import Malformed, Refused
from n11bridge.capabilities.clock import stamps, wire
from n11bridge.capability import Capability, Kept, Request, RequestError, every, on, request
from n11bridge.entity import Event, Sensor, Switch
from n11bridge.host import Host
from n11bridge.payload import Field, Fields, moment

log = logging.getLogger(__name__)

#: A time server known to work (manual 24.2).
SERVER = "time.windows.com"
#: What the modem itself waits for may be told late (seconds).
MARGIN = 10.0
SUCCESS = "Update To "

TIME = Field(vol.Maybe(moment), "2026-11-26T12:00:00+01:00", "what it shows")
DRIFT = Field(vol.Maybe(int), 2, "seconds by which it is ahead of this computer's")
SOURCES = ("request", "server", "network")
STATE: Fields = {
    "time": TIME._replace(meaning="what it showed when it was read last"),
    "source": Field(vol.Maybe(vol.In(SOURCES)), "network", "what set it last; null is not known"),
    "drift": DRIFT,
    "synchronised": Field(vol.Maybe(moment), None, "when a time server set it last"),
    "network_time": Field(vol.Maybe(bool), True, "whether it follows the network's"),
}


def _aware(value: Any) -> datetime:
    """A time in ISO 8601; without an offset it is local."""
    try:
        return datetime.fromisoformat(value).astimezone()
    except (TypeError, ValueError, OverflowError, OSError):
        raise vol.Invalid("expected a time in ISO 8601") from None


class Clock(Capability):
    """The modem's clock. A time that names no zone is in that in which it was set, else ours."""

    name = "clock"
    states = {"clock": STATE}
    events = {
        "network_time": {
            "network": Field(moment, "2026-11-26T12:00:00+01:00", "what the network told"),
            "drift": DRIFT,
        }
    }
    entities = (
        Sensor(
            "drift",
            name="Clock drift",
            value="drift",
            attributes=("time", "source", "synchronised"),
            device_class="duration",
            unit_of_measurement="s",
            entity_category="diagnostic",
            enabled_by_default=False,
        ),
        Switch(
            "network_time",
            name="Network time",
            value="network_time",
            verb="network_time",
            payload_on='{"enabled": true}',
            payload_off='{"enabled": false}',
            icon="mdi:clock-check",
            entity_category="config",
            enabled_by_default=False,
        ),
        Event(
            "network_time_came",
            name="Network time",
            what="network_time",
            icon="mdi:clock-outline",
            entity_category="diagnostic",
            enabled_by_default=False,
        ),
    )

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._turn = asyncio.Lock()
        self._outcome: asyncio.Future[str] | None = None
        #: In which the clock was set, and in which a server set it; None is not known.
        self._zone: tzinfo | None = None
        self._server_zone: tzinfo | None = None
        self._values: dict[str, Any] = dict.fromkeys(STATE)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.host.now(), UTC).astimezone()

    @property
    def _ours(self) -> tzinfo:
        return self._now().tzinfo or UTC

    def gone(self) -> None:
        """Nobody knows what it shows."""
        self._values = dict.fromkeys(STATE)
        self.host.state(self.name, self._values)

    async def prepare(self) -> None:
        """Read what a modem shows that may have started anew."""
        self._zone = None
        self._values["source"] = None
        try:
            now = await self.modem.read(wire.NetworkTime)
            self._values["network_time"] = bool(now.enabled)
        except (Refused, Malformed):
            self._values["network_time"] = None
        await self.poll()

    @every(3600)
    async def poll(self) -> None:
        """Read it; it drifts slowly."""
        await self._read(BACKGROUND)

    async def _read(self, priority: int = 1) -> dict[str, Any]:
        before = self.host.now()
        text = None
        try:
            text = (await self.modem.read(wire.Clock, priority=priority)).text
        except (Refused, Malformed) as error:
            log.info("clock: %s", error)
        middle = (before + self.host.now()) / 2
        shown = self._meant(text)
        self._values |= {
            "time": shown and shown.isoformat(timespec="seconds"),
            "drift": None if shown is None else round(shown.timestamp() - middle),
        }
        try:
            last = await self.modem.run(wire.ReadLastUpdate(), priority=priority)
            stamp = last.text.lower().removeprefix("last update time")
            when = stamps.read(stamp, self._server_zone or self._ours)
            self._values["synchronised"] = when and when.isoformat(timespec="seconds")
        except (Refused, Malformed):
            self._values["synchronised"] = None
        self.host.state(self.name, self._values)
        return dict(self._values)

    def _meant(self, text: str | None) -> datetime | None:
        return None if text is None else stamps.read(text, self._zone or self._ours)

    @request("read", kept=Kept.NOTHING, answer=STATE)
    async def read(self, _: Request) -> dict[str, Any]:
        """Read the clock, its drift against this computer's and its source (manual 3.15)."""
        return await self._read()

    @request(
        "set",
        {vol.Optional("time"): _aware},
        kept=Kept.NOTHING,
        answer=STATE,
        example={"time": "2026-11-26T12:00:00+01:00"},
    )
    async def set(self, request: Request) -> dict[str, Any]:
        """Set the clock, to this computer's time unless another is given (manual 3.15)."""
        async with self._turn:
            given = request.get("time")
            try:
                await self.modem.write(wire.Clock(self._stamp(given, with_zone=True)))
                self._zone = None
            except Refused:
                # The manual's own example has no zone.
                await self.modem.write(wire.Clock(self._stamp(given, with_zone=False)))
                self._zone = (given or self._now()).tzinfo
            self._values["source"] = "request"
            return await self._read()

    def _stamp(self, given: datetime | None, *, with_zone: bool) -> str:
        time = given or self._now()
        if not 2000 <= time.year <= 2099:
            raise RequestError("invalid_request", "time: the modem knows the years 2000 to 2099")
        return stamps.write(time, with_zone=with_zone)

    @request(
        "synchronise",
        {
            vol.Optional("server", default=SERVER): vol.All(
                str, vol.Match(r"[0-9A-Za-z.-]{1,100}\Z", msg="a name or an address")
            ),
            vol.Optional("timeout", default=10): vol.All(int, vol.Range(min=1, max=30)),
        },
        kept=Kept.NOTHING,
        answer=STATE,
        example={"server": SERVER},
    )
    async def synchronise(self, request: Request) -> dict[str, Any]:
        """Set the clock by a time server, over the data link; timeout in seconds (24.2)."""
        seconds = request["timeout"]
        zone = stamps.whole_hours(self._now())
        command = wire.Synchronise(1, request["server"], seconds, stamps.named(zone), 0)
        async with self._turn, self.host.link.held(self.name):
            # Before it is sent: the outcome may come before the OK.
            self._outcome = asyncio.get_running_loop().create_future()
            try:
                await self.modem.run(command)
                async with asyncio.timeout(seconds + MARGIN):
                    outcome = await self._outcome
            except TimeoutError:
                message = "the modem did not say what became of it"
                raise RequestError("timeout", message, retryable=True) from None
            finally:
                self._outcome = None
            if not outcome.startswith(SUCCESS):
                words = f"+UPDATETIME: {outcome}"
                raise RequestError("modem_error", words, retryable=True, modem=words)
            self._zone = self._server_zone = zone
            self._values["source"] = "server"
            return await self._read()

    @on(wire.Updating)
    def updating(self, _: wire.Updating) -> None:
        """It is under way, as was known."""

    @on(wire.Updated)
    def updated(self, said: wire.Updated) -> None:
        """Hand it to the request."""
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_result(said.outcome)

    @request(
        "network_time",
        {vol.Optional("enabled"): bool},
        kept=Kept.NOTHING,
        answer={"enabled": Field(bool, True)},
        example={"enabled": True},
    )
    async def network_time(self, request: Request) -> dict[str, Any]:
        """Have the clock follow the network's, or ask whether it does; it is kept (24.6)."""
        enabled = request.get("enabled")
        if enabled is None:
            enabled = bool((await self.modem.read(wire.NetworkTime)).enabled)
        else:
            await self.modem.write(wire.NetworkTime(int(enabled)))
        self._values["network_time"] = enabled
        self.host.state(self.name, self._values)
        return {"enabled": enabled}

    @on(wire.NetworkTimeCame)
    async def network_time_came(self, said: wire.NetworkTimeCame) -> None:
        """The network has set the clock: tell of it."""
        told = self._meant(said.text)
        if told is None:
            log.info("a time of the network that cannot be read")
            return
        self._zone = told.tzinfo
        self._values["source"] = "network"
        drift = (await self._read(BACKGROUND))["drift"]
        values = {"network": told.isoformat(timespec="seconds"), "drift": drift}
        self.host.event(self.name, "network_time", values)

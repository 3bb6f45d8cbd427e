"""The `modem` capability: identity, status, restarts, and what a person may ask of it."""

import json
from typing import Any

import voluptuous as vol

from n11bridge.at.basic import Functionality
from n11bridge.at.command import Command
from n11bridge.at.errors import Lost, Malformed, Refused, TimedOut
from n11bridge.capabilities.modem import published, wire
from n11bridge.capabilities.modem.published import STATUSES
from n11bridge.capability import Capability, Kept, Request, RequestError, request
from n11bridge.entity import GONE, BinarySensor, Button, Event, Sensor
from n11bridge.host import Host
from n11bridge.payload import Field, iso

SLEEP = ("off", "dtr_low", "dtr_high")
RATES = (0, 9600, 19200, 38400, 57600, 115200)
BLINK = vol.All(int, vol.Range(min=10, max=65535))
#: The fact under which the store remembers the identity: it is known before the modem answers.
IDENTITY = "identity"
RESTARTS = "modem_restarts"


class Modem(Capability):
    """Identity, status and restarts."""

    name = "modem"
    states = {"modem": published.STATE}
    events = {"reset": published.RESET}
    entities = (
        BinarySensor(
            "connected",
            name="Modem",
            value="status",
            on=tuple(status for status in STATUSES if status not in GONE),
            device_class="connectivity",
            entity_category="diagnostic",
            needs="bridge",
        ),
        Sensor(
            "status",
            name="Status",
            value="status",
            icon="mdi:list-status",
            device_class="enum",
            options=STATUSES,
            entity_category="diagnostic",
            needs="bridge",
        ),
        Sensor(
            "restarts",
            name="Modem restarts",
            value="restarts",
            icon="mdi:restart-alert",
            state_class="total_increasing",
            entity_category="diagnostic",
            needs="bridge",
        ),
        Event(
            "reset",
            name="Reset",
            what="reset",
            icon="mdi:restart-alert",
            entity_category="diagnostic",
        ),
        Button(
            "restart",
            name="Restart modem",
            verb="restart",
            device_class="restart",
            entity_category="config",
        ),
    )

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        #: manufacturer, model, revision and imei; None before a modem was ever seen.
        self.identity: dict[str, str | None] | None = None
        self._functionality: int | None = None
        self._restarts = 0
        self._status: str | None = None
        self._since = ""
        self._told: tuple[str, str] | None = None

    async def started(self) -> None:
        """Recall who the modem was."""
        identity, self._restarts = await self.host.store.read(
            lambda tables: (tables.facts.get(IDENTITY), tables.counters.all().get(RESTARTS, 0))
        )
        self.identity = json.loads(identity) if identity else None
        self.publish()

    async def prepare(self) -> None:
        """Read who it is."""
        self._told = None
        found = {
            "manufacturer": await self._ask(wire.ReadManufacturer()),
            "model": await self._ask(wire.ReadModel()),
            "revision": await self._ask(wire.ReadSoftwareVersion())
            or await self._ask(wire.ReadRevision()),
            "imei": await self._ask(wire.ReadSerialNumber()),
        }
        if None in found.values():
            await self._complete(found)
        if found != self.identity:
            identity = json.dumps(found)
            await self.host.store.commit(lambda tables: tables.facts.set(IDENTITY, identity))
            self.identity = found
        try:
            self._functionality = (await self.modem.read(Functionality)).level
        except (Refused, Malformed):
            self._functionality = None
        self.publish()

    async def _ask(self, command: Command[Any]) -> str | None:
        try:
            return str((await self.modem.run(command)).text).strip('" ') or None
        except (Refused, Malformed):
            return None

    async def _complete(self, found: dict[str, str | None]) -> None:
        """Fill in from ATI's three lines, and what is still missing from the last time."""
        try:
            lines = await self.modem.run(wire.ReadInformation())
        except Refused:
            lines = []
        general = dict(zip(("manufacturer", "model", "revision"), lines, strict=False))
        for key, value in found.items():
            found[key] = value or general.get(key) or (self.identity or {}).get(key)

    def gone(self) -> None:
        """Nobody knows what is switched on; who it is, is remembered."""
        self._functionality = None

    def status_changed(self, status: str) -> None:
        """Publish it."""
        self.publish()

    def publish(self) -> None:
        """Set ``state/modem``."""
        if self.modem.status != self._status:
            self._status = self.modem.status
            self._since = iso(self.host.now())
        unknown = dict.fromkeys(("manufacturer", "model", "revision", "imei"))
        values = {
            "status": self._status,
            "since": self._since,
            **(self.identity or unknown),
            "port": self.host.config.modem.port,
            "baud": self.modem.actual_baud,
            "functionality": self._functionality,
            "restarts": self._restarts,
        }
        self.host.state(self.name, values)

    def reset(self, step: str, reason: str) -> None:
        """Tell of a step of recovery; ``reset``, ``power`` and ``restart`` count as restarts."""
        if step == "reopen" and self._told == (step, reason):
            return  # one attempt after the other to reach a modem that stays away
        self._told = (step, reason)
        if step not in ("reopen", "back_off"):
            self._restarts += 1
            self.host.count(RESTARTS)
        self.host.event(self.name, "reset", {"step": step, "reason": reason})
        self.publish()

    @request("restart")
    async def restart(self, _: Request) -> dict[str, Any]:
        """Restart the modem (manual 3.11)."""
        try:
            await self.modem.write(Functionality(1, restart=1))
        except Lost:
            return {}  # it was quicker than its answer
        except TimedOut:
            self.modem.restart("it may have restarted on request")
            raise
        self.modem.restart("it was restarted on request")
        return {}

    @request("power_off", dangerous=True)
    async def power_off(self, _: Request) -> dict[str, Any]:
        """Shut the modem down; only its ON/OFF pin starts it again (manual 24.1)."""
        await self.modem.run(wire.SwitchOff())
        self.modem.restart("it was switched off on request")
        return {}

    @request(
        "functionality",
        {vol.Required("level"): vol.In((0, 1))},
        dangerous=True,
        answer={"functionality": Field(vol.In((0, 1)), 0)},
        example={"level": 0},
    )
    async def functionality(self, request: Request) -> dict[str, Any]:
        """Switch radio and SIM on (1) or off (0) (manual 3.11)."""
        level = int(request["level"])
        await self.modem.write(Functionality(level))
        # Switched off and on, the SIM wants its PIN again, and settings on it are gone.
        self.modem.restart(f"functionality {level} was requested")
        return {"functionality": level}

    @request(
        "sleep",
        {vol.Required("mode"): vol.In(SLEEP)},
        kept=Kept.NOTHING,
        answer={"mode": Field(vol.In(SLEEP), "dtr_low")},
        example={"mode": "dtr_low"},
    )
    async def sleep(self, request: Request) -> dict[str, Any]:
        """Let the modem sleep while DTR is low or high, or never; lost at a restart (3.12)."""
        await self.modem.write(wire.SleepMode(SLEEP.index(request["mode"])))
        return {"mode": request["mode"]}

    @request(
        "baud_rate",
        {vol.Required("rate"): vol.In(RATES)},
        dangerous=True,
        answer={
            "rate": Field(vol.In(RATES), 57600, "bit/s; 0 is automatic"),
            "baud": Field(vol.Maybe(int), 57600, "the port's rate in bit/s"),
        },
        example={"rate": 57600},
    )
    async def baud_rate(self, request: Request) -> dict[str, Any]:
        """Change the rate of modem and port in bit/s; the modem keeps it, 0 is automatic (3.13)."""
        await self.modem.set_baud(int(request["rate"]))
        self.publish()
        return {"rate": request["rate"], "baud": self.modem.actual_baud}

    @request(
        "indicator",
        {
            vol.Required("mode"): vol.All(int, vol.Range(min=0, max=11)),
            vol.Optional("off_ms"): BLINK,
            vol.Optional("on_ms"): BLINK,
        },
        kept=Kept.NOTHING,
        answer={"mode": Field(int, 10)},
        example={"mode": 10, "off_ms": 900, "on_ms": 100},
    )
    async def indicator(self, request: Request) -> dict[str, Any]:
        """Choose what the network LED shows; mode 10 blinks as off_ms and on_ms say (2.9)."""
        mode, off, on = request["mode"], request.get("off_ms"), request.get("on_ms")
        if (mode == 10) != (off is not None) or (off is None) != (on is None):
            raise RequestError("invalid_request", "off_ms and on_ms belong to mode 10, both")
        await self.modem.write(wire.Indicator(mode, off, on))
        return {"mode": mode}

    @request("save_settings", kept=Kept.NOTHING)
    async def save_settings(self, _: Request) -> dict[str, Any]:
        """Have the modem keep its settings over a restart (manual 3.8)."""
        await self.modem.run(wire.SaveSettings())
        return {}

    @request("factory_reset", dangerous=True)
    async def factory_reset(self, _: Request) -> dict[str, Any]:
        """Restore the modem's factory settings (manual 3.9)."""
        await self.modem.run(wire.RestoreFactorySettings())
        self.modem.restart("factory settings were restored on request")
        return {}

    @request(
        "activity",
        kept=Kept.NOTHING,
        answer={"activity": Field(str, "ready", "as the modem names it (manual 3.1)")},
    )
    async def activity(self, _: Request) -> dict[str, Any]:
        """Ask what the modem is doing (manual 3.1)."""
        return {"activity": (await self.modem.run(wire.ReadActivity())).activity.name.lower()}

"""Where the modem is, by the cells it hears; asked of a server over the data link (manual 24.5)."""

import asyncio
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import voluptuous as vol

from n11bridge.at.command import Command, Report, spoken
from n11bridge.at.errors import AtError, Refused, Unavailable
from n11bridge.at.wire import Rest
from n11bridge.capability import Capability, Kept, Request, RequestError, every, on, request
from n11bridge.entity import Button, DeviceTracker, Entity
from n11bridge.host import Host
from n11bridge.payload import Field, Fields, moment

log = logging.getLogger(__name__)

#: The position is reported in one or two minutes (manual 24.5).
PATIENCE = 150.0
#: The fact under which the store remembers the last position.
POSITION = "position"
NEVER = 86400.0
#: Why it failed, in the manual's words and ours.
FAILURES = {
    "GPRS DISCONNECTION": "the data link is down",
    "DNS FAILED": "the name of the location server cannot be resolved",
    "LINK FAIL": "the location server cannot be reached",
    "POST FAIL": "the location server did not take the cells",
    "FAIL": "the location server answered with invalid data",
    "INIT FAIL": "the modem could not begin",
    "LINK NOT FREE": "the modem is locating already",
}

STATE: Fields = {
    "latitude": Field(vol.Maybe(float), 22.69083, "degrees"),
    "longitude": Field(vol.Maybe(float), 113.985228, "degrees"),
    "accuracy": Field(vol.Maybe(float), 550.0, "metres"),
    "time": Field(vol.Maybe(moment), "2026-11-26T12:00:00+01:00", "when it was there"),
}


class Locate(
    Command[None],
    at="+CIPGSMLOC",
    manual="24.5",
    timeout=15,
    refusals=spoken("+CIPGSMLOC", *FAILURES),
):
    """Where are we? The position is a report of its own."""


class GiveUp(Command[None], at="+CIPGSMLOC", manual="24.5", timeout=15):
    """Ask no longer."""

    mode: int = 0


class Located(Report, at="+CIPGSMLOC", manual="24.5", spread=True):
    """A position in JSON, then OK; or why there is none."""

    text: Rest


class Location(Capability):
    """Locates the modem on request, and now and then if the configuration says so."""

    name = "location"
    states = {"location": STATE}
    entities = (Button("locate", name="Locate", verb="locate", icon="mdi:crosshairs-gps"),)
    #: It is shown from the first position on: before, it would be unknown, maybe for ever.
    tracker = DeviceTracker(
        "position",
        name="Position",
        latitude="latitude",
        longitude="longitude",
        gps_accuracy="accuracy",
        icon="mdi:map-marker",
        needs="bridge",
    )

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._wanted: int = host.config.location.interval
        self.interval = float(self._wanted or NEVER)
        self._turn = asyncio.Lock()
        self._outcome: asyncio.Future[str] | None = None
        self._located = False

    def extra_entities(self) -> Sequence[Entity]:
        """Its place on the map, once it has one."""
        return (self.tracker,) if self._located else ()

    async def started(self) -> None:
        """Recall where it was last."""
        text = await self.host.store.read(lambda tables: tables.facts.get(POSITION))
        self._located = text is not None
        self.host.state(self.name, json.loads(text) if text else dict.fromkeys(STATE))

    @every("interval")
    async def poll(self) -> None:
        """Locate it, if that is wanted and possible."""
        if not self._wanted or self.modem.status != "ready":
            return
        try:
            await self._locate()
        except (RequestError, AtError, Unavailable) as error:
            log.warning("the modem could not be located: %s", error)

    @on(Located)
    def located(self, said: Located) -> None:
        """Hand it to who asked; the OK behind a position says nothing more."""
        if said.text != "OK" and self._outcome is not None and not self._outcome.done():
            self._outcome.set_result(said.text)

    @request("locate", kept=Kept.NOTHING, answer=STATE)
    async def locate(self, _: Request) -> dict[str, Any]:
        """Locate the modem; it costs data and takes a minute or two (manual 24.5)."""
        return await self._locate()

    async def _locate(self) -> dict[str, Any]:
        async with self._turn, self.host.link.held(self.name):
            # Before it is sent: the outcome may come before the OK.
            self._outcome = asyncio.get_running_loop().create_future()
            try:
                await self.modem.run(Locate())
                async with asyncio.timeout(PATIENCE):
                    said = await self._outcome
            except Refused as error:
                if error.line not in Locate.refusals:
                    raise
                raise self._failed(error.line.partition(":")[2].strip()) from error
            except TimeoutError:
                await self.modem.run(GiveUp())
                message = f"no position came within {PATIENCE:g} s"
                raise RequestError("timeout", message, retryable=True) from None
            finally:
                self._outcome = None
        values = self._position(said)
        fact = json.dumps(values)
        await self.host.store.commit(lambda tables: tables.facts.set(POSITION, fact))
        self.host.state(self.name, values)
        if not self._located:
            self._located = True
            self.host.entities_changed()
        return values

    def _position(self, said: str) -> dict[str, Any]:
        """Read a position; RequestError when it is none. 0.0, 0.0 stands for none (24.5)."""
        try:
            found = json.loads(said)
            place = found["location"]
            latitude, longitude = float(place["lat"]), float(place["lng"])
            accuracy = float(found["accuracy"]) if "accuracy" in found else None
        except (ValueError, TypeError, LookupError):
            raise self._failed(said) from None
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180) or latitude == longitude == 0:
            raise self._failed("FAIL")
        now = datetime.fromtimestamp(self.host.now(), UTC).astimezone()
        return {
            "latitude": latitude,
            "longitude": longitude,
            "accuracy": accuracy,
            "time": now.isoformat(timespec="seconds"),
        }

    @staticmethod
    def _failed(word: str) -> RequestError:
        reason = FAILURES.get(word)
        code = "unavailable" if word == "GPRS DISCONNECTION" else "modem_error"
        words = f"+CIPGSMLOC: {word}" if reason else word
        message = f"{words}: {reason}" if reason else f"no position: {words}"
        return RequestError(code, message, retryable=True, modem=words)

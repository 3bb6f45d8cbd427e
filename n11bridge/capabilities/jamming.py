"""Whether somebody drowns the network in noise (manual 24.12, 24.13)."""

import json
from datetime import UTC, datetime
from typing import Any

import voluptuous as vol

from n11bridge.at.command import Report, Setting
from n11bridge.at.errors import Malformed, Refused
from n11bridge.capability import Capability, Kept, Request, RequestError, every, on, request
from n11bridge.entity import BinarySensor, Event, Switch
from n11bridge.host import Host
from n11bridge.payload import Field, Fields, moment

#: The fact under which the store remembers what was chosen by request.
CHOICE = "jamming"
#: So long after the last report a registered modem is not jammed any more (seconds).
PATIENCE = 60.0
#: The threshold of a modem that does not say its own (manual 24.12).
THRESHOLD = 75

DETECTION = Field(vol.Maybe(bool), True, "whether it is looked for; null when the modem cannot")
LEVEL = Field(vol.Maybe(vol.All(int, vol.Range(min=0, max=100))), 75, "from which on it is jamming")
STATE: Fields = {
    "jammed": Field(vol.Maybe(bool), False, "null while it is not looked for"),
    "detection": DETECTION,
    "threshold": LEVEL,
    "since": Field(vol.Maybe(moment), None, "when the jamming began"),
}


class Detection(Setting["Detection"], at="+JAMMINGDETECT", manual="24.12"):
    """Whether it is looked for, and from which level on it is jamming."""

    enabled: int
    threshold: int | None = None


class Changed(Report, at="+JAMMINGDTURC", manual="24.13"):
    """The network is jammed (1), or no longer (0)."""

    jammed: int


class Jamming(Capability):
    """Tells of jamming; the outbox waits until it is over.

    The manual does not promise that its end is reported. A modem that has found a network again
    hears it, and so does one that stayed registered for a while: messages must not wait for ever.
    """

    name = "jamming"
    states = {"jamming": STATE}
    events = {
        "detected": {"threshold": LEVEL},
        "cleared": {"seconds": Field(int, 40, "how long it lasted")},
    }
    entities = (
        BinarySensor(
            "jammed",
            name="Jamming",
            value="jammed",
            attributes=("since", "threshold"),
            device_class="tamper",
            known="jammed",
        ),
        Switch(
            "detection",
            name="Jamming detection",
            value="detection",
            verb="configure",
            known="detection",
            payload_on='{"detection": true}',
            payload_off='{"detection": false}',
            icon="mdi:radar",
            entity_category="config",
        ),
        Event(
            "event",
            name="Jamming",
            what="+",
            event_types=("detected", "cleared"),
            icon="mdi:signal-off",
        ),
    )

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        settings = host.config.jamming
        self._wanted: tuple[bool | None, int | None] = (settings.detection, settings.threshold)
        self._now: Detection | None = None
        self._since: float | None = None
        self._heard = 0.0
        self._was_ready = False

    async def started(self) -> None:
        """Recall what was chosen by request, where the configuration does not say."""
        if self._wanted == (None, None):
            text = await self.host.store.read(lambda tables: tables.facts.get(CHOICE))
            if text is not None:
                detection, threshold = json.loads(text)
                self._wanted = (detection, threshold)

    def gone(self) -> None:
        """Nobody hears the noise."""
        self._now = None
        self._end()
        self._publish()

    async def prepare(self) -> None:
        """Have it looked for; the modem may have forgotten (the manual does not say)."""
        self._end()
        await self._read()
        try:
            await self._apply()
        except Refused as error:
            if self._wanted[0]:
                self.host.problem("jamming", f"jamming cannot be detected: {error}")
        self._publish()

    async def _read(self) -> None:
        try:
            self._now = await self.modem.read(Detection)
        except (Refused, Malformed):
            self._now = None

    async def _apply(self) -> None:
        """Set what is wanted and differs."""
        detection, threshold = self._wanted
        if detection is None and threshold is None:
            return
        now = self._now or Detection(0, THRESHOLD)
        enabled = now.enabled if detection is None else int(detection)
        level = threshold if threshold is not None else now.threshold
        if Detection(enabled, level) != self._now:
            await self.modem.write(Detection(enabled, level))
            await self._read()
            self._now = self._now or Detection(enabled, level)

    @on(Changed)
    def changed(self, said: Changed) -> None:
        """Take note, and tell."""
        self._heard = self.host.now()
        if said.jammed and self._since is None:
            self._since = self.host.now()
            self.modem.set_jammed(True)
            self.host.event(self.name, "detected", {"threshold": self._now and self._now.threshold})
        elif not said.jammed:
            self._end()
        self._publish()

    def status_changed(self, status: str) -> None:
        """A network that was lost and found again is not jammed."""
        ready, was_ready = status == "ready", self._was_ready
        self._was_ready = ready
        if ready and not was_ready and self._since is not None:
            self._end()
            self._publish()

    @every(15)
    async def look(self) -> None:
        """See whether it has ended without a word."""
        quiet = not 0 <= self.host.now() - self._heard < PATIENCE
        if self._since is not None and quiet and self.modem.status == "ready":
            self._end()
            self._publish()

    def _end(self) -> None:
        began, self._since = self._since, None
        if began is not None:
            self.modem.set_jammed(False)
            seconds = max(0, round(self.host.now() - began))
            self.host.event(self.name, "cleared", {"seconds": seconds})

    def _publish(self) -> None:
        detection = bool(self._now.enabled) if self._now is not None else None
        since = self._since and datetime.fromtimestamp(self._since, UTC).astimezone()
        values = {
            "jammed": self._since is not None if detection or self._since else None,
            "detection": detection,
            "threshold": self._now and self._now.threshold,
            "since": since and since.isoformat(timespec="seconds"),
        }
        self.host.state(self.name, values)

    @request(
        "configure",
        {
            vol.Optional("detection"): bool,
            vol.Optional("threshold"): vol.All(int, vol.Range(min=0, max=100)),
        },
        kept=Kept.NOTHING,
        answer={"detection": DETECTION, "threshold": LEVEL},
        example={"detection": True, "threshold": 75},
    )
    async def configure(self, request: Request) -> dict[str, Any]:
        """Look for jamming or not, from a threshold of 0 to 100; kept over restarts (24.12)."""
        detection, threshold = request.get("detection"), request.get("threshold")
        if detection is None and threshold is None:
            raise RequestError("invalid_request", "give detection, threshold or both")
        before, self._wanted = (
            self._wanted,
            (
                self._wanted[0] if detection is None else detection,
                self._wanted[1] if threshold is None else threshold,
            ),
        )
        try:
            await self._apply()
        except Refused:
            self._wanted = before
            raise
        choice = json.dumps(self._wanted)
        await self.host.store.commit(lambda tables: tables.facts.set(CHOICE, choice))
        if self._now is not None and not self._now.enabled:
            self._end()
        self._publish()
        assert self._now is not None
        return {"detection": bool(self._now.enabled), "threshold": self._now.threshold}

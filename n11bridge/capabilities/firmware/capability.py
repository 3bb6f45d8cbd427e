"""The `firmware` capability: the version, and upgrades through the network or the serial line."""

import contextlib
import logging
from dataclasses import dataclass

import voluptuous as vol

from n11bridge import content
from n11bridge.at.errors import AtError, Malformed, Refused, Unavailable
from n11bridge.capabilities.firmware import wire
from n11bridge.capabilities.firmware.upload import Upload
from n11bridge.capabilities.modem.wire import ReadRevision, ReadSoftwareVersion
from n11bridge.capability import Accepted, Capability, Request, RequestError, every, on, request
from n11bridge.entity import Event, Update
from n11bridge.host import Host
from n11bridge.payload import Field, Fields

log = logging.getLogger(__name__)

#: No package is larger: the module's flash is not.
LARGEST = 8 << 20
#: So long the modem is left alone, whatever it does (seconds).
PATIENCE = 1800.0
#: What ends an upgrade, and whether there is a newer version then.
ENDS = ("nothing_new", "download_failed", "upgraded", "failed")

VERSION = Field(vol.Maybe(str), "N11_1167_SQS63002_V003")
STAGES = ("started", "uploading", "uploaded", "downloaded", "upgrading", *ENDS)
STATE: Fields = {
    "version": VERSION,
    "latest": VERSION._replace(meaning="null when it is not known"),
    "upgrade": Field(vol.Maybe(vol.In(("network", "serial"))), None, "by which way it goes on"),
}
PROGRESS: Fields = {
    "stage": Field(vol.In(STAGES), "downloaded"),
    "percent": Field(vol.Maybe(int), None, "of the bytes, while uploading"),
    "version": VERSION._replace(meaning="of the firmware that runs"),
}
STARTED: Fields = {"version": VERSION._replace(meaning="before the upgrade")}


@dataclass
class Running:
    """An upgrade: its way, the version before, when patience ends, whether the modem restarted."""

    way: str
    before: str | None
    until: float
    stage: str = "started"


class Firmware(Capability):
    """Upgrades run on their own; meanwhile nothing restarts the modem."""

    name = "firmware"
    states = {"firmware": STATE}
    events = {"progress": PROGRESS}
    entities = (
        Update(
            "firmware",
            name="Firmware",
            installed_version="version",
            latest_version="latest",
            device_class="firmware",
            entity_category="diagnostic",
        ),
        Event(
            "progress",
            name="Firmware upgrade",
            what="progress",
            icon="mdi:progress-download",
            entity_category="diagnostic",
            enabled_by_default=False,
        ),
    )

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._version: str | None = None
        #: Whether the server had nothing newer.
        self._newest = False
        self._running: Running | None = None

    async def prepare(self) -> None:
        """Read the version; after an upgrade it says whether there was one."""
        self._version = await self._read()
        running = self._running
        if running is not None:
            # Packages come over the serial line in one piece: after it the modem starts anew.
            changed = self._version != running.before
            if changed:
                self._tell("upgraded")
            elif running.stage != "uploading":
                self._tell("failed")
        self._publish()

    async def _read(self) -> str | None:
        with contextlib.suppress(Refused, Malformed):
            return (await self.modem.run(ReadSoftwareVersion())).text.strip('" ') or None
        with contextlib.suppress(Refused, Malformed):
            return (await self.modem.run(ReadRevision())).text.strip('" ') or None
        return None

    def _publish(self) -> None:
        running = self._running and self._running.way
        latest = self._version if self._newest else None
        values = {"version": self._version, "latest": latest, "upgrade": running}
        self.host.state(self.name, values)

    def _begin(self, way: str) -> Running:
        if self._running is not None:
            raise RequestError("unavailable", "an upgrade is under way", retryable=True)
        self._running = Running(way, self._version, self.host.now() + PATIENCE)
        self.modem.leave_undisturbed(PATIENCE)
        return self._running

    def _end(self) -> None:
        self._running = None
        self.modem.leave_undisturbed(0)
        self._publish()

    def _tell(self, stage: str, percent: int | None = None) -> None:
        log.info("firmware: %s", stage if percent is None else f"{stage}, {percent} %")
        values = {"stage": stage, "percent": percent, "version": self._version}
        self.host.event(self.name, "progress", values)
        if self._running is not None:
            self._running.stage = stage
        if stage in ENDS:
            self._newest = stage in ("nothing_new", "upgraded")
            self._end()
        self._publish()

    @every(60)
    async def look(self) -> None:
        """Give up an upgrade that is heard of no more."""
        if self._running is not None and self.host.now() > self._running.until:
            self._tell("failed")

    @on(wire.Progress)
    async def progress(self, said: wire.Progress) -> None:
        """Tell of it."""
        self._tell(said.status.name.lower())
        if said.status is wire.Status.UPGRADED:
            # Unless it restarts now, which has the version read as well.
            with contextlib.suppress(AtError, Unavailable):
                self._version = await self._read() or self._version
                self._publish()

    @request(
        "upgrade",
        {
            vol.Required("server"): vol.All(
                str, vol.Match(r"[0-9A-Za-z./_-]{1,150}\Z", msg="a host, and maybe a path")
            ),
            vol.Optional("port", default=80): vol.All(int, vol.Range(min=1, max=65535)),
        },
        dangerous=True,
        answer=STARTED,
        example={"server": "115.29.178.98/", "port": 80},
    )
    async def upgrade(self, request: Request) -> Accepted:
        """Upgrade through the network; event/firmware/progress tells how far it is (23.1)."""
        running = self._begin("network")
        try:
            async with self.host.link.held(self.name):
                await self.modem.run(wire.Upgrade(request["server"], request["port"]))
        except BaseException:
            self._end()
            raise
        self._tell_of_start(running)
        return Accepted({"version": running.before})

    def _tell_of_start(self, running: Running) -> None:
        """Tell that it began, unless more than that is known already."""
        if self._running is running and running.stage == "started":
            self._tell("started")

    @request(
        "upgrade_from_file",
        {key: kind for key, kind in content.parameters().items() if key != "text"},
        dangerous=True,
        answer=STARTED,
        example={"hex": "4e313156"},
    )
    async def upgrade_from_file(self, request: Request) -> Accepted:
        """Send a package over the serial line, which is taken until it is there (23.2)."""
        package = content.required(request.parameters, least=1, most=LARGEST)
        running = self._begin("serial")
        upload = Upload()
        try:
            await self.modem.converse(wire.Update(len(package)), upload)
        except BaseException:
            self._end()
            raise
        self._tell_of_start(running)
        self.host.start(self._send(upload, package), "upload of the firmware")
        return Accepted({"version": running.before})

    async def _send(self, upload: Upload, package: bytes) -> None:
        def told(percent: int) -> None:
            self._tell("uploading", percent)

        running = self._running
        if await upload.run(self.modem, package, told):
            if self._running is running and running is not None and running.stage not in ENDS:
                self._tell("uploaded")
        else:
            self._tell("failed")

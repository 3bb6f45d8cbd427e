"""Sound files in AMR, played at the modem's loudspeaker (manual 21)."""

import asyncio
from typing import Any

import voluptuous as vol

from n11bridge import content
from n11bridge.at.command import Command, Report
from n11bridge.at.wire import Keyword, Rest
from n11bridge.capabilities import files
from n11bridge.capability import Capability, Kept, Request, RequestError, on, request
from n11bridge.entity import BinarySensor, Button, Event
from n11bridge.host import Host
from n11bridge.payload import Field

#: How an AMR file begins (RFC 4867, 5.1).
AMR = b"#!AMR"
#: What is played without a name of its own.
UPLOADED = "n11bridge.amr"

FILE = Field(vol.Maybe(str), "alarm.amr")


class Played(Report, at="+AMRPLAY", manual="21.1"):
    """It was played to its end, or could not be played; that may come before the OK."""

    status: Rest

    @property
    def well(self) -> bool:
        """Whether it was played: the manual has ``play failed!`` and ``play faild!``."""
        return "fail" not in self.status.lower()


class Play(Command[None], at="+AMRPLAY", manual="21.1", timeout=5):
    """Play this file (mode 0: outside a call); its name stands without quotes in the manual."""

    name: Keyword
    mode: int = 0


class Stop(Command[None], at="+AMRPLAY", manual="21.1", timeout=5):
    """Stop playing; an error when nothing plays."""


class Pause(Command[None], at="+AMRPAUSE", manual="21.2", timeout=5):
    """Pause."""


class Resume(Command[None], at="+AMRRESUME", manual="21.3", timeout=5):
    """Go on."""


class Audio(Capability):
    """Plays one file at a time."""

    name = "audio"
    states = {
        "audio": {
            "playing": Field(bool, True),
            "paused": Field(bool, False),
            "file": FILE,
        }
    }
    events = {
        "finished": {
            "file": FILE,
            "ok": Field(bool, True, "whether it was played to its end"),
            "result": Field(str, "Play ok!", "the modem's words, or stopped"),
        }
    }
    entities = (
        BinarySensor(
            "playing",
            name="Audio",
            value="playing",
            attributes=("file", "paused"),
            device_class="running",
            enabled_by_default=False,
        ),
        Button("stop", name="Stop audio", verb="stop", icon="mdi:stop", enabled_by_default=False),
        Event(
            "finished",
            name="Audio finished",
            what="finished",
            icon="mdi:music",
            enabled_by_default=False,
        ),
    )

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._turn = asyncio.Lock()
        self._file: str | None = None
        self._paused = False
        #: How the playing that is just being asked for has ended already.
        self._early: Played | None = None

    async def prepare(self) -> None:
        """Nothing plays after a restart."""
        self._become(None)

    def gone(self) -> None:
        """Nothing plays."""
        self._become(None)

    def _become(self, file: str | None, *, paused: bool = False) -> None:
        self._file, self._paused = file, paused
        values = {"playing": file is not None, "paused": paused, "file": file}
        self.host.state(self.name, values)

    @on(Played)
    def played(self, said: Played) -> None:
        """Tell that it is over."""
        self._early = said
        self._finish(said.well, said.status)

    def _finish(self, ok: bool, result: str) -> None:
        if self._file is not None:
            values = {"file": self._file, "ok": ok, "result": result}
            self.host.event(self.name, "finished", values)
        self._become(None)

    @request(
        "play",
        {
            vol.Optional("file"): files.NAME,
            **{key: kind for key, kind in content.parameters().items() if key != "text"},
        },
        answer={"file": FILE},
        example={"file": "alarm.amr"},
    )
    async def play(self, request: Request) -> dict[str, Any]:
        """Play an AMR file of the modem, or one that comes along and is kept there (21.1, 22.1)."""
        data, name = content.given(request.parameters), request.get("file")
        if data is None and name is None:
            raise RequestError("invalid_request", "give file, or hex or data, or both")
        if data is not None and not data.startswith(AMR):
            raise RequestError("invalid_request", "that is no AMR: it does not begin with #!AMR")
        name = name or UPLOADED
        async with self._turn:
            if data is not None:
                await files.write(self.modem, name, data)
            self._early = None
            self._become(name)
            try:
                await self.modem.run(Play(name))
            except BaseException:
                self._become(None)
                raise
            # The report that it cannot be played stands before the OK in the manual's example.
            early: Played | None = self._early
        if early is not None and not early.well:
            words = f"+AMRPLAY: {early.status}"
            message = f"{name} cannot be played: is it there, is it AMR, is there a call?"
            raise RequestError("modem_error", message, modem=words)
        return {"file": name}

    @request("pause", kept=Kept.NOTHING)
    async def pause(self, _: Request) -> dict[str, Any]:
        """Pause (manual 21.2)."""
        await self.modem.run(Pause())
        self._become(self._file, paused=self._file is not None)
        return {}

    @request("resume", kept=Kept.NOTHING)
    async def resume(self, _: Request) -> dict[str, Any]:
        """Go on after a pause (manual 21.3)."""
        await self.modem.run(Resume())
        self._become(self._file)
        return {}

    @request("stop", kept=Kept.NOTHING)
    async def stop(self, _: Request) -> dict[str, Any]:
        """Stop playing (manual 21.1)."""
        await self.modem.run(Stop())
        self._finish(False, "stopped")
        return {}

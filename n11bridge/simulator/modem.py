"""The modem as a whole: power, start, and the way of the bytes through it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

from . import (
    data,
    device,
    general,
    lock,
    network,
    services,
    sms_messages,
    sms_send,
    sms_settings,
    supplementary,
)
from .centre import Centre
from .commands import Commands, Request
from .data.stack import Stack
from .faults import Faults, Gate
from .interpreter import Interpreter
from .ledger import Ledger
from .profile import Profile, Style
from .radio import Radio
from .services.audio import Player
from .services.clock import TimeSource
from .services.jamming import Jamming
from .services.location import Locator
from .services.phonebook import Phonebook
from .services.upgrade import Upgrader
from .settings import Settings
from .sim_card import SimCard
from .storage import Storages
from .supplementary import Call, Ussd
from .uart import Uart

COMMANDS = Commands()
for _chapter in (
    general,
    device,
    lock,
    network,
    sms_messages,
    sms_send,
    sms_settings,
    supplementary,
    data,
    services,
):
    COMMANDS.update(_chapter.COMMANDS)


class Line(Protocol):
    """Where the modem's bytes go."""

    def write(self, data: bytes) -> None:
        """Send bytes to the client; without one they are lost."""

    async def drain(self) -> None:
        """Return when the last byte has left."""

    async def room(self) -> None:
        """Return when bulk data may follow: the client keeps up."""

    def unplug(self) -> None:
        """Cut the line."""

    def replug(self) -> None:
        """Join it again."""


class Modem:
    """One N11V2 on a line: bytes in by ``receive``, bytes out by the line's ``write``."""

    def __init__(self, profile: Profile, style: Style, uart: Uart, line: Line) -> None:
        self.profile = profile
        self.style = style
        self.uart = uart
        self.line = line
        self.commands = COMMANDS
        self.ledger = Ledger()
        self.saved: dict[str, Any] = {}
        self.settings = Settings()
        self.inlet = Gate(self._feed)
        self.outlet = Gate(self._write)
        self.faults = Faults(self)
        self.sim = SimCard(profile)
        self.storages = Storages(profile.storage, style.shared_storage)
        self.radio = Radio(self)
        self.centre = Centre(self)
        self.call = Call(self)
        self.stack = Stack(self)
        self.ussd = Ussd(self)
        self.player = Player(self)
        self.time_source = TimeSource(self)
        self.locator = Locator(self)
        self.upgrader = Upgrader(self)
        self.jamming = Jamming(self)
        self.phonebook = Phonebook(lambda: self.settings.cpbs)
        self.kept_reports: list[tuple[str, ...]] = []
        self.clock_offset = timedelta()
        self.clock_zone = ""
        self.interpreter: Interpreter | None = None
        self.ready = False
        """Whether the SIM's files are read, as +PBREADY says: messages can be reached."""
        self.hung = False
        """Whether the firmware hangs: nothing in, nothing out."""
        self._announced = False
        self._task: asyncio.Task[None] | None = None
        self._timers: set[asyncio.TimerHandle] = set()

    def start(self) -> None:
        """Switch the modem on, or restart it: what AT&W did not save is forgotten."""
        self.stop()
        self.settings = Settings(**self.saved)
        self.clock_offset, self.clock_zone = timedelta(), ""
        self.kept_reports = []
        self.ussd.cancel()
        self.jamming.forget()
        self._announced = False
        self.later(self.profile.boot_delay, self._boot)

    def stop(self) -> None:
        """Switch the modem off."""
        if self._task is not None:
            self._task.cancel()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._task = self.interpreter = None
        self.inlet.discard()
        self.outlet.discard()
        self.hung = False
        self.stack.reset()
        self.player.stop()
        self.upgrader.expected = 0
        self.power_radio(False)
        self.ledger.touch()

    def _boot(self) -> None:
        self.interpreter = Interpreter(self)
        self._task = asyncio.get_running_loop().create_task(self.interpreter.run())
        self._task.add_done_callback(_complain)
        self.ledger.starts += 1
        self.emit(b"\r\nMODEM:STARTUP\r\n")
        self.power_radio(True)
        self.ledger.touch()

    def power_radio(self, on: bool) -> None:
        """Switch radio and SIM, as AT+CFUN does: the PIN is asked again (3.11)."""
        if on != self.radio.on:
            self.ready = False
            if not on:
                self.stack.link.lose()
            self.sim.power(on)
            self.radio.power(on)
            if on:
                self.sim_opened()

    def sim_opened(self) -> None:
        """Come up as far as the SIM allows: read its files, look for a network."""
        if self.sim.status == "READY":
            self.later(self.profile.ready_delay, self._sim_read)
            self.radio.search()

    def _sim_read(self) -> None:
        if self.sim.status != "READY":  # it was pulled or switched off meanwhile
            return
        self.ready = True
        if not self._announced and self.style.pbready == "once":
            self.report("+PBREADY")
        self._announced = True
        self.centre.flush()
        self.ledger.touch()

    def receive(self, data: bytes) -> None:
        """Take bytes from the line."""
        self.ledger.bytes_in += len(data)
        for piece in self.faults.incoming(data):
            self.inlet.put(piece)
        self.ledger.touch()

    def emit(self, data: bytes) -> None:
        """Send bytes to the line, through whatever fault waits for them."""
        interpreter = self.interpreter
        for piece in self.faults.outgoing(data):
            if self.interpreter is interpreter:  # else it restarted between two bytes
                self.outlet.put(piece)

    def report(self, *lines: str) -> None:
        """Send an unsolicited report: a header, and maybe a line of content."""
        if self.interpreter is not None:
            self.interpreter.report(lines)

    async def payload(self, request: Request) -> str:
        """Prompt for the text of a message and return it."""
        assert self.interpreter is not None
        return await self.interpreter.payload(request)

    async def data(self, request: Request, count: int | None, seconds: float) -> bytes:
        """Prompt for ``count`` bytes, or up to a CR, and return them; TimeoutError."""
        assert self.interpreter is not None
        return await self.interpreter.data(request, count, seconds)

    async def room(self) -> None:
        """Return when bulk data may follow to the client."""
        if self.interpreter is not None:
            await self.interpreter.room()

    def afterwards(self, callback: Callable[[], object]) -> None:
        """Call ``callback`` once the answer of the running command is on the line."""
        assert self.interpreter is not None
        self.interpreter.afterwards(callback)

    def later(self, delay: float, callback: Callable[[], None]) -> None:
        """Call ``callback`` after ``delay`` seconds, unless the modem goes off before."""

        def due() -> None:
            self._timers.discard(timer)
            callback()

        timer = asyncio.get_running_loop().call_later(delay, due)
        self._timers.add(timer)

    def unplug(self, seconds: float = 0.0) -> None:
        """Cut the line; join it again after ``seconds`` unless that is 0."""
        self.line.unplug()
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self.line.replug)

    def _feed(self, data: bytes) -> None:
        if self.interpreter is not None and not self.hung:
            self.interpreter.feed(data)

    def _write(self, data: bytes) -> None:
        if not self.hung:
            self.ledger.bytes_out += len(data)
            self.line.write(data)
            self.ledger.touch()


def _complain(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        asyncio.get_running_loop().call_exception_handler(
            {"message": "the simulated modem broke", "exception": error}
        )

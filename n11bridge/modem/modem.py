"""The modem as something that carries out commands and keeps working.

Callers use `run`, `read`, `write`, `test` and `send`; the line gives them their turns. When the
port vanishes, the modem restarts or falls silent, it is brought back step by step.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from n11bridge.at import command as at
from n11bridge.at.basic import NORMAL, BaudRate, PhonebookReady, Startup
from n11bridge.at.errors import AtError, TimedOut
from n11bridge.data_mode import Talker
from n11bridge.line import Commit, Line
from n11bridge.modem.ladder import Ladder
from n11bridge.modem.link import Link
from n11bridge.modem.listener import Listener
from n11bridge.modem.liveness import Liveness
from n11bridge.modem.power import PowerHook
from n11bridge.port import PortError

T = TypeVar("T")

#: +PBREADY belongs to a start that we know of for this long (seconds); later it is a restart.
STARTUP_TAIL = 60.0


class Modem:
    """One modem on one port.

    ``prepare`` sets the modem up each time it has started; it may use `run`. It raises AtError to
    have everything started over, and Unavailable when that would be no cure. ``power_hook`` is
    what the ladder's step ``power`` does.
    """

    def __init__(
        self,
        url: str,
        baud: int,
        reports: list[type[at.Report]],
        listener: Listener,
        prepare: Callable[[], Awaitable[None]],
        *,
        hardware_flow_control: bool = False,
        ladder: Ladder | None = None,
        power_hook: PowerHook | None = None,
    ) -> None:
        self.sim = "unknown"
        self.registration = "searching"
        self.jammed = False
        self.liveness = Liveness()
        self._listener = listener
        self._prepare = prepare
        self._line = Line([Startup, PhonebookReady, *reports], self)
        self._link = Link(
            self._line,
            url,
            baud,
            self,
            hardware_flow_control=hardware_flow_control,
            ladder=ladder,
            power_hook=power_hook,
        )
        self._rate_change: at.Exchange[None] | None = None
        self._startup_until = 0.0
        #: The start's +PBREADY, until it is handed on.
        self._phonebook_ready: PhonebookReady | None = None
        #: Held by who changes the character set (manual 6.3) until it is GSM again, and by who
        #: relies on that.
        self.character_set = asyncio.Lock()

    # -- what callers use

    @property
    def status(self) -> str:
        """The status of ``state/modem`` (contract)."""
        return self._status(self._link.state)

    def _status(self, link: str) -> str:
        if link != "up":
            return link
        if self.sim in ("no_sim", "pin_required", "puk_required"):
            return self.sim
        if self.sim == "unknown":
            return "starting"
        return "ready" if self.registration == "registered" else self.registration

    @property
    def trouble(self) -> str:
        """Why it cannot be used, or could not the last time; "" once it is up."""
        return self._link.trouble

    @property
    def baud(self) -> int:
        """The rate that is tried first in bit/s."""
        return self._link.baud

    @property
    def actual_baud(self) -> int | None:
        """The rate in use in bit/s; None while there is no port."""
        return self._line.port.baud if self._line.port is not None else None

    def set_sim(self, sim: str) -> None:
        """Take note of the SIM's condition: ready, no_sim, pin_required, puk_required, unknown."""
        if sim == "ready" != self.sim:
            self._expect_startup_tail()
        self._change("sim", sim)

    def set_registration(self, registration: str) -> None:
        """Take note of the registration: registered, searching, denied."""
        self._change("registration", registration)

    def set_jammed(self, jammed: bool) -> None:
        """Take note that the network is drowned in noise: it is no status, but sending waits."""
        if jammed != self.jammed:
            self.jammed = jammed
            self._listener.status_changed()

    async def run(
        self, command: at.Command[T], *, priority: int = NORMAL, while_busy: float = 0.0
    ) -> T:
        """Carry out a command; AtError, Unavailable or Expired when it did not come about.

        ``while_busy``: try again for so many seconds as long as the SIM is busy.
        """
        return await self._link.exchange(command.exchange(), priority, while_busy)

    async def send(
        self,
        command: at.PayloadCommand[T],
        payload: bytes,
        *,
        commit: Commit | None = None,
        priority: int = NORMAL,
        pause: float | None = None,
    ) -> T:
        """Carry out a command with a payload; its last byte leaves only after ``commit``.

        ``commit`` runs while the payload is on the wire. When it raises, nothing is carried out.
        ``pause``: so many seconds between prompt and payload, if not as the command has it.
        """
        exchange = command.payload_exchange(payload, held=commit is not None, pause=pause)
        return await self._link.exchange(exchange, priority, commit=commit)

    async def pour(
        self,
        command: at.Command[None],
        pouring: at.Pouring,
        payload: bytes | None = None,
        *,
        priority: int = NORMAL,
    ) -> None:
        """Carry out a command that raw data of unknown length follow, until its reader says so."""
        exchange = command.exchange()
        if payload is not None:
            assert isinstance(command, at.PayloadCommand)
            exchange = command.payload_exchange(payload)
        await self._link.exchange(exchange.poured_to(pouring), priority)

    async def converse(
        self, command: at.Command[T], talker: Talker, *, priority: int = NORMAL
    ) -> T:
        """Carry out a command that begins data mode; the talker has the line from then on."""
        return await self._link.exchange(command.exchange(), priority, talker=talker)

    def write_data(self, data: bytes) -> bool:
        """Send bytes to the peer in data mode; False when it is not on, or is being left."""
        return self._line.write_data(data)

    def leave_data_mode(self) -> None:
        """Have the line back for commands soon."""
        self._line.leave_data_mode()

    async def read(self, setting: type[at.Setting[T]], *, priority: int = NORMAL) -> T:
        """Query a setting."""
        return await self._link.exchange(setting.query(), priority)

    async def write(
        self, setting: at.Setting[Any], *, priority: int = NORMAL, while_busy: float = 0.0
    ) -> None:
        """Set a setting."""
        await self._link.exchange(setting.set(), priority, while_busy)

    async def test(
        self, record: type[at.Command[Any]] | type[at.Setting[Any]], *, priority: int = NORMAL
    ) -> at.Supported:
        """Ask which values are supported."""
        return await self._link.exchange(at.test(record), priority)

    async def set_baud(self, rate: int) -> None:
        """Change the rate of the modem and of the port in bit/s; 0 has the modem detect ours."""
        self._rate_change = BaudRate(rate).set()
        await self._link.exchange(self._rate_change, NORMAL)
        await self.read(BaudRate)

    def leave_undisturbed(self, seconds: float) -> None:
        """Leave a modem alone that may be silent for so long while it is upgraded; 0 ends it."""
        self._link.leave_undisturbed(seconds)

    def restart(self, reason: str) -> None:
        """Have everything set up again, as after a restart that the modem did not announce."""
        self._link.broke("restart", reason)

    # -- what the line tells (line.Hearer)

    def heard(self, report: at.Report) -> None:
        """Notice a restart; pass everything else on."""
        match report:
            case Startup():
                self._expect_startup_tail()
                self._link.broke("restart", "the modem restarted")
            case PhonebookReady():
                expected = asyncio.get_running_loop().time() < self._startup_until
                self._startup_until = 0.0
                if not expected:
                    self._link.broke("restart", "the modem restarted")
                elif self._link.state == "up":
                    self._listener.reported(report)
                else:
                    # Whoever asks the modem something because of it would do so too early.
                    self._phonebook_ready = report
            case _:
                self._listener.reported(report)

    def heard_unknown(self, line: str) -> None:
        """Pass on what nothing was declared for."""
        self._listener.unknown(line)

    def heard_echo(self) -> None:
        """Notice a restart that was not announced."""
        self._link.echoed()

    def ended(self, exchange: at.Exchange[Any], error: AtError | None) -> None:
        """Keep the record of how each class of operation fares, and cure one that hangs."""
        now = asyncio.get_running_loop().time()
        if error is None:
            hung = self.liveness.hung
            self.liveness.succeeded(exchange.section, now)
            if hung and not self.liveness.hung:
                self._link.ladder.well()
            if exchange is self._rate_change:
                self._follow_rate(exchange)
        elif isinstance(error, TimedOut) and self._link.state == "up":
            reason = self.liveness.timed_out(exchange.section)
            if reason is not None:
                self._link.hung(reason)

    def fell_silent(self) -> None:
        """Begin again from the port."""
        self._link.broke("reopen", "the modem does not answer")

    def _follow_rate(self, change: at.Exchange[None]) -> None:
        # At once: the next line in the queue must leave at the new rate already.
        rate = int(change.line.partition("=")[2])
        if not rate or self._line.port is None:
            return
        try:
            self._line.port.set_baud(rate)
        except PortError as error:
            self._link.broke("reopen", str(error))
        else:
            self._link.baud = rate

    # -- what the link tells (link.Owner)

    async def supervise(self) -> None:
        """Keep the modem working until cancelled."""
        await self._link.supervise()

    async def prepare(self) -> None:
        """Have it set up by whoever knows how."""
        await self._prepare()

    def link_changed(self, before: str) -> None:
        """Tell, where it makes another status."""
        self._tell_status(self._status(before))

    def opened(self) -> None:
        """The modem may be starting."""
        self._expect_startup_tail()

    def risen(self) -> None:
        """Hand on what could not be before."""
        ready, self._phonebook_ready = self._phonebook_ready, None
        if ready is not None:
            self._listener.reported(ready)

    def fallen(self) -> None:
        """Know nothing of the SIM any more."""
        self._change("sim", "unknown")

    @property
    def hangs(self) -> bool:
        """Whether a class of operation hangs, though the modem answers."""
        return self.liveness.hung

    def recovering(self, step: str, reason: str) -> None:
        """Tell of a step."""
        self._listener.recovering(step, reason)

    def problem(self, code: str, message: str) -> None:
        """Tell of a problem."""
        self._listener.problem(code, message)

    def _expect_startup_tail(self) -> None:
        self._startup_until = asyncio.get_running_loop().time() + STARTUP_TAIL

    def _change(self, name: str, value: str) -> None:
        before = self.status
        setattr(self, name, value)
        self._tell_status(before)

    def _tell_status(self, before: str) -> None:
        if self.status != before:
            self._listener.status_changed()

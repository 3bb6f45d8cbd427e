"""The modem as something that carries out commands and keeps working.

Callers use `run`, `read`, `write`, `test` and `send`; the line gives them their turns. When the
port vanishes, the modem restarts or falls silent, it is brought back step by step.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NamedTuple, Protocol, TypeVar

from n11bridge.at import command as at
from n11bridge.at.basic import (
    NORMAL,
    URGENT,
    Attention,
    BaudRate,
    EchoOff,
    Functionality,
    NumericErrors,
    PhonebookReady,
    ResultCodes,
    Startup,
    VerboseResults,
)
from n11bridge.at.chat import QUIET
from n11bridge.at.errors import AtError, Lost, Malformed, Refused, TimedOut, Unavailable
from n11bridge.line import Commit, Line
from n11bridge.port import RATES, Port, PortError

log = logging.getLogger(__name__)
T = TypeVar("T")

#: After this many timeouts in a row of one class of operation the modem is restarted.
PATIENCE = 3
#: +PBREADY belongs to a start that we know of for this long (seconds); later it is a restart.
STARTUP_TAIL = 60.0
#: Back-off between attempts to reach a modem, in seconds; a port that is missing is looked for
#: more often than a modem that does not answer.
FIRST_RETRY, LAST_RETRY, LAST_RETRY_ABSENT = 1.0, 10.0, 5.0
#: CME 14 and CMS 314: the SIM is busy for some seconds after a start (manual, appendix A).
BUSY = {("CME", 14), ("CMS", 314)}


class Listener(Protocol):
    """Who is told of what the modem does."""

    def reported(self, report: at.Report) -> None:
        """The modem said something by itself."""

    def unknown(self, line: str) -> None:
        """The modem said something that nothing was declared for."""

    def status_changed(self) -> None:
        """`Modem.status` changed."""

    def recovering(self, step: str, reason: str) -> None:
        """A step of recovery begins: ``reopen``, ``reset``; ``restart`` it did by itself."""


class _Broken(NamedTuple):
    """Why the modem has to be started over, and with which step; without one, the port is gone."""

    step: str
    reason: str


class Modem:
    """One modem on one port.

    ``prepare`` sets the modem up each time it has started; it may use `run` and raises AtError
    to have everything started over.
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
    ) -> None:
        self.url = url
        self.baud = baud
        self.sim = "unknown"
        self.registration = "searching"
        #: Why the modem cannot be used, or could not the last time; "" once it is up.
        self.trouble = ""
        self._link = "starting"
        self._hardware_flow_control = hardware_flow_control
        self._listener = listener
        self._prepare = prepare
        self._line = Line([Startup, PhonebookReady, *reports], self)
        self._broken: asyncio.Future[_Broken] | None = None
        self._rate_change: at.Exchange[None] | None = None
        self._startup_until = 0.0
        #: The start's +PBREADY, until it is handed on.
        self._phonebook_ready: PhonebookReady | None = None
        #: Whether it has been up since its port came.
        self._seen = False
        self._timeouts: Counter[str] = Counter()
        #: Held by who changes the character set (manual 6.3) until it is GSM again, and by who
        #: relies on that.
        self.character_set = asyncio.Lock()

    # -- what callers use

    @property
    def status(self) -> str:
        """The status of ``state/modem`` (contract)."""
        if self._link != "up":
            return self._link
        if self.sim in ("no_sim", "pin_required", "puk_required"):
            return self.sim
        if self.sim == "unknown":
            return "starting"
        return "ready" if self.registration == "registered" else self.registration

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

    async def run(
        self, command: at.Command[T], *, priority: int = NORMAL, while_busy: float = 0.0
    ) -> T:
        """Carry out a command; AtError, Unavailable or Expired when it did not come about.

        ``while_busy``: try again for so many seconds as long as the SIM is busy.
        """
        return await self._exchange(command.exchange(), priority, while_busy)

    async def send(
        self,
        command: at.PayloadCommand[T],
        payload: bytes,
        *,
        commit: Commit | None = None,
        priority: int = NORMAL,
    ) -> T:
        """Carry out a command with a payload; its last byte leaves only after ``commit``.

        ``commit`` runs while the payload is on the wire. When it raises, nothing is carried out.
        """
        exchange = command.payload_exchange(payload, held=commit is not None)
        return await self._exchange(exchange, priority, commit=commit)

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
        await self._exchange(exchange.poured_to(pouring), priority)

    async def read(self, setting: type[at.Setting[T]], *, priority: int = NORMAL) -> T:
        """Query a setting."""
        return await self._exchange(setting.query(), priority)

    async def write(
        self, setting: at.Setting[Any], *, priority: int = NORMAL, while_busy: float = 0.0
    ) -> None:
        """Set a setting."""
        await self._exchange(setting.set(), priority, while_busy)

    async def test(
        self, record: type[at.Command[Any]] | type[at.Setting[Any]], *, priority: int = NORMAL
    ) -> at.Supported:
        """Ask which values are supported."""
        return await self._exchange(at.test(record), priority)

    async def set_baud(self, rate: int) -> None:
        """Change the rate of the modem and of the port in bit/s; 0 has the modem detect ours."""
        self._rate_change = BaudRate(rate).set()
        await self._exchange(self._rate_change, NORMAL)
        await self.read(BaudRate)

    def restart(self, reason: str) -> None:
        """Have everything set up again, as after a restart that the modem did not announce."""
        self._break("restart", reason)

    async def _exchange(
        self,
        exchange: at.Exchange[T],
        priority: int,
        while_busy: float = 0.0,
        commit: Commit | None = None,
    ) -> T:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + while_busy
        while True:
            if self._line.port is None:
                raise Unavailable("there is no modem")
            if self._broken is not None and self._broken.done():
                # What was begun with a modem that has restarted must not go on as if it had not.
                raise Unavailable(self._broken.result().reason)
            try:
                return await self._line.exchange(exchange, priority, commit)
            except Refused as error:
                if (error.family, error.code) not in BUSY or loop.time() >= give_up:
                    raise
                await asyncio.sleep(1)

    # -- what the line tells (line.Hearer)

    def heard(self, report: at.Report) -> None:
        """Notice a restart; pass everything else on."""
        match report:
            case Startup():
                self._expect_startup_tail()
                self._break("restart", "the modem restarted")
            case PhonebookReady():
                expected = asyncio.get_running_loop().time() < self._startup_until
                self._startup_until = 0.0
                if not expected:
                    self._break("restart", "the modem restarted")
                elif self._link == "up":
                    self._listener.reported(report)
                else:
                    # Whoever asks the modem something because of it would do so too early.
                    self._phonebook_ready = report
            case _:
                self._listener.reported(report)

    def heard_unknown(self, line: str) -> None:
        """Pass on what nothing was declared for."""
        self._listener.unknown(line)

    def ended(self, exchange: at.Exchange[Any], error: AtError | None) -> None:
        """Keep count of timeouts, for each class of operation by itself.

        A good +CSQ does not clear an SMS that hangs.
        """
        operation = _operation(exchange)
        if error is None:
            self._timeouts[operation] = 0
            if exchange is self._rate_change:
                self._follow_rate(exchange)
        elif isinstance(error, TimedOut):
            self._timeouts[operation] += 1
            if self._timeouts[operation] >= PATIENCE and self._link == "up":
                self._timeouts.clear()
                self._break("reset", f"{operation} timed out {PATIENCE} times in a row")

    def fell_silent(self) -> None:
        """Begin again from the port."""
        self._break("reopen", "the modem does not answer")

    def _follow_rate(self, change: at.Exchange[None]) -> None:
        # At once: the next line in the queue must leave at the new rate already.
        rate = int(change.line.partition("=")[2])
        if not rate or self._line.port is None:
            return
        try:
            self._line.port.set_baud(rate)
        except PortError as error:
            self._break("reopen", str(error))
        else:
            self.baud = rate

    # -- start and recovery

    async def supervise(self) -> None:
        """Keep the modem working until cancelled."""
        loop = asyncio.get_running_loop()
        retry = FIRST_RETRY
        step = ""
        try:
            while True:
                self._broken = loop.create_future()
                begun = loop.time()
                step, reason = await self._serve_until_broken(step)
                if self._link == "up":
                    retry = FIRST_RETRY
                self._take_step(step, reason)
                if loop.time() - begun < retry and step != "restart":
                    await asyncio.sleep(retry)
                    retry = min(retry * 2, LAST_RETRY if step else LAST_RETRY_ABSENT)
        finally:
            self._line.close()
            self._line.refuse_waiting("stopped")
            self._set_link("stopped")

    async def _serve_until_broken(self, step: str) -> _Broken:
        assert self._broken is not None
        try:
            if step == "reset":
                await self._reset()
            await self._start()
        except PortError as error:
            return _Broken("", str(error))
        except (AtError, Unavailable) as error:
            if self._broken.done():
                return self._broken.result()
            return _Broken("reopen", f"it could not be set up: {error}")
        if not self._broken.done():
            self.trouble = ""
            self._seen = True
            self._set_link("up")
            ready, self._phonebook_ready = self._phonebook_ready, None
            if ready is not None:
                self._listener.reported(ready)
        return await self._broken

    def _take_step(self, step: str, reason: str) -> None:
        """Tell of what happened, and leave everything so that it can begin again."""
        # One line for a modem that stays away, not one for each attempt to reach it.
        again = reason == self.trouble
        self.trouble = reason
        starting = self._link == "starting" or not self._seen
        if not step or (step == "restart" and starting):
            # Absent is absent, and a modem that is being switched on has not restarted.
            log.log(logging.DEBUG if again else logging.INFO, "modem: %s", reason)
        else:
            self._listener.recovering(step, reason)
            log.log(logging.DEBUG if again else logging.WARNING, "modem: %s: %s", step, reason)
        self._seen = self._seen and bool(step)
        if step in ("", "reopen"):
            self._line.close()
        self._line.refuse_waiting(reason)
        self._set_link({"": "absent", "restart": "starting"}.get(step, "recovering"))
        self._change("sim", "unknown")

    async def _start(self) -> None:
        if self._line.port is None:
            self._line.port = await Port.open(
                self.url,
                self.baud,
                self._line.received,
                self._port_lost,
                hardware_flow_control=self._hardware_flow_control,
            )
            self._expect_startup_tail()
            if self._link == "absent":
                self._set_link("starting")
        await self._synchronise(self._line.port)
        for wish in (EchoOff().exchange(), NumericErrors().set()):
            with suppress(Refused):
                await self._exchange(wish, NORMAL)
        await self._prepare()

    async def _synchronise(self, port: Port) -> None:
        """Get an answer to AT, at another rate when the configured one is silent."""
        self._line.reset()
        for rate in (self.baud, *(rate for rate in RATES if rate != self.baud)):
            if rate != port.baud:
                port.set_baud(rate)
            # A modem that was left at an SMS prompt would take our AT as text.
            self._line.write_raw(b"\x1b")
            if await self._answers() and await self._in_step():
                if rate != self.baud:
                    log.warning("the modem answers at %d baud, not %d", rate, self.baud)
                return
        port.set_baud(self.baud)
        raise TimedOut("AT", acted=False)

    async def _answers(self) -> bool:
        for question in (Attention(), ResultCodes(), VerboseResults(), Attention()):
            try:
                await self.run(question, priority=URGENT)
            except (TimedOut, Refused, Lost):
                # No draining here: an answer to any of them will do.
                self._line.reset()
                continue
            return True
        return False

    async def _in_step(self) -> bool:
        """Whether an answer belongs to its question: an OK of earlier may still be about."""
        for _ in range(PATIENCE):
            try:
                await self.read(BaudRate, priority=URGENT)
            except Malformed:
                await asyncio.sleep(QUIET)
            except (TimedOut, Refused, Lost):
                return False
            else:
                return True
        return False

    async def _reset(self) -> None:
        """Restart the module (manual 3.11); it may well not answer any more."""
        self._line.reset()
        with suppress(AtError, Unavailable):
            await self.write(Functionality(1, 1), priority=URGENT)
        self._line.close()

    def _expect_startup_tail(self) -> None:
        self._startup_until = asyncio.get_running_loop().time() + STARTUP_TAIL

    def _port_lost(self, reason: str) -> None:
        self._line.port = None
        self._break("", reason)

    def _break(self, step: str, reason: str) -> None:
        if self._broken is not None and not self._broken.done():
            self._broken.set_result(_Broken(step, reason))
        self._line.refuse_waiting(reason)
        self._line.reset()

    def _set_link(self, link: str) -> None:
        self._change("_link", link)

    def _change(self, name: str, value: str) -> None:
        before = self.status
        setattr(self, name, value)
        if self.status != before:
            self._listener.status_changed()


def _operation(exchange: at.Exchange[Any]) -> str:
    """The class of operation whose liveness an exchange shows."""
    return "SMS" if exchange.prefix in ("+CMGS", "+CMGR", "+CMGL", "+CMGD", "+CMSS") else "AT"

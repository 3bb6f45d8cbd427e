"""The modem as something that carries out commands: one exchange at a time, and recovery.

It owns the port. Callers wait their turn in `run`, `read`, `write` and `test`; reports go to the
listener. When the port vanishes, the modem restarts or falls silent, it starts over by itself.
"""

import asyncio
import contextvars
import heapq
import itertools
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from n11bridge.at import command as at
from n11bridge.at.chat import QUIET, Chat, Done, Failed, Prompted, Reported, Silent, Unknown
from n11bridge.at.errors import AtError, Expired, Lost, Malformed, Refused, TimedOut, Unavailable
from n11bridge.port import RATES, Port, PortError

log = logging.getLogger(__name__)
T = TypeVar("T")

#: After this many timeouts in a row of one class of operation the modem is restarted.
PATIENCE = 3
#: +PBREADY belongs to a start that we know of for this long (seconds); later it is a restart.
STARTUP_TAIL = 60.0
#: Back-off between attempts to reach a modem, in seconds.
FIRST_RETRY, LAST_RETRY = 1.0, 10.0
#: CME 14 and CMS 314: the SIM is busy for some seconds after a start (manual, appendix A).
BUSY = {("CME", 14), ("CMS", 314)}

URGENT, NORMAL, BACKGROUND = 0, 1, 2


@dataclass
class Patience:
    """Until when (loop time) the first command of a request may wait for its turn."""

    until: float
    begun: bool = False


#: Set by the bridge for each request with a ``ttl``.
patience: contextvars.ContextVar[Patience | None] = contextvars.ContextVar("patience", default=None)


class Startup(at.Report, at="MODEM:STARTUP", manual="B.2"):
    """The modem has just started; all its settings are gone."""


class PhonebookReady(at.Report, at="+PBREADY", manual="B.2"):
    """The SIM has been read; SMS and phonebook can be used."""


class Attention(at.Command[None], at="", manual="1.2", timeout=0.5):
    """AT: are you there?"""


class EchoOff(at.Command[None], at="E0", manual="3.4"):
    """Stop repeating what we write; the manual's table has the two values the wrong way round."""


class ResultCodes(at.Command[None], at="Q0", manual="3.5", timeout=0.5):
    """Give result codes."""


class VerboseResults(at.Command[None], at="V1", manual="3.6", timeout=0.5):
    """Give result codes as words."""


class NumericErrors(at.Setting[None], at="+CMEE", manual="3.2"):
    """Say +CME ERROR with a number instead of a plain ERROR."""

    mode: int = 1


class BaudRate(at.Setting["BaudRate"], at="+IPR", manual="3.13"):
    """The rate of the port in bit/s; 0 is detected by the modem."""

    rate: int


class Functionality(at.Setting["Functionality"], at="+CFUN", manual="3.11", timeout=15):
    """Radio and SIM: 1 all on, 0 off; ``restart`` 1 restarts the module."""

    level: int
    restart: int | None = None


class Listener(Protocol):
    """Who is told of what the modem does."""

    def reported(self, report: at.Report) -> None:
        """The modem said something by itself."""

    def unknown(self, line: str) -> None:
        """The modem said something that nothing was declared for."""

    def status_changed(self) -> None:
        """`Modem.status` changed."""

    def recovering(self, step: str, reason: str) -> None:
        """A step of recovery begins; for a step ``restart`` the modem restarted by itself."""


@dataclass(order=True)
class _Job:
    priority: int
    order: int
    exchange: at.Exchange[Any] = field(compare=False)
    commit: Callable[[], Awaitable[None]] | None = field(compare=False, default=None)
    began: "asyncio.Future[None]" = field(compare=False, kw_only=True)
    result: "asyncio.Future[Any]" = field(compare=False, kw_only=True)


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
        self._link = "starting"
        self._hardware_flow_control = hardware_flow_control
        self._listener = listener
        self._prepare = prepare
        self._chat = Chat([Startup, PhonebookReady, *reports])
        self._port: Port | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._queue: list[_Job] = []
        self._job: _Job | None = None
        self._order = itertools.count()
        self._broken: asyncio.Future[tuple[str, str]] | None = None
        self._rate_change: at.Exchange[None] | None = None
        self._startup_until = 0.0
        self._timeouts: Counter[str] = Counter()
        self._committing: set[asyncio.Task[None]] = set()

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
        commit: Callable[[], Awaitable[None]] | None = None,
        priority: int = NORMAL,
    ) -> T:
        """Carry out a command with a payload; its last byte leaves only after ``commit``.

        ``commit`` runs while the payload is on the wire. When it raises, nothing is carried out.
        """
        exchange = command.payload_exchange(payload, held=commit is not None)
        return await self._exchange(exchange, priority, commit=commit)

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

    # -- one exchange after the other

    async def _exchange(
        self,
        exchange: at.Exchange[T],
        priority: int,
        while_busy: float = 0.0,
        commit: Callable[[], Awaitable[None]] | None = None,
    ) -> T:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + while_busy
        while True:
            try:
                return await self._turn(exchange, priority, commit)
            except Refused as error:
                if (error.family, error.code) not in BUSY or loop.time() >= give_up:
                    raise
                await asyncio.sleep(1)

    async def _turn(
        self,
        exchange: at.Exchange[T],
        priority: int,
        commit: Callable[[], Awaitable[None]] | None,
    ) -> T:
        if self._port is None or self._link in ("absent", "stopped"):
            raise Unavailable("no modem")
        loop = asyncio.get_running_loop()
        began: asyncio.Future[None] = loop.create_future()
        result: asyncio.Future[T] = loop.create_future()
        job = _Job(priority, next(self._order), exchange, commit, began=began, result=result)
        heapq.heappush(self._queue, job)
        self._pump()
        waiting = patience.get()
        if waiting is not None and not waiting.begun:
            try:
                async with asyncio.timeout_at(waiting.until):
                    await asyncio.shield(began)
            except TimeoutError:
                result.cancel()
                raise Expired from None
            waiting.begun = True
        return await result

    def _pump(self) -> None:
        """Begin the next exchange when the chat is free, and keep wire and clock served."""
        now = self._now()
        while self._chat.idle and self._queue and self._port is not None:
            job = heapq.heappop(self._queue)
            if job.result.cancelled():
                continue
            self._job = job
            job.began.set_result(None)
            self._chat.send(job.exchange, now)
        self._serve()

    def _serve(self) -> None:
        if self._port is not None:
            self._port.write(self._chat.to_send())
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._chat.deadline is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(self._chat.deadline, self._tick)

    def _tick(self) -> None:
        self._chat.tick(max(self._now(), self._chat.deadline or 0.0))
        self._dispatch()

    def _received(self, data: bytes) -> None:
        log.debug("< %d bytes", len(data))
        self._chat.receive(data, self._now())
        self._dispatch()

    def _dispatch(self) -> None:
        # An answer leads to our next line first: what it means can be worked out meanwhile.
        for event in self._chat.events():
            match event:
                case Done(exchange, result):
                    self._timeouts[_operation(exchange)] = 0
                    if exchange is self._rate_change:
                        self._follow_rate(exchange)
                    self._settle(result, None)
                case Failed(exchange, error):
                    self._count(exchange, error)
                    self._settle(None, error)
                case Prompted():
                    self._commit()
                case Reported(Startup()):
                    self._expect_startup_tail()
                    self._break("restart", "the modem restarted")
                case Reported(PhonebookReady()):
                    self._phonebook_ready()
                case Reported(report):
                    self._listener.reported(report)
                case Unknown(line):
                    self._listener.unknown(line)
                case Silent():
                    self._break("reopen", "the modem does not answer")
        self._pump()

    def _follow_rate(self, change: at.Exchange[None]) -> None:
        # At once: the next line in the queue must leave at the new rate already.
        rate = int(change.line.partition("=")[2])
        if not rate or self._port is None:
            return
        try:
            self._port.set_baud(rate)
        except PortError as error:
            self._break("reopen", str(error))
        else:
            self.baud = rate

    def _settle(self, result: Any, error: AtError | None) -> None:
        job, self._job = self._job, None
        if job is None or job.result.done():
            return
        if error is None:
            job.result.set_result(result)
        else:
            job.result.set_exception(error)

    def _commit(self) -> None:
        job = self._job
        if job is None or job.commit is None:
            return
        task = asyncio.ensure_future(self._committed(job, job.commit))
        self._committing.add(task)
        task.add_done_callback(self._committing.discard)

    async def _committed(self, job: _Job, commit: Callable[[], Awaitable[None]]) -> None:
        try:
            await commit()
        except Exception as error:
            log.error("not handed to the modem, because it could not be recorded: %s", error)
            if self._job is job:
                self._chat.abandon(self._now())
                self._dispatch()
            return
        if self._job is job:
            self._chat.release(self._now())
            self._serve()

    def _count(self, exchange: at.Exchange[Any], error: AtError) -> None:
        """Liveness is kept per class of operation: a good +CSQ does not clear an SMS that hangs."""
        if not isinstance(error, TimedOut):
            return
        operation = _operation(exchange)
        self._timeouts[operation] += 1
        if self._timeouts[operation] >= PATIENCE and self._link == "up":
            self._timeouts.clear()
            self._break("reset", f"{operation} timed out {PATIENCE} times in a row")

    # -- start and recovery

    async def supervise(self) -> None:
        """Keep the modem working until cancelled."""
        retry = FIRST_RETRY
        step = ""
        try:
            while True:
                loop = asyncio.get_running_loop()
                self._broken = loop.create_future()
                begun = loop.time()
                try:
                    if step == "reset":
                        await self._reset()
                    await self._start()
                    if not self._broken.done():
                        self._set_link("up")
                        retry = FIRST_RETRY
                    step, reason = await self._broken
                except PortError as error:
                    self._close()
                    self._set_link("absent")
                    step, reason = "", str(error)
                except (AtError, Unavailable) as error:
                    step, reason = "reopen", f"it could not be set up: {error}"
                    if self._broken.done():
                        step, reason = self._broken.result()
                if not step or (step == "restart" and self._link == "starting"):
                    # Absent is absent, and a modem that is being switched on has not restarted.
                    log.info("modem: %s", reason)
                else:
                    self._listener.recovering(step, reason)
                    log.warning("modem: %s: %s", step, reason)
                if step in ("", "reopen"):
                    self._close()
                self._fail_waiting(reason)
                self._change("sim", "unknown")
                if step:
                    self._set_link("recovering" if step != "restart" else "starting")
                if loop.time() - begun < retry and step != "restart":
                    await asyncio.sleep(retry)
                    retry = min(retry * 2, LAST_RETRY if step else 5.0)
        finally:
            self._close()
            self._fail_waiting("stopped")
            self._set_link("stopped")

    async def _start(self) -> None:
        if self._port is None:
            self._port = await Port.open(
                self.url,
                self.baud,
                self._received,
                lambda reason: self._break("", reason),
                hardware_flow_control=self._hardware_flow_control,
            )
            self._chat.reset()
            self._startup_until = self._now() + STARTUP_TAIL
            if self._link == "absent":
                self._set_link("starting")
        await self._synchronise()
        for wish in (EchoOff().exchange(), NumericErrors().set()):
            with suppress(Refused):
                await self._exchange(wish, NORMAL)
        await self._prepare()

    async def _synchronise(self) -> None:
        """Get an answer to AT, at another rate when the configured one is silent."""
        assert self._port is not None
        self._settle(None, Lost("", acted=False))
        rates = [self.baud, *(rate for rate in RATES if rate != self.baud)]
        for attempt, rate in enumerate(rates):
            if attempt:
                self._port.set_baud(rate)
            # A modem that was left at an SMS prompt would take our AT as text.
            self._port.write(b"\x1b")
            if await self._answers() and await self._in_step():
                if rate != self.baud:
                    log.warning("the modem answers at %d baud, not %d", rate, self.baud)
                return
        self._port.set_baud(self.baud)
        raise TimedOut("AT", acted=False)

    async def _answers(self) -> bool:
        for question in (Attention(), ResultCodes(), VerboseResults(), Attention()):
            try:
                await self.run(question, priority=URGENT)
            except (TimedOut, Refused, Lost):
                # No draining here: an answer to any of them will do.
                self._chat.reset()
                self._dispatch()
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
        self._chat.reset()
        self._dispatch()
        with suppress(AtError, Unavailable):
            await self.write(Functionality(1, 1), priority=URGENT)
        self._close()

    def _phonebook_ready(self) -> None:
        if self._now() < self._startup_until:
            self._startup_until = 0.0
            self._listener.reported(PhonebookReady())
        else:
            self._break("restart", "the modem restarted")

    def _expect_startup_tail(self) -> None:
        self._startup_until = self._now() + STARTUP_TAIL

    def _break(self, step: str, reason: str) -> None:
        self._chat.reset()
        for event in self._chat.events():
            if isinstance(event, Failed):
                self._settle(None, event.error)
        if not step:
            self._port = None
        if self._broken is not None and not self._broken.done():
            self._broken.set_result((step, reason))
        self._fail_waiting(reason)

    def _fail_waiting(self, reason: str) -> None:
        queue, self._queue = self._queue, []
        for job in queue:
            if not job.result.done():
                job.result.set_exception(Unavailable(reason))

    def _close(self) -> None:
        if self._port is not None:
            self._port.close()
            self._port = None
        self._chat.reset()
        self._dispatch()

    def _set_link(self, link: str) -> None:
        self._change("_link", link)

    def _change(self, name: str, value: str) -> None:
        before = self.status
        setattr(self, name, value)
        if self.status != before:
            self._listener.status_changed()

    @property
    def actual_baud(self) -> int | None:
        """The rate in use in bit/s; None while there is no port."""
        return self._port.baud if self._port is not None else None

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _operation(exchange: at.Exchange[Any]) -> str:
    """The class of operation whose liveness an exchange shows."""
    return "SMS" if exchange.prefix in ("+CMGS", "+CMGR", "+CMGL", "+CMGD", "+CMSS") else "AT"

"""The link to the modem: found, set up, and brought back step by step when it breaks."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple, TypeVar

from n11bridge.at.basic import NORMAL, URGENT, EchoOff, Functionality, NumericErrors
from n11bridge.at.command import Exchange
from n11bridge.at.errors import AtError, Refused, Unavailable
from n11bridge.data_mode import Talker
from n11bridge.line import Commit, Line
from n11bridge.modem.ladder import BACK_OFF, POWER, RESET, Ladder
from n11bridge.modem.listener import Owner
from n11bridge.modem.power import PowerError, PowerHook
from n11bridge.modem.rate import synchronise
from n11bridge.port import Port, PortError

log = logging.getLogger(__name__)
T = TypeVar("T")

#: So long without trouble (seconds), and what went wrong before counts no more.
STEADY = 600.0
#: How long a restart is waited for to be taken on (seconds): a modem that hangs says nothing.
RESET_TIMEOUT = 5.0
#: Back-off between attempts to reach a modem, in seconds; a port that is missing is looked for
#: more often than a modem that does not answer.
FIRST_RETRY, LAST_RETRY, LAST_RETRY_ABSENT = 1.0, 10.0, 5.0
#: CME 14 and CMS 314: the SIM is busy for some seconds after a start (manual, appendix A).
BUSY = {("CME", 14), ("CMS", 314)}


#: What would restart it or change its line, by section of the manual.
DISTURBING = ("3.7", "3.9", "3.11", "3.13", "24.1")


class _Broken(NamedTuple):
    """Why it has to be started over, and with which step.

    Without a step the port is gone; ``wait`` is no fault of the modem's.
    """

    step: str
    reason: str


class Link:
    """One modem on one port; ``state``: starting, up, absent, recovering, stopped."""

    def __init__(
        self,
        line: Line,
        url: str,
        baud: int,
        owner: Owner,
        *,
        hardware_flow_control: bool = False,
        ladder: Ladder | None = None,
        power_hook: PowerHook | None = None,
    ) -> None:
        self.url = url
        self.baud = baud
        self.state = "starting"
        #: Why the modem cannot be used, or could not the last time; "" once it is up.
        self.trouble = ""
        self.ladder = ladder or Ladder()
        self._hardware_flow_control = hardware_flow_control
        self._power_hook = power_hook
        self._line = line
        self._owner = owner
        self._broken: asyncio.Future[_Broken] | None = None
        #: Whether it has been up since its port came.
        self._seen = False
        #: Whether a cure restarted it, so that its start is no surprise.
        self._cured = False
        self._steady: asyncio.TimerHandle | None = None
        self._undisturbed_until = 0.0
        #: Whether it was told to repeat nothing and keeps to that; whether it repeated something.
        self._quiet = self._echoed = False

    async def exchange(
        self,
        exchange: Exchange[T],
        priority: int,
        while_busy: float = 0.0,
        commit: Commit | None = None,
        talker: Talker | None = None,
    ) -> T:
        """Carry out an exchange; try again for ``while_busy`` seconds while the SIM is busy."""
        loop = asyncio.get_running_loop()
        if self._undisturbed and exchange.section in DISTURBING and not exchange.line.endswith("?"):
            raise Unavailable("its firmware is being upgraded, and must not be disturbed")
        give_up = loop.time() + while_busy
        while True:
            if self._line.port is None:
                raise Unavailable("there is no modem")
            if self._broken is not None and self._broken.done():
                # What was begun with a modem that has restarted must not go on as if it had not.
                raise Unavailable(self._broken.result().reason)
            try:
                return await self._line.exchange(exchange, priority, commit, talker)
            except Refused as error:
                if (error.family, error.code) not in BUSY or loop.time() >= give_up:
                    raise
                await asyncio.sleep(1)

    def leave_undisturbed(self, seconds: float) -> None:
        """Take no cure and carry out nothing that would restart it, for so long."""
        self._undisturbed_until = asyncio.get_running_loop().time() + seconds

    @property
    def _undisturbed(self) -> bool:
        return asyncio.get_running_loop().time() < self._undisturbed_until

    # -- what is noticed

    def broke(self, step: str, reason: str) -> None:
        """Start over, with this step; what is in flight fails."""
        if self._broken is not None and not self._broken.done():
            self._broken.set_result(_Broken(step, reason))
        self._line.refuse_waiting(reason)
        self._line.reset()

    def hung(self, reason: str) -> None:
        """A class of operation hangs while all else answers: take the cure that is due."""
        step = self._climb(reason)
        if step is not None:
            self.broke(step, reason)

    def echoed(self) -> None:
        """The echo is on: if we had switched it off, the modem restarted and did not say so."""
        self._echoed = True
        if self._quiet and self.state == "up":
            self.broke("restart", "the modem repeats our commands again: it must have restarted")

    # -- start and recovery

    async def supervise(self) -> None:
        """Keep the modem working until cancelled."""
        loop = asyncio.get_running_loop()
        retry = FIRST_RETRY
        step = ""
        self.ladder.fell(loop.time())
        try:
            while True:
                self._broken = loop.create_future()
                begun = loop.time()
                step, reason = await self._serve_until_broken(step)
                if self.state == "up":
                    retry = FIRST_RETRY
                    self._fall()
                elif step == "reopen":
                    step = self._climb(reason) or step
                self._take_step(step, reason)
                if loop.time() - begun < retry and step not in ("restart", RESET, POWER):
                    await asyncio.sleep(retry)
                    retry = min(retry * 2, LAST_RETRY if step else LAST_RETRY_ABSENT)
        finally:
            self._fall()
            self._line.close()
            self._line.refuse_waiting("stopped")
            self._become("stopped")

    async def _serve_until_broken(self, step: str) -> _Broken:
        assert self._broken is not None
        try:
            if step == RESET:
                await self._reset()
            elif step == POWER:
                await self._cycle_power()
            await self._start()
        except PortError as error:
            return _Broken("", str(error))
        except (AtError, Unavailable) as error:
            if self._broken.done():
                return self._broken.result()
            ours = isinstance(error, Unavailable)
            return _Broken("wait" if ours else "reopen", f"it could not be set up: {error}")
        if not self._broken.done():
            self._rise()
        return await self._broken

    def _rise(self) -> None:
        self.trouble = ""
        self._seen, self._cured = True, False
        self._quiet = self._quiet and not self._echoed
        self._steady = asyncio.get_running_loop().call_later(STEADY, self._prove)
        self.ladder.rose()
        self._become("up")
        self._owner.risen()

    def _fall(self) -> None:
        self.ladder.fell(asyncio.get_running_loop().time())
        if self._steady is not None:
            self._steady.cancel()
            self._steady = None

    def _prove(self) -> None:
        if not self._owner.hangs:
            self.ladder.well()

    def _climb(self, reason: str) -> str | None:
        """The cure that is due now, if one is."""
        if self._undisturbed:
            return None
        now = asyncio.get_running_loop().time()
        step = self.ladder.climb(now)
        if step != BACK_OFF:
            return step
        pause = f"nothing has helped so far; the next cure is in {self.ladder.pause(now):.0f} s"
        log.warning("modem: %s: %s", reason, pause)
        self._owner.recovering(BACK_OFF, f"{reason}: {pause}")
        return None

    def _take_step(self, step: str, reason: str) -> None:
        """Tell of what happened, and leave everything so that it can begin again."""
        # One line for a modem that stays away, not one for each attempt to reach it.
        again = reason == self.trouble
        self.trouble = reason
        starting = self.state == "starting" or not self._seen or self._cured
        if step in ("", "wait") or (step == "restart" and starting):
            # Absent is absent, and a modem that is being switched on has not restarted.
            log.log(logging.DEBUG if again else logging.INFO, "modem: %s", reason)
        else:
            self._owner.recovering(step, reason)
            log.log(logging.DEBUG if again else logging.WARNING, "modem: %s: %s", step, reason)
        self._seen = self._seen and bool(step)
        self._cured = self._cured or step in (RESET, POWER)
        if step in ("", "reopen"):
            self._line.close()
        self._line.refuse_waiting(reason)
        self._become({"": "absent", "restart": "starting"}.get(step, "recovering"))
        self._owner.fallen()

    async def _start(self) -> None:
        if self._line.port is None:
            self._line.port = await Port.open(
                self.url,
                self.baud,
                self._line.received,
                self._port_lost,
                hardware_flow_control=self._hardware_flow_control,
            )
            self._owner.opened()
            if self.state == "absent":
                self.ladder.fell(asyncio.get_running_loop().time())
                self._become("starting")
        await synchronise(self._line, self._line.port, self.baud, self._ask)
        self._quiet = False
        with suppress(Refused):
            await self.exchange(EchoOff().exchange(), NORMAL)
            self._quiet = True
        self._echoed = False
        with suppress(Refused):
            await self.exchange(NumericErrors().set(), NORMAL)
        await self._owner.prepare()

    async def _ask(self, exchange: Exchange[T]) -> T:
        return await self.exchange(exchange, URGENT)

    async def _reset(self) -> None:
        """Restart the module (manual 3.11); it may well not answer any more."""
        self._line.reset()
        with suppress(AtError, Unavailable):
            await self._ask(replace(Functionality(1, 1).set(), timeout=RESET_TIMEOUT))
        self._line.close()

    async def _cycle_power(self) -> None:
        """Have the modem's power taken away and given back."""
        self._line.close()
        if self._power_hook is None:
            return
        try:
            await self._power_hook.cycle()
        except PowerError as error:
            self._owner.problem("power_hook", f"the modem's power was not cycled: {error}")

    def _port_lost(self, reason: str) -> None:
        self._line.port = None
        self.broke("", reason)

    def _become(self, state: str) -> None:
        before, self.state = self.state, state
        self._owner.link_changed(before)

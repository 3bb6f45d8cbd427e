"""The line to the modem: a port and a dialogue on it, one exchange after the other.

Who has something to ask waits for a turn in `Line.exchange`; urgent ones overtake. What the modem
says by itself goes to the `Hearer`.
"""

import asyncio
import contextvars
import heapq
import itertools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from n11bridge.at.chat import Chat, Done, Failed, Prompted, Reported, Silent, Unknown
from n11bridge.at.command import Exchange, Report
from n11bridge.at.errors import AtError, Expired, Unavailable
from n11bridge.at.raw import Raw
from n11bridge.data_mode import DataMode, Talker
from n11bridge.port import Port

log = logging.getLogger(__name__)
T = TypeVar("T")

#: Why there are no turns in a data mode that does not yield.
OCCUPIED = "transparent mode is on, which the request transparent/close ends, or an upgrade"

#: What must be recorded before the last byte of a payload leaves.
Commit = Callable[[], Awaitable[None]]


@dataclass
class Patience:
    """Until when (loop time) the first command of a request may wait for its turn."""

    until: float
    begun: bool = False


#: Set by the bridge for each request with a ``ttl``.
patience: contextvars.ContextVar[Patience | None] = contextvars.ContextVar("patience", default=None)


class Hearer(Protocol):
    """Who is told of what happens on the line."""

    def heard(self, report: Report) -> None:
        """The modem said something by itself."""

    def heard_unknown(self, line: str) -> None:
        """The modem said something that nothing was declared for."""

    def heard_echo(self) -> None:
        """The modem repeated a command."""

    def ended(self, exchange: Exchange[Any], error: AtError | None) -> None:
        """An exchange ended; whoever waits for it is told afterwards."""

    def fell_silent(self) -> None:
        """The modem did not come back after a timeout."""


@dataclass(order=True)
class _Turn:
    priority: int
    order: int
    exchange: Exchange[Any] = field(compare=False)
    commit: Commit | None = field(compare=False)
    talker: Talker | None = field(compare=False)
    began: "asyncio.Future[None]" = field(compare=False)
    result: "asyncio.Future[Any]" = field(compare=False)


class Line:
    """The dialogue on whichever port is attached; ``reports`` are those that are understood."""

    def __init__(self, reports: list[type[Report]], hearer: Hearer) -> None:
        self.port: Port | None = None
        self._hearer = hearer
        self._chat = Chat(reports)
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: list[_Turn] = []
        self._turn: _Turn | None = None
        self._order = itertools.count()
        self._committing: set[asyncio.Task[None]] = set()
        self._data_mode: DataMode | None = None
        #: Whether the modem may be in data mode while we speak with it in lines.
        self.maybe_in_data_mode = True

    async def exchange(
        self,
        exchange: Exchange[T],
        priority: int,
        commit: Commit | None = None,
        talker: Talker | None = None,
    ) -> T:
        """Carry out an exchange when its turn comes; AtError, Unavailable or Expired if not.

        The ``talker`` has the line from then on, when the exchange begins data mode.
        """
        if self._data_mode is not None and not self._data_mode.talker.yields:
            raise Unavailable(OCCUPIED)
        loop = asyncio.get_running_loop()
        waiting = patience.get()
        if waiting is not None and not waiting.begun and loop.time() >= waiting.until:
            raise Expired
        began: asyncio.Future[None] = loop.create_future()
        result: asyncio.Future[T] = loop.create_future()
        turn = _Turn(priority, next(self._order), exchange, commit, talker, began, result)
        heapq.heappush(self._waiting, turn)
        self._pump()
        if waiting is not None and not waiting.begun:
            await self._wait_for_turn(turn, waiting)
        return await result

    async def _wait_for_turn(self, turn: _Turn, waiting: Patience) -> None:
        settled = {turn.began, turn.result}
        try:
            async with asyncio.timeout_at(waiting.until):
                await asyncio.wait(settled, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            # It may have begun in the same breath, and is carried out then.
            if not turn.began.done():
                turn.result.cancel()
                raise Expired from None
        waiting.begun = turn.began.done()

    def received(self, data: bytes) -> None:
        """Take bytes from the port."""
        log.debug("< %d bytes", len(data))
        if self._data_mode is not None:
            self._data_mode.raw.receive(data, self._now())
            self._look_at_data()
            return
        self._chat.receive(data, self._now())
        self._dispatch()

    def write_data(self, data: bytes) -> bool:
        """Send bytes to the peer; False when data mode is not on, or is being left."""
        if self._data_mode is None or not self._data_mode.open:
            return False
        self._data_mode.raw.write(data, self._now())
        self._serve()
        return True

    def leave_data_mode(self) -> None:
        """Have the line back for commands soon."""
        if self._data_mode is not None:
            self._data_mode.raw.leave(self._now())
            self._serve()

    def write_raw(self, data: bytes) -> None:
        """Write outside any exchange."""
        if self.port is not None:
            self.port.write(data)

    def reset(self) -> None:
        """Forget the dialogue: what is in flight fails with Lost."""
        data_mode, self._data_mode = self._data_mode, None
        if data_mode is not None:
            data_mode.talker.left()
        self._chat.reset()
        self._dispatch()

    def close(self) -> None:
        """Close the port, if there is one."""
        port, self.port = self.port, None
        if port is not None:
            port.close()
        self.reset()

    def refuse_waiting(self, reason: str) -> None:
        """Tell everyone who waits for a turn that there will be none."""
        waiting, self._waiting = self._waiting, []
        for turn in waiting:
            if not turn.result.done():
                turn.result.set_exception(Unavailable(reason))

    # -- one after the other

    def _pump(self) -> None:
        """Begin the next exchange when the chat is free, and keep wire and clock served."""
        if self._data_mode is not None:
            if self._waiting:
                self._data_mode.wanted_back(self._waiting[0].priority)
            self._serve()
            return
        while self._chat.idle and self._waiting and self.port is not None:
            turn = heapq.heappop(self._waiting)
            if turn.result.cancelled():
                continue
            self._turn = turn
            turn.began.set_result(None)
            self._chat.send(turn.exchange, self._now())
        self._serve()

    def _serve(self) -> None:
        speaking = self._speaking
        self.write_raw(speaking.to_send())
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if speaking.deadline is not None:
            self._timer = asyncio.get_running_loop().call_at(speaking.deadline, self._tick)

    def _tick(self) -> None:
        # The loop's timer may be early by its resolution.
        speaking = self._speaking
        speaking.tick(max(self._now(), speaking.deadline or 0.0))
        if self._data_mode is not None:
            self._look_at_data()
        else:
            self._dispatch()

    @property
    def _speaking(self) -> Chat | Raw:
        return self._data_mode.raw if self._data_mode is not None else self._chat

    # -- data mode

    def _begin_data_mode(self, talker: Talker) -> None:
        rest, line_end = self._chat.surrender()
        self.maybe_in_data_mode = True
        self._data_mode = DataMode(talker, self._chat.names, line_end)
        if not talker.yields:
            self.refuse_waiting(OCCUPIED)
        self._data_mode.raw.receive(rest, self._now())
        self._look_at_data()

    def _look_at_data(self) -> None:
        data_mode = self._data_mode
        left = data_mode.hand_on() if data_mode is not None else None
        if data_mode is None or left is None:
            self._serve()
            return
        self._data_mode = None
        self.maybe_in_data_mode = not left.asked
        self._chat.resume(left.lines, self._now(), in_step=left.asked)
        data_mode.talker.left()
        self._dispatch()

    def _dispatch(self) -> None:
        for event in self._chat.events():
            match event:
                case Done(exchange, result):
                    self._hearer.ended(exchange, None)
                    self._settle(exchange, result, None)
                case Failed(exchange, error):
                    self._hearer.ended(exchange, error)
                    self._settle(exchange, None, error)
                case Prompted():
                    self._begin_commit()
                case Reported(report):
                    self._hearer.heard(report)
                case Unknown(line):
                    self._hearer.heard_unknown(line)
                case Silent():
                    self._hearer.fell_silent()
        if self._chat.echoed:
            self._chat.echoed = False
            self._hearer.heard_echo()
        self._pump()

    def _settle(self, exchange: Exchange[Any], result: Any, error: AtError | None) -> None:
        turn = self._turn
        if turn is None or turn.exchange is not exchange:
            return
        self._turn = None
        if error is None and exchange.data_mode and turn.talker is not None:
            self._begin_data_mode(turn.talker)
        if turn.result.done():
            return
        if error is None:
            turn.result.set_result(result)
        else:
            turn.result.set_exception(error)

    # -- recorded before it acts

    def _begin_commit(self) -> None:
        turn = self._turn
        if turn is None or turn.commit is None:
            return
        task = asyncio.ensure_future(self._commit(turn, turn.commit))
        self._committing.add(task)
        task.add_done_callback(self._committing.discard)

    async def _commit(self, turn: _Turn, commit: Commit) -> None:
        if self._turn is not turn:
            return  # refused or lost in the same breath: nothing to record
        try:
            await commit()
        except Exception as error:
            log.error("not handed to the modem, because it could not be recorded: %s", error)
            if self._turn is turn:
                self._chat.abandon(self._now())
                self._dispatch()
            return
        if self._turn is turn:
            self._chat.release(self._now())
            self._serve()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

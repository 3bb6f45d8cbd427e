"""The way of an outgoing message: from the outbox to the network, once.

A part is recorded as `sending` while its PDU is on the wire and before the Ctrl-Z that makes the
modem act. So whatever happens, a part that never was `sending` has not been sent, and one that
still is `sending` after a crash may have been: it is called unknown and left alone.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

from n11bridge.at.errors import Abandoned, AtError, Lost, Malformed, Refused, TimedOut, Unavailable
from n11bridge.capabilities.sms.reports import Reports
from n11bridge.capabilities.sms.verdict import BACK_OFF, Verdict, verdict
from n11bridge.capabilities.sms.wire import SendPdu
from n11bridge.host import Host
from n11bridge.message import Message, Part

log = logging.getLogger(__name__)

Due = tuple[Message, Part]

#: When SIM or network are missing (seconds).
PAUSE = 5.0
#: When a message cannot be recorded as leaving, unless somebody says that it can (seconds).
STORE_PAUSE = 60.0
#: What a modem says to a PDU after it was restarted into text mode, or nothing more than ERROR.
DOUBTFUL = (None, 302, 303, 304, 305)


class Sender:
    """Hands over what is due, one part after the other, as long as the modem is ready."""

    def __init__(
        self,
        host: Host,
        reports: Reports,
        changed: Callable[[], None],
        doubt: Callable[[], None],
    ) -> None:
        self._host = host
        #: Called when an answer looks as if the modem had lost its settings.
        self._doubt = doubt
        self._reports = reports
        self._changed = changed
        self._ready = asyncio.Event()
        self._work = asyncio.Event()
        self._free = asyncio.Event()
        self._free.set()
        self._stopping = False

    def wake(self) -> None:
        """There may be something to send."""
        self._work.set()

    def set_ready(self, ready: bool) -> None:
        """Whether the modem can send now."""
        if ready:
            self._ready.set()
        else:
            self._ready.clear()

    async def stop(self) -> None:
        """Hand over nothing more, and return when what is with the modem is recorded.

        A part that is cut off between its text and the modem's answer would be `unknown`.
        """
        self._stopping = True
        await self._free.wait()

    async def run(self) -> None:
        """Work through the outbox; begun again after a failure, what was recorded decides."""
        await self._host.store.commit(self._recover)
        following: Due | None = None
        while True:
            if following is None:
                self._work.clear()
                following, until = await self._host.store.commit(self._next)
            if following is None or self._stopping or not self._ready.is_set():
                following = None
                await self._wait(until)
                continue
            self._free.clear()
            try:
                following = await self._hand_over(*following)
            finally:
                self._free.set()
            self._changed()

    async def _wait(self, until: float | None) -> None:
        """Wait for new work, for the modem, or for the time at which something falls due."""
        seconds = None if until is None else max(0.0, until - self._host.now())
        waiting = [asyncio.ensure_future(self._work.wait())]
        if not self._ready.is_set():
            waiting.append(asyncio.ensure_future(self._ready.wait()))
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()

    # -- transactions

    def _recover(self, tables: Any) -> None:
        now = self._host.now()
        for message in tables.outbox.interrupted(now):
            if message.state == "unknown":
                tables.counters.add("sms_unknown")
            if message.state != "sending":
                self._reports.tell(tables, message, now)

    def _next(self, tables: Any) -> tuple[Due | None, float | None]:
        now = self._host.now()
        for message in tables.outbox.expire(now):
            self._reports.tell(tables, message, now)
        return tables.outbox.next(now), tables.outbox.wake(now)

    def _begin(self, tables: Any, message: Message, part: Part) -> Due | None:
        """Record that a part is about to leave; return the one that will follow it."""
        now = self._host.now()
        begun = tables.outbox.sending(message.key, part.seq, now)
        if begun.state != message.state:
            self._reports.tell(tables, begun, now)
        if part.seq < message.parts:
            return begun, tables.outbox.parts(message.key)[part.seq]
        due: Due | None = tables.outbox.next(now)
        return due

    def _sent(self, tables: Any, message: Message, part: Part, reference: int) -> None:
        now = self._host.now()
        after = tables.outbox.part_sent(message.key, part.seq, reference, now)
        tables.counters.add("sms_parts_sent")
        if after.state != "sending":
            tables.counters.add("sms_sent")
            self._reports.tell(tables, after, now)
        self._reports.apply_early(tables)

    def _again(
        self,
        tables: Any,
        message: Message,
        part: Part,
        seconds: float,
        error: str,
        *,
        counts: bool = False,
        told: str | None = None,
    ) -> None:
        """Put a part back; ``told`` is the state told last, where it is not the present one.

        Only what ``counts`` is an attempt: to wait for SIM, network or modem costs none.
        """
        now = self._host.now()
        told = told or tables.outbox.find(message.key).state
        if tables.outbox.parts(message.key)[part.seq - 1].state != "sending":
            return  # it never came to be recorded: it is still queued
        after = tables.outbox.requeue(
            message.key, part.seq, now + seconds, error, now, counts=counts
        )
        if after.state != told:
            self._reports.tell(tables, after, now)

    def _finish(self, tables: Any, message: Message, state: str, error: str) -> None:
        now = self._host.now()
        tables.counters.add(f"sms_{state}")
        self._reports.tell(tables, tables.outbox.finish(message.key, state, error, now), now)

    # -- one part

    async def _hand_over(self, message: Message, part: Part) -> Due | None:
        """Send one part and record what became of it; return what to send next, if known."""
        following: Due | None = None
        store = self._host.store

        async def commit() -> None:
            nonlocal following
            following = await store.commit(lambda tables: self._begin(tables, message, part))

        try:
            answer = await self._host.modem.send(
                SendPdu(part.length), part.pdu.encode(), commit=commit
            )
            reference = answer.reference
        except Malformed:
            reference = None
        except Refused as error:
            await self._refused(message, part, error)
            return None
        except (TimedOut, Lost) as error:
            await self._lost(message, part, error)
            return None
        except AtError as error:
            said = str(error)
            log.warning("message %s goes back to the queue: %s", message.key, said)
            await store.persist(lambda tables: self._again(tables, message, part, PAUSE, said))
            if isinstance(error, Abandoned):
                await self._wait_for_store()
            return None
        except Unavailable as error:
            log.info("message %s waits: %s", message.key, error)
            self._ready.clear()
            return None
        # The next part may go to the modem while this one is being recorded: the store works in
        # order, so that part is not recorded as leaving before this one is recorded as sent.
        record = store.persist(
            lambda tables: self._sent(tables, message, part, -1 if reference is None else reference)
        )
        if following is None or self._stopping:
            await record
        else:
            self._host.start(record, f"record of {message.key}")
        return following

    async def _wait_for_store(self) -> None:
        """What cannot be recorded cannot be sent: wait until there is a reason to try again."""
        self._work.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STORE_PAUSE):
                await self._work.wait()

    async def _refused(self, message: Message, part: Part, error: Refused) -> None:
        judgement = verdict(error)
        said = str(error)
        log.warning("message %s was refused: %s", message.key, said)
        if error.code in DOUBTFUL:
            self._doubt()
        attempts = message.attempts
        if judgement is Verdict.RETRY and attempts >= len(BACK_OFF):
            judgement = Verdict.FAIL
        await self._host.store.persist(
            lambda tables: self._conclude(tables, message, part, judgement, said)
        )

    def _conclude(
        self, tables: Any, message: Message, part: Part, judgement: Verdict, said: str
    ) -> None:
        told = tables.outbox.find(message.key).state
        if told not in ("queued", "sending"):
            return  # cancelled while the modem was refusing it
        if tables.outbox.parts(message.key)[part.seq - 1].state != "sending":
            # Refused at the prompt, before it was recorded; from here on it counts as an attempt.
            tables.outbox.sending(message.key, part.seq, self._host.now())
        match judgement:
            case Verdict.RETRY:
                wait = BACK_OFF[min(message.attempts, len(BACK_OFF) - 1)]
                self._again(tables, message, part, wait, said, counts=True, told=told)
            case Verdict.WAIT:
                self._again(tables, message, part, PAUSE, said, told=told)
            case Verdict.FAIL:
                self._finish(tables, message, "failed", said)
            case Verdict.UNKNOWN:
                self._unknown(tables, message, part, said)

    async def _lost(self, message: Message, part: Part, error: TimedOut | Lost) -> None:
        log.warning("message %s: %s", message.key, error)

        def work(tables: Any) -> None:
            if error.acted:
                self._unknown(tables, message, part, str(error))
            else:
                self._again(tables, message, part, PAUSE, str(error))

        await self._host.store.persist(work)

    def _unknown(self, tables: Any, message: Message, part: Part, said: str) -> None:
        if message.on_unknown == "resend" and message.attempts < len(BACK_OFF):
            self._again(tables, message, part, PAUSE, said, counts=True)
        else:
            self._finish(tables, message, "unknown", said)

"""Keeps the connection to the remote broker, and sends what waits."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from n11bridge.at.errors import AtError, Expired, Lost, Refused, TimedOut, Unavailable
from n11bridge.capabilities.uplink import wire
from n11bridge.capabilities.uplink.queue import Queue
from n11bridge.capabilities.uplink.remote import Remote
from n11bridge.capability import RequestError
from n11bridge.host import Host

log = logging.getLogger(__name__)

#: Pauses between attempts to connect, longer each time (seconds).
RETRY = (2.0, 120.0)
#: A message that the modem refuses is tried again after this long (seconds).
AFTER_REFUSAL = 1.0
#: After so many refusals in a row the connection is made anew.
SUSPICIOUS = 3


class Upkeep:
    """One connection, wanted or not; ``changed`` is called when something about it is new."""

    def __init__(self, host: Host, queue: Queue, changed: Callable[[], None]) -> None:
        self.settings = host.config.uplink
        self.remote = Remote(host.modem)
        self.wanted, self.ready = asyncio.Event(), asyncio.Event()
        #: What requests subscribed to, with the quality of service; gone with the process.
        self.asked: dict[str, int] = {}
        self.since: str | None = None
        self.error: str | None = None
        self.sent = 0
        self._host = host
        self._queue = queue
        self._changed = changed
        self._lost, self._hurry = asyncio.Event(), asyncio.Event()
        self._attempt: asyncio.Future[None] | None = None
        self._refused = 0
        if self.settings is not None:
            self.wanted.set()

    async def connect(self, settings: Any) -> None:
        """Connect anew, with these settings; AtError, Unavailable, Expired, RequestError."""
        self.settings = settings
        _settle(self._attempt, RequestError("unavailable", "another uplink/connect came"))
        self._attempt = attempt = asyncio.get_running_loop().create_future()
        self.wanted.set()
        self.lose()
        self._hurry.set()
        await attempt

    async def disconnect(self) -> None:
        """Disconnect until `connect`; AtError, Unavailable, Expired."""
        self.wanted.clear()
        self.lose()
        self.error = None
        await self.remote.disconnect()

    def lose(self, why: str | None = None) -> None:
        """The connection is gone, as was told; without a reason it is to go."""
        if why is not None:
            if not self.remote.connected:
                return  # it is being made, which has an answer of its own
            log.info("uplink: %s", why)
            self.error = why
        self.remote.connected, self.since = False, None
        self._lost.set()
        self._queue.added.set()
        self._changed()

    def set_ready(self, ready: bool) -> None:
        """The modem is in the network, or not."""
        if ready:
            self.ready.set()
            self._hurry.set()
        else:
            self.ready.clear()

    async def serve(self) -> None:
        """Connect whenever that is wanted and possible, and send; never ends."""
        clock = asyncio.get_running_loop().time
        pause, _ = RETRY
        while True:
            await self.wanted.wait()
            await self.ready.wait()
            self._lost.clear()
            self._hurry.clear()
            began, sent = clock(), self.sent
            attempt, self._attempt = self._attempt, None
            try:
                async with self._host.link.held("uplink"):
                    await self._connect()
                    _settle(attempt, None)
                    await self._send_what_waits()
            except (AtError, Unavailable, Expired, RequestError) as error:
                log.info("uplink: %s", error)
                self.error = str(error)
                _settle(attempt, error)
            self.remote.connected, self.since = False, None
            if not self.wanted.is_set():  # that came in the middle
                with contextlib.suppress(AtError, Unavailable, Expired):
                    await self.remote.disconnect()
            self._changed()
            # A connection that was of use ends the longer pauses.
            useful = self.sent > sent or clock() - began > RETRY[1]
            pause = RETRY[0] if useful else min(2 * pause, RETRY[1])
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), pause)

    async def _connect(self) -> None:
        settings = self.settings
        await self.remote.connect(settings)
        asked = {route.topic: route.qos for route in settings.back} | self.asked
        for topic, qos in asked.items():
            try:
                await self._host.modem.run(wire.Subscribe(topic, qos))
            except Refused as error:
                if not await self.remote.check():
                    raise
                message = f"the remote broker refuses the subscription to {topic}: {error}"
                self._host.problem("uplink", message)
        moment = datetime.fromtimestamp(self._host.now(), UTC).astimezone()
        self.since, self.error = moment.isoformat(timespec="seconds"), None
        self._refused = 0
        log.info("the modem is connected to the remote broker %s", settings.host)
        self._changed()

    async def _send_what_waits(self) -> None:
        """Send until the connection is lost; AtError."""
        while not self._lost.is_set():
            if (message := await self._queue.first()) is None:
                await self._queue.added.wait()
                continue
            try:
                await self.remote.publish(
                    message.topic, message.payload, qos=message.qos, retain=message.retain
                )
            except Refused as error:
                await self._refusal(message, error)
                continue
            except (TimedOut, Lost) as error:
                if error.acted and not message.qos:
                    await self._queue.done(message)  # at most once
                raise
            self._refused = 0
            self.sent += 1
            await self._queue.done(message)

    async def _refusal(self, message: Any, error: Refused) -> None:
        """Find out whether it is the message or the connection; AtError if that is to be anew."""
        if not await self.remote.check():
            raise error
        self._refused += 1
        await self._queue.refused(message)
        self._host.problem("uplink", f"the modem refuses a message for {message.topic}: {error}")
        if self._refused >= SUSPICIOUS:
            raise error
        await asyncio.sleep(AFTER_REFUSAL)


def _settle(attempt: "asyncio.Future[None] | None", error: Exception | None) -> None:
    """Tell who waits for an attempt how it ended."""
    if attempt is None or attempt.done():
        return
    if error is None:
        attempt.set_result(None)
    else:
        attempt.set_exception(error)
        attempt.exception()  # looked at, for a request that is gone

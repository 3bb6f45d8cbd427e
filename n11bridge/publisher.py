"""Publishes the store's list: what must reach the broker, in order, until it is acknowledged."""

import asyncio
import base64
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from n11bridge.broker import BrokerError, Closed, Forbidden, Unpublishable
from n11bridge.store import Publication, Store, StoreError

log = logging.getLogger(__name__)

#: So many may wait for their acknowledgement at once; more would only fill memory.
WINDOW = 20
#: So many are held in memory; the others stay in the store until their turn comes.
HELD = 500

#: Publishes and returns once the broker acknowledged; arguments topic, payload, correlation data,
#: and the payload for when it is published again.
Publish = Callable[[str, str, bytes | None, str | None], Awaitable[None]]


class Publisher:
    """Takes publications off the store's list once the broker has them.

    What it refuses is tried again, at the next connection and after `retry`, the shortest and the
    longest pause in seconds: an access list can be mended without a new connection.
    """

    def __init__(
        self, store: Store, publish: Publish, *, retry: tuple[float, float] = (5.0, 300.0)
    ) -> None:
        self._store = store
        self._publish = publish
        self._held: deque[Publication] = deque()
        #: By topic; what is new on such a topic waits behind it.
        self._refused: dict[str, list[Publication]] = {}
        self._retry = retry
        self._pause = retry[0]
        self._retrying: asyncio.TimerHandle | None = None
        self._beyond = 0
        self._last = 0
        self._connected = False
        self._flying: set[asyncio.Task[None]] = set()
        self._done: list[int] = []
        self._recording: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Take over what a process before this one left: some of it may have been published."""
        for left in await self._store.read(lambda tables: tables.publications.waiting(HELD)):
            self._held.append(_again(left))
            self._last = left.seq
        count = await self._store.read(lambda tables: tables.publications.count())
        self._beyond = count - len(self._held)
        self._store.on_publications = self._added

    def set_connected(self, connected: bool) -> None:
        """Publish from now on, or hold everything back."""
        self._connected = connected
        if connected:
            for topic in [*self._refused]:
                self._take_back(topic)
        self._pump()

    def _take_back(self, topic: str) -> None:
        """Try what was refused on this topic again, in its order."""
        again = self._refused.pop(topic)
        self._held.extendleft(sorted(again, key=lambda each: each.seq, reverse=True))

    def _try_again(self) -> None:
        """One for each topic is enough to learn whether it is still refused."""
        self._retrying = None
        for refused in self._refused.values():
            if self._connected and refused:
                self._fly(refused.pop(0))

    def _refuse(self, publication: Publication) -> None:
        refused = self._refused.setdefault(publication.topic, [])
        refused.append(publication)
        refused.sort(key=lambda each: each.seq)
        if self._retrying is None:
            self._retrying = asyncio.get_running_loop().call_later(self._pause, self._try_again)
            self._pause = min(2 * self._pause, self._retry[1])

    @property
    def waiting(self) -> int:
        """How many publications the broker has not acknowledged."""
        return (
            len(self._held)
            + self._beyond
            + len(self._flying)
            + sum(map(len, self._refused.values()))
        )

    def _added(self, added: list[Publication]) -> None:
        for publication in added:
            if self._beyond or len(self._held) >= HELD:
                self._beyond += 1
            else:
                self._held.append(publication)
                self._last = publication.seq
        self._pump()

    def _pump(self) -> None:
        while self._connected and self._held and len(self._flying) < WINDOW:
            publication = self._held.popleft()
            if publication.topic in self._refused:
                self._refuse(publication)
            else:
                self._fly(publication)
        if self._beyond and not self._held and self._recording is None:
            self._record()

    def _fly(self, publication: Publication) -> None:
        task = asyncio.ensure_future(self._deliver(publication))
        self._flying.add(task)
        task.add_done_callback(self._landed)

    async def _deliver(self, publication: Publication) -> None:
        properties = json.loads(publication.properties) if publication.properties else {}
        encoded = properties.get("correlation")
        correlation = base64.b64decode(encoded) if encoded else None
        try:
            again = _again(publication).payload
            await self._publish(publication.topic, publication.payload, correlation, again)
        except Closed:
            return  # it stays on the list
        except BrokerError as error:
            if isinstance(error, Unpublishable) or properties.get("topic"):
                # No broker takes it, or whoever asked named a topic that is not open to us:
                # that will not change.
                log.warning("cannot be published: %s", error)
                self._done.append(publication.seq)
                return
            # It stays on the list, for the next connection may be allowed to publish it.
            told = isinstance(error, Forbidden)
            log.log(logging.DEBUG if told else logging.WARNING, "not published yet: %s", error)
            self._refuse(publication)
            return
        self._done.append(publication.seq)
        if publication.topic in self._refused:
            self._pause = self._retry[0]
            self._take_back(publication.topic)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("publishing failed: %s", task.exception())
        if self._done and self._recording is None:
            self._record()
        self._pump()

    def _record(self) -> None:
        self._recording = asyncio.ensure_future(self._recorded())
        self._recording.add_done_callback(lambda _: self._pump())

    async def _recorded(self) -> None:
        """Strike off what was acknowledged, many at once, and fetch what was beyond memory."""
        try:
            while self._done or (self._beyond and not self._held):
                done, self._done = self._done, []
                # Decided now: as long as there is something beyond, what is added goes there, and
                # what was found follows what was held last.
                last = self._last if self._beyond and not self._held else None

                def work(tables: Any, done: list[int] = done, last: int | None = last) -> Any:
                    tables.publications.done(done)
                    return [] if last is None else tables.publications.waiting(HELD, last)

                found = await self._store.persist(work)
                if last is not None:
                    self._take_over(found)
        except StoreError as error:
            # We are about to end: they stay on the list and will be published again.
            log.error("acknowledgements cannot be recorded: %s", error)
        finally:
            self._recording = None

    def _take_over(self, found: list[Publication]) -> None:
        """Hold what was beyond memory."""
        self._held.extend(found)
        if found:
            self._last = found[-1].seq
        self._beyond = max(0, self._beyond - len(found)) if found else 0
        self._pump()


def _again(publication: Publication) -> Publication:
    """Mark a received message that may have been published before (contract, SMS)."""
    if "redelivered" not in publication.payload:
        return publication
    try:
        payload = json.loads(publication.payload)
    except ValueError:
        return publication
    if not isinstance(payload, dict) or "redelivered" not in payload:
        return publication
    text = json.dumps({**payload, "redelivered": True}, ensure_ascii=False)
    return Publication(publication.seq, publication.topic, text, publication.properties)

"""What is to reach the remote broker, on disk until it has."""

import asyncio
from collections.abc import Callable
from typing import Any

from n11bridge import topics
from n11bridge.capabilities.uplink.wire import LONGEST
from n11bridge.host import Arrival, Host


class Queue:
    """The messages that wait; ``changed`` is called when there are more of them, or fewer.

    Above ``most`` those with QoS 0 are dropped, the oldest first; never one with QoS 1.
    """

    def __init__(self, host: Host, most: int, changed: Callable[[], None]) -> None:
        self._host, self._store = host, host.store
        self._most = most
        self._changed = changed
        self.waiting = self.dropped = 0
        self.added = asyncio.Event()

    async def load(self) -> None:
        """Learn what a process before this one left."""
        self.waiting = await self._store.read(lambda tables: tables.uplink.count())

    async def take(self, arrival: Arrival, to: str, qos: int) -> None:
        """Put a local message on the queue, and only then acknowledge it."""
        topic, payload = topics.below(to, arrival.topic), arrival.payload
        if why := unsendable(topic, payload):
            self.dropped += 1
            self._host.problem("uplink", f"{arrival.topic} cannot be sent on: {why}")
            self._changed()
            arrival.ack()
            return
        again = {"packet": arrival.packet, "duplicate": arrival.duplicate}
        qos = min(qos, arrival.qos)

        def work(tables: Any) -> tuple[int, int]:
            return self.put(tables, topic, payload, qos=qos, **again), tables.uplink.count()

        self.became(*await self._store.persist(work))
        arrival.ack()

    def put(self, tables: Any, topic: str, payload: bytes, **how: Any) -> int:
        """Put a message at the end, within a transaction; return how many were dropped for it."""
        return int(tables.uplink.add(topic, payload, **how, most=self._most))

    def became(self, dropped: int, waiting: int) -> None:
        """Something was put on the queue."""
        if dropped:
            message = f"{self._most} messages wait for the remote broker: QoS 0 is dropped"
            self._host.problem("uplink", message)
        self.dropped += dropped
        self.waiting = waiting
        self.added.set()
        self._changed()

    async def first(self) -> Any:
        """What is to be sent next; None when nothing is: then wait for ``added``."""
        self.added.clear()
        return await self._store.read(lambda tables: tables.uplink.first())

    async def done(self, message: Any) -> None:
        """The remote broker has it, or it is not to be sent again."""

        def work(tables: Any) -> int:
            tables.uplink.done(message.seq)
            return int(tables.uplink.count())

        self.waiting = await self._store.persist(work)
        self._changed()

    async def refused(self, message: Any) -> None:
        """The modem, although connected, refused it."""
        await self._store.persist(lambda tables: tables.uplink.refused(message.seq))


def unsendable(topic: str, payload: bytes) -> str:
    """Why the modem cannot send a message; empty when it can."""
    if why := topics.fault(topic):
        return f"its topic {why}"
    return f"it has {len(payload)} bytes, more than {LONGEST}" if len(payload) > LONGEST else ""

"""How things are now: the retained states, published when they change."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from n11bridge import service
from n11bridge.broker import Broker, Forbidden
from n11bridge.tasks import Tasks

#: What the broker refused is published again after these pauses, longer each time (seconds).
FIRST_RETRY, LAST_RETRY = 5.0, 300.0


class States:
    """The states by capability; ``topic`` gives the topic of one."""

    def __init__(self, broker: Broker, tasks: Tasks, topic: Callable[[str, str], str]) -> None:
        self._broker = broker
        self._tasks = tasks
        self._topic = topic
        self._values: dict[str, dict[str, Any]] = {}
        self._line = service.StatusLine()
        self._refused: set[str] = set()
        self._was_refused = asyncio.Event()

    def set(self, capability: str, values: Mapping[str, Any]) -> None:
        """Set one; it is published when it differs from what was."""
        if self._values.get(capability) == values:
            return
        self._values[capability] = dict(values)
        self._line.show(self._values, connected=self._broker.connected)
        if self._broker.connected:
            self._publish(capability)

    def connected(self) -> None:
        """The broker is there: publish all."""
        self._line.show(self._values, connected=True)
        for capability in self._values:
            self._publish(capability)

    def disconnected(self) -> None:
        """The broker is away."""
        self._line.show(self._values, connected=False)

    def _publish(self, capability: str) -> None:
        text = json.dumps(self._values[capability], ensure_ascii=False)
        topic = self._topic("state", capability)
        self._tasks.start(self._send(capability, topic, text), topic)

    async def _send(self, capability: str, topic: str, text: str) -> None:
        try:
            await self._broker.publish(topic, text, retain=True)
        except Forbidden:
            self._refused.add(capability)
            self._was_refused.set()
            raise
        self._refused.discard(capability)

    async def publish_refused(self) -> None:
        """Publish again, for ever, what the broker refused: its access list may be mended."""
        pause = FIRST_RETRY
        while True:
            await self._was_refused.wait()
            self._was_refused.clear()
            await asyncio.sleep(pause)
            pause = min(2 * pause, LAST_RETRY) if self._refused else FIRST_RETRY
            if self._broker.connected:
                for capability in [*self._refused]:
                    self._publish(capability)

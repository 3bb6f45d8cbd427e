"""An MQTT subscriber that notes everything together with the time of its arrival."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from .outcome import NotMeasured


@dataclass(frozen=True)
class Arrival:
    """A message as it arrived; ``time`` in seconds of the monotonic clock."""

    time: float
    topic: str
    payload: bytes
    retained: bool

    @property
    def json(self) -> Any:
        """The payload as an object."""
        return json.loads(self.payload)


class Watcher:
    """Subscribes to everything with QoS 1, in a thread of its own, while its block runs."""

    def __init__(self, port: int, patience: float) -> None:
        self._port = port
        self._patience = patience
        self._arrivals: list[Arrival] = []
        self._changed = threading.Condition()
        self._subscribed = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="bench")
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._arrived

    def __enter__(self) -> Self:
        deadline = time.monotonic() + self._patience
        while True:
            try:
                self._client.connect("127.0.0.1", self._port)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise NotMeasured("the broker does not start") from None
                time.sleep(0.02)
        self._client.subscribe("#", qos=1)
        self._client.loop_start()
        if not self._subscribed.wait(self._patience):
            raise NotMeasured("the broker does not answer")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _arrived(self, client: Any, data: Any, message: paho.MQTTMessage) -> None:
        arrival = Arrival(time.monotonic(), message.topic, bytes(message.payload), message.retain)
        with self._changed:
            self._arrivals.append(arrival)
            self._changed.notify_all()

    def publish(self, topic: str, values: dict[str, Any]) -> None:
        """Publish with QoS 1, without waiting."""
        self._client.publish(topic, json.dumps(values), qos=1)

    def wait(
        self, fits: Callable[[Arrival], bool], *, since: float, count: int = 1
    ) -> list[Arrival]:
        """Return the first so many that fit and arrived live after ``since``; or NotMeasured."""

        def found() -> list[Arrival]:
            return [a for a in self._arrivals if a.time > since and not a.retained and fits(a)]

        with self._changed:
            if not self._changed.wait_for(lambda: len(found()) >= count, self._patience):
                raise NotMeasured(f"{len(found())} of {count} messages arrived")
            return found()[:count]

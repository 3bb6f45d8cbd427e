"""Messages from the broker, handed on no faster than they are dealt with."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

#: How many messages may wait for our acknowledgement before the next is handed on. Not every
#: broker holds them back, mosquitto 2.0.11 say, and MQTT 3.1.1 has no word for it: they wait here,
#: as many as the broker's own limits let through.
RECEIVE_MAXIMUM = 50


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message from the broker, which delivers it again unless `ack` is called.

    `duplicate` says that it may have been delivered before, then under the same `packet`
    identifier.
    """

    topic: str
    payload: bytes
    qos: int
    retain: bool
    packet: int | None = None
    duplicate: bool = False
    response_topic: str | None = None
    correlation: bytes | None = None
    ack: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)


class Arrivals:
    """The messages of one connection; `on_message` is called on the loop."""

    def __init__(self, on_message: Callable[[Incoming], object]) -> None:
        self._on_message = on_message
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Incoming] = deque()
        self._in_hand = 0
        self._closed = False

    def add(self, incoming: Incoming) -> None:
        """Hand it on now, or as soon as others are acknowledged."""
        self._waiting.append(incoming)
        self._hand_on()

    def once(self, acknowledge: Callable[[], None]) -> Callable[[], None]:
        """What is called to acknowledge a message: the first call counts."""
        acknowledged = False

        def ack() -> None:
            nonlocal acknowledged
            if not acknowledged:
                acknowledged = True
                self._in_hand -= 1
                acknowledge()
                self._hand_on()

        return ack

    def close(self) -> None:
        """The connection is gone: what the broker will deliver again need not wait here."""
        self._closed = True
        self._waiting = deque(each for each in self._waiting if not each.qos)

    def _hand_on(self) -> None:
        while self._waiting and self._in_hand < RECEIVE_MAXIMUM:
            incoming = self._waiting.popleft()
            if incoming.qos and self._closed:
                continue
            self._in_hand += 1
            # Not from within paho, which holds locks and lets an exception break the connection.
            self._loop.call_soon(self._on_message, incoming)

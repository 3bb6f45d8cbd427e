"""A connection of the modem's to an MQTT broker, the real thing."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import mqtt_packets as packets
from .connection import Connection, dial

if TYPE_CHECKING:
    from ..modem import Modem

CLOSED, CONNECTED, CONNECTING = 0, 1, 2

_AGAIN = 1.0
"""Seconds between attempts to connect again."""


class MqttClient:
    """One client: connects, and connects again by itself where it is told to."""

    def __init__(
        self,
        modem: Modem,
        kind: str,
        heard: Callable[[packets.Message], None],
        changed: Callable[[int], None],
    ) -> None:
        self._modem = modem
        self._kind = kind
        self._heard = heard
        self._changed = changed
        self._connection: Connection | None = None
        self._buffer = bytearray()
        self._answers: dict[tuple[int, int], asyncio.Future[packets.Packet]] = {}
        self._last = 0
        self._again: asyncio.Task[None] | None = None
        self._pings: asyncio.Task[None] | None = None
        self._target: tuple[str, int, packets.Identity, ssl.SSLContext | None]
        self.automatic = False
        self.subscribed: dict[str, int] = {}
        self.state = CLOSED

    def next_identifier(self) -> int:
        """Return the packet identifier for what is to be sent next."""
        self._last = self._last % 65535 + 1
        return self._last

    async def open(
        self, host: str, port: int, who: packets.Identity, context: ssl.SSLContext | None
    ) -> bool:
        """Connect; False if that fails, or if there is a connection already."""
        if self.state != CLOSED:
            return False
        self.state = CONNECTING
        if await self._try(host, port, who, context):
            self._target = (host, port, who, context)
            return True
        self.state = CLOSED
        return False

    async def _try(
        self, host: str, port: int, who: packets.Identity, context: ssl.SSLContext | None
    ) -> bool:
        stack, profile = self._modem.stack, self._modem.profile
        if stack.refusals:
            stack.refusals.popleft()
            return False
        try:
            async with asyncio.timeout(profile.setup_timeout):
                await stack.link.flows()
                streams = await dial(stack.names.endpoint(host, port), context=context, host=host)
        except (OSError, ssl.SSLError, TimeoutError):
            return False
        entry = stack.journal.opened(self._kind, None, f"{host}:{port}")
        self._buffer.clear()
        self._connection = Connection(stack, entry, streams, self._received, self._ended)
        answer = await self.ask(packets.connect(who), packets.CONNACK, 0)
        if answer is None or answer.body[1:] != b"\0":
            self._hang_up("client")
            return False
        self.state = CONNECTED
        self._pings = stack.spawn(self._ping(who.keepalive / 2))
        return True

    async def ask(self, packet: bytes, kind: int, identifier: int) -> packets.Packet | None:
        """Send a packet and return what answers it; None if nothing does."""
        if self._connection is None:
            return None
        answer = self._answers[kind, identifier] = asyncio.get_running_loop().create_future()
        self._connection.send(packet)
        try:
            seconds = self._modem.profile.setup_timeout
            return await asyncio.wait_for(answer, seconds)
        except (TimeoutError, ConnectionError):
            return None
        finally:
            self._answers.pop((kind, identifier), None)

    async def publish(
        self, topic: str, payload: bytes, qos: int, retain: int, identifier: int
    ) -> bool:
        """Publish; with QoS 1 return once the broker has it, False if it has not."""
        packet = packets.publish(topic, payload, qos=qos, retain=retain, identifier=identifier)
        if self.state != CONNECTED or self._connection is None:
            return False
        if not qos:
            self._connection.send(packet)
            return True
        return await self.ask(packet, packets.PUBACK, identifier) is not None

    async def subscribe(self, topic: str, qos: int, identifier: int) -> int:
        """Subscribe; return the broker's return code, 128 where it refuses or does not answer."""
        packet = packets.subscribe(topic, qos, identifier)
        if self.state != CONNECTED:
            return 128
        answer = await self.ask(packet, packets.SUBACK, identifier)
        code = 128 if answer is None else answer.body[2]
        if code < 128:
            self.subscribed[topic] = qos
        return code

    async def unsubscribe(self, topic: str, identifier: int) -> bool:
        """End a subscription."""
        if self.state != CONNECTED:
            return False
        self.subscribed.pop(topic, None)
        packet = packets.unsubscribe(topic, identifier)
        return await self.ask(packet, packets.UNSUBACK, identifier) is not None

    def close(self) -> bool:
        """Disconnect; False if there is nothing to end."""
        if self.state == CLOSED:
            return False
        if self._connection is not None:
            self._connection.send(packets.DISCONNECT)
        self._hang_up("client")
        self._forget()
        return True

    def cut(self, by: str) -> None:
        """The link is gone, and the connection with it."""
        if self._connection is not None:
            self._connection.abort(by)
            self._broke()

    def reset(self) -> None:
        """Be as after a start."""
        self._connection = None
        self._forget()

    def _forget(self) -> None:
        self.state = CLOSED
        self.subscribed.clear()
        for task in (self._again, self._pings):
            if task is not None:
                task.cancel()
        self._again = self._pings = None

    def _hang_up(self, by: str) -> None:
        if self._connection is not None:
            self._connection.close(by)
            self._connection = None

    async def _received(self, data: bytes) -> None:
        self._buffer += data
        for packet in packets.take(self._buffer):
            if packet.kind == packets.PUBLISH:
                said = packets.message(packet)
                if said.identifier and self._connection is not None:
                    self._connection.send(packets.acknowledge(said.identifier))
                await self._modem.room()
                self._heard(said)
                continue
            identifier = 0 if packet.kind == packets.CONNACK else packet.identifier
            answer = self._answers.get((packet.kind, identifier))
            if answer is not None and not answer.done():
                answer.set_result(packet)

    def _ended(self) -> None:
        self._broke()

    def _broke(self) -> None:
        self._connection = None
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the connection broke"))
        if self.state != CONNECTED:
            return
        subscribed = dict(self.subscribed)
        self._forget()
        if self.automatic:
            self.state = CONNECTING
            self._again = self._modem.stack.spawn(self._connect_again(subscribed))
        self._changed(self.state)

    async def _connect_again(self, subscribed: dict[str, int]) -> None:
        while True:
            await asyncio.sleep(_AGAIN)
            if self._modem.stack.link.active and await self._try(*self._target):
                break
        for topic, qos in subscribed.items():
            await self.subscribe(topic, qos, self.next_identifier())
        self._changed(self.state)

    async def _ping(self, seconds: float) -> None:
        while seconds:
            await asyncio.sleep(seconds)
            if self._connection is not None:
                self._connection.send(packets.PING)

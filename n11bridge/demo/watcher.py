"""The demo's own MQTT client, as any user's: it sees what the bridge publishes, and asks it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from .brokers import Broker
from .errors import DemoError

#: How long a broker may take to answer, and one that has just been started to listen (seconds).
_ANSWER_TIME = 10.0
_START_TIME = 5.0
_RETRY = 0.05


@dataclass(frozen=True)
class Message:
    """A message as it came."""

    topic: str
    payload: bytes


class Watcher:
    """Subscribed to ``topics`` while its ``async with`` block runs; DemoError if that fails.

    Iterating over it gives the messages that are published from now on. It speaks MQTT 3.1.1,
    which every broker does, with a session that ends with the connection.
    ``connection`` is called with False when the broker goes away and True when it is back.
    """

    def __init__(
        self, broker: Broker, topics: Iterable[str], connection: Callable[[bool], None]
    ) -> None:
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self.seen: set[str] = set()
        """The topics on which something was published, or retained from before."""
        self._broker = broker
        self._topics = list(topics)
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._subscribed: asyncio.Future[None] = self._loop.create_future()
        self._client = _client(broker, "")
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_subscribe = self._granted
        self._client.on_message = self._received

    async def __aenter__(self) -> Self:
        await _connect(self._client, self._broker)
        self._client.loop_start()
        try:
            async with asyncio.timeout(_ANSWER_TIME):
                await self._subscribed
        except BaseException as error:
            await self._close()
            if isinstance(error, TimeoutError):
                raise DemoError(f"{_where(self._broker)} does not answer") from None
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._close()

    async def __aiter__(self) -> AsyncIterator[Message]:
        while True:
            yield await self._messages.get()

    async def publish(self, topic: str, text: str, *, retain: bool = False) -> None:
        """Publish; DemoError if the broker does not take it."""
        information = self._client.publish(topic, text, qos=1, retain=retain)
        try:
            await asyncio.to_thread(information.wait_for_publish, _ANSWER_TIME)
        except (RuntimeError, ValueError) as error:
            raise DemoError(f"{_where(self._broker)} cannot be reached") from error
        if not information.is_published():
            raise DemoError(f"{_where(self._broker)} does not take what is published")

    async def _close(self) -> None:
        self._client.on_disconnect = None
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    # paho calls these from its thread.

    def _connected(
        self, client: paho.Client, data: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        if reason.is_failure:
            why = f"{_where(self._broker)} refuses us: {reason}"
            self._loop.call_soon_threadsafe(self._refused, why)
        else:
            client.subscribe([(topic, 1) for topic in self._topics])

    def _granted(
        self, client: Any, data: Any, mid: int, reasons: list[ReasonCode], properties: Any
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            why = f"{_where(self._broker)} does not let us subscribe to {self._topics[0]}"
            self._loop.call_soon_threadsafe(self._refused, why)
        else:
            self._loop.call_soon_threadsafe(self._ready)

    def _disconnected(
        self, client: Any, data: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        self._loop.call_soon_threadsafe(self._away)

    def _received(self, client: Any, data: Any, message: paho.MQTTMessage) -> None:
        self.seen.add(message.topic)
        if not message.retain:
            received = Message(message.topic, bytes(message.payload))
            self._loop.call_soon_threadsafe(self._messages.put_nowait, received)

    # And these run on the loop.

    def _refused(self, why: str) -> None:
        if not self._subscribed.done():
            self._subscribed.set_exception(DemoError(why))

    def _ready(self) -> None:
        if self._subscribed.done():
            self._connection(True)
        else:
            self._subscribed.set_result(None)

    def _away(self) -> None:
        if self._subscribed.done() and not self._subscribed.exception():
            self._connection(False)


async def end_session(broker: Broker, client_id: str) -> None:
    """Have the broker forget a client's session; a broker that is gone has nothing to forget."""
    client = _client(broker, client_id)
    with contextlib.suppress(DemoError):
        await _connect(client, broker)
        connected = asyncio.Event()
        loop = asyncio.get_running_loop()

        def on_connect(*_: Any) -> None:
            loop.call_soon_threadsafe(connected.set)

        client.on_connect = on_connect
        client.loop_start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ANSWER_TIME):
                await connected.wait()
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)


def _client(broker: Broker, client_id: str) -> paho.Client:
    client = paho.Client(
        CallbackAPIVersion.VERSION2, client_id, clean_session=True, protocol=paho.MQTTv311
    )
    client.username_pw_set(broker.username, broker.password)
    client.reconnect_delay_set(1, 5)
    return client


async def _connect(client: paho.Client, broker: Broker) -> None:
    loop = asyncio.get_running_loop()
    give_up = loop.time() + (_START_TIME if broker.child else 0.0)
    while True:
        try:
            await asyncio.to_thread(client.connect, broker.host, broker.port)
        except (OSError, ValueError) as error:
            if loop.time() < give_up:
                await asyncio.sleep(_RETRY)
                continue
            why = getattr(error, "strerror", None) or error
            raise DemoError(f"{_where(broker)} cannot be reached: {why}") from error
        return


def _where(broker: Broker) -> str:
    return f"the broker {broker.host}:{broker.port}"

"""An MQTT client of somebody else's making, which hears everything and may ask."""

import json
import threading
from dataclasses import dataclass
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from .journal import PATIENCE, Journal


@dataclass(frozen=True)
class Message:
    """What the subscriber got."""

    topic: str
    payload: bytes
    retain: bool
    correlation: bytes | None = None

    def __str__(self) -> str:
        return f"{self.topic}{' (retained)' if self.retain else ''} {self.payload[:300]!r}"

    @property
    def json(self) -> Any:
        """The payload as JSON."""
        return json.loads(self.payload)


class Subscriber:
    """Subscribes with QoS 1 and keeps its session, so that it misses nothing either."""

    def __init__(
        self,
        port: int,
        name: str,
        *filters: str,
        expiry: int = 3600,
        login: tuple[str, str] | None = None,
    ) -> None:
        self.heard: Journal[Message] = Journal()
        self._filters = filters
        self._subscribed = threading.Event()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=name, protocol=paho.MQTTv5
        )
        if login is not None:
            self._client.username_pw_set(*login)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._connected
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._received
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = expiry
        self._client.connect("127.0.0.1", port, clean_start=False, properties=properties)
        self._client.loop_start()
        assert self._subscribed.wait(PATIENCE)

    def _connected(self, client: paho.Client, *_: Any) -> None:
        # retainAsPublished: tells whether our side published it with the flag.
        options = SubscribeOptions(qos=1, retainAsPublished=True, retainHandling=1)
        client.subscribe([(each, options) for each in self._filters])

    def _received(self, client: paho.Client, data: Any, message: paho.MQTTMessage) -> None:
        correlation = getattr(message.properties, "CorrelationData", None)
        self.heard.add(Message(message.topic, message.payload, message.retain, correlation))

    def publish(
        self,
        topic: str,
        payload: str | bytes,
        *,
        retain: bool = False,
        response_topic: str | None = None,
        correlation: bytes | None = None,
        wait: bool = True,
        qos: int = 1,
    ) -> None:
        """Publish, with QoS 1 by default; with ``wait`` return once the broker has it."""
        properties = Properties(PacketTypes.PUBLISH)
        if response_topic is not None:
            properties.ResponseTopic = response_topic
        if correlation is not None:
            properties.CorrelationData = correlation
        info = self._client.publish(topic, payload, qos, retain, properties)
        if wait:
            info.wait_for_publish(PATIENCE)
            assert info.is_published()

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

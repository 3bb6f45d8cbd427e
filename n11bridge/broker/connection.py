"""One connection to an MQTT broker, from CONNECT until it breaks.

paho runs without its own thread: reading and writing happen on the loop, so nothing is shared
between threads. Only opening (DNS, TCP, TLS), which blocks, is done in a thread. Each connection
has a paho client of its own, so the acknowledgement for a message of an earlier connection can
never reach the broker as one for a newer message with the same packet id.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from n11bridge.config import Mqtt

from .arrivals import RECEIVE_MAXIMUM, Arrivals, Incoming
from .driver import Driver
from .refusal import UnknownProtocol, tls_context, turned_down, unreachable

# How long the broker keeps our subscriptions and the requests we have not seen.
_SESSION_EXPIRY = 7 * 86400
# A broker may close the connection when more messages are in flight than it announced (MQTT 5,
# 3.2.2.3.3), and paho does not look: ten is what the most modest of them announce.
_IN_FLIGHT = 10
ANSWER_TIME = 10.0

_VERSIONS = {"5": paho.MQTTv5, "3.1.1": paho.MQTTv311}


class Connection:
    """One connection: `open` it once, use it until `closed`, which tells why, is done.

    `protocol` is "5" or "3.1.1". Callbacks are called from the loop; those that tell an outcome
    get None, or the broker's words when it refused.
    """

    def __init__(
        self,
        settings: Mqtt,
        protocol: str,
        *,
        will_topic: str,
        on_message: Callable[[Incoming], object],
    ) -> None:
        self.protocol = protocol
        self.session_present = False
        self._settings = settings
        self._will_topic = will_topic
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[str] = self._loop.create_future()
        self._answer: asyncio.Future[tuple[ReasonCode, bool, Properties]]
        self._answer = self._loop.create_future()
        self._maximum_packet: int | None = None
        self._published: dict[int, Callable[[str | None], None]] = {}
        self._subscribed: dict[int, Callable[[list[str | None]], None]] = {}
        self._arrivals = Arrivals(on_message)
        self._last_error = ""
        self._client = self._new_client()
        self._driver = Driver(self._client, settings.keepalive, self.drop)

    def _new_client(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._settings.client_id,
            protocol=_VERSIONS[self.protocol],
            clean_session=None if self.protocol == "5" else False,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = ANSWER_TIME
        client.max_inflight_messages = _IN_FLIGHT
        client.username_pw_set(self._settings.username, self._settings.password)
        client.will_set(self._will_topic, "offline", qos=1, retain=True)
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_message = self._received
        client.on_publish = self._acknowledged
        client.on_subscribe = self._granted
        client.on_log = self._logged
        return client

    # Opening and closing

    async def open(self) -> None:
        """Connect; raises Refused or UnknownProtocol."""
        try:
            await self._in_thread(self._connect)
        except (OSError, UnicodeError) as error:  # Unicode: a host that is no name
            raise unreachable(self._settings, error) from error
        self._driver.start()
        try:
            await self._answered()
        except BaseException:
            self.drop("given up")
            raise

    def _in_thread(self, function: Callable[[], None]) -> "asyncio.Future[None]":
        # Not the loop's executor: a name server that does not answer would hold up the end of
        # the program.
        future: asyncio.Future[None] = self._loop.create_future()

        def settle(error: Exception | None) -> None:
            if future.done():
                self.drop("given up")
            elif error is not None:
                future.set_exception(error)
            else:
                future.set_result(None)

        def run() -> None:
            outcome: Exception | None = None
            try:
                function()
            except Exception as error:
                outcome = error
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(settle, outcome)

        threading.Thread(target=run, name="mqtt-connect", daemon=True).start()
        return future

    def _connect(self) -> None:
        if (context := tls_context(self._settings)) is not None:
            self._client.tls_set_context(context)
        host: Any = self._settings.host
        if context is None and host.isascii():
            host = host.encode()  # text would load the tables of international names, 0.4 MB
        port, keepalive = self._settings.port, self._settings.keepalive
        if self.protocol == "5":
            properties = _properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = _SESSION_EXPIRY
            properties.ReceiveMaximum = RECEIVE_MAXIMUM
            # No Maximum Packet Size: the broker would drop larger messages without a word.
            self._client.connect(host, port, keepalive, clean_start=False, properties=properties)
        else:
            self._client.connect(host, port, keepalive)

    async def _answered(self) -> None:
        """Wait for CONNACK; raises Refused."""
        waiting: set[asyncio.Future[Any]] = {self._answer, self.closed}
        await asyncio.wait(waiting, timeout=ANSWER_TIME, return_when=asyncio.FIRST_COMPLETED)
        if not self._answer.done():
            # How brokers that have never heard of MQTT 5 turn it down: in silence, or hanging up.
            why = "The broker does not answer."
            if self.closed.done():
                how = self.closed.result()
                why = f"The broker closed the connection without an answer ({how})."
            raise UnknownProtocol("broker_refused", why)
        reason, self.session_present, properties = self._answer.result()
        if reason.is_failure:
            raise turned_down(str(reason), self.protocol, self._will_topic)
        self._maximum_packet = getattr(properties, "MaximumPacketSize", None)

    async def close(self) -> None:
        """Say goodbye, so that the broker does not publish the will."""
        self._client.disconnect()
        await asyncio.wait([self.closed], timeout=ANSWER_TIME / 10)
        self.drop("closed")

    def drop(self, why: str) -> None:
        """Close without a goodbye: the broker publishes the will."""
        self._driver.stop()
        self._arrivals.close()
        if not self.closed.done():
            self.closed.set_result(why)

    def _connected(
        self, client: Any, data: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        if not self._answer.done():
            self._answer.set_result((reason, flags.session_present, properties))

    def _disconnected(
        self, client: Any, data: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        why = str(reason)
        if why == "Unspecified error":  # paho's for everything without a DISCONNECT
            why = self._last_error or "the connection was lost"
        if not self.closed.done():
            self.closed.set_result(why)

    def _logged(self, client: Any, data: Any, level: int, text: str) -> None:
        if level == paho.MQTT_LOG_ERR:
            self._last_error = text

    # Messages

    def _received(self, client: paho.Client, data: Any, message: paho.MQTTMessage) -> None:
        # Not the message itself, which is kept until then: with its properties it takes 4 kB.
        mid, qos = message.mid, message.qos

        def acknowledge() -> None:
            # In the order of the calls, not of receipt as 4.6 of the standard has it: held back
            # behind a slow request, the acknowledgement of a finished one would be lost with a
            # crash, and the request carried out twice. Brokers go by the packet id.
            if qos and not self.closed.done():
                client.ack(mid, qos)

        self._arrivals.add(
            Incoming(
                topic=message.topic,
                payload=bytes(message.payload),
                qos=qos,
                retain=message.retain,
                packet=mid if qos else None,
                duplicate=bool(message.dup),
                response_topic=getattr(message.properties, "ResponseTopic", None),
                correlation=getattr(message.properties, "CorrelationData", None),
                ack=self._arrivals.once(acknowledge),
            )
        )

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int,
        retain: bool,
        correlation: bytes | None,
        on_done: Callable[[str | None], None],
    ) -> None:
        """Send; `on_done` tells when the broker has it (QoS 0: when it is on its way).

        Raises ValueError if the topic is none to publish to.
        """
        properties = None
        if self.protocol == "5" and correlation is not None:
            properties = _properties(PacketTypes.PUBLISH)
            properties.CorrelationData = correlation
        size = len(topic.encode()) + len(payload) + len(correlation or b"") + 32
        if self._maximum_packet is not None and size > self._maximum_packet:
            # It would only close the connection (MQTT 5, 3.1.2.11.4).
            on_done(f"it takes no more than {self._maximum_packet} bytes")
            return
        info = self._client.publish(topic, payload, qos, retain, properties)
        if info.rc == paho.MQTT_ERR_QUEUE_SIZE:
            on_done("all packet identifiers are in use")
            return
        self._published[info.mid] = on_done
        # Now, and not after all else that the loop has to do.
        self._driver.write()

    def _acknowledged(
        self, client: Any, data: Any, mid: int, reason: ReasonCode, properties: Any
    ) -> None:
        if on_done := self._published.pop(mid, None):
            on_done(_refusal(reason))

    def subscribe(
        self, filters: Iterable[str], on_done: Callable[[list[str | None]], None]
    ) -> None:
        """Subscribe with QoS 1; `on_done` gets an outcome for each filter."""
        if self.protocol == "5":
            # retainHandling 1: retained messages come with a new subscription only, not again
            # at every reconnection. retainAsPublished: one published now is marked as well.
            options = SubscribeOptions(qos=1, retainAsPublished=True, retainHandling=1)
            _, mid = self._client.subscribe([(each, options) for each in filters])
        else:
            _, mid = self._client.subscribe([(each, 1) for each in filters])
        if mid is not None:
            self._subscribed[mid] = on_done

    def _granted(
        self, client: Any, data: Any, mid: int, reasons: list[ReasonCode], properties: Any
    ) -> None:
        if on_done := self._subscribed.pop(mid, None):
            on_done([_refusal(reason) for reason in reasons])


def _refusal(reason: ReasonCode) -> str | None:
    return str(reason) if reason.is_failure else None


def _properties(packet_type: int) -> Properties:
    return Properties(packet_type)  # type: ignore[no-untyped-call]

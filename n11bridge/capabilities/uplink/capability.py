"""The `uplink` capability: keeps the connection, sends what waits, hands on what comes."""

import asyncio
import contextlib
import dataclasses
from collections.abc import Sequence
from typing import Any

import voluptuous as vol

from n11bridge import content, topics
from n11bridge.at.errors import AtError, Expired, Unavailable
from n11bridge.capabilities.uplink import published, wire
from n11bridge.capabilities.uplink.queue import Queue
from n11bridge.capabilities.uplink.remote import CONNECTED
from n11bridge.capabilities.uplink.upkeep import Upkeep
from n11bridge.capability import (
    Accepted,
    Capability,
    Kept,
    Request,
    RequestError,
    every,
    on,
    request,
)
from n11bridge.entity import BinarySensor, Entity, Sensor
from n11bridge.host import Arrival, Host

#: How often the modem is asked whether it is still connected (seconds).
INTERVAL = 60
#: The state's numbers are published at most this often (seconds).
PAUSE = 1.0
#: How many may wait where the configuration says nothing.
MOST = 10000
#: How long saying goodbye may take (seconds).
GOODBYE = 2.0
NOWHERE = "no remote broker is wanted: configure uplink, or ask for uplink/connect"


class Uplink(Capability):
    """One remote broker: that of the configuration, or of a request."""

    name = "uplink"
    states = {"uplink": published.STATE}
    events = {"message": published.MESSAGE}

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        configured = host.config.uplink
        self._forward = configured.forward if configured else ()
        self._queue = Queue(host, configured.queue if configured else MOST, self._note)
        self._upkeep = Upkeep(host, self._queue, self._note)
        self._changed = asyncio.Event()
        self._received = 0
        host.link.on_change(self._link_changed)

    def extra_entities(self) -> Sequence[Entity]:
        """The connection, where one is configured."""
        if self.host.config.uplink is None:
            return ()
        return (
            BinarySensor(
                "uplink",
                name="Uplink",
                value="connected",
                attributes=("broker", "last_error"),
                device_class="connectivity",
                entity_category="diagnostic",
            ),
            Sensor(
                "waiting",
                name="Uplink queue",
                value="waiting",
                icon="mdi:tray-full",
                state_class="measurement",
                entity_category="diagnostic",
            ),
        )

    async def started(self) -> None:
        """Listen to what is to be forwarded, and begin to connect."""
        await self._queue.load()
        if self._forward:
            self.host.listen([route.topic for route in self._forward], self._take)
        self.host.keep(self._upkeep.serve, "the uplink")
        self.host.keep(self._publish, "state/uplink")

    async def stopping(self) -> None:
        """Disconnect, so that the remote broker need not wait for us."""
        if self._upkeep.remote.connected:
            with contextlib.suppress(AtError, Unavailable, Expired, TimeoutError):
                async with asyncio.timeout(GOODBYE):
                    await self._upkeep.disconnect()

    # -- the connection

    def status_changed(self, status: str) -> None:
        """A modem that starts anew has no connection."""
        self._upkeep.set_ready(status == "ready")
        if status in ("absent", "starting", "recovering", "stopped"):
            self._upkeep.lose("the modem restarted, or is gone")

    def _link_changed(self) -> None:
        if not self.host.link.up:
            self._upkeep.lose("the data link is lost")

    @on(wire.StateChanged)
    def state_changed(self, said: wire.StateChanged) -> None:
        """The modem tells how the connection is."""
        if said.state != CONNECTED:
            self._upkeep.lose("the connection broke")

    @on(wire.Disconnected)
    def disconnected(self, _: wire.Disconnected) -> None:
        """The modem let go of a connection that broke."""
        self._upkeep.lose("the connection broke")

    @every(INTERVAL)
    async def poll(self) -> None:
        """See whether it broke without a word."""
        remote = self._upkeep.remote
        if remote.connected and not await remote.check():
            remote.connected = True
            self._upkeep.lose("the connection broke without a word")

    # -- messages

    def _take(self, arrival: Arrival) -> None:
        own = (self.host.topic(kind, self.name) for kind in ("state", "event"))
        if any(topics.matches(f"{each}/#", arrival.topic) for each in own):
            arrival.ack()  # what sending it changes would be sent again
            return
        for route in self._forward:
            if topics.matches(route.topic, arrival.topic):
                self.host.start(self._queue.take(arrival, route.to, route.qos), "uplink queue")
                return
        arrival.ack()

    @on(wire.Received)
    def received(self, said: wire.Received) -> None:
        """A message came; one that nobody asked for is one of our own, given back."""
        topic = said.topic.encode("latin-1").decode("utf-8", "replace")
        settings = self._upkeep.settings
        routes = settings.back if settings else ()
        route = next((each for each in routes if topics.matches(each.topic, topic)), None)
        if route is not None:
            local = topics.below(route.to, topic)
            self.host.start(self.host.publish(local, said.data), f"uplink to {local}")
        elif any(topics.matches(each, topic) for each in self._upkeep.asked):
            values = {"topic": topic, **content.shown(said.data)}
            self.host.event(self.name, "message", values)
        else:
            return
        self._received += 1
        self._note()

    # -- requests

    @request(
        "connect",
        published.CONNECT,
        kept=Kept.NOTHING,
        secret=True,
        answer=published.STATE,
        example={"host": "broker.example.com", "client_id": "n11"},
    )
    async def connect(self, request: Request) -> dict[str, Any]:
        """Connect to the configured broker, or to another one until the next start (18.1-18.3)."""
        settings = self._upkeep.settings
        if settings is None and request.get("host") is None:
            raise RequestError("invalid_request", "host: none is configured, so give one")
        if self.modem.status != "ready":
            message = f"the modem is {self.modem.status}"
            raise RequestError("unavailable", message, retryable=True)
        if settings is None:
            settings = published.Broker(**{"client_id": "n11bridge", **request.parameters})
        else:
            settings = dataclasses.replace(settings, **request.parameters)
        await self._upkeep.connect(settings)
        return self._values()

    @request("disconnect", kept=Kept.NOTHING, answer=published.STATE)
    async def disconnect(self, _: Request) -> dict[str, Any]:
        """Disconnect until connect is asked for, or the next start; what waits stays (18.9)."""
        await self._upkeep.disconnect()
        self._note()
        return self._values()

    @request(
        "subscribe",
        {
            vol.Required("topic"): published.pattern,
            vol.Optional("qos", default=1): published.QOS,
        },
        kept=Kept.NOTHING,
        example={"topic": "site1/commands/#"},
    )
    async def subscribe(self, request: Request) -> dict[str, Any]:
        """Have remote messages told as event/uplink/message, until the next start (18.4)."""
        self._must_be_connected()
        await self.modem.run(wire.Subscribe(request["topic"], request["qos"]))
        self._upkeep.asked[request["topic"]] = request["qos"]
        return {}

    @request(
        "unsubscribe",
        {vol.Required("topic"): published.pattern},
        kept=Kept.NOTHING,
        example={"topic": "site1/commands/#"},
    )
    async def unsubscribe(self, request: Request) -> dict[str, Any]:
        """End a subscription (18.5)."""
        self._must_be_connected()
        await self.modem.run(wire.Unsubscribe(request["topic"]))
        self._upkeep.asked.pop(request["topic"], None)
        return {}

    @request(
        "publish",
        {
            vol.Required("topic"): published.topic,
            **content.parameters(),
            vol.Optional("qos", default=1): published.QOS,
            vol.Optional("retain", default=False): bool,
        },
        kept=Kept.TRANSACTION,
        answer=published.QUEUED,
        example={"topic": "site1/hello", "text": "hello"},
    )
    async def publish(self, request: Request) -> Accepted:
        """Put a message on the queue to the remote broker (18.6-18.8)."""
        if not self._upkeep.wanted.is_set():
            raise RequestError("unavailable", NOWHERE)
        payload = content.required(request.parameters, most=wire.LONGEST)
        topic, qos, retain = request["topic"], request["qos"], request["retain"]
        dropped = 0

        def work(tables: Any) -> Accepted:
            nonlocal dropped
            dropped = self._queue.put(tables, topic, payload, qos=qos, retain=retain)
            return Accepted({"waiting": tables.uplink.count()})

        accepted: Accepted = await request.commit(work)
        self._queue.became(dropped, accepted.data["waiting"])
        return accepted

    def _must_be_connected(self) -> None:
        if not self._upkeep.wanted.is_set():
            raise RequestError("unavailable", NOWHERE)
        if not self._upkeep.remote.connected:
            why = f": {self._upkeep.error}" if self._upkeep.error else ""
            message = f"the remote broker is not reached{why}"
            raise RequestError("unavailable", message, retryable=True)

    # -- the state

    def _note(self) -> None:
        self._changed.set()

    async def _publish(self) -> None:
        while True:
            self._changed.clear()
            self.host.state(self.name, self._values())
            await self._changed.wait()
            await asyncio.sleep(PAUSE)

    def _values(self) -> dict[str, Any]:
        upkeep, settings = self._upkeep, self._upkeep.settings
        wanted, connected = upkeep.wanted.is_set(), upkeep.since is not None
        return {
            "connection": "connected" if connected else "connecting" if wanted else "off",
            "connected": connected,
            "broker": f"{settings.host}:{settings.port}" if wanted else None,
            "since": upkeep.since,
            "waiting": self._queue.waiting,
            "sent": upkeep.sent,
            "received": self._received,
            "dropped": self._queue.dropped,
            "last_error": upkeep.error,
        }

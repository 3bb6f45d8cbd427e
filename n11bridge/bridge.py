"""Between modem and broker: requests in, states and events out, and who gets which report.

It is the `Host` of the capabilities and the modem's `Listener`.
"""

import asyncio
import contextlib
import inspect
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from n11bridge import __version__, service
from n11bridge.at.command import Report
from n11bridge.at.errors import AtError, Unavailable
from n11bridge.broker import Broker, Forbidden, Incoming
from n11bridge.capabilities import CAPABILITIES
from n11bridge.capabilities.at import At
from n11bridge.capabilities.diagnosis import replies, resolve
from n11bridge.capabilities.modem import Modem as ModemCapability
from n11bridge.clock import Clock
from n11bridge.config import Config
from n11bridge.discovery import Announcer, DeviceInfo, device_topic, payload
from n11bridge.entity import GONE, Entity
from n11bridge.host import Arrival
from n11bridge.internet import Link, Sockets
from n11bridge.memory import AnnouncedMemory, LadderMemory, Timekeeper
from n11bridge.modem import CommandHook, GpioHook, Ladder, Modem, PowerHook
from n11bridge.preparing import prepare
from n11bridge.publisher import Publisher
from n11bridge.requests import Desk, Means, admissible
from n11bridge.states import LAST_RETRY, States
from n11bridge.store import Store, StoreError
from n11bridge.tasks import PAUSE_AFTER_FAILURE, Tasks
from n11bridge.topics import matches

log = logging.getLogger(__name__)

#: A problem that persists is told again after this long (seconds).
REPEAT_PROBLEM = 3600.0
#: A disk that takes this takes messages as well.
PROOF = " " * 65536
#: Events that need not survive a crash wait for the broker up to this number.
MOST_WAITING_EVENTS = 200


class Bridge:
    """One modem's bridge. ``stop`` is called by the request to restart, with True."""

    def __init__(self, config: Config, store: Store, stop: Callable[[bool], None]) -> None:
        self.config = config
        self.store = store
        self.stop = stop
        self._clock = Clock()
        self._timekeeper = Timekeeper(store, self._clock, self._clock_jumped)
        self.started = self.now()
        self.version = __version__
        self.capability_names = [cls.name for cls in CAPABILITIES]
        self._away_since = self.started
        self._base = config.base
        self._problems: dict[str, float] = {}
        self._tasks = Tasks()
        self.start, self.keep = self._tasks.start, self._tasks.keep
        self._waiting_events = 0
        self._listeners: list[tuple[Sequence[str], Callable[[Arrival], None]]] = []
        self._closing = False
        self._status_changed = asyncio.Event()
        self._ladder_memory = LadderMemory(self)
        hook = _power_hook(config)
        self._ladder = Ladder(("reset", "power") if hook else ("reset",), self._ladder_changed)
        self.modem = Modem(
            config.modem.port,
            config.modem.baud,
            sorted({r for c in CAPABILITIES for r, _ in c.reports()}, key=lambda r: r.__name__),
            self,
            self._prepare,
            hardware_flow_control=config.modem.flow_control == "hardware",
            ladder=self._ladder,
            power_hook=hook,
        )
        self.link = Link(self.modem, config.gprs)
        self.sockets = Sockets(self.modem, self.link, resolve, replies)
        self.broker = Broker(
            config.mqtt,
            will_topic=self.topic("availability"),
            on_message=self._message,
            on_connected=self._connected,
            on_disconnected=self._disconnected,
            on_problem=self.problem,
        )
        self._states = States(self.broker, self._tasks, self.topic)
        self.state = self._states.set
        self._store_problem = ""
        store.on_trouble = self._store_trouble
        self.publisher = Publisher(store, self._publish_response)
        self._capabilities = {cls.name: cls(self) for cls in CAPABILITIES}
        mqtt = config.mqtt
        self._desk = Desk(
            Means(
                store,
                self._publish_response,
                self.now,
                lambda name: self.topic(*filter(None, ("response", name))),
                lambda topic: admissible(topic, mqtt.prefix, mqtt.discovery or "homeassistant"),
                self._modem_changes,
            ),
            self._capabilities,
            config.allow_dangerous,
        )
        self._announcer = Announcer(self._announce, AnnouncedMemory(store))
        self._reports = self._route()

    # -- life

    async def run(self) -> None:
        """Serve until cancelled."""
        await self._timekeeper.begin()
        await self.publisher.load()
        await self._desk.answer_interrupted()
        await self._ladder_memory.recall(self._ladder, asyncio.get_running_loop().time())
        for capability in self._capabilities.values():
            await capability.started()
            for seconds, coroutine in capability.intervals():
                self.keep(partial(self._repeat, seconds, coroutine), coroutine.__qualname__)
        self._forget_modem()
        self.keep(self._timekeeper.watch, "the clock")
        self._offer()
        self.keep(self._announcer.run, "discovery")
        self.keep(self._states.publish_refused, "what was refused")
        filters = [self.topic("request", "#"), *(f for each, _ in self._listeners for f in each)]
        if self.config.mqtt.discovery:
            filters.append(f"{self.config.mqtt.discovery}/status")
        self.broker.subscribe(filters)
        await self.broker.start()
        service.notify("READY=1")
        await self.modem.supervise()

    def _clock_jumped(self, jump: float, moved: float) -> None:
        self.started += jump
        self._away_since += moved

    async def finish(self) -> None:
        """Let the capabilities bring to an end what must not be cut short."""
        with contextlib.suppress(StoreError):
            await self._timekeeper.end()
        await asyncio.gather(*(each.stopping() for each in self._capabilities.values()))

    async def close(self) -> None:
        """Say goodbye to the broker and end all that runs beside."""
        self._closing = True
        await self._tasks.end()
        await self.broker.stop()

    @property
    def waiting_publications(self) -> int:
        """How many publications the broker has not acknowledged."""
        return self.publisher.waiting

    async def _repeat(self, seconds: float, coroutine: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            if self.modem.status in ("absent", "starting", "recovering", "stopped"):
                continue
            try:
                await coroutine()
            except (AtError, Unavailable) as error:
                log.info("%s: %s", coroutine.__qualname__, error)

    # -- what capabilities use (capability.Host)

    def now(self) -> float:
        """The time in Unix seconds."""
        return self._clock.now()

    def topic(self, *levels: str) -> str:
        """A topic below the base."""
        return "/".join((self._base, *levels))

    def event(self, capability: str, what: str, values: Mapping[str, Any]) -> None:
        """Publish an event that need not survive a crash."""
        if self._waiting_events >= MOST_WAITING_EVENTS:
            log.warning("event %s/%s is dropped: the broker is away", capability, what)
            return
        topic, text = self._event(capability, what, values)
        self._waiting_events += 1
        self.start(self._publish_event(topic, text), f"event {what}")

    async def deliver(self, capability: str, what: str, values: Mapping[str, Any]) -> None:
        """Publish an event; return once the broker has it."""
        await self.broker.publish(*self._event(capability, what, values))

    def _event(self, capability: str, what: str, values: Mapping[str, Any]) -> tuple[str, str]:
        when = datetime.now(UTC).astimezone().isoformat(timespec="milliseconds")
        text = json.dumps({"event_type": what, "time": when, **values}, ensure_ascii=False)
        return self.topic("event", capability, what), text

    async def _publish_event(self, topic: str, text: str) -> None:
        try:
            await self.broker.publish(topic, text)
        finally:
            self._waiting_events -= 1

    def listen(self, filters: Sequence[str], take: Callable[[Arrival], None]) -> None:
        """Have our broker's messages handed on, which ``take`` acknowledges; when starting."""
        self._listeners.append((filters, take))

    async def publish(self, topic: str, payload: bytes) -> None:
        """Publish at our broker what is not ours; it waits, in memory, while that is away."""
        await self.broker.publish(topic, payload)

    def problem(self, code: str, message: str) -> None:
        """Tell of something that a person should look at, once an hour at most."""
        now = asyncio.get_running_loop().time()
        if now - self._problems.get(message, -REPEAT_PROBLEM) < REPEAT_PROBLEM:
            return
        self._problems = {m: t for m, t in self._problems.items() if now - t < REPEAT_PROBLEM}
        self._problems[message] = now
        log.warning("%s", message, extra={"N11_PROBLEM": code})
        self.event("bridge", "problem", {"code": code, "message": message})

    def count(self, counter: str) -> None:
        """Add one to a counter that survives restarts."""
        self.start(self.store.commit(lambda tables: tables.counters.add(counter)), counter)

    def sim_is_ready(self) -> None:
        """The SIM can be used from now on: capabilities set up what needs it."""
        self.start(self._sim_ready(), "set-up of the SIM")

    def entities_changed(self) -> None:
        """Announce them as they are now."""
        self._offer()

    # -- the store

    def _store_trouble(self, error: StoreError | None) -> None:
        """Tell of it once, and find out when it is over."""
        if error is not None:
            self._store_problem = str(error)
            self.problem("store", self._store_problem)
            self.start(self._try_store(), "the store")
            return
        log.warning("the store takes changes again")
        self._problems.pop(self._store_problem, None)
        for capability in self._capabilities.values():
            capability.store_mended()

    async def _try_store(self) -> None:
        # Not at once: a disk that is nearly full takes the one and not the other, and what had to
        # wait is tried each time.
        await asyncio.sleep(PAUSE_AFTER_FAILURE)
        await self.store.persist(lambda tables: tables.facts.set("touched", PROOF))
        await self.store.persist(lambda tables: tables.facts.set("touched", ""))

    # -- the modem (modem.Listener)

    async def _prepare(self) -> None:
        try:
            await prepare(self._capabilities.values(), lambda each: each.prepare())
            self._offer()
            if self.modem.sim == "ready":
                await self._sim_hooks()
        except StoreError as error:
            # No cure of the modem's would help.
            raise Unavailable(str(error)) from error

    async def _sim_ready(self) -> None:
        try:
            await self._sim_hooks()
        except (AtError, StoreError) as error:
            self.modem.restart(f"it could not be set up: {error}")

    async def _sim_hooks(self) -> None:
        await prepare(self._capabilities.values(), lambda each: each.sim_ready())

    def _route(self) -> dict[type[Report], list[tuple[str, Callable[[Any], Any]]]]:
        routes: dict[type[Report], list[tuple[str, Callable[[Any], Any]]]] = {}
        for capability in self._capabilities.values():
            for report, method in capability.reports():
                handler = getattr(capability, method)
                routes.setdefault(report, []).append((f"{capability.name}.{method}", handler))
        return routes

    def reported(self, report: Report) -> None:
        """Hand a report to the capabilities that understand it."""
        for name, handler in self._reports.get(type(report), ()):
            if inspect.iscoroutinefunction(handler):
                self.start(handler(report), name)
            else:
                try:
                    handler(report)
                except Exception:
                    log.exception("%s failed", name)

    def unknown(self, line: str) -> None:
        """Publish what nothing was declared for."""
        at = self._capabilities["at"]
        assert isinstance(at, At)
        at.unknown(line)

    def status_changed(self) -> None:
        """Tell capabilities and waiting requests."""
        status = self.modem.status
        if status in GONE:
            self._forget_modem()
        jammed = ", jammed" if self.modem.jammed else ""
        log.info("modem: %s%s", status, jammed, extra={"N11_STATUS": status})
        for capability in self._capabilities.values():
            capability.status_changed(status)
        self._status_changed.set()
        self._status_changed = asyncio.Event()

    def _forget_modem(self) -> None:
        for capability in self._capabilities.values():
            capability.gone()

    async def _modem_changes(self) -> None:
        await self._status_changed.wait()

    def _ladder_changed(self) -> None:
        self._ladder_memory.keep(self._ladder, asyncio.get_running_loop().time())

    def recovering(self, step: str, reason: str) -> None:
        """Publish a step of recovery."""
        self._modem_capability.reset(step, reason)

    @property
    def _modem_capability(self) -> ModemCapability:
        capability = self._capabilities["modem"]
        assert isinstance(capability, ModemCapability)
        return capability

    # -- the broker

    def _connected(self, protocol: str, session_present: bool) -> None:
        log.info("connected to the broker with MQTT %s", protocol)
        if not session_present:
            before = self._away_since
            self.start(
                self.store.commit(lambda tables: tables.requests.forget_packets(before)),
                "new session",
            )
        self._states.connected()
        self.publisher.set_connected(True)
        self._announcer.connected()

    def _disconnected(self, why: str) -> None:
        if not self._closing:
            log.warning("the broker is away: %s", why)
        self._away_since = self.now()
        self._states.disconnected()
        self.publisher.set_connected(False)
        self._announcer.disconnected()

    def _message(self, incoming: Incoming) -> None:
        requests = self.topic("request")
        # The filter request/# covers request itself as well (MQTT 5, 4.7.1.2).
        if incoming.topic == requests or incoming.topic.startswith(f"{requests}/"):
            path = incoming.topic.removeprefix(requests).removeprefix("/")
            self.start(self._desk.take(incoming, path), "request")
            return
        if incoming.topic == f"{self.config.mqtt.discovery}/status":
            self._announcer.home_assistant(incoming.payload.decode("utf-8", "replace"))
        for patterns, take in self._listeners:
            if any(matches(pattern, incoming.topic) for pattern in patterns):
                take(incoming)
                return
        incoming.ack()

    async def _publish_response(
        self, topic: str, text: str, correlation: bytes | None, again: str | None = None
    ) -> None:
        await self.broker.publish(topic, text, correlation=correlation, again=again)

    # -- discovery

    async def _announce(self, topic: str, text: str, retain: bool) -> None:
        try:
            await self.broker.publish(topic, text, retain=retain)
        except Forbidden:
            asyncio.get_running_loop().call_later(LAST_RETRY, self._announcer.connected)
            raise

    def _offer(self) -> None:
        """Announce the entities as soon as it is known whose they are."""
        prefix = self.config.mqtt.discovery
        if not prefix:
            self._announcer.withdraw()
            return
        identity = self._modem_capability.identity
        imei = identity and identity.get("imei")
        if not identity or not imei:
            return
        device = DeviceInfo(
            imei,
            identity.get("model") or "N11",
            identity.get("manufacturer") or "Neoway",
            identity.get("revision") or "",
        )
        entities: dict[str, Sequence[Entity]] = {
            name: [*capability.entities, *capability.extra_entities()]
            for name, capability in self._capabilities.items()
        }
        self._announcer.offer(
            device_topic(prefix, device.imei),
            payload(self._base, device, __version__, entities),
        )


def _power_hook(config: Config) -> PowerHook | None:
    """How the modem's power is cycled, if the configuration says how."""
    command, gpio = config.modem.power_command, config.modem.power_gpio
    if command:
        return CommandHook(command)
    if gpio is not None:
        return GpioHook(gpio.chip, gpio.line, gpio.seconds, active_low=gpio.active_low)
    return None

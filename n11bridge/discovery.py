"""All entities of one modem as Home Assistant's device payload, and when it is published."""

import asyncio
import json
import logging
import random
import re
import time
import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypedDict

from .entity import Entity, Topics, shared_availability

log = logging.getLogger(__name__)

GAP = 2.5
"""Seconds between two device payloads: Home Assistant needs 2, and the network jitters."""

BIRTH_DELAY = 10.0
"""Most seconds to wait after Home Assistant came online, so that not all devices speak at once."""

Publish = Callable[[str, str, bool], Awaitable[None]]
"""`publish(topic, payload, retain)`: returns once the broker has it, raises when it cannot."""


@dataclass(frozen=True)
class DeviceInfo:
    """What the modem says of itself; `version` is its firmware's."""

    imei: str
    model: str
    manufacturer: str
    version: str


def device_topic(prefix: str, imei: str) -> str:
    """Return where the device payload goes; `prefix` is Home Assistant's, not ours."""
    return f"{prefix}/device/n11bridge_{imei}/config"


def object_id(words: str) -> str:
    """Return what stands behind the dot of an entity's id: "Jörg 2" becomes "jorg_2"."""
    letters = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", letters.lower()).strip("_")


def payload(
    base: str,
    device: DeviceInfo,
    program_version: str,
    capabilities: Mapping[str, Sequence[Entity]],
) -> dict[str, Any]:
    """Return the device payload for the entities of each capability.

    Raises ValueError where two entities would share a key.
    """
    identifier = f"n11bridge_{device.imei}"
    modem = base.rpartition("/")[2]
    components: dict[str, dict[str, Any]] = {}
    for capability, entities in capabilities.items():
        for entity in entities:
            key = f"{capability}_{entity.key}"
            if key in components:
                raise ValueError(f"two entities have the key {key}")
            components[key] = entity.component(Topics(base, capability)) | {
                "uniq_id": f"{identifier}_{key}",
                "default_entity_id": f"{entity.platform}.{object_id(f'{modem} {entity.name}')}",
            }
    about = {"mf": device.manufacturer, "mdl": device.model, "sw": device.version}
    # A key that Home Assistant does not know rejects the whole device here, unlike in a component.
    return {
        "dev": {"ids": [identifier], "name": modem, "serial_number": device.imei} | about,
        "o": {"name": "n11bridge", "sw": program_version},
        **shared_availability(base),
        "cmps": components,
    }


class Announced(TypedDict):
    """What Home Assistant may know of us: the topic, and the platform of each component's key."""

    topic: str
    components: dict[str, str]


class Memory(Protocol):
    """Keeps what was announced over restarts, so that what is gone can be taken back."""

    async def get(self) -> Announced | None:
        """Return what was set last; None before."""

    async def set(self, announced: Announced | None) -> None:
        """Keep it; on disk when this returns."""


class Announcer:
    """Publishes the device payload when Home Assistant needs it, and takes back what is gone.

    `run()` does the work; the other methods only tell it what changed and return at once.
    """

    def __init__(
        self,
        publish: Publish,
        memory: Memory,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._send = publish
        self._memory = memory
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._topic = ""
        self._device: dict[str, Any] | None = None
        self._decided = False
        self._connected = False
        self._due: float | None = None
        self._last = float("-inf")
        self._recalled = False
        self._known: Announced | None = None
        self._wake = asyncio.Event()
        self._trouble = ""

    def offer(self, topic: str, device: dict[str, Any]) -> None:
        """Announce this device payload on this topic from now on; unchanged, it is not repeated."""
        self._decide(topic, device)

    def withdraw(self) -> None:
        """Take back what was ever announced: the configuration wants no discovery."""
        self._decide("", None)

    def connected(self) -> None:
        """Announce to the broker that has just been reached."""
        self._connected = True
        self._ask(0)

    def disconnected(self) -> None:
        """Wait for the next connection."""
        self._connected = False

    def home_assistant(self, status: str) -> None:
        """Hear `homeassistant/status`: `online` asks for the announcement again, a little later."""
        if status == "online":
            self._ask(BIRTH_DELAY * self._chance())

    async def run(self) -> None:
        """Work until cancelled. What fails is logged once, and tried again when `connected`."""
        while True:
            wait = self._wait()
            if wait is None or wait > 0:
                await self._pause(wait)
                continue
            self._due = None
            try:
                more = await self._step()
            except Exception as error:
                again = str(error) == self._trouble
                self._trouble = str(error)
                level = logging.DEBUG if again else logging.WARNING
                log.log(level, "Home Assistant's discovery was not published: %s", error)
            else:
                self._trouble = ""
                if more:
                    self._ask(0)

    def _decide(self, topic: str, device: dict[str, Any] | None) -> None:
        if not self._decided or (topic, device) != (self._topic, self._device):
            self._decided, self._topic, self._device = True, topic, device
            self._ask(0)

    def _ask(self, delay: float) -> None:
        due = self._clock() + delay
        self._due = due if self._due is None else min(self._due, due)
        self._wake.set()

    def _wait(self) -> float | None:
        """Return the seconds until there is something to publish, None if there is nothing."""
        if self._due is None or not (self._connected and self._decided):
            return None
        return max(self._due, self._last + GAP) - self._clock()

    async def _pause(self, seconds: float | None) -> None:
        """Sleep for so long, without end for None, or until something changes."""
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._wake.wait())]
        if seconds is not None:
            waits.append(asyncio.ensure_future(self._sleep(seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self._wake.clear()

    async def _step(self) -> bool:
        """Publish at most one device payload; return whether another may have to follow.

        What may be known is remembered before it is published, and forgotten only after it was
        taken back: a crash in between repeats the step, and leaves nothing behind.
        """
        topic, device = self._topic, self._device
        if not self._recalled:
            self._known, self._recalled = await self._memory.get(), True
        if self._known and self._known["topic"] != topic:
            await self._publish(self._known["topic"], "")
            await self._remember(None)
            return True
        if device is None:
            return False
        platforms = {key: component["p"] for key, component in device["cmps"].items()}
        known = self._known["components"] if self._known else {}
        left_over = {key: old for key, old in known.items() if platforms.get(key) != old}
        await self._remember({"topic": topic, "components": platforms | known})
        removals = {key: {"p": old} for key, old in left_over.items()}
        document = device | {"cmps": device["cmps"] | removals}
        await self._publish(topic, json.dumps(document, ensure_ascii=False, separators=(",", ":")))
        await self._remember({"topic": topic, "components": platforms})
        return bool(left_over)

    async def _publish(self, topic: str, text: str) -> None:
        try:
            await self._send(topic, text, True)
        finally:
            self._last = self._clock()

    async def _remember(self, announced: Announced | None) -> None:
        if announced != self._known:
            await self._memory.set(announced)
            self._known = announced

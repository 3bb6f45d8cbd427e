"""The text messages as an event entity, those that were caught up with included."""

import asyncio
from collections import deque
from typing import Any

from homeassistant.components.event import EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import slugify

from . import BridgeEntry, Parts
from .entity import ModemEntity, Place

#: Nothing is polled, and nothing is written.
PARALLEL_UPDATES = 0

#: Seconds between two events, whose state is a time in milliseconds. If that did not change, a
#: trigger that leaves out `unavailable` would disregard the second one.
APART = 0.002

ATTRIBUTES = ("uid", "from", "contact", "trusted", "text", "time", "received", "complete")


async def async_setup_entry(
    hass: HomeAssistant, entry: BridgeEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the entity as soon as MQTT discovery has made the modem's device."""
    place = Place(hass, entry, async_add_entities, TextMessage)
    entry.async_on_unload(place.stop)
    place.start()


class TextMessage(ModemEntity, EventEntity):
    """The last text message, and whether it came while Home Assistant was away."""

    _attr_translation_key = "text_message"
    _attr_event_types = ["received", "replayed"]

    def __init__(self, entry_id: str, parts: Parts, device: dr.DeviceEntry) -> None:
        super().__init__(entry_id, parts, device)
        # In no language but this one: pages and automations name it, as those of MQTT.
        self.entity_id = f"event.{slugify(parts.bridge.name)}_text_or_replay"
        self._ahead: deque[dict[str, Any]] = deque()
        self._pause: asyncio.TimerHandle | None = None

    async def async_added_to_hass(self) -> None:
        """Listen."""
        self.async_on_remove(self._parts.inbox.listen(self._take))

    async def async_will_remove_from_hass(self) -> None:
        """Leave nothing running."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None

    @callback
    def _take(self, message: dict[str, Any]) -> None:
        self._ahead.append(message)
        if self._pause is None:
            self._tell()

    @callback
    def _tell(self) -> None:
        self._pause = None
        if not self._ahead:
            return
        message = self._ahead.popleft()
        attributes = {key: message.get(key) for key in ATTRIBUTES}
        self._trigger_event("replayed" if message["replayed"] else "received", attributes)
        self.async_write_ha_state()
        self._pause = self.hass.loop.call_later(APART, self._tell)

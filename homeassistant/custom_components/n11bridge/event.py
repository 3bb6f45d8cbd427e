"""The text messages as an event entity, those that were caught up with included."""

from typing import Any

from homeassistant.components.event import EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import BridgeEntry
from .entity import ModemEntity, Place

#: Nothing is polled, and nothing is written.
PARALLEL_UPDATES = 0

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

    async def async_added_to_hass(self) -> None:
        """Listen."""
        self.async_on_remove(self._parts.inbox.listen(self._take))

    @callback
    def _take(self, message: dict[str, Any]) -> None:
        attributes = {key: message.get(key) for key in ATTRIBUTES}
        self._trigger_event("replayed" if message["replayed"] else "received", attributes)
        self.async_write_ha_state()

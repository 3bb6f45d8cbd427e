"""The text messages as an event entity, those that were caught up with included."""

from typing import Any

from homeassistant.components.event import EventEntity
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import BridgeEntry, Parts

#: Nothing is polled, and nothing is written.
PARALLEL_UPDATES = 0

ATTRIBUTES = ("uid", "from", "contact", "trusted", "text", "time", "received", "complete")


async def async_setup_entry(
    hass: HomeAssistant, entry: BridgeEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the entity as soon as MQTT discovery has made the modem's device."""
    end: list[CALLBACK_TYPE] = []
    bridge = entry.runtime_data.bridge

    @callback
    def look(*_: Any) -> None:
        device = modem_device(hass, bridge.states.get("modem", {}).get("imei"))
        if device is not None and end:
            while end:
                end.pop()()
            async_add_entities(
                [TextMessage(entry.unique_id or entry.entry_id, entry.runtime_data, device)]
            )

    @callback
    def registered(_: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        look()

    end.append(hass.bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, registered))
    end.append(bridge.listen("state", look))

    @callback
    def stop() -> None:
        while end:
            end.pop()()

    entry.async_on_unload(stop)
    look()


def modem_device(hass: HomeAssistant, imei: str | None) -> dr.DeviceEntry | None:
    """Return the device that MQTT discovery made of this modem, None while there is none."""
    if not imei:
        return None
    registry, identifier = dr.async_get(hass), ("mqtt", f"n11bridge_{imei}")
    by_entry = getattr(registry, "async_get_device_by_identifier", None)
    if by_entry is None:
        return registry.async_get_device(identifiers={identifier})
    for mqtt_entry in hass.config_entries.async_entries("mqtt"):
        found: dr.DeviceEntry | None = by_entry(identifier, mqtt_entry.entry_id)
        if found is not None:
            return found
    return None


class TextMessage(EventEntity):
    """The last text message, and whether it came while Home Assistant was away."""

    _attr_has_entity_name = True
    _attr_translation_key = "text_message"
    _attr_should_poll = False
    _attr_event_types = ["received", "replayed"]

    def __init__(self, unique_id: str, parts: Parts, device: dr.DeviceEntry) -> None:
        self._attr_unique_id = f"{unique_id}_text_message"
        self._parts = parts
        if hasattr(dr.DeviceRegistry, "async_get_device_by_identifier"):
            # Since 2026.8 devices of two integrations do not merge: this one is MQTT's.
            self.device_entry = device
        else:
            self._attr_device_info = dr.DeviceInfo(identifiers=device.identifiers)

    async def async_added_to_hass(self) -> None:
        """Listen."""
        self.async_on_remove(self._parts.inbox.listen(self._take))

    @callback
    def _take(self, message: dict[str, Any]) -> None:
        attributes = {key: message.get(key) for key in ATTRIBUTES}
        self._trigger_event("replayed" if message["replayed"] else "received", attributes)
        self.async_write_ha_state()

"""What entities share: they stand on the device of the modem, which is MQTT discovery's to make."""

from collections.abc import Callable
from typing import Any

from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import BridgeEntry, Parts

#: Before 2026.8 devices of two integrations with the same identifiers are one, which both own.
MERGED = not hasattr(dr.DeviceRegistry, "async_get_device_by_identifier")


class ModemEntity(Entity):
    """One of our entities among those of MQTT; its translation key tells it from the others."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, entry_id: str, parts: Parts, device: dr.DeviceEntry) -> None:
        # Not by the topics or the IMEI: both may change, and it stays the same entity.
        self._attr_unique_id = f"{entry_id}_{self.translation_key}"
        self._parts = parts
        if MERGED:
            self._attr_device_info = dr.DeviceInfo(identifiers=device.identifiers)
        else:
            self.device_entry = device


Maker = Callable[[str, Parts, dr.DeviceEntry], ModemEntity]


class Place:
    """Adds the entity of a platform as soon as the device is there, and again where it is anew."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: BridgeEntry,
        add: AddConfigEntryEntitiesCallback,
        make: Maker,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._add = add
        self._make = make
        self._ends: list[CALLBACK_TYPE] = []
        self._device: str | None = None
        self._lost = False

    @callback
    def start(self) -> None:
        """Look for the device, now and whenever it may have come or gone."""
        self._ends = [
            self._hass.bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, self._registered),
            self._hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._left),
            self._entry.runtime_data.bridge.listen("state", self._said),
        ]
        self._look()

    @callback
    def stop(self) -> None:
        """Look no more."""
        while self._ends:
            self._ends.pop()()

    @callback
    def _registered(self, _: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        self._look()

    @callback
    def _left(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        """Go after the last entity of MQTT's, which removes a device that nobody is on."""
        if event.data["action"] != "remove" or self._device is None:
            return
        device = dr.async_get(self._hass).async_get(self._device)
        if device is None or (MERGED and self._entry.entry_id not in device.config_entries):
            return  # It is removed already, or ours are.
        registry = er.async_get(self._hass)
        there = er.async_entries_for_device(registry, self._device)
        if there and all(each.config_entry_id == self._entry.entry_id for each in there):
            self._lost = True
            # One of them, for that brings us here again.
            registry.async_remove(there[0].entity_id)

    @callback
    def _said(self, name: str, _: dict[str, Any]) -> None:
        if name == "modem":
            self._look()

    def _look(self) -> None:
        entry, parts = self._entry, self._entry.runtime_data
        imei = parts.bridge.states.get("modem", {}).get("imei")
        if not isinstance(imei, str) or not imei:
            return  # A modem that is away is the same one as yet.
        device = modem_device(self._hass, imei)
        if device is None:
            self._lost = True
            leave_others(self._hass, entry.entry_id)
        elif self._device is None:
            self._device, self._lost = device.id, False
            leave_others(self._hass, entry.entry_id, device)
            self._add([self._make(entry.entry_id, parts, device)])
        elif self._lost or device.id != self._device:
            # Another modem is in its place, or its device was made anew.
            self.stop()
            self._hass.config_entries.async_schedule_reload(entry.entry_id)


def modem_device(hass: HomeAssistant, imei: str) -> dr.DeviceEntry | None:
    """Return the device that MQTT discovery made of this modem, None while there is none."""
    registry, identifier = dr.async_get(hass), ("mqtt", f"n11bridge_{imei}")
    owners = [entry.entry_id for entry in hass.config_entries.async_entries("mqtt")]
    by_entry = getattr(registry, "async_get_device_by_identifier", None)
    if by_entry is None:
        device = registry.async_get_device(identifiers={identifier})
        return device if device and not device.config_entries.isdisjoint(owners) else None
    for owner in owners:
        found: dr.DeviceEntry | None = by_entry(identifier, owner)
        if found is not None:
            return found
    return None


def leave_others(hass: HomeAssistant, entry_id: str, device: dr.DeviceEntry | None = None) -> None:
    """Leave devices that are not this one: those of a modem that was replaced or removed."""
    registry = dr.async_get(hass)
    for other in dr.async_entries_for_config_entry(registry, entry_id):
        if device is not None and other.id == device.id:
            continue
        if MERGED:
            registry.async_update_device(other.id, remove_config_entry_id=entry_id)
        else:
            # It is what was ours of one that had two owners.
            registry.async_remove_device(other.id)

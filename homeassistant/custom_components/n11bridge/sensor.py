"""The last texts, received and sent, in one entity: what a dashboard shows as a conversation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import ExtraStoredData, RestoredExtraData, RestoreEntity
from homeassistant.util import dt as dt_util
from homeassistant.util import slugify

from . import BridgeEntry, Parts
from .const import DOMAIN
from .entity import ModemEntity, Place

#: Nothing is polled, and nothing is written.
PARALLEL_UPDATES = 0

#: How many texts are shown, and how much of each.
KEPT = 20
LONGEST = 500

Line = dict[str, Any]


async def async_setup_entry(
    hass: HomeAssistant, entry: BridgeEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the entity as soon as MQTT discovery has made the modem's device."""
    place = Place(hass, entry, async_add_entities, Messages)
    entry.async_on_unload(place.stop)
    place.start()


class Messages(ModemEntity, RestoreEntity, SensorEntity):
    """When there was the last text; the last ones are an attribute, the newest last.

    What was sent is read from the bridge's list. What was received is kept, for its list begins
    with the oldest.
    """

    _attr_translation_key = "messages"
    _attr_device_class = SensorDeviceClass.TIMESTAMP
    # Each change would be another copy of all of them in the database.
    _unrecorded_attributes = frozenset({"messages"})

    def __init__(self, entry_id: str, parts: Parts, device: dr.DeviceEntry) -> None:
        super().__init__(entry_id, parts, device)
        # In no language but this one: dashboards name it.
        self.entity_id = f"sensor.{slugify(parts.bridge.name)}_messages"
        self._received: dict[str, Line] = {}
        self._sent: dict[str, Line] = {}
        self._reading = self._again = False

    async def async_added_to_hass(self) -> None:
        """Recall, read and listen."""
        kept = await self.async_get_last_extra_data()
        if kept is not None:
            self._received = kept.as_dict()["received"]
        bridge = self._parts.bridge
        self.async_on_remove(self._parts.inbox.listen(self._take))
        self.async_on_remove(bridge.listen("event", self._event))
        self.async_on_remove(bridge.listen("online", self._online))
        self._show()
        self._read()

    @property
    def extra_restore_state_data(self) -> ExtraStoredData:
        """What was received."""
        return RestoredExtraData({"received": self._received})

    @callback
    def _take(self, message: dict[str, Any]) -> None:
        # One that is told again because it is whole now takes the place of the first.
        time = message.get("received") or message.get("time")
        self._received[str(message.get("uid"))] = {
            **_line("received", message.get("from"), message, time),
            "trusted": message.get("trusted"),
        }
        while len(self._received) > KEPT:
            del self._received[next(iter(self._received))]
        self._write()

    @callback
    def _event(self, name: str, payload: dict[str, Any]) -> None:
        if name != "sms/status":
            return
        line = self._sent.get(str(payload.get("message")))
        if line is None:
            self._read()
        else:
            line["state"] = payload.get("state")
            self._write()

    @callback
    def _online(self, name: str, _: dict[str, Any]) -> None:
        if name == "online":
            self._read()

    @callback
    def _read(self) -> None:
        """Read the bridge's list, once more if it is being read: it may have been too early."""
        self._again = True
        if not self._reading and self._parts.bridge.online:
            self._reading = True
            entry = self.platform.config_entry
            assert entry is not None
            entry.async_create_background_task(self.hass, self._read_list(), f"{DOMAIN} messages")

    async def _read_list(self) -> None:
        try:
            while self._again:
                self._again = False
                bridge = self._parts.bridge
                rows = await bridge.rows("sms/outbox", "message", {"limit": KEPT})
                self._sent = {
                    row["message"]: _line(
                        str(row.get("state")), row.get("to"), row, row.get("created")
                    )
                    for row in rows
                }
        except HomeAssistantError:
            return  # It is read again with the next message, or when the bridge is back.
        finally:
            self._reading = False
        self._write()

    @callback
    def _write(self) -> None:
        self._show()
        self.async_write_ha_state()

    def _show(self) -> None:
        lines = sorted([*self._received.values(), *self._sent.values()], key=_moment)[-KEPT:]
        self._attr_native_value = _moment(lines[-1]) if lines else None
        self._attr_extra_state_attributes = {"messages": [dict(line) for line in lines]}


def _line(state: str, who: Any, message: Mapping[str, Any], time: Any) -> Line:
    text = message.get("text")
    if isinstance(text, str) and len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    return {"state": state, "with": message.get("contact") or who, "text": text, "time": time}


def _moment(line: Line) -> datetime:
    try:
        return dt_util.as_utc(dt_util.parse_datetime(str(line["time"]), raise_on_error=True))
    except (ValueError, OverflowError):
        return dt_util.utc_from_timestamp(0)

"""n11bridge: a cellular modem behind MQTT topics.

The modem's entities come by MQTT discovery. This adds what entities cannot do: actions with
answers, texts as events that outlive a restart, repairs, diagnostics, Assist by SMS.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

from homeassistant.components import mqtt
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from .actions import register
from .assist import Assist
from .bridge import Bridge
from .const import CONF_BASE, DOMAIN, EVENT_STATUS
from .inbox import Inbox, store_of
from .issues import Issues

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = (Platform.EVENT, Platform.SENSOR)
#: Seconds in which the broker hands over what it has retained.
PATIENCE = 10.0


@dataclass(frozen=True)
class Parts:
    """What an entry consists of while it is loaded."""

    bridge: Bridge
    inbox: Inbox


BridgeEntry: TypeAlias = ConfigEntry[Parts]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, which are there whether or not a bridge is."""
    register(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: BridgeEntry) -> bool:
    """Listen to one bridge. ConfigEntryNotReady while it has never said anything."""
    bridge = Bridge(hass, entry.data[CONF_BASE])
    placeholders = {"name": bridge.name, "base": bridge.base}
    if not await mqtt.async_wait_for_mqtt_client(hass):
        raise ConfigEntryNotReady(translation_domain=DOMAIN, translation_key="mqtt_unavailable")
    entry.async_on_unload(bridge.stop)
    await bridge.start()
    if not await bridge.known(PATIENCE):
        bridge.stop()
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="never_heard",
            translation_placeholders=placeholders,
        )
    inbox = Inbox(hass, entry, bridge)
    await inbox.load()
    issues = Issues(hass, bridge, entry.entry_id)
    entry.runtime_data = Parts(bridge, inbox)

    @callback
    def status(name: str, payload: dict[str, Any]) -> None:
        if name == "sms/status":
            told = {key: value for key, value in payload.items() if key != "event_type"}
            told |= {"modem": bridge.name, "entry_id": entry.entry_id}
            hass.bus.async_fire(EVENT_STATUS, told)

    entry.async_on_unload(bridge.listen("event", status))
    entry.async_on_unload(inbox.listen(Assist(hass, entry, bridge).take))
    entry.async_on_unload(issues.stop)
    issues.start()
    # The entities are to hear what is replayed: they come before the inbox is read.
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_on_unload(inbox.stop)
    inbox.start()
    return True


async def async_unload_entry(hass: HomeAssistant, entry: BridgeEntry) -> bool:
    """Take the entities away; the rest ends by itself."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: BridgeEntry) -> None:
    """Forget which texts are known."""
    await store_of(hass, entry.entry_id).async_remove()

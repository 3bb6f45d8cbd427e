"""What a bug report may hold: how things are, and nobody's number, text or whereabouts."""

from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.core import HomeAssistant

from . import BridgeEntry
from .const import CONF_CODE_WORD

PRIVATE = {
    *("imei", "imsi", "iccid", "last", "balance", "file", CONF_CODE_WORD),
    *("operator", "plmn", "lac", "cell", "latitude", "longitude", "accuracy"),
    *("address", "host", "broker", "server", "listen", "to", "clients", "last_error"),
}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: BridgeEntry
) -> dict[str, Any]:
    """Return the options, and all states of the bridge, redacted."""
    bridge = entry.runtime_data.bridge
    return {
        "base": bridge.base,
        "online": bridge.online,
        "options": async_redact_data(dict(entry.options), PRIVATE),
        "states": async_redact_data(bridge.states, PRIVATE),
    }

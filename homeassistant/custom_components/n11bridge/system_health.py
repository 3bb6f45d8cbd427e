"""What the page of system health says."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN


@callback
def async_register(hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Have it asked."""
    register.async_register_info(_info)


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    """Return how each bridge is, on one line for each fact."""
    bridges = [
        entry.runtime_data.bridge
        for entry in hass.config_entries.async_entries(DOMAIN)
        if entry.state is ConfigEntryState.LOADED
    ]

    def told(state: str, key: str) -> str:
        return ", ".join(str(each.states.get(state, {}).get(key, "?")) for each in bridges)

    return {
        "bridges": len(bridges),
        "online": sum(each.online for each in bridges),
        "version": told("bridge", "version"),
        "contract": told("bridge", "contract"),
        "modem_status": told("modem", "status"),
    }

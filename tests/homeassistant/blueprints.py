"""Automations made of our blueprints."""

import asyncio
from pathlib import Path
from typing import Any

from fake_bridge import settle
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.setup import async_setup_component

FOLDER = Path(__file__).parents[2] / "homeassistant" / "blueprints" / "automation" / "n11bridge"
#: Something that can be counted, as the actions of an input.
RUN = [{"action": "test.run"}]


async def automate(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    """Make an automation as its page would."""
    use = {"path": f"n11bridge/{name}.yaml", "input": inputs}
    assert await async_setup_component(hass, "automation", {"automation": {"use_blueprint": use}})
    await settle(hass)
    (state,) = hass.states.async_all("automation")
    assert state.state == "on"


async def automate_at_start(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    """Make an automation while Home Assistant starts, and let it have started."""
    hass.set_state(CoreState.not_running)
    await automate(hass, name, **inputs)
    await hass.async_start()
    await rest()


async def rest() -> None:
    """Return once nothing goes on that could go on now: an automation may wait for something."""
    for _ in range(100):
        await asyncio.sleep(0)

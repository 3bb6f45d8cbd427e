"""Diagnostics of a house that has everything: nothing in them is anybody's."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from custom_components.n11bridge.diagnostics import async_get_config_entry_diagnostics
from fake_bridge import BASE, IMEI, FakeBridge, settle
from homeassistant.components.diagnostics import REDACTED
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry


def all_states() -> dict[str, Any]:
    """Every state with every field, as the page of all topics has them; what is null there is x."""
    page = (Path(__file__).parents[2] / "docs" / "topics.md").read_text()
    states: dict[str, Any] = {}
    for name, table in re.findall(r"^### `state/(\w+)`\n\n((?:\|.*\n)+)", page, re.MULTILINE):
        rows = re.findall(r"^\| `(\w+)` \| .*? \| `(.*?)` \|", table, re.MULTILINE)
        states[name] = {
            field: json.loads(re.sub(r"\bnull\b", '"x"', example)) for field, example in rows
        }
    return states


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, key)
    else:
        yield key, value


#: What tells nothing of anybody. A field that is new in docs/topics.md has to go here or be hidden.
PLAIN = {
    *("status", "since", "time", "started", "last_success", "timeouts", "restarts", "memory"),
    *("version", "contract", "capabilities", "manufacturer", "model", "revision", "latest"),
    *("port", "baud", "functionality", "lock", "tries_left", "upgrade", "drift", "source"),
    *("rssi_dbm", "quality", "bit_error_rate", "jammed", "detection", "threshold"),
    *("registration", "gprs_registration", "roaming", "technology", "attached", "connected"),
    *("sent", "received", "delivered", "undelivered", "failed", "unknown", "parts_sent"),
    *("queued", "queued_parts", "waits_for", "waiting_parts", "used", "total", "storage"),
    *("session", "balance_time", "low", "playing", "paused", "synchronised", "network_time"),
    *("socket", "by", "kind", "listening", "open", "failures", "mode", "protocol", "login"),
    *("connection", "waiting", "dropped", "authenticated"),
    *("outbox_parts", "inbox_parts", "to_publish", "sms_sent"),
}


async def test_diagnostics_tell_nothing_private(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(
        loaded, options={"assist": True, "assist_code_word": "sesame"}
    )
    states = all_states()
    assert len(states) > 20
    for name, payload in states.items():
        bridge.say(f"state/{name}", payload)
    await settle(hass)
    told = await async_get_config_entry_diagnostics(hass, loaded)
    assert (told["base"], told["online"]) == (BASE, True)
    assert told["options"] == {"assist": True, "assist_code_word": REDACTED}
    assert told["states"].keys() == states.keys()
    shown = {key for key, value in leaves(told["states"]) if value != REDACTED}
    assert shown == PLAIN
    words = json.dumps(told)
    for private in (IMEI, "460001234567890", "+491701234567", "22.69083", "10.232.165.29"):
        assert private in str(states)
        assert private not in words

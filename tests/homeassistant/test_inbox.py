"""Texts as events: each once, none lost."""

from typing import Any

import pytest
from fake_bridge import ALICE, FakeBridge, set_up, settle, text, told
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE, EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)


async def test_a_text_is_an_event(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, received: list[Any]
) -> None:
    bridge.receive("u1", "water!")
    await settle(hass)
    (event,) = received
    assert event.data == {
        **{key: value for key, value in text("u1", "water!").items() if key != "event_type"},
        "modem": "n11",
        "entry_id": loaded.entry_id,
        "replayed": False,
    }


async def test_what_lay_there_before_the_first_set_up_is_not_told(
    hass: HomeAssistant, bridge: FakeBridge, entry: MockConfigEntry, received: list[Any]
) -> None:
    bridge.inbox = [text(f"old{number}") for number in range(5)]
    await set_up(hass, entry, bridge)
    bridge.receive("u1")
    await settle(hass)
    assert told(received) == [("u1", False)]


async def test_what_came_while_away_is_replayed_once(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, received: list[Any]
) -> None:
    bridge.receive("u1")
    await settle(hass)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    bridge.inbox += [text("u2"), text("u3"), text("u4")]
    await set_up(hass, loaded, bridge)
    assert told(received) == [("u1", False), ("u2", True), ("u3", True), ("u4", True)]
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await set_up(hass, loaded, bridge)
    bridge.say("event/sms/received", text("u3", redelivered=True))
    await settle(hass)
    assert len(received) == 4


async def test_without_the_option_nothing_is_replayed(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, received: list[Any]
) -> None:
    hass.config_entries.async_update_entry(loaded, options={"replay": False})
    assert await hass.config_entries.async_unload(loaded.entry_id)
    bridge.inbox += [text("u1")]
    await set_up(hass, loaded, bridge)
    bridge.receive("u2")
    await settle(hass)
    assert told(received) == [("u2", False)]


async def test_what_comes_during_the_start_waits_for_the_automations(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, received: list[Any]
) -> None:
    assert await hass.config_entries.async_unload(loaded.entry_id)
    bridge.inbox += [text("u1")]
    hass.set_state(CoreState.starting)
    await set_up(hass, loaded, bridge)
    bridge.receive("u2")
    await settle(hass)
    assert received == []
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await settle(hass)
    assert told(received) == [("u1", True), ("u2", False)]


async def test_what_comes_while_home_assistant_stops_is_for_the_next_start(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, received: list[Any]
) -> None:
    bridge.receive("u1")
    await settle(hass)
    hass.set_state(CoreState.stopping)
    bridge.receive("u2")
    bridge.say("availability", "online")
    await settle(hass)
    assert told(received) == [("u1", False)]
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await settle(hass)
    hass.set_state(CoreState.running)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await set_up(hass, loaded, bridge)
    assert told(received) == [("u1", False), ("u2", True)]


async def test_a_start_without_the_bridge_keeps_nothing_back(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, received: list[Any]
) -> None:
    assert await hass.config_entries.async_unload(loaded.entry_id)
    hass.set_state(CoreState.starting)
    await set_up(hass, loaded, bridge)
    bridge.receive("u1")
    bridge.say("availability", "offline")
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await settle(hass)
    assert told(received) == [("u1", False)]


async def test_the_former_integrations_event(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    events = async_capture_events(hass, "sms.incoming_sms")
    bridge.receive("u1")
    await settle(hass)
    hass.config_entries.async_update_entry(loaded, options={"legacy_event": True})
    bridge.receive("u2")
    bridge.receive("u3", text=None, data="AAA=")
    await settle(hass)
    assert [event.data for event in events] == [
        {
            "phone": ALICE,
            "date": "2026-11-22T09:09:33+01:00",
            "text": "open",
            "replayed": False,
        }
    ]


@pytest.mark.parametrize("payload", ["{", "[]", "", '{"uid": 1}', "[" * 5000], ids=range(5))
async def test_nonsense_is_disregarded(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    received: list[Any],
    payload: str,
) -> None:
    for topic in ("event/sms/received", "state/sms", "response/sms/send", "event/sms/status"):
        bridge.say(topic, payload)
    bridge.say("event/sms/received", text("u1"), retain=True)
    await settle(hass)
    assert received == []


async def test_what_is_remembered_is_bounded(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    received: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.n11bridge.inbox.REMEMBERED", 2)
    for number in range(5):
        bridge.receive(f"u{number}")
    await settle(hass)
    assert len(received) == 5
    assert [*loaded.runtime_data.inbox._known] == ["u3", "u4"]


async def test_removing_it_forgets(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    bridge.receive("u1")
    await settle(hass)
    assert await hass.config_entries.async_remove(loaded.entry_id)
    await settle(hass)
    assert f"n11bridge.{loaded.entry_id}" not in hass_storage

"""What people see: the device page, issues, system health."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from fake_bridge import IMEI, FakeBridge, entities, set_up, settle
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_mqtt_message,
    async_fire_time_changed,
    get_system_health_info,
)


async def test_the_entity_stands_on_the_discovered_page(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, device: dr.DeviceEntry
) -> None:
    entity = entities(hass, loaded)["event"]
    assert {each.device_id for each in entities(hass, loaded).values()} == {device.id}
    assert len(dr.async_get(hass).devices) == 1
    bridge.receive("u1", "x" * 300)
    await settle(hass)
    state = hass.states.get(entity.entity_id)
    assert state is not None
    assert state.attributes["event_type"] == "received"
    assert (state.attributes["text"], state.attributes["from"]) == ("x" * 300, "+491701234567")


async def test_texts_that_come_at_once_are_states_of_their_own(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    """A trigger that names states disregards what changes attributes only."""
    entity_id = entities(hass, loaded)["event"].entity_id
    changes = async_capture_events(hass, "state_changed")
    uids = [f"u{number}" for number in range(10)]
    for uid in uids:
        bridge.receive(uid)

    def states() -> dict[str, str]:
        shown = [each.data["new_state"] for each in changes if each.data["entity_id"] == entity_id]
        return {state.state: state.attributes["uid"] for state in shown}

    async with asyncio.timeout(20):
        while [*states().values()] != uids:
            await asyncio.sleep(0)


async def test_the_entity_waits_for_the_device(
    hass: HomeAssistant, bridge: FakeBridge, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry, bridge)
    assert entities(hass, entry) == {}
    mqtt_entry = hass.config_entries.async_entries("mqtt")[0]
    made = dr.async_get(hass).async_get_or_create(
        config_entry_id=mqtt_entry.entry_id, identifiers={("mqtt", f"n11bridge_{IMEI}")}
    )
    await settle(hass)
    assert {each.device_id for each in entities(hass, entry).values()} == {made.id}


def discover(hass: HomeAssistant, imei: str) -> dr.DeviceEntry:
    """What MQTT discovery does with a modem."""
    (entry,) = hass.config_entries.async_entries("mqtt")
    return dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("mqtt", f"n11bridge_{imei}")}, name="n11"
    )


async def loaded_anew(entry: MockConfigEntry, bridge: FakeBridge, **modem: Any) -> None:
    async with asyncio.timeout(20):
        while entry.state is ConfigEntryState.LOADED:
            await asyncio.sleep(0)
        while entry.state is not ConfigEntryState.LOADED:
            bridge.introduce(**modem)
            await asyncio.sleep(0)


async def test_the_entity_goes_over_to_the_modem_that_replaces_another(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    device: dr.DeviceEntry,
    received: list[Any],
) -> None:
    bridge.say("state/modem", {"status": "absent", "imei": None})
    bridge.say("state/modem", {"status": "ready", "imei": IMEI})
    await settle(hass)
    assert loaded.state is ConfigEntryState.LOADED
    new = discover(hass, "355910044336999")
    bridge.say("state/modem", {"status": "ready", "imei": "355910044336999"})
    await loaded_anew(loaded, bridge, imei="355910044336999")
    await settle(hass)
    entity = entities(hass, loaded)["event"]
    assert entity.device_id == new.id
    registry = dr.async_get(hass)
    assert registry.async_get(device.id) is not None
    ours = dr.async_entries_for_config_entry(registry, loaded.entry_id)
    assert device.id not in {each.id for each in ours}
    bridge.receive("u1")
    await settle(hass)
    state = hass.states.get(entity.entity_id)
    assert state is not None
    assert state.attributes["uid"] == "u1"


async def test_no_device_is_left_when_discovery_removes_the_modem(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, device: dr.DeviceEntry
) -> None:
    registry = dr.async_get(hass)
    (mqtt_entry,) = hass.config_entries.async_entries("mqtt")
    if hasattr(registry, "async_get_device_by_identifier"):
        registry.async_remove_device(device.id)
    else:
        registry.async_update_device(device.id, remove_config_entry_id=mqtt_entry.entry_id)
    await settle(hass)
    assert registry.async_get(device.id) is None
    made = discover(hass, IMEI)
    await loaded_anew(loaded, bridge)
    await settle(hass)
    entity = entities(hass, loaded)["event"]
    assert entity.device_id == made.id
    bridge.receive("u1")
    await settle(hass)
    assert hass.states.get(entity.entity_id).state != "unknown"  # type: ignore[union-attr]


def announce(hass: HomeAssistant, *keys: str, gone: tuple[str, ...] = ()) -> None:
    """Publish the modem's device payload with these sensors; without any take it back."""
    sensors: dict[str, Any] = {key: {"p": "sensor"} for key in gone}
    sensors |= {
        key: {"p": "sensor", "uniq_id": key, "name": key, "stat_t": "a/topic"} for key in keys
    }
    device = {"ids": [f"n11bridge_{IMEI}"], "name": "n11"}
    payload = {"dev": device, "o": {"name": "n11bridge"}, "cmps": sensors}
    topic = f"homeassistant/device/n11bridge_{IMEI}/config"
    async_fire_mqtt_message(hass, topic, json.dumps(payload) if keys else "")


async def test_discovery_can_take_the_device_back(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    announce(hass, "status", "operator")
    await settle(hass)
    ours = {entity.entity_id for entity in entities(hass, loaded).values()}
    announce(hass, "status", gone=("operator",))
    await settle(hass)
    assert hass.states.get("sensor.n11_operator") is None
    assert ours <= {*hass.states.async_entity_ids()}
    announce(hass)
    await settle(hass)
    assert len(dr.async_get(hass).devices) == 0
    assert ours.isdisjoint(hass.states.async_entity_ids())
    announce(hass, "status")
    await loaded_anew(loaded, bridge)
    await settle(hass)
    assert {entity.entity_id for entity in entities(hass, loaded).values()} == ours
    assert len(dr.async_get(hass).devices) == 1


async def test_the_device_is_just_this_modems(
    hass: HomeAssistant, bridge: FakeBridge, device: dr.DeviceEntry
) -> None:
    from custom_components.n11bridge.entity import modem_device

    assert modem_device(hass, IMEI) == device
    assert modem_device(hass, "another") is None
    assert modem_device(hass, None) is None


def issues(hass: HomeAssistant) -> set[str | None]:
    return {issue.translation_key for issue in ir.async_get(hass).issues.values() if issue.active}


@pytest.mark.parametrize("status", ["pin_required", "puk_required"])
async def test_a_sim_that_wants_something(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, status: str
) -> None:
    bridge.say("state/modem", {"status": status})
    await settle(hass)
    assert issues(hass) == {status}
    bridge.say("state/modem", {"status": "searching"})
    await settle(hass)
    assert issues(hass) == set()


async def test_a_full_storage(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    for used, raised in ((49, set()), (50, {"storage_full"}), (3, set())):
        bridge.say("state/sms", {"storage": {"ME": None, "SM": {"used": used, "total": 50}}})
        await settle(hass)
        assert issues(hass) == raised
    bridge.say("state/sms", {"storage": {"SM": {"used": 50, "total": 50}}})
    await settle(hass)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert issues(hass) == set()


async def test_no_network_for_long(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    now = dt_util.utcnow()
    for status in ("searching", "denied"):
        bridge.say("state/modem", {"status": status})
    async_fire_time_changed(hass, now + timedelta(seconds=1700))
    await settle(hass)
    assert issues(hass) == set()
    async_fire_time_changed(hass, now + timedelta(seconds=1900))
    await settle(hass)
    assert issues(hass) == {"not_registered"}
    bridge.say("state/modem", {"status": "recovering"})
    await settle(hass)
    assert issues(hass) == {"not_registered"}
    bridge.say("state/modem", {"status": "ready"})
    await settle(hass)
    assert issues(hass) == set()
    bridge.say("state/modem", {"status": "searching"})
    bridge.say("state/modem", {"status": "ready"})
    async_fire_time_changed(hass, now + timedelta(seconds=9000))
    await settle(hass)
    assert issues(hass) == set()


async def test_another_contract(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    for contract, raised in (("2.0", {"contract"}), ("1.7", set())):
        bridge.say("state/bridge", {"contract": contract})
        await settle(hass)
        assert issues(hass) == raised


async def test_system_health(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "system_health", {})
    await settle(hass)
    assert await get_system_health_info(hass, "n11bridge") == {
        "bridges": 1,
        "online": 1,
        "version": "0.1.0",
        "contract": "1.0",
        "modem_status": "ready",
    }

"""What the broker, the MQTT integration and our own loading do to each other."""

from typing import Any

import pytest
from fake_bridge import FakeBridge, set_up, settle, text
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from pytest_homeassistant_custom_component.common import MockConfigEntry


def mqtt_entry(hass: HomeAssistant) -> Any:
    (entry,) = hass.config_entries.async_entries("mqtt")
    return entry


def subscriptions(hass: HomeAssistant) -> list[str]:
    return sorted(each.topic for each in hass.data["mqtt"].client.subscriptions)


async def ask(hass: HomeAssistant, **fields: Any) -> Any:
    fields = {"code": "*100#", **fields}
    return await hass.services.async_call(
        "n11bridge", "send_ussd", fields, blocking=True, return_response=True
    )


async def test_it_goes_on_when_mqtt_is_loaded_anew(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, received: list[Any]
) -> None:
    before = subscriptions(hass)
    bridge.inbox.append(text("u1"))
    assert await hass.config_entries.async_reload(mqtt_entry(hass).entry_id)
    bridge.introduce(status="searching")
    bridge.receive("u2")
    await settle(hass)
    assert subscriptions(hass) == before
    told = [(event.data["uid"], event.data["replayed"]) for event in received]
    assert sorted(told) == [("u1", True), ("u2", False)]
    assert loaded.runtime_data.bridge.states["modem"]["status"] == "searching"
    assert (await ask(hass))["asked"]["code"] == "*100#"


async def test_loaded_anew_after_mqtt_was_it_tells_each_text_once(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, received: list[Any]
) -> None:
    assert await hass.config_entries.async_reload(mqtt_entry(hass).entry_id)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await set_up(hass, loaded, bridge)
    bridge.receive("u1")
    await settle(hass)
    assert [event.data["uid"] for event in received] == ["u1"]


async def test_without_mqtt_an_action_says_so(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_remove(mqtt_entry(hass).entry_id)
    with pytest.raises(HomeAssistantError) as caught:
        await ask(hass)
    assert caught.value.translation_key == "mqtt_unavailable"
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.NOT_LOADED


async def test_nothing_is_asked_while_the_broker_is_away(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, broker: Any
) -> None:
    """The client would keep it and publish it later, when nobody waits for it any more."""
    broker.disconnect()
    published = broker.publish.call_count
    with pytest.raises(HomeAssistantError) as caught:
        await ask(hass)
    assert caught.value.translation_key == "mqtt_unavailable"
    assert broker.publish.call_count == published


async def test_that_the_bridge_goes_and_comes_is_logged_once(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.clear()
    for word in ("offline", "offline", "online", "online"):
        bridge.say("availability", word)
    await settle(hass)
    logged = [each.message for each in caplog.records if "n11bridge" in each.name]
    assert logged == ["The bridge of n11 is offline", "The bridge of n11 is online"]


async def test_unloaded_it_leaves_nothing_behind(
    hass: HomeAssistant, bridge: FakeBridge, entry: MockConfigEntry, device: Any
) -> None:
    def listening() -> tuple[list[str], dict[str, int]]:
        return subscriptions(hass), dict(hass.bus.async_listeners())

    await set_up(hass, entry, bridge)
    # The first time also loads the platform, which stays.
    assert await hass.config_entries.async_unload(entry.entry_id)
    before = listening()
    for _ in range(2):
        await set_up(hass, entry, bridge)
        assert listening() != before
        assert await hass.config_entries.async_unload(entry.entry_id)
        assert listening() == before


async def test_two_bridges_are_told_apart(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, received: list[Any]
) -> None:
    """The other one has a prefix of several levels, which even begins like the first one's."""
    far = FakeBridge(hass, "n11bridge/n11/house/n12")
    await far.start()
    other = MockConfigEntry(domain="n11bridge", unique_id=far.base, data={"base_topic": far.base})
    other.add_to_hass(hass)
    await set_up(hass, other, far)
    bridge.receive("u1")
    far.receive("u1")
    await settle(hass)
    told = [(event.data["modem"], event.data["entry_id"]) for event in received]
    assert told == [("n11", loaded.entry_id), ("n12", other.entry_id)]
    await ask(hass, config_entry_id=other.entry_id)
    assert (bridge.of("ussd/send"), len(far.of("ussd/send"))) == ([], 1)
    far.say("availability", "offline")
    await ask(hass, config_entry_id=loaded.entry_id)
    with pytest.raises(HomeAssistantError):
        await ask(hass, config_entry_id=other.entry_id)

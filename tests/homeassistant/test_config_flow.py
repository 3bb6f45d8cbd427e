"""Set-up by discovery and by hand, and the options."""

import asyncio
import json
from typing import Any

import pytest
from fake_bridge import BASE, BRIDGE, FakeBridge, entities, is_subscribed, set_up, settle
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_mqtt_message


def discovered(payload: Any = BRIDGE) -> MqttServiceInfo:
    words = payload if isinstance(payload, str) else json.dumps(payload)
    pattern = "n11bridge/+/state/bridge"
    return MqttServiceInfo(f"{BASE}/state/bridge", words, 0, True, pattern, 0.0)


async def found(hass: HomeAssistant, payload: Any = BRIDGE) -> Any:
    return await hass.config_entries.flow.async_init(
        "n11bridge", context={"source": "mqtt"}, data=discovered(payload)
    )


async def answer_when_asked(hass: HomeAssistant, asking: Any, base: str, payload: Any) -> Any:
    """Have the broker hand over what it retains as soon as somebody subscribes."""
    task = asyncio.ensure_future(asking)
    while not (task.done() or is_subscribed(hass, f"{base}/state/#")):
        await asyncio.sleep(0)
    async_fire_mqtt_message(hass, f"{base}/state/bridge", json.dumps(payload), 1, True)
    return await task


async def test_a_bridge_is_discovered(hass: HomeAssistant, bridge: FakeBridge) -> None:
    result = await found(hass)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "confirm")
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["title_placeholders"] == {"name": "n11"}
    result = await answer_when_asked(
        hass,
        hass.config_entries.flow.async_configure(result["flow_id"], {}),
        BASE,
        BRIDGE,
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (result["title"], result["data"]) == ("n11", {"base_topic": BASE})
    assert result["result"].unique_id == BASE
    await settle(hass)
    again = await found(hass)
    assert again["reason"] == "already_configured"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [("", "not_a_bridge"), ({}, "not_a_bridge"), (BRIDGE | {"contract": "2.0"}, "contract")],
)
async def test_what_is_no_bridge_of_ours(
    hass: HomeAssistant, broker: Any, payload: Any, reason: str
) -> None:
    assert (await found(hass, payload))["reason"] == reason


async def test_by_hand(
    hass: HomeAssistant, bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.n11bridge.PATIENCE", 0.01)
    monkeypatch.setattr("custom_components.n11bridge.config_flow.PATIENCE", 0.01)
    await found(hass)  # a discovered one does not stand in the way
    result = await hass.config_entries.flow.async_init("n11bridge", context={"source": "user"})
    flow = hass.config_entries.flow.async_configure
    for base, errors in (
        ("n11bridge/+", "invalid_topic"),
        (" / ", "invalid_topic"),
        ("n11bridge/n12", "cannot_connect"),
    ):
        result = await flow(result["flow_id"], {"base_topic": base})
        assert result["errors"] == {"base_topic": errors}
    monkeypatch.setattr("custom_components.n11bridge.config_flow.PATIENCE", 5)
    asking = flow(result["flow_id"], {"base_topic": BASE})
    result = await answer_when_asked(hass, asking, BASE, BRIDGE | {"contract": "2.1"})
    assert result["errors"] == {"base": "contract"}
    asking = flow(result["flow_id"], {"base_topic": f" {BASE}/ "})
    loading = asyncio.ensure_future(asking)
    result = await answer_when_asked(hass, loading, BASE, BRIDGE)
    assert result["data"] == {"base_topic": BASE}
    await settle(hass)


async def test_one_that_is_found_while_it_is_added_by_hand(
    hass: HomeAssistant, bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.n11bridge.PATIENCE", 0.01)
    flows = hass.config_entries.flow
    by_hand = await flows.async_init("n11bridge", context={"source": "user"})
    assert (await found(hass))["step_id"] == "confirm"
    assert (await found(hass))["reason"] == "already_in_progress"
    asking = flows.async_configure(by_hand["flow_id"], {"base_topic": BASE})
    result = await answer_when_asked(hass, asking, BASE, BRIDGE)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    assert flows.async_progress() == []
    assert (await found(hass))["reason"] == "already_configured"
    await settle(hass)  # it is loaded again, since it was not ready


@pytest.mark.parametrize("base", ["house/n11bridge/n11", "n11bridge/n11/n12", "n11"])
async def test_a_prefix_may_have_levels(
    hass: HomeAssistant, broker: Any, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.n11bridge.PATIENCE", 0.01)
    bridge = FakeBridge(hass, base)
    await bridge.start()
    asking = hass.config_entries.flow.async_init(
        "n11bridge", context={"source": "user"}, data={"base_topic": f"{base}/"}
    )
    result = await answer_when_asked(hass, asking, base, BRIDGE)
    assert (result["data"], result["title"]) == ({"base_topic": base}, base.split("/")[-1])
    await settle(hass)


async def test_by_hand_twice(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    result = await hass.config_entries.flow.async_init(
        "n11bridge", context={"source": "user"}, data={"base_topic": BASE}
    )
    assert result["reason"] == "already_configured"


async def test_without_mqtt(
    hass: HomeAssistant, broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_client(_: HomeAssistant) -> bool:
        return False

    monkeypatch.setattr("homeassistant.components.mqtt.async_wait_for_mqtt_client", no_client)
    result = await hass.config_entries.flow.async_init(
        "n11bridge", context={"source": "user"}, data={"base_topic": BASE}
    )
    assert result["errors"] == {"base": "mqtt_unavailable"}
    # Its form was left open, and the bridge is discovered all the same.
    assert (await found(hass))["step_id"] == "confirm"
    entry = MockConfigEntry(domain="n11bridge", unique_id=BASE, data={"base_topic": BASE})
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "mqtt_unavailable"


async def test_a_bridge_never_heard_of(
    hass: HomeAssistant,
    bridge: FakeBridge,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.n11bridge.PATIENCE", 0.01)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "never_heard"


async def test_reconfigure(
    hass: HomeAssistant, loaded: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = entities(hass, loaded)
    other = MockConfigEntry(domain="n11bridge", unique_id="x/n12", data={"base_topic": "x/n12"})
    other.add_to_hass(hass)
    flow = hass.config_entries.flow.async_configure
    result = await loaded.start_reconfigure_flow(hass)
    monkeypatch.setattr("custom_components.n11bridge.config_flow.PATIENCE", 0.01)
    result = await flow(result["flow_id"], {"base_topic": "x/n13"})
    assert result["errors"] == {"base_topic": "cannot_connect"}
    monkeypatch.setattr("custom_components.n11bridge.config_flow.PATIENCE", 5)
    monkeypatch.setattr("custom_components.n11bridge.PATIENCE", 0.01)
    asking = flow(result["flow_id"], {"base_topic": "x/n13"})
    result = await answer_when_asked(hass, asking, "x/n13", BRIDGE)
    assert result["reason"] == "reconfigure_successful"
    assert (loaded.unique_id, loaded.title, loaded.data) == (
        "x/n13",
        "n13",
        {"base_topic": "x/n13"},
    )
    # It stays the same entity, whatever was made of it.
    assert entities(hass, loaded) == before
    result = await loaded.start_reconfigure_flow(hass)
    result = await flow(result["flow_id"], {"base_topic": "x/n12"})
    assert result["reason"] == "already_configured"
    await settle(hass)


async def test_the_page_gets_the_options(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_client: Any
) -> None:
    assert await async_setup_component(hass, "config", {})
    page = await hass_client()
    answer = await page.post(
        "/api/config/config_entries/options/flow", json={"handler": loaded.entry_id}
    )
    names = [field["name"] for field in (await answer.json())["data_schema"]]
    assert names == ["replay", "legacy_event", "assist", *sorted(names[3:])]


async def test_options(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    result = await hass.config_entries.options.async_init(loaded.entry_id)
    schema = result["data_schema"]
    assert schema is not None
    assert schema({}) == {
        "replay": True,
        "legacy_event": False,
        "assist": False,
        "assist_agent": "conversation.home_assistant",
        "assist_limit": 10,
    }
    chosen = {"replay": False, "legacy_event": True, "assist": True, "assist_limit": 3}
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], chosen | {"assist_code_word": "open sesame"}
    )
    assert result["errors"] == {"assist_code_word": "one_word"}
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], chosen | {"assist_code_word": " sesame "}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options == chosen | {
        "assist_agent": "conversation.home_assistant",
        "assist_code_word": "sesame",
    }


async def test_it_is_loaded_again(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await set_up(hass, loaded, bridge)

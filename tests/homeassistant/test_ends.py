"""What ends while somebody waits: a script, the entry, Home Assistant."""

import asyncio
from typing import Any

import pytest
from fake_bridge import ALICE, FakeBridge, act, set_up, settle
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

SILENT = [True, False]


async def asked(bridge: FakeBridge, request: str = "sms/send", times: int = 1) -> None:
    while len(bridge.of(request)) < times:
        await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)


def wait(hass: HomeAssistant, **more: Any) -> asyncio.Task[Any]:
    fields = {"to": ALICE, "text": "x", "wait": "answered", "timeout": 3600, **more}
    return hass.async_create_task(act(hass, "send_sms", **fields))


async def run_script(hass: HomeAssistant, bridge: FakeBridge) -> list[Any]:
    """Have a script send, and go on whatever becomes of it; return what it did then."""
    after = async_mock_service(hass, "test", "after")
    send = {
        "action": "n11bridge.send_sms",
        "continue_on_error": True,
        "data": {"to": ALICE, "text": "x", "wait": "answered", "timeout": 3600},
    }
    script = {"sequence": [send, {"action": "test.after"}]}
    assert await async_setup_component(hass, "script", {"script": {"alarm": script}})
    await hass.services.async_call("script", "turn_on", {"entity_id": "script.alarm"})
    await asked(bridge)
    return after


@pytest.mark.parametrize("silent", SILENT, ids=["unanswered", "undelivered"])
async def test_a_script_that_is_stopped(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, silent: bool
) -> None:
    if silent:
        bridge.answers["sms/send"] = None
    after = await run_script(hass, bridge)
    assert hass.states.get("script.alarm").state == "on"
    await hass.services.async_call(
        "script", "turn_off", {"entity_id": "script.alarm"}, blocking=True
    )
    await settle(hass)
    assert hass.states.get("script.alarm").state == "off"
    assert after == []


@pytest.mark.parametrize("silent", SILENT, ids=["unanswered", "undelivered"])
async def test_an_action_that_is_cancelled(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, silent: bool
) -> None:
    if silent:
        bridge.answers["sms/send"] = None
    waiting = wait(hass)
    await asked(bridge)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


@pytest.mark.parametrize("silent", SILENT, ids=["unanswered", "undelivered"])
async def test_the_entry_is_unloaded(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, silent: bool
) -> None:
    if silent:
        bridge.answers["sms/send"] = None
    waiting = wait(hass, raise_error=False)
    await asked(bridge)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    with pytest.raises(HomeAssistantError) as caught:
        await waiting
    assert caught.value.translation_key == "no_answer"


async def test_actions_while_it_is_unloaded_and_loaded(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    """Each is done, or fails; none hangs."""
    unloading = hass.async_create_task(hass.config_entries.async_unload(loaded.entry_id))
    tasks = []
    for _ in range(50):
        tasks.append(hass.async_create_task(act(hass, "send_ussd", code="*100#")))
        await asyncio.sleep(0)
    assert await unloading
    await set_up(hass, loaded, bridge)
    tasks.append(hass.async_create_task(act(hass, "send_ussd", code="*100#")))
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, dict | HomeAssistantError) for each in results)
    assert isinstance(results[-1], dict)


async def test_a_hundred_at_once(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    tasks = [wait(hass, to=f"+4917{number:06}", wait="delivered") for number in range(100)]
    await asked(bridge, times=100)
    for number in range(100, 0, -1):
        bridge.status(f"m{number}", "delivered")
    answers = await asyncio.gather(*tasks)
    assert all(answer["reached"] for answer in answers)
    sent = [(parameters["to"][0]) for parameters in bridge.of("sms/send")]
    told = [answer["messages"][0]["to"] for answer in answers]
    assert sorted(sent) == sorted(told) == [f"+4917{number:06}" for number in range(100)]


@pytest.mark.parametrize("silent", SILENT, ids=["unanswered", "undelivered"])
async def test_home_assistant_stops(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, silent: bool
) -> None:
    """Its web server would wait for whoever called the action from there."""
    if silent:
        bridge.answers["sms/send"] = None
    waiting = wait(hass)
    await asked(bridge)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    with pytest.raises(HomeAssistantError) as caught:
        await waiting
    assert caught.value.translation_key == "no_answer"


async def test_home_assistant_stops_while_a_script_waits(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    """It is no failure, after which the script would sound the siren."""
    after = await run_script(hass, bridge)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await settle(hass)
    assert after == []

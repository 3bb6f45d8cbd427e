"""All blueprints under Home Assistant's own schema; what the smaller ones do."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from blueprints import FOLDER, RUN, automate, automate_at_start, rest
from fake_bridge import ALICE, FakeBridge, settle, text
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)

BLUEPRINTS = sorted(FOLDER.glob("*.yaml"))
BALANCE, JAMMING = "sensor.balance", "binary_sensor.jamming"
PUSH = "https://push.example/"

pytestmark = pytest.mark.usefixtures("loaded", "blueprints")


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_it_fits_the_schema(path: Path) -> None:
    blueprint = Blueprint(
        yaml.load_yaml_dict(str(path)),
        path=path.name,
        expected_domain="automation",
        schema=AUTOMATION_BLUEPRINT_SCHEMA,
    )
    assert blueprint.validate() is None
    assert blueprint.metadata["description"]
    assert blueprint.inputs.keys() == yaml.extract_inputs(blueprint.data)
    assert all(each["name"] and each["selector"] for each in blueprint.inputs.values())


async def test_a_low_balance(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    calls = async_mock_service(hass, "test", "run")
    hass.states.async_set(BALANCE, "6")
    act = [{"action": "test.run", "data": {"left": "{{ balance }}"}}]
    await automate(hass, "low_balance", balance=BALANCE, mark=5, act=act)

    async def see(*credits_: str) -> list[Any]:
        calls.clear()
        for credit in credits_:
            hass.states.async_set(BALANCE, credit)
            await settle(hass)
        return [call.data["left"] for call in calls]

    assert await see("4.2", "4.1", "unavailable", "4.1", "unknown", "4") == [4.2]
    assert await see("20", "3") == [3]
    freezer.tick(timedelta(days=1, minutes=1))
    assert await see("2", "unavailable", "2", "unavailable", "2") == [2]


@pytest.mark.parametrize(("credit", "acts"), [("4", 1), ("5", 0), ("unknown", 0)])
async def test_the_balance_fell_while_home_assistant_was_away(
    hass: HomeAssistant, credit: str, acts: int
) -> None:
    calls = async_mock_service(hass, "test", "run")
    hass.states.async_set(BALANCE, credit)
    await automate_at_start(hass, "low_balance", balance=BALANCE, mark=5, act=RUN)
    assert len(calls) == acts


async def test_jamming(
    hass: HomeAssistant, bridge: FakeBridge, freezer: FrozenDateTimeFactory
) -> None:
    calls = async_mock_service(hass, "test", "run")
    await hass.config.async_set_time_zone("Europe/Berlin")
    freezer.move_to("2026-11-26T11:00:00Z")
    hass.states.async_set(JAMMING, "off")
    inputs = {"jamming": JAMMING, "siren": RUN, "contacts": [ALICE, "bob"]}
    await automate(hass, "jamming_alert", **inputs)

    async def see(state: str, minutes: int) -> tuple[int, int]:
        hass.states.async_set(JAMMING, state)
        await rest()
        for _ in range(minutes):
            freezer.tick(60)
            async_fire_time_changed(hass)
            await rest()
        return len(calls), len(bridge.of("sms/send"))

    assert await see("on", 5) == (1, 0)
    assert await see("unavailable", 5) == (1, 0)
    assert await see("off", 1) == (1, 0)
    assert await see("on", 1) == (2, 0)
    assert await see("off", 1) == (2, 0)
    assert await see("off", 2) == (2, 1)
    text = "The modem was jammed from 12:11 to 12:12."
    assert bridge.of("sms/send") == [{"to": [ALICE, "bob"], "text": text, "priority": "high"}]


async def test_jamming_without_a_text(hass: HomeAssistant, bridge: FakeBridge) -> None:
    calls = async_mock_service(hass, "test", "run")
    hass.states.async_set(JAMMING, "on")
    await automate_at_start(hass, "jamming_alert", jamming=JAMMING, siren=RUN, calm=0)
    assert len(calls) == 1
    hass.states.async_set(JAMMING, "off")
    await settle(hass)
    assert bridge.of("sms/send") == []


@pytest.fixture
async def phone(hass: HomeAssistant, aioclient_mock: Any) -> str:
    """The device of Home Assistant's app; what is pushed to it goes to `aioclient_mock`."""
    aioclient_mock.post(PUSH, json={})
    data = {
        "app_data": {"push_token": "token", "push_url": PUSH},
        "app_id": "app",
        "app_name": "App",
        "app_version": "1",
        "device_id": "phone",
        "device_name": "Phone",
        "manufacturer": "mf",
        "model": "mdl",
        "os_name": "os",
        "os_version": "1",
        "supports_encryption": False,
        "user_id": "user",
        "webhook_id": "hook",
    }
    app = MockConfigEntry(domain="mobile_app", data=data)
    app.add_to_hass(hass)
    assert await async_setup_component(hass, "mobile_app", {})
    await settle(hass)
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), app.entry_id)
    return device.id


def pushed(aioclient_mock: Any) -> list[dict[str, Any]]:
    return [body for _, _, body, _ in aioclient_mock.mock_calls]


@pytest.mark.parametrize(
    "words",
    ["Back at 18:30 :-)", "12.50", "None", "{{ 1 + 1 }}", "request_location_update", "x" * 900],
)
async def test_a_text_is_a_notification(
    hass: HomeAssistant, bridge: FakeBridge, phone: str, aioclient_mock: Any, words: str
) -> None:
    calls = async_mock_service(hass, "test", "run")
    act = [{"action": "test.run", "data": {"who": "{{ sender }}", "what": "{{ text }}"}}]
    await automate(hass, "forward_to_app", device=phone, act=act)
    bridge.receive("u1", words)
    await settle(hass)
    (push,) = pushed(aioclient_mock)
    assert push["message"] == words + "\u200b"
    assert push["title"] == "alice\u200b"
    assert push["data"] == {"group": "n11bridge", "channel": "SMS", "tag": "u1"}
    assert [call.data for call in calls] == [{"who": "alice\u200b", "what": words + "\u200b"}]


async def test_what_came_meanwhile_says_when(
    hass: HomeAssistant, bridge: FakeBridge, phone: str, aioclient_mock: Any
) -> None:
    await automate(hass, "forward_to_app", device=phone)
    sender = {"from": "+49301234567", "contact": None, "trusted": False}
    bridge.inbox = [text(f"u{number}", f"{number}", **sender) for number in range(150)]
    bridge.say("availability", "offline")
    bridge.say("availability", "online")
    await settle(hass)
    pushes = pushed(aioclient_mock)
    assert len(pushes) == 150
    assert pushes[0]["title"] == "+49301234567\u200b"
    assert pushes[0]["message"] == "0\u200b (2026-11-22T09:09:33+01:00)"


async def test_only_trusted_senders_are_shown(
    hass: HomeAssistant, bridge: FakeBridge, phone: str, aioclient_mock: Any
) -> None:
    await automate(hass, "forward_to_app", device=phone, trusted_only=True)
    bridge.receive("u1", trusted=False)
    bridge.receive("u2", text=None)
    await settle(hass)
    assert [push["message"] for push in pushed(aioclient_mock)] == ["(no text)\u200b"]

"""The blueprints under Home Assistant's own schema, and what they do with a bridge."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest
from fake_bridge import ALICE, FakeBridge, settle
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml
from pytest_homeassistant_custom_component.common import async_mock_service

FOLDER = Path(__file__).parents[2] / "homeassistant" / "blueprints" / "automation" / "n11bridge"
BLUEPRINTS = sorted(FOLDER.glob("*.yaml"))
BOB = "+491707654321"


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


@pytest.fixture
def blueprints(hass: HomeAssistant, tmp_path: Path) -> None:
    hass.config.config_dir = str(tmp_path)
    shutil.copytree(FOLDER, tmp_path / "blueprints" / "automation" / "n11bridge")


async def automate(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    use = {"path": f"n11bridge/{name}.yaml", "input": inputs}
    assert await async_setup_component(hass, "automation", {"automation": {"use_blueprint": use}})
    await settle(hass)
    (state,) = hass.states.async_all("automation")
    assert state.state == "on"


pytestmark = pytest.mark.usefixtures("loaded", "blueprints")
RUN = [{"action": "test.run"}]


async def test_an_alarm_goes_on_until_a_phone_confirms(
    hass: HomeAssistant, bridge: FakeBridge
) -> None:
    hass.states.async_set("binary_sensor.fire", "off", {"friendly_name": "Fire"})
    calls = async_mock_service(hass, "test", "run")
    await automate(
        hass,
        "alarm_by_sms",
        alarm="binary_sensor.fire",
        contacts=["nobody", ALICE, BOB],
        unreached=RUN,
    )
    hass.states.async_set("binary_sensor.fire", "on", {"friendly_name": "Fire"})
    for number, state in enumerate(("undelivered", "delivered"), 1):
        while len(bridge.of("sms/send")) < number:
            await asyncio.sleep(0)
        bridge.status(f"m{number}", state)
    await settle(hass)
    sent = bridge.of("sms/send")
    assert [(each["to"], each["text"]) for each in sent] == [
        (["nobody"], "Alarm: Fire"),
        ([ALICE], "Alarm: Fire"),
    ]
    assert calls == []


async def test_an_alarm_that_reaches_nobody(hass: HomeAssistant, bridge: FakeBridge) -> None:
    hass.states.async_set("binary_sensor.fire", "off")
    calls = async_mock_service(hass, "test", "run")
    bridge.answers["sms/send"] = lambda _: {
        "status": "error",
        "error": {"code": "forbidden", "message": "no"},
    }
    await automate(
        hass, "alarm_by_sms", alarm="binary_sensor.fire", contacts=[ALICE, BOB], unreached=RUN
    )
    hass.states.async_set("binary_sensor.fire", "on")
    await settle(hass)
    assert len(bridge.of("sms/send")) == 2
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("words", "more", "runs"),
    [
        ("Sesame gate ", {}, True),
        ("gate", {}, False),
        ("sesame gates", {}, False),
        ("sesame gate", {"trusted": False}, False),
        ("sesame gate", {"redelivered": True}, False),
    ],
)
async def test_a_command(
    hass: HomeAssistant, bridge: FakeBridge, words: str, more: dict[str, Any], runs: bool
) -> None:
    calls = async_mock_service(hass, "test", "run")
    await automate(
        hass, "text_command", code_word="sesame", command="gate", run=RUN, answer="It opens"
    )
    bridge.receive("u1", words, **more)
    await settle(hass)
    assert len(calls) == runs
    sent = [(each["to"], each["text"]) for each in bridge.of("sms/send")]
    assert sent == ([([ALICE], "It opens")] if runs else [])


async def test_a_low_balance(hass: HomeAssistant) -> None:
    calls = async_mock_service(hass, "test", "run")
    hass.states.async_set("sensor.balance", "6")
    act = [{"action": "test.run", "data": {"left": "{{ balance }}"}}]
    await automate(hass, "low_balance", balance="sensor.balance", mark=5, act=act)
    for credit in ("4.2", "4.1"):
        hass.states.async_set("sensor.balance", credit)
        await settle(hass)
    assert [call.data for call in calls] == [{"left": 4.2}]


async def test_jamming(hass: HomeAssistant, bridge: FakeBridge) -> None:
    calls = async_mock_service(hass, "test", "run")
    hass.states.async_set("binary_sensor.jamming", "off")
    inputs = {"jamming": "binary_sensor.jamming", "siren": RUN, "contacts": [ALICE, "bob"]}
    await automate(hass, "jamming_alert", **inputs)
    hass.states.async_set("binary_sensor.jamming", "on")
    await settle(hass)
    assert (len(calls), bridge.of("sms/send")) == (1, [])
    hass.states.async_set("binary_sensor.jamming", "off")
    await settle(hass)
    assert [each["to"] for each in bridge.of("sms/send")] == [[ALICE, "bob"]]
    assert len(calls) == 1

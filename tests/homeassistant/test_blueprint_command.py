"""The command: of trusted senders who know the code word, and nothing but one of its scripts."""

from typing import Any

import pytest
from blueprints import automate
from fake_bridge import ALICE, FakeBridge, settle
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_mock_service

pytestmark = pytest.mark.usefixtures("loaded", "blueprints")

COMMANDS = "Commands: Broken, Gate open, state"
SCRIPTS = {
    "gate": {
        "alias": "Gate open",
        "sequence": [{"action": "test.run", "data": {"by": "{{ contact }}"}}],
    },
    "state": {
        "sequence": [
            {"variables": {"answer": {"text": "21.5 °C"}}},
            {"stop": "told", "response_variable": "answer"},
        ]
    },
    "broken": {"alias": "Broken", "sequence": [{"action": "test.fail"}]},
    "secret": {"alias": "Secret", "sequence": [{"action": "test.run"}]},
}


@pytest.fixture
async def calls(hass: HomeAssistant) -> list[ServiceCall]:
    hass.states.async_set("sensor.secret", "hidden")
    async_mock_service(hass, "test", "fail", raise_exception=HomeAssistantError("no"))
    assert await async_setup_component(hass, "script", {"script": SCRIPTS})
    return async_mock_service(hass, "test", "run")


async def command(hass: HomeAssistant, **inputs: Any) -> None:
    scripts = ["script.gate", "script.state", "script.broken"]
    await automate(hass, "text_command", code_word="Sesame 7", scripts=scripts, **inputs)


def told(bridge: FakeBridge) -> list[tuple[list[str], str]]:
    return [(each["to"], each["text"]) for each in bridge.of("sms/send")]


@pytest.mark.parametrize(
    ("words", "answer", "runs"),
    [
        ("sesame 7 gate open", "Done: Gate open", 1),
        ("  SESAME  7\nGate Open. ", "Done: Gate open", 1),
        ("sesame 7 state", "21.5 °C", 0),
        ("sesame 7 broken", "Failed: Broken", 0),
        ("sesame 7", COMMANDS, 0),
        ("sesame 7 secret", COMMANDS, 0),
        ("sesame 7 script.secret", COMMANDS, 0),
        ("sesame 7 {{ states('sensor.secret') }}", COMMANDS, 0),
        ("sesame 7 .*", COMMANDS, 0),
        ("sesame 7 None", COMMANDS, 0),
        ("sesame 7 gate open gate open", COMMANDS, 0),
    ],
)
async def test_a_command(
    hass: HomeAssistant,
    bridge: FakeBridge,
    calls: list[ServiceCall],
    words: str,
    answer: str,
    runs: int,
) -> None:
    await command(hass)
    bridge.receive("u1", words)
    await settle(hass)
    assert told(bridge) == [([ALICE], answer)]
    assert [call.data for call in calls] == [{"by": "alice"}] * runs


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ("gate open", {}),
        ("sesame 77 gate open", {}),
        ("sesame gate open", {}),
        ("say sesame 7 gate open", {}),
        ("{{ code_word }} gate open", {}),
        ("sesame 7 gate open", {"trusted": False}),
        ("sesame 7 gate open", {"redelivered": True}),
        ("sesame 7 gate open", {"complete": False}),
        ("sesame 7 gate open", {"text": None}),
        ("sesame 7 gate open", {"contact": "bob", "from": "+491707654321"}),
    ],
)
async def test_silence(
    hass: HomeAssistant,
    bridge: FakeBridge,
    calls: list[ServiceCall],
    words: str,
    more: dict[str, Any],
) -> None:
    await command(hass, senders=["alice", "+49303"])
    bridge.receive("u1", words, **more)
    await settle(hass)
    assert (told(bridge), calls) == ([], [])


async def test_an_empty_code_word_is_none(
    hass: HomeAssistant, bridge: FakeBridge, calls: list[ServiceCall]
) -> None:
    await automate(hass, "text_command", code_word=" ", scripts=["script.gate"])
    for uid, words in enumerate((" gate open", "gate open", " ")):
        bridge.receive(f"u{uid}", words)
    await settle(hass)
    assert (told(bridge), calls) == ([], [])


async def test_who_may_command_can_be_a_number(
    hass: HomeAssistant, bridge: FakeBridge, calls: list[ServiceCall]
) -> None:
    await command(hass, senders=[ALICE], done="")
    bridge.receive("u1", "sesame 7 gate open", contact=None)
    await settle(hass)
    assert [call.data for call in calls] == [{"by": ""}]
    assert told(bridge) == []


async def test_an_organisation_gets_no_answer(
    hass: HomeAssistant, bridge: FakeBridge, calls: list[ServiceCall]
) -> None:
    await command(hass)
    bridge.receive("u1", "sesame 7 gate open", **{"from": "TELCO 1234567", "contact": None})
    await settle(hass)
    assert (told(bridge), len(calls)) == ([], 1)

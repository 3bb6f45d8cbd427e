"""Assist by SMS: who is answered, and who is not."""

import time
from datetime import timedelta
from typing import Any
from unittest.mock import Mock, patch

import pytest
from fake_bridge import ALICE, FakeBridge, set_up, settle, text
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service


@pytest.fixture(autouse=True)
async def _assist(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})
    hass.states.async_set("light.garage", "off", {"friendly_name": "Garage"})
    choose(hass, loaded)


def choose(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    hass.config_entries.async_update_entry(entry, options={"assist": True, **options})


async def test_a_trusted_text_is_done_and_answered(hass: HomeAssistant, bridge: FakeBridge) -> None:
    calls = async_mock_service(hass, "light", "turn_on")
    bridge.receive("u1", "turn on Garage")
    await settle(hass)
    assert [call.data["entity_id"] for call in calls] == [["light.garage"]]
    (sent,) = bridge.of("sms/send")
    assert sent["to"] == ALICE
    assert sent["text"]


@pytest.mark.parametrize(
    "more",
    [
        {"trusted": False},
        {"complete": False},
        {"text": None, "data": "AAA="},
        {"from": "Bank"},
        {"from": "12345"},
        {"from": None},
        {"redelivered": True},
        {"text": "   "},
    ],
    ids=str,
)
async def test_others_are_not(
    hass: HomeAssistant, bridge: FakeBridge, received: list[Any], more: dict[str, Any]
) -> None:
    bridge.receive("u1", **more)
    await settle(hass)
    assert len(received) == 1
    assert bridge.of("sms/send") == []


async def test_nor_is_what_is_replayed(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, received: list[Any]
) -> None:
    assert await hass.config_entries.async_unload(loaded.entry_id)
    bridge.inbox.append(text("u1"))
    await set_up(hass, loaded, bridge)
    assert [event.data["replayed"] for event in received] == [True]
    assert bridge.of("sms/send") == []


async def test_off_by_default(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(loaded, options={})
    bridge.receive("u1")
    await settle(hass)
    assert bridge.of("sms/send") == []


@pytest.mark.parametrize(
    ("words", "answered"),
    [
        ("Sesame: turn on Garage", True),
        ("sesame turn on Garage", True),
        ("turn on Garage", False),
        ("sesame", False),
        ("sesamee turn on Garage", False),
        ("Sesame,\n\n turn on Garage", True),
        ("\ud83d turn on Garage", False),
    ],
)
async def test_the_code_word(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    words: str,
    answered: bool,
) -> None:
    choose(hass, loaded, assist_code_word="Sesame")
    calls = async_mock_service(hass, "light", "turn_on")
    bridge.receive("u1", words)
    await settle(hass)
    assert len(calls) == len(bridge.of("sms/send")) == answered


async def test_the_limit_is_each_senders(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    choose(hass, loaded, assist_limit=2)
    for number in range(4):
        bridge.receive(f"u{number}", "what is that")
    bridge.receive("u9", "what is that", **{"from": "+491707654321"})
    await settle(hass)
    assert sorted(sent["to"] for sent in bridge.of("sms/send")) == [ALICE, ALICE, "+491707654321"]


@pytest.mark.parametrize("code_word", ["süß:", "SÜSS", "Süß,", "su\u0308ß"])
async def test_the_code_word_is_not_a_matter_of_spelling(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, code_word: str
) -> None:
    choose(hass, loaded, assist_code_word=code_word)
    bridge.receive("u1", "Süß: what is that")
    await settle(hass)
    assert len(bridge.of("sms/send")) == 1


async def test_two_that_answer_each_other_come_to_an_end(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    """The far end is a house like this one, that trusts us and is trusted."""
    send = bridge.answers["sms/send"]
    assert send is not None

    def echo(asked: dict[str, Any]) -> dict[str, Any]:
        bridge.receive(f"u{len(bridge.inbox)}", asked["text"])
        return send(asked)

    bridge.answers["sms/send"] = echo
    choose(hass, loaded, assist_limit=5)
    bridge.receive("u0", "hello")
    await settle(hass)
    assert len(bridge.of("sms/send")) == 5


@pytest.mark.parametrize(
    ("speech", "sent"),
    [
        ("It is on.\n- so is that", ["It is on.\n- so is that"]),
        ("  ", []),
        ("word " * 200, ["word " * 91 + "w..."]),
        ("灯" * 460, ["灯" * 456 + "..."]),
        ("ü" * 459, ["ü" * 459]),
    ],
    ids=["short", "nothing", "too long", "without spaces", "just long enough"],
)
async def test_how_much_is_answered(
    hass: HomeAssistant, bridge: FakeBridge, speech: str, sent: list[str]
) -> None:
    response = Mock(response=Mock(speech={"plain": {"speech": speech}}), conversation_id="c1")
    with patch("homeassistant.components.conversation.async_converse", return_value=response):
        bridge.receive("u1", "what is that")
        await settle(hass)
    assert [each["text"] for each in bridge.of("sms/send")] == sent


async def test_a_conversation_goes_on(hass: HomeAssistant, bridge: FakeBridge) -> None:
    from homeassistant.components.conversation import async_converse

    asked = []

    async def converse(
        hass: HomeAssistant, words: str, key: str | None, *rest: Any, **k: Any
    ) -> Any:
        result = await async_converse(hass, words, key, *rest, **k)
        asked.append((key, result.conversation_id))
        return result

    with patch("homeassistant.components.conversation.async_converse", converse):
        for number in range(2):
            bridge.receive(f"u{number}", "what is that")
            await settle(hass)
    assert asked[0][0] is None
    assert asked[1][0] == asked[0][1]


@pytest.mark.parametrize("error", [HomeAssistantError, RuntimeError, TypeError])
async def test_an_agent_that_fails_is_logged(
    hass: HomeAssistant,
    bridge: FakeBridge,
    caplog: pytest.LogCaptureFixture,
    error: type[Exception],
) -> None:
    with patch(
        "homeassistant.components.conversation.async_converse", side_effect=error("no agent")
    ):
        bridge.receive("u1", "what is that")
        await settle(hass)
    assert "Assist could not answer a text: no agent" in caplog.text
    assert bridge.of("sms/send") == []
    assert [each for each in caplog.records if each.exc_info] == []


@pytest.mark.parametrize("jump", [-86400, 86400])
async def test_the_limit_holds_whatever_the_clock_does(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    jump: float,
) -> None:
    """A clock that is set is not an hour that went by, nor one that never ends."""
    choose(hass, loaded, assist_limit=1)
    bridge.receive("u1", "what is that")
    await settle(hass)
    now = dt_util.utcnow
    monkeypatch.setattr(dt_util, "utcnow", lambda: now() + timedelta(seconds=jump))
    bridge.receive("u2", "what is that")
    await settle(hass)
    assert len(bridge.of("sms/send")) == 1
    steady = time.monotonic
    monkeypatch.setattr("time.monotonic", lambda: steady() + 3601)
    bridge.receive("u3", "what is that")
    await settle(hass)
    assert len(bridge.of("sms/send")) == 2


async def test_a_text_of_many_parts_keeps_nobody_busy(
    hass: HomeAssistant, bridge: FakeBridge, caplog: pytest.LogCaptureFixture
) -> None:
    bridge.receive("u1", ("turn on Garage and " * 400)[: 39 * 153], parts=39)
    bridge.receive("u2", "what is that")
    await settle(hass)
    assert len(bridge.of("sms/send")) == 1
    assert "Assist answers no text of more than 459 characters" in caplog.text

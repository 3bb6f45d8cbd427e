"""The last texts as a conversation."""

from typing import Any

import pytest
from fake_bridge import ALICE, FakeBridge, entities, set_up, settle
from homeassistant.core import HomeAssistant, State
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_restore_cache_with_extra_data,
)

MESSAGES = "sensor.n11_messages"
BOB = "+491707654321"


def sent(key: str, hour: int, state: str = "sent", **more: Any) -> dict[str, Any]:
    """A message as the bridge lists it."""
    created = f"2026-11-22T{hour:02}:00:00+01:00"
    message = {"message": key, "to": ALICE, "contact": "alice", "state": state}
    return {**message, "text": f"text of {key}", "created": created, **more}


def shown(hass: HomeAssistant) -> list[tuple[str, str, str]]:
    state = hass.states.get(MESSAGES)
    assert state is not None
    return [(each["state"], each["with"], each["text"]) for each in state.attributes["messages"]]


async def test_there_is_none_yet(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    state = hass.states.get(MESSAGES)
    assert state is not None
    assert (state.state, state.attributes["messages"]) == ("unknown", [])
    assert state.attributes["device_class"] == "timestamp"
    assert entities(hass, loaded)["sensor"].unique_id == f"{loaded.entry_id}_messages"


async def test_dashboards_find_it_in_all_languages(
    hass: HomeAssistant, bridge: FakeBridge, entry: MockConfigEntry, device: Any
) -> None:
    hass.config.language = "de"
    await set_up(hass, entry, bridge)
    state = hass.states.get(MESSAGES)
    assert state is not None
    assert state.name == "n11 Nachrichten"
    state = hass.states.get("event.n11_text_or_replay")
    assert state is not None
    assert state.name == "n11 Text oder Nachgeholtes"


async def test_a_conversation(
    hass: HomeAssistant, bridge: FakeBridge, entry: MockConfigEntry, device: Any
) -> None:
    bridge.outbox = [sent("m1", 8), sent("m2", 10, "queued", to=BOB, contact=None)]
    await set_up(hass, entry, bridge)
    bridge.receive("u1", "here", contact=None)
    await settle(hass)
    assert shown(hass) == [
        ("sent", "alice", "text of m1"),
        ("received", ALICE, "here"),
        ("queued", BOB, "text of m2"),
    ]
    state = hass.states.get(MESSAGES)
    assert state is not None
    assert state.state == "2026-11-22T09:00:00+00:00"
    assert state.attributes["messages"][1]["trusted"] is True
    bridge.status("m2", "delivered")
    await settle(hass)
    assert shown(hass)[-1] == ("delivered", BOB, "text of m2")
    assert len(bridge.of("sms/outbox")) == 1


async def test_one_that_is_new_is_read(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    for number in range(1, 40):
        bridge.outbox.append(sent(f"m{number}", 8, text="x" * 600))
        bridge.status(f"m{number}", "queued")
    await settle(hass)
    assert len(shown(hass)) == 20
    assert shown(hass)[-1] == ("sent", "alice", "x" * 499 + "…")
    # At the start, and again as often as it is told while it is being read.
    assert len(bridge.of("sms/outbox")) < 10


async def test_one_that_is_whole_at_last_takes_the_place_of_its_parts(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    bridge.receive("u1", "Hel", complete=False)
    bridge.receive("u2", "x")
    bridge.receive("u1", "Hello", redelivered=True)
    for number in range(3, 21):
        bridge.receive(f"u{number}", None)
    await settle(hass)
    assert [text for _, _, text in shown(hass)] == ["Hello", "x", *[None] * 18]
    bridge.receive("u21", "last")
    await settle(hass)
    assert [text for _, _, text in shown(hass)][:2] == ["x", None]


async def test_what_was_received_outlives_a_restart(
    hass: HomeAssistant, bridge: FakeBridge, entry: MockConfigEntry, device: Any
) -> None:
    line = {"state": "received", "with": "bob", "text": "old", "time": "2026-11-21T08:00:00+01:00"}
    kept = (State(MESSAGES, "unknown"), {"received": {"u0": line}})
    mock_restore_cache_with_extra_data(hass, [kept])
    await set_up(hass, entry, bridge)
    bridge.receive("u1", "new")
    await settle(hass)
    assert shown(hass) == [("received", "bob", "old"), ("received", "alice", "new")]


@pytest.mark.parametrize("fails", [True, False])
async def test_it_reads_again_when_the_bridge_is_back(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, fails: bool
) -> None:
    listed = bridge.answers["sms/outbox"]
    if fails:
        error = {"code": "internal", "message": "broken"}
        bridge.answers["sms/outbox"] = lambda _: {"status": "error", "error": error}
        bridge.status("m1", "sent")
        await settle(hass)
    bridge.say("availability", "offline")
    await settle(hass)
    bridge.status("m1", "sent")
    bridge.outbox = [sent("m1", 8)]
    await settle(hass)
    assert shown(hass) == []
    bridge.answers["sms/outbox"] = listed
    bridge.say("availability", "online")
    await settle(hass)
    assert shown(hass) == [("sent", "alice", "text of m1")]

"""Texts as events: each once, none lost."""

from datetime import timedelta
from typing import Any

import pytest
from fake_bridge import ALICE, FakeBridge, set_up, settle, text
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)


def told(events: list[Any]) -> list[tuple[str, bool]]:
    return [(event.data["uid"], event.data["replayed"]) for event in events]


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


@pytest.mark.parametrize("gone", ["bridge", "broker"])
async def test_who_was_away_for_a_moment_is_caught_up_with(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    received: list[Any],
    gone: str,
) -> None:
    def connect(there: bool) -> None:
        if gone == "bridge":
            bridge.say("availability", "online" if there else "offline")
        else:
            hass.data["mqtt"].client.connected = there
            async_dispatcher_send(hass, "mqtt_connection_state", there)

    connect(False)
    bridge.inbox += [text("u1")]
    connect(True)
    connect(True)
    bridge.receive("u2")
    await settle(hass)
    assert sorted(told(received)) == [("u1", True), ("u2", False)]


async def test_a_bridge_that_says_anew_that_it_is_there_was_away(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, received: list[Any]
) -> None:
    """The broker was started anew, and forgot; nobody heard the bridge go."""
    bridge.inbox += [text("u1")]
    bridge.say("availability", "online", retain=True)
    await settle(hass)
    assert received == []
    bridge.say("availability", "online")
    await settle(hass)
    assert told(received) == [("u1", True)]


@pytest.mark.parametrize(
    "inbox",
    [["u4"], ["u1", "u2", "u4"], ["u4", "u5", "u6", "u7"], []],
    ids=["begun anew", "restored from a copy", "ours is no longer kept", "emptied"],
)
async def test_a_bridge_that_does_not_know_our_place(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    received: list[Any],
    inbox: list[str],
) -> None:
    """It lists all that it has; what is known is not told again, and nothing else left out."""
    for uid in ("u1", "u2", "u3"):
        bridge.receive(uid)
    await settle(hass)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    bridge.inbox = [text(uid) for uid in inbox]
    await set_up(hass, loaded, bridge)
    new = [(uid, True) for uid in inbox if uid > "u3"]
    assert told(received)[3:] == new
    bridge.receive("u9")
    await settle(hass)
    assert told(received)[3:] == [*new, ("u9", False)]


async def test_a_list_that_does_not_go_on_ends(
    hass: HomeAssistant, bridge: FakeBridge, entry: MockConfigEntry
) -> None:
    bridge.answers["sms/inbox"] = lambda _: {"data": {"messages": [text("u1"), text("u2")]}}
    await set_up(hass, entry, bridge)
    assert len(bridge.of("sms/inbox")) == 2


async def test_the_whole_of_an_incomplete_one_is_told_as_well(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, received: list[Any]
) -> None:
    bridge.receive("u1", "the first", complete=False, missing=[2])
    bridge.receive("u2")
    await settle(hass)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await set_up(hass, loaded, bridge)
    again = text("u1", "the first and the second", redelivered=True)
    for _ in range(2):
        bridge.say("event/sms/received", text("u1", "the first", complete=False, redelivered=True))
        bridge.say("event/sms/received", again)
    await settle(hass)
    assert [event.data["text"] for event in received] == [
        "the first",
        "open",
        "the first and the second",
    ]
    bridge.receive("u3")
    await settle(hass)
    assert loaded.runtime_data.inbox._last == "u3"


async def test_an_inbox_that_cannot_be_read_is_asked_for_again(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    received: list[Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    listed = bridge.answers["sms/inbox"]
    bridge.answers["sms/inbox"] = lambda _: {
        "status": "error",
        "error": {"code": "internal", "message": "broken"},
    }
    bridge.inbox += [text("u1")]
    for _ in range(2):
        bridge.say("availability", "online")
        await settle(hass)
    assert [each.message for each in caplog.records if each.levelname == "WARNING"] == [
        "The inbox of n11 could not be read: "
        "sms/inbox met a fault of the bridge; its log says more: broken"
    ]
    bridge.answers["sms/inbox"] = listed
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await settle(hass)
    assert told(received) == [("u1", True)]


@pytest.mark.parametrize(
    "kept",
    [
        {"version": 2, "minor_version": 1, "data": {"place": "u1"}},
        {"version": 1, "minor_version": 1, "data": {"place": "u1"}},
        {"version": 1, "minor_version": 1, "data": []},
    ],
    ids=["newer", "another", "a list"],
)
async def test_a_record_that_cannot_be_read_stops_nothing_else(
    hass: HomeAssistant,
    bridge: FakeBridge,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
    received: list[Any],
    caplog: pytest.LogCaptureFixture,
    kept: dict[str, Any],
) -> None:
    key = f"n11bridge.{entry.entry_id}"
    hass_storage[key] = {"key": key, **kept}
    bridge.inbox = [text("u1")]
    await set_up(hass, entry, bridge)
    assert "cannot be read, so none is replayed" in caplog.text
    bridge.receive("u2")
    await settle(hass)
    assert told(received) == [("u2", False)]
    assert hass_storage[key]["data"]["last"] == "u2"


async def test_an_inbox_that_cannot_be_read_holds_nothing_up(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, received: list[Any]
) -> None:
    listed = bridge.answers["sms/inbox"]
    bridge.answers["sms/inbox"] = lambda _: {
        "status": "error",
        "error": {"code": "internal", "message": "broken"},
    }
    bridge.say("availability", "offline")
    bridge.inbox += [text("u1")]
    bridge.say("availability", "online")
    bridge.receive("u2")
    await settle(hass)
    assert told(received) == [("u2", False)]
    bridge.answers["sms/inbox"] = listed
    bridge.say("availability", "offline")
    bridge.say("availability", "online")
    await settle(hass)
    assert told(received) == [("u2", False), ("u1", True)]


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

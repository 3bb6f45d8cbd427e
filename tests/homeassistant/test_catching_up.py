"""What came while the bridge, the broker or we were away: told afterwards, each once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from fake_bridge import FakeBridge, set_up, settle, text, told
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockMqttReasonCode,
    async_fire_time_changed,
)


async def test_who_was_away_for_a_moment_is_caught_up_with(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, received: list[Any]
) -> None:
    bridge.say("availability", "offline")
    bridge.inbox += [text("u1")]
    bridge.say("availability", "online")
    bridge.say("availability", "online")
    bridge.receive("u2")
    await settle(hass)
    assert sorted(told(received)) == [("u1", True), ("u2", False)]


async def test_what_a_bridge_kept_for_long_is_no_news(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    received: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It publishes what it could not when it is back, as if it came then."""
    monkeypatch.setattr("custom_components.n11bridge.inbox.LATE", -1.0)
    bridge.say("availability", "offline")
    bridge.say("availability", "online")
    bridge.receive("u1")
    await settle(hass)
    bridge.receive("u2")
    await settle(hass)
    assert told(received) == [("u1", True), ("u2", False)]


async def test_without_the_broker_nothing_is_asked_before_an_answer_could_be_heard(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    received: list[Any],
    broker: Any,
) -> None:
    """Subscribing takes a while, and what is retained comes again behind it."""
    asked = len(bridge.of("sms/inbox"))
    broker.disconnect()
    bridge.inbox += [text("u1")]
    broker.on_connect(broker, None, None, MockMqttReasonCode())
    await settle(hass)
    assert len(bridge.of("sms/inbox")) == asked
    bridge.say("availability", "online", retain=True)
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
    # However the place went back: nothing is told again.
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await set_up(hass, loaded, bridge)
    assert len(received) == 3


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


@pytest.mark.parametrize("how", ["loaded anew", "the bridge goes"])
async def test_it_ends_in_the_middle(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    received: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    """What came meanwhile waits in its turn: it is not lost with those that were not read yet."""
    bridge.say("availability", "offline")
    bridge.inbox += [text(f"u{number}") for number in range(1, 6)]
    right = bridge.answers["sms/inbox"]
    assert right is not None
    monkeypatch.setattr("custom_components.n11bridge.inbox.ANSWER", 0.1)

    def list_once(asked: dict[str, Any]) -> dict[str, Any]:
        answer = right(asked)
        bridge.answers["sms/inbox"] = None
        bridge.receive("u6")
        # A live one that is on this page already.
        bridge.say("event/sms/received", text("u2"))
        return answer

    bridge.answers["sms/inbox"] = list_once
    bridge.say("availability", "online")
    while bridge.answers["sms/inbox"] or len(bridge.of("sms/inbox")) < 3:
        await asyncio.sleep(0)
    assert told(received) == [("u1", True), ("u2", False)]
    bridge.answers["sms/inbox"] = right
    if how == "loaded anew":
        assert await hass.config_entries.async_unload(loaded.entry_id)
        await set_up(hass, loaded, bridge)
    else:
        bridge.say("availability", "offline")
        bridge.say("availability", "online")
        await settle(hass)
    assert sorted(uid for uid, _ in told(received)) == [f"u{number}" for number in range(1, 7)]
    assert told(received)[-1] == ("u6", how == "loaded anew")


async def test_a_crash_has_one_page_told_again_at_most(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    received: list[Any],
    hass_storage: dict[str, Any],
) -> None:
    listed = bridge.answers["sms/inbox"]
    assert listed is not None
    places = []

    def list_(asked: dict[str, Any]) -> dict[str, Any]:
        kept = hass_storage[f"n11bridge.{loaded.entry_id}"]["data"]["last"]
        places.append((asked["since"], kept))
        return listed(asked)

    bridge.answers["sms/inbox"] = list_
    bridge.say("availability", "offline")
    bridge.inbox += [text(f"u{number}") for number in range(1, 6)]
    bridge.say("availability", "online")
    await settle(hass)
    assert len(received) == 5
    assert places == [(None, None), ("u2", "u2"), ("u4", "u4"), ("u5", "u5")]


async def test_many_are_told_in_order_and_written_down_together(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    received: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writes = 0
    disk = asyncio.Event()

    async def save(store: Any, data: Any) -> None:
        nonlocal writes
        writes += 1
        await disk.wait()

    monkeypatch.setattr("homeassistant.helpers.storage.Store.async_save", save)
    for number in range(200):
        bridge.receive(f"u{number}")
    while len(received) < 200:
        await asyncio.sleep(0)
    disk.set()
    await settle(hass)
    assert told(received) == [(f"u{number}", False) for number in range(200)]
    assert writes == 2


async def test_unloaded_while_it_reads_it_complains_of_nothing(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bridge.answers["sms/inbox"] = None
    bridge.say("availability", "online")
    while len(bridge.of("sms/inbox")) < 2:
        await asyncio.sleep(0)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await settle(hass)
    assert "could not be read" not in caplog.text

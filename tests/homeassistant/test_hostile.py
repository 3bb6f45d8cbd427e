"""What a stranger, or a bridge that went mad, publishes: no listener dies, no door opens."""

import contextlib
import json
import logging
from typing import Any

import pytest
from fake_bridge import ALICE, FakeBridge, act, settle, text, told
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.json import json_bytes
from pytest_homeassistant_custom_component.common import MockConfigEntry

#: Where there should be something else.
ODD = [
    None,
    True,
    -1,
    10**30,
    1.5,
    "",
    "x" * 5000,
    [],
    [[]],
    [{}],
    [None],
    {},
    {"": {}},
    {"SM": None},
    {"SM": {"used": "1", "total": []}},
    "9999-12-31T23:59:59-12:00",
    "2026-13-45T25:61:61",
]
#: What is no payload at all, so that an answer of it is no answer.
UNREADABLE = [float("nan"), "\ud83d", json.loads("[" * 900 + "]" * 900)]
STATES = {
    "bridge": ("contract", "version", "capabilities"),
    "modem": ("status", "imei"),
    "sms": ("storage", "last", "sent"),
    "sim": ("status", "tries_left"),
}
RECEIVED = (*text("u1"), "class", "parts", "missing", "replayed", "modem", "entry_id")


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    return [each.getMessage() for each in records if each.exc_info or each.levelno >= logging.ERROR]


@pytest.mark.parametrize("odd", [*ODD, *UNREADABLE], ids=lambda odd: repr(odd)[:20])
async def test_states_of_other_types(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    received: list[Any],
    caplog: pytest.LogCaptureFixture,
    odd: Any,
) -> None:
    for state, keys in STATES.items():
        for key in keys:
            bridge.say(f"state/{state}", {key: odd})
            await settle(hass)
        bridge.say(f"state/{state}", json.dumps(odd))
        await settle(hass)
    bridge.introduce()
    bridge.receive("u1")
    await settle(hass)
    assert told(received) == [("u1", False)]
    assert complaints(caplog) == []


@pytest.mark.parametrize("odd", [*ODD, *UNREADABLE], ids=lambda odd: repr(odd)[:20])
async def test_events_of_other_types(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    received: list[Any],
    caplog: pytest.LogCaptureFixture,
    odd: Any,
) -> None:
    for number, key in enumerate(RECEIVED):
        bridge.say("event/sms/received", text(f"x{number}") | {key: odd})
        bridge.say("event/sms/status", {key: odd, "message": odd, "state": odd})
        await settle(hass)
    bridge.say("event/sms/received", json.dumps(odd))
    bridge.receive("u1")
    await settle(hass)
    assert told(received)[-1] == ("u1", False)
    for event in received:
        json_bytes(event.data)
    for state in hass.states.async_all():
        json_bytes(state.as_dict())
    assert complaints(caplog) == []


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
async def test_answers_of_other_types(
    hass: HomeAssistant,
    bridge: FakeBridge,
    loaded: MockConfigEntry,
    received: list[Any],
    caplog: pytest.LogCaptureFixture,
    odd: Any,
) -> None:
    right = dict(bridge.answers)
    row = {"message": "m1", "state": odd, "to": odd, "text": odd, "created": odd, "contact": odd}
    for answer in (
        {"status": odd},
        {"data": odd},
        {"data": {"messages": odd}},
        {"data": {"messages": [{"message": odd, "to": odd}]}},
        {"data": {"messages": [row]}},
        {"data": {"messages": [{"uid": odd}]}},
        {"data": {"messages": [text("u0"), text("u0") | {"uid": odd}]}},
        {"status": "error", "error": odd},
        {"status": "error", "error": {"code": odd, "message": odd, "modem": odd}},
    ):
        bridge.answers |= dict.fromkeys(right, lambda _, answer=answer: answer)
        bridge.say("availability", "online")
        await settle(hass)
        with contextlib.suppress(HomeAssistantError):
            await act(hass, "send_sms", to=ALICE, text="x", raise_error=False)
        with contextlib.suppress(HomeAssistantError):
            await act(hass, "list_received")
    bridge.answers |= right
    bridge.inbox.append(text("u1"))
    bridge.say("availability", "online")
    bridge.receive("u2")
    await settle(hass)
    assert sorted(told(received))[-2:] == [("u1", True), ("u2", False)]
    assert complaints(caplog) == []

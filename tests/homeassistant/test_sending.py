"""Sending texts, and waiting until they have come as far as somebody wanted."""

import asyncio
from typing import Any

import pytest
from fake_bridge import ALICE, BOB, FakeBridge, act, settle
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockMqttReasonCode,
    async_capture_events,
)

pytestmark = pytest.mark.usefixtures("loaded")


async def test_sending_answers_what_was_accepted(hass: HomeAssistant, bridge: FakeBridge) -> None:
    answer = await act(hass, "send_sms", to=[ALICE, "family"], text="Feuer! 🔥\n{{ 1 }}")
    assert answer == {
        "messages": [
            {"message": "m1", "to": ALICE, "parts": 1, "state": "queued"},
            {"message": "m2", "to": "family", "parts": 1, "state": "queued"},
        ],
        "reached": True,
    }
    assert bridge.of("sms/send") == [{"to": [ALICE, "family"], "text": "Feuer! 🔥\n{{ 1 }}"}]
    assert await act(hass, "send_sms", answer=False, to=ALICE, text="x") is None


@pytest.mark.parametrize(("wait", "early"), [("sent", "sending"), ("delivered", "sent")])
async def test_sending_waits_for_all(
    hass: HomeAssistant, bridge: FakeBridge, wait: str, early: str
) -> None:
    sending = asyncio.create_task(act(hass, "send_sms", to=[ALICE, BOB], text="x", wait=wait))
    while not bridge.of("sms/send"):
        await asyncio.sleep(0)
    bridge.status("m1", wait)
    bridge.status("m2", early)
    bridge.status("another", "failed")
    for _ in range(20):
        await asyncio.sleep(0)
    assert not sending.done()
    bridge.status("m2", wait)
    answer = await sending
    assert answer["reached"]
    assert [message["state"] for message in answer["messages"]] == [wait, wait]
    assert bridge.of("sms/send")[0].get("delivery_report") == (wait == "delivered" or None)


@pytest.mark.parametrize("wait", ["delivered", "answered"])
async def test_an_answer_is_as_good_as_a_report(
    hass: HomeAssistant, bridge: FakeBridge, wait: str
) -> None:
    sending = asyncio.create_task(act(hass, "send_sms", to=[ALICE], text="Open?", wait=wait))
    while not bridge.of("sms/send"):
        await asyncio.sleep(0)
    bridge.receive("u1", "before it was sent")
    bridge.status("m1", "sent", to=ALICE)
    bridge.receive("u2", "somebody else", **{"from": BOB})
    bridge.receive("u3", "known already", redelivered=True)
    if wait == "answered":
        bridge.status("m1", "delivered", to=ALICE)
    for _ in range(20):
        await asyncio.sleep(0)
    assert not sending.done()
    bridge.receive("u4", "yes")
    bridge.receive("u5", "no")
    answer = await sending
    (message,) = answer["messages"]
    assert (answer["reached"], message["state"], message["answer"]) == (True, "answered", "yes")
    assert bridge.of("sms/send")[0]["delivery_report"]


async def test_the_answer_of_one_is_enough(hass: HomeAssistant, bridge: FakeBridge) -> None:
    sending = asyncio.create_task(act(hass, "send_sms", to=[ALICE, BOB], text="?", wait="answered"))
    while not bridge.of("sms/send"):
        await asyncio.sleep(0)
    bridge.status("m1", "failed", to=ALICE)
    bridge.status("m2", "sent", to=BOB)
    bridge.receive("u1", "I go", **{"from": BOB})
    answer = await sending
    assert answer["reached"]
    assert [message["state"] for message in answer["messages"]] == ["failed", "answered"]


async def test_no_answer_can_come_to_what_is_lost(hass: HomeAssistant, bridge: FakeBridge) -> None:
    sending = asyncio.create_task(act(hass, "send_sms", to=[ALICE], text="?", wait="answered"))
    while not bridge.of("sms/send"):
        await asyncio.sleep(0)
    bridge.status("m1", "undelivered", to=ALICE)
    with pytest.raises(HomeAssistantError) as caught:
        await sending
    assert caught.value.translation_key == "not_answered"


async def test_one_that_comes_to_nothing_fails_the_action(
    hass: HomeAssistant, bridge: FakeBridge
) -> None:
    send = bridge.answers["sms/send"]
    assert send is not None

    def at_once(asked: dict[str, Any]) -> dict[str, Any]:
        answer = send(asked)
        for message, state in zip(answer["data"]["messages"], ("sent", "failed"), strict=True):
            bridge.status(message["message"], state)
        return answer

    bridge.answers["sms/send"] = at_once
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "send_sms", to=[ALICE, BOB], text="x", wait="sent")
    assert caught.value.translation_key == "not_sent"
    assert caught.value.translation_placeholders == {"messages": f"{BOB}: failed"}
    answer = await act(hass, "send_sms", to=[ALICE, BOB], text="x", wait="sent", raise_error=False)
    assert not answer["reached"]
    assert [message["state"] for message in answer["messages"]] == ["sent", "failed"]


@pytest.mark.parametrize("missed", [True, False])
async def test_when_time_is_up_it_asks_where_the_message_is(
    hass: HomeAssistant, bridge: FakeBridge, missed: bool
) -> None:
    error = {"status": "error", "error": {"code": "internal", "message": "broken"}}
    found = {"data": {"message": "m1", "state": "sent"}}
    bridge.answers["sms/status"] = lambda _: found if missed else error
    answer = await act(
        hass, "send_sms", to=ALICE, text="x", wait="sent", timeout=1, raise_error=False
    )
    assert bridge.of("sms/status") == [{"message": "m1"}]
    assert answer["reached"] is missed


async def test_status_is_an_event(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    events = async_capture_events(hass, "n11bridge_sms_status")
    bridge.status("m1", "delivered")
    await settle(hass)
    assert [event.data for event in events] == [
        {"message": "m1", "state": "delivered", "modem": "n11", "entry_id": loaded.entry_id}
    ]


async def test_what_changed_while_the_broker_was_away_is_looked_up(
    hass: HomeAssistant, bridge: FakeBridge, broker: Any
) -> None:
    """That is no reason to fail: an alarm would go on to the next."""
    bridge.answers["sms/status"] = lambda _: {"data": {"message": "m1", "state": "delivered"}}
    sending = asyncio.create_task(act(hass, "send_sms", to=ALICE, text="x", wait="delivered"))
    while not bridge.of("sms/send"):
        await asyncio.sleep(0)
    bridge.status("m1", "sent")
    broker.disconnect()
    for _ in range(20):
        await asyncio.sleep(0)
    assert not sending.done()
    broker.on_connect(broker, None, None, MockMqttReasonCode())
    bridge.say("availability", "online", retain=True)
    answer = await sending
    assert (answer["reached"], answer["messages"][0]["state"]) == (True, "delivered")


async def test_without_the_broker_no_answer_can_come(
    hass: HomeAssistant, bridge: FakeBridge, broker: Any
) -> None:
    bridge.answers["sms/send"] = None
    sending = asyncio.create_task(act(hass, "send_sms", to=ALICE, text="x", wait="delivered"))
    while not bridge.of("sms/send"):
        await asyncio.sleep(0)
    broker.disconnect()
    with pytest.raises(HomeAssistantError) as caught:
        await sending
    assert caught.value.translation_key == "no_answer"

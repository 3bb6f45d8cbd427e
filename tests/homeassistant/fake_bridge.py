"""A bridge that answers over the test's MQTT."""

import json
from collections.abc import Callable
from typing import Any

from homeassistant.components import mqtt
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_mqtt_message

BASE = "n11bridge/n11"
IMEI = "355910044336974"
ALICE = "+491701234567"
BOB = "+491707654321"
BRIDGE = {"version": "0.1.0", "contract": "1.0", "capabilities": ["modem", "sms"]}
MODEM = {"status": "ready", "imei": IMEI, "port": "/dev/n11v2"}
SMS = {"sent": 3, "last": None, "storage": {"SM": {"used": 0, "total": 50}}}

Answer = Callable[[dict[str, Any]], dict[str, Any]]


def text(uid: str, words: str = "open", **more: Any) -> dict[str, Any]:
    """A received text as the contract has it."""
    return {
        "event_type": "received",
        "uid": uid,
        "from": ALICE,
        "contact": "alice",
        "trusted": True,
        "text": words,
        "data": None,
        "time": "2026-11-22T09:09:33+01:00",
        "received": "2026-11-22T09:09:34+01:00",
        "complete": True,
        "redelivered": False,
        **more,
    }


class FakeBridge:
    """The far end of the topics. `answers` says what is done with each request."""

    def __init__(self, hass: HomeAssistant, base: str = BASE) -> None:
        self.hass = hass
        self.base = base
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.inbox: list[dict[str, Any]] = []
        self.outbox: list[dict[str, Any]] = []
        self.answers: dict[str, Answer | None] = {
            "sms/inbox": self._list,
            "sms/outbox": lambda asked: {"data": {"messages": self.outbox[-asked["limit"] :]}},
            "sms/send": self._send,
        }
        self._keys = 0

    async def start(self) -> None:
        await mqtt.async_subscribe(self.hass, f"{self.base}/request/#", self._request)

    def say(self, topic: str, payload: Any, retain: bool = False) -> None:
        words = payload if isinstance(payload, str) else json.dumps(payload)
        async_fire_mqtt_message(self.hass, f"{self.base}/{topic}", words, 1, retain)

    def introduce(self, **modem: Any) -> None:
        """Say all that is retained."""
        self.say("availability", "online", retain=True)
        self.say("state/bridge", BRIDGE, retain=True)
        self.say("state/modem", MODEM | modem, retain=True)
        self.say("state/sms", SMS, retain=True)

    def receive(self, uid: str, words: str = "open", **more: Any) -> None:
        """A text comes from the air."""
        message = text(uid, words, **more)
        self.inbox.append(message)
        self.say("event/sms/received", message)

    def status(self, message: str, state: str, **more: Any) -> None:
        told = {"event_type": "status", "message": message, "state": state, **more}
        self.say("event/sms/status", told)

    def of(self, request: str) -> list[dict[str, Any]]:
        """The parameters of each such request."""
        return [parameters for name, parameters in self.asked if name == request]

    @callback
    def _request(self, message: mqtt.ReceiveMessage) -> None:
        name = message.topic.removeprefix(f"{self.base}/request/")
        parameters = json.loads(message.payload)
        key, ttl = parameters.pop("id"), parameters.pop("ttl", None)
        assert 0 < len(key) <= 64
        # A text would be given up after it, with a network that is away for as long.
        assert (ttl is None) == (name == "sms/send")
        self.asked.append((name, parameters))
        answer = self.answers.get(name, lambda asked: {"data": {"asked": asked}})
        if answer is not None:
            self.say(f"response/{name}", {"id": key, "status": "ok", **answer(parameters)})

    def _list(self, asked: dict[str, Any]) -> dict[str, Any]:
        uids = [message["uid"] for message in self.inbox]
        begin = uids.index(asked["since"]) + 1 if asked["since"] in uids else 0
        return {"data": {"messages": self.inbox[begin : begin + 2]}}

    def _send(self, asked: dict[str, Any]) -> dict[str, Any]:
        to = [asked["to"]] if isinstance(asked["to"], str) else asked["to"]
        messages = []
        for each in to:
            self._keys += 1
            messages.append({"message": f"m{self._keys}", "to": each, "parts": 1})
        return {"status": "accepted", "data": {"messages": messages}}


async def set_up(hass: HomeAssistant, entry: MockConfigEntry, bridge: FakeBridge) -> None:
    """Load the entry while the bridge introduces itself."""
    loading = hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
    while not (loading.done() or is_subscribed(hass, f"{bridge.base}/state/#")):
        await hass.async_add_executor_job(lambda: None)
    bridge.introduce()
    await loading
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED


def entities(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, er.RegistryEntry]:
    """Our entities by their domain."""
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {each.domain: each for each in found}


def is_subscribed(hass: HomeAssistant, topic: str) -> bool:
    """Whether somebody here listens to this topic."""
    client = hass.data["mqtt"].client
    # It had an underline in the oldest version.
    asked = getattr(client, "is_active_subscription", None) or client._is_active_subscription
    return bool(asked(topic))


async def settle(hass: HomeAssistant) -> None:
    await hass.async_block_till_done(wait_background_tasks=True)


async def act(hass: HomeAssistant, name: str, /, answer: bool = True, **fields: Any) -> Any:
    """Do one of our actions, and return its response."""
    return await hass.services.async_call(
        "n11bridge", name, fields, blocking=True, return_response=answer
    )


def told(events: list[Any]) -> list[tuple[str, bool]]:
    """The uid of each text that was told, and whether it was replayed."""
    return [(event.data["uid"], event.data["replayed"]) for event in events]

"""The actions: each is a request to a bridge, and its answer is the action's response."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv

from .bridge import WORK, Bridge
from .const import DOMAIN
from .delivery import GOALS, Delivery

#: Seconds between the bridge's own time-out and ours.
MARGIN = 30.0

#: Which bridge, where there are several.
CONF_ENTRY = "config_entry_id"

Data = dict[str, Any]

_SECONDS = vol.All(vol.Coerce(int), vol.Range(min=1, max=3600))
_LIMIT = vol.All(vol.Coerce(int), vol.Range(min=1, max=1000))
_STORAGE = vol.In(("SM", "ME", "ON", "FD", "LD"))
_BOOK = {vol.Optional("storage"): _STORAGE}
_CONTENT = {
    vol.Exclusive("text", "content"): cv.string,
    vol.Exclusive("hex", "content"): cv.string,
    vol.Exclusive("data", "content"): cv.string,
}


@dataclass(frozen=True)
class Action:
    """One action: the request it makes, its fields, and what its answer is for."""

    request: str
    fields: Mapping[Any, Any]
    answers: SupportsResponse = SupportsResponse.OPTIONAL

    async def run(self, bridge: Bridge, fields: Data) -> Data:
        """Ask the bridge."""
        return await bridge.ask(self.request, fields, fields.get("timeout", WORK) + MARGIN)


class SendSms(Action):
    """Sends texts, and waits until they have come as far as `wait` says."""

    async def run(self, bridge: Bridge, fields: Data) -> Data:
        """Send. HomeAssistantError when one did not come so far, unless it is to tell only."""
        goal, seconds = fields.pop("wait"), fields.pop("timeout")
        strict = fields.pop("raise_error")
        if goal in ("delivered", "answered"):
            fields.setdefault("delivery_report", True)
        with Delivery(bridge) as delivery:
            answer = await bridge.ask(self.request, fields)
            messages = [dict(message) for message in answer.get("messages", [])]
            reached = await delivery.reach(messages, goal, 0 if goal == "accepted" else seconds)
        if strict and not reached:
            behind = [message for message in messages if message["state"] not in GOALS[goal]]
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="not_" + goal,
                translation_placeholders={
                    "messages": ", ".join(f"{each['to']}: {each['state']}" for each in behind)
                },
            )
        return {"messages": messages, "reached": reached}


class AnyRequest(Action):
    """Makes any request of the contract."""

    async def run(self, bridge: Bridge, fields: Data) -> Data:
        """Ask the bridge."""
        return await bridge.ask(fields["request"], fields["parameters"], fields["timeout"])


ACTIONS: Mapping[str, Action] = {
    "send_sms": SendSms(
        "sms/send",
        {
            vol.Required("to"): vol.All(cv.ensure_list, [cv.string], vol.Length(min=1, max=100)),
            vol.Required("text"): cv.string,
            vol.Optional("wait", default="accepted"): vol.In(tuple(GOALS)),
            vol.Optional("timeout", default=120): _SECONDS,
            vol.Optional("raise_error", default=True): cv.boolean,
            vol.Optional("encoding"): vol.In(("auto", "gsm7", "ucs2")),
            vol.Optional("flash"): cv.boolean,
            vol.Optional("delivery_report"): cv.boolean,
            vol.Optional("validity"): vol.All(vol.Coerce(int), vol.Range(min=60)),
            vol.Optional("priority"): vol.In(("normal", "high")),
            vol.Optional("on_unknown"): vol.In(("keep", "resend")),
        },
    ),
    "cancel_sms": Action("sms/cancel", {vol.Required("message"): cv.string}),
    "list_received": Action(
        "sms/inbox",
        {vol.Optional("since"): cv.string, vol.Optional("limit"): _LIMIT},
        SupportsResponse.ONLY,
    ),
    "list_sent": Action(
        "sms/outbox",
        {vol.Optional("state"): cv.string, vol.Optional("limit"): _LIMIT},
        SupportsResponse.ONLY,
    ),
    "send_ussd": Action(
        "ussd/send",
        {
            vol.Required("code"): cv.string,
            vol.Optional("timeout", default=60): vol.All(_SECONDS, vol.Range(max=300)),
        },
    ),
    "list_phonebook": Action(
        "phonebook/list",
        {**_BOOK, vol.Optional("first"): cv.positive_int, vol.Optional("last"): cv.positive_int},
        SupportsResponse.ONLY,
    ),
    "find_in_phonebook": Action(
        "phonebook/find", {**_BOOK, vol.Required("name"): cv.string}, SupportsResponse.ONLY
    ),
    "write_phonebook": Action(
        "phonebook/write",
        {
            **_BOOK,
            vol.Required("number"): cv.string,
            vol.Required("name"): cv.string,
            vol.Optional("index"): cv.positive_int,
        },
    ),
    "delete_from_phonebook": Action(
        "phonebook/delete", {**_BOOK, vol.Required("index"): cv.positive_int}
    ),
    "http_request": Action(
        "http/request",
        {
            vol.Required("url"): cv.string,
            vol.Optional("method"): vol.All(cv.string, vol.Upper),
            vol.Optional("headers"): {cv.string: cv.string},
            **_CONTENT,
            vol.Optional("timeout", default=60): vol.All(_SECONDS, vol.Range(max=600)),
        },
    ),
    "request": AnyRequest(
        "",
        {
            vol.Required("request"): vol.All(cv.string, vol.Match(r"[a-z0-9_]+/[a-z0-9_]+\Z")),
            vol.Optional("parameters", default=dict): dict,
            vol.Optional("timeout", default=120): _SECONDS,
        },
    ),
}


def register(hass: HomeAssistant) -> None:
    """Register all actions."""
    for name, action in ACTIONS.items():
        schema = vol.Schema({vol.Optional(CONF_ENTRY): cv.string, **action.fields})
        hass.services.async_register(
            DOMAIN, name, _handler(action), schema, supports_response=action.answers
        )


def _handler(action: Action) -> Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]:
    async def handle(call: ServiceCall) -> ServiceResponse:
        fields = dict(call.data)
        bridge = _bridge(call.hass, fields.pop(CONF_ENTRY, None))
        answer = await action.run(bridge, fields)
        return answer if call.return_response else None

    return handle


def _bridge(hass: HomeAssistant, entry_id: str | None) -> Bridge:
    """Return the bridge of this entry, or the only one. ServiceValidationError if there is none."""
    loaded = [
        entry
        for entry in hass.config_entries.async_entries(DOMAIN)
        if entry.state is ConfigEntryState.LOADED and entry_id in (None, entry.entry_id)
    ]
    if len(loaded) == 1:
        bridge: Bridge = loaded[0].runtime_data.bridge
        return bridge
    raise ServiceValidationError(
        translation_domain=DOMAIN, translation_key="which_bridge" if loaded else "no_bridge"
    )

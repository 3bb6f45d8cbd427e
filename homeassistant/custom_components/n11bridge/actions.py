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
#: Seconds in which a data link comes up, and a connection through it.
LINK = 180.0
#: Bytes a second of a data link at its worst.
SLOWEST = 1000

#: Which bridge, where there are several.
CONF_ENTRY = "config_entry_id"

Data = dict[str, Any]

_SECONDS = vol.All(vol.Coerce(int), vol.Range(min=1, max=3600))
_LIMIT = vol.All(vol.Coerce(int), vol.Range(min=1, max=1000))
_PLACE = vol.All(vol.Coerce(int), vol.Range(min=1, max=10000))
# Small letters are for the page, where they name translations.
_STORAGE = vol.All(cv.string, vol.Upper, vol.In(("SM", "ME", "ON", "FD", "LD")))
_BOOK = {vol.Optional("storage"): _STORAGE}
_STATES = (
    *("queued", "sending", "sent", "delivered", "undelivered"),
    *("expired", "cancelled", "failed", "unknown"),
)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_PROTOCOL = {vol.Optional("protocol", default="tcp"): vol.In(("tcp", "tls", "udp"))}
_SOCKET = {vol.Required("socket"): vol.All(vol.Coerce(int), vol.Range(min=0, max=4))}
_CERTIFICATES = {vol.Optional("certificates"): {cv.string: cv.string}}
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
        return await bridge.ask(self.request, fields, self.work(fields) + MARGIN)

    def work(self, fields: Data) -> float:
        """Seconds that the bridge may need."""
        return float(fields.get("timeout", WORK))


class SendSms(Action):
    """Sends texts, and waits until they have come as far as `wait` says."""

    async def run(self, bridge: Bridge, fields: Data) -> Data:
        """Send. HomeAssistantError when one did not come so far, unless it is to tell only."""
        goal, seconds = fields.pop("wait"), fields.pop("timeout")
        strict = fields.pop("raise_error")
        if goal in ("delivered", "answered"):
            fields.setdefault("delivery_report", True)
        with Delivery(bridge) as delivery:
            messages = await bridge.rows(self.request, "message", fields)
            reached = await delivery.reach(messages, goal, 0 if goal == "accepted" else seconds)
        if strict and not reached:
            behind = [message for message in messages if message["state"] not in GOALS[goal]]
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="not_" + goal,
                translation_placeholders={
                    "messages": ", ".join(f"{each.get('to')}: {each['state']}" for each in behind)
                },
            )
        return {"messages": messages, "reached": reached}


class SocketAction(Action):
    """Does something with a socket of the protocol that its fields name."""

    async def run(self, bridge: Bridge, fields: Data) -> Data:
        """Ask the bridge."""
        return await bridge.ask(f"{fields.pop('protocol')}/{self.request}", fields, LINK)


class HttpRequest(Action):
    """Fetches a page: `timeout` is only the longest silence of the server."""

    def work(self, fields: Data) -> float:
        """Seconds until the link is up and the last byte has come, even slowly."""
        return LINK + float(fields["timeout"] + fields["max_length"] / SLOWEST)


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
            vol.Optional("validity"): vol.All(vol.Coerce(int), vol.Range(min=60, max=38102400)),
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
        {vol.Optional("state"): vol.In(_STATES), vol.Optional("limit"): _LIMIT},
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
        {**_BOOK, vol.Optional("first"): _PLACE, vol.Optional("last"): _PLACE},
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
            vol.Optional("index"): _PLACE,
        },
    ),
    "delete_from_phonebook": Action("phonebook/delete", {**_BOOK, vol.Required("index"): _PLACE}),
    "open_socket": SocketAction(
        "open",
        {
            **_PROTOCOL,
            vol.Required("host"): cv.string,
            vol.Required("port"): cv.port,
            vol.Optional("idle"): vol.All(vol.Coerce(int), vol.Range(min=0, max=86400)),
            **_CERTIFICATES,
        },
        SupportsResponse.ONLY,
    ),
    "send_to_socket": SocketAction(
        "send",
        {**_PROTOCOL, **_SOCKET, **_CONTENT, vol.Optional("acknowledged"): cv.boolean},
    ),
    "close_socket": SocketAction("close", {**_PROTOCOL, **_SOCKET}),
    "http_request": HttpRequest(
        "http/request",
        {
            vol.Required("url"): cv.string,
            vol.Optional("method"): vol.All(cv.string, vol.Upper, vol.In(_METHODS)),
            vol.Optional("headers"): {cv.string: cv.string},
            **_CONTENT,
            vol.Optional("timeout", default=60): vol.All(_SECONDS, vol.Range(max=600)),
            vol.Optional("max_length", default=1048576): vol.All(
                vol.Coerce(int), vol.Range(min=1, max=8388608)
            ),
            vol.Optional("segment"): vol.All(vol.Coerce(int), vol.Range(min=1024, max=8388608)),
            vol.Optional("redirects"): vol.All(vol.Coerce(int), vol.Range(min=0, max=5)),
            **_CERTIFICATES,
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
        # An input of a blueprint that was left empty names none.
        bridge = _bridge(call.hass, fields.pop(CONF_ENTRY, None) or None)
        answer = await action.run(bridge, fields)
        return answer if call.return_response else None

    return handle


def _bridge(hass: HomeAssistant, entry_id: str | None) -> Bridge:
    """Return the bridge of this entry, or the only one. ServiceValidationError if there is none."""
    entries = [
        entry
        for entry in hass.config_entries.async_entries(DOMAIN)
        if entry_id in (None, entry.entry_id)
    ]
    loaded = [entry for entry in entries if entry.state is ConfigEntryState.LOADED]
    if len(loaded) == 1:
        bridge: Bridge = loaded[0].runtime_data.bridge
        return bridge
    key = "which_bridge" if loaded else "not_loaded" if entries else "no_bridge"
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key=key)

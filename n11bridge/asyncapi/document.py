"""The AsyncAPI document: which topics there are, what they hold and who publishes them."""

from collections.abc import Iterator
from typing import Any

from n11bridge import __version__
from n11bridge.asyncapi import schemas
from n11bridge.capabilities import CAPABILITIES
from n11bridge.capabilities.bridge import CONTRACT
from n11bridge.capability import Capability, Kept, Verb
from n11bridge.payload import example_of

BASE = "{prefix}/{modem}"
PARAMETERS = {
    "prefix": {"default": "n11bridge", "description": "mqtt.prefix of the configuration"},
    "modem": {"default": "n11", "description": "modem.name of the configuration"},
}
NOON = "2026-11-26T12:00:00.000+01:00"

Json = dict[str, Any]


def document() -> Json:
    """The whole contract."""
    channels: Json = {}
    operations: Json = {}
    for name, channel, operation in _entries():
        channels[name] = channel
        operations[name] = operation
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "n11bridge",
            "version": CONTRACT,
            "description": "A cellular modem on a serial line as MQTT topics. "
            f"Made by version {__version__} of the program.",
            "license": {
                "name": "Apache-2.0",
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"schemas": {"error": schemas.error()}},
    }


def _entries() -> Iterator[tuple[str, Json, Json]]:
    """Name, channel and operation of each topic."""
    yield _out(
        "availability",
        "Whether the bridge is at the broker; its last will as well.",
        {"type": "string", "enum": ["online", "offline"]},
        "online",
        retain=True,
        content="text/plain",
    )
    for capability in CAPABILITIES:
        title = (capability.__doc__ or "").strip().splitlines()[0]
        for key, fields in capability.states.items():
            yield _out(
                f"state/{key}", title, schemas.state(fields), example_of(fields), retain=True
            )
        for key, fields in capability.events.items():
            example = {"event_type": key, "time": NOON, **example_of(fields)}
            yield _out(f"event/{capability.name}/{key}", title, schemas.event(key, fields), example)
        for verb in capability.verbs().values():
            yield from _request(capability, verb)


def _request(capability: type[Capability], verb: Verb) -> Iterator[tuple[str, Json, Json]]:
    asked, answered = f"request/{capability.name}/{verb.name}", f"{capability.name}/{verb.name}"
    status = "accepted" if verb.kept is Kept.TRANSACTION else "ok"
    good = {"id": "a1", "status": status, "data": example_of(verb.answer)}
    name, channel, operation = _out(
        f"response/{answered}", "The answer.", schemas.response(verb), good
    )
    yield name, channel, operation
    summary = verb.description + (
        f" Needs {answered} in allow_dangerous." if verb.dangerous else ""
    )
    example = {"id": "a1", **verb.example}
    _, channel, operation = _out(asked, summary, schemas.request(verb), example)
    operation["action"] = "receive"
    operation["reply"] = {"channel": {"$ref": _pointer("channels", f"response/{answered}")}}
    yield asked, channel, operation
    if verb.plain is not None:
        name = f"{asked}/{{{verb.plain}}}"
        text = {"type": "string"}
        _, channel, operation = _out(name, verb.description, text, "Hello", content="text/plain")
        meaning = f"what {verb.plain} would be; 00 stands for a leading plus"
        channel["parameters"][verb.plain] = {"description": meaning}
        operation["action"] = "receive"
        operation["reply"] = {"channel": {"$ref": _pointer("channels", f"response/{answered}")}}
        yield name, channel, operation


def _out(
    name: str,
    summary: str,
    payload: Json,
    example: Any,
    *,
    retain: bool = False,
    content: str = "application/json",
) -> tuple[str, Json, Json]:
    message = {
        "summary": summary,
        "contentType": content,
        "payload": payload,
        "examples": [{"payload": example}],
    }
    channel = {
        "address": f"{BASE}/{name}",
        "parameters": dict(PARAMETERS),
        "messages": {"message": message},
    }
    operation = {
        "action": "send",
        "summary": summary,
        "channel": {"$ref": _pointer("channels", name)},
        "bindings": {"mqtt": {"qos": 1, "retain": retain, "bindingVersion": "0.2.0"}},
    }
    return name, channel, operation


def _pointer(*steps: str) -> str:
    """A JSON pointer (RFC 6901)."""
    escaped = (step.replace("~", "~0").replace("/", "~1") for step in steps)
    return "#/" + "/".join(escaped)

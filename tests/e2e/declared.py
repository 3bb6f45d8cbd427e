"""Whether what the bridge published is what its contract declares."""

import functools
import json
from collections.abc import Iterable
from typing import Any

import jsonschema

from n11bridge.asyncapi import document

from .subscriber import Message

_DOCUMENT = document()
_ERROR = {"$ref": "#/components/schemas/error", "components": _DOCUMENT["components"]}


@functools.cache
def _validator(name: str) -> jsonschema.Draft202012Validator | None:
    channel = _DOCUMENT["channels"].get(name)
    if channel is None:
        # Whatever is asked is answered; what nobody declared can be answered with an error only.
        return jsonschema.Draft202012Validator(_ERROR) if name.startswith("response") else None
    schema = channel["messages"]["message"]["payload"]
    return jsonschema.Draft202012Validator({**schema, "components": _DOCUMENT["components"]})


def undeclared(base: str, heard: Iterable[Message]) -> list[str]:
    """What was published below a base and does not have the form declared for its topic."""
    found = []
    for message in heard:
        topic = message.topic.removeprefix(f"{base}/")
        if topic == message.topic or topic.startswith("request") or not message.payload:
            continue
        validator = _validator(topic)
        if validator is None:
            found.append(f"{topic} is not declared: see n11bridge/payload.py")
            continue
        text: Any = message.payload.decode()
        payload = text if topic == "availability" else json.loads(text)
        found += [f"{topic}: {error.message}" for error in validator.iter_errors(payload)]
    return found

"""The contract as a page to read."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from n11bridge.asyncapi import schemas
from n11bridge.capabilities import CAPABILITIES
from n11bridge.capability import Capability, Verb
from n11bridge.payload import example_of

INTRODUCTION = """\
# All topics

Made by `n11bridge schema --markdown` from what the bridge itself runs on; `n11bridge schema`
prints the same as [AsyncAPI](https://www.asyncapi.com/). [mqtt.md](mqtt.md) explains how to use
them. All topics stand below `<prefix>/<modem>`. Every request takes `id` and `ttl` as well, every
event holds `event_type` and `time`.
"""


def page() -> str:
    """One section for each capability."""
    lines = [INTRODUCTION]
    for capability in CAPABILITIES:
        lines += _capability(capability)
    return "\n".join(lines).rstrip() + "\n"


def _capability(capability: type[Capability]) -> Iterator[str]:
    yield f"## {capability.name}\n"
    yield " ".join((capability.__doc__ or "").split("\n\n")[0].split()) + "\n"
    for key, fields in capability.states.items():
        yield f"### `state/{key}`\n"
        yield from _table(schemas.state(fields), example_of(fields))
    for key, fields in capability.events.items():
        yield f"### `event/{capability.name}/{key}`\n"
        yield from _table(schemas.state(fields), example_of(fields))
    for verb in capability.verbs().values():
        yield from _verb(capability.name, verb)


def _verb(capability: str, verb: Verb) -> Iterator[str]:
    yield f"### `request/{capability}/{verb.name}`\n"
    yield " ".join(verb.description.split()) + "\n"
    if verb.dangerous:
        yield f"Needs `{capability}/{verb.name}` in `allow_dangerous`.\n"
    schema = schemas.request(verb)
    own = {k: v for k, v in schema["properties"].items() if k not in ("id", "ttl")}
    if own:
        yield from _table({**schema, "properties": own}, verb.example)
    if verb.answer:
        yield "Answers\n"
        yield from _table(schemas.state(verb.answer), example_of(verb.answer))


def _table(schema: Mapping[str, Any], example: Mapping[str, Any]) -> Iterator[str]:
    yield "| field | type | example | |"
    yield "|---|---|---|---|"
    for name, field in schema["properties"].items():
        shown = f"`{json.dumps(example[name], ensure_ascii=False)}`" if name in example else ""
        left_out = "" if name in schema["required"] else "optional"
        said = "; ".join(filter(None, (left_out, field.get("description"), _limits(field))))
        yield f"| `{name}` | {_type(field)} | {_cell(shown)} | {_cell(said)} |"
    yield ""


def _type(field: Mapping[str, Any]) -> str:
    if "enum" in field:
        return _cell(", ".join(f"`{json.dumps(value)}`" for value in field["enum"]))
    if "anyOf" in field:
        types = dict.fromkeys(_type(each) for each in field["anyOf"])
        return " or ".join(sorted(types, key=lambda each: each == "null"))
    if field.get("type") == "array":
        return f"list of {_type(field['items'])}"
    if field.get("format") == "date-time":
        return "time"
    return str(field.get("contentEncoding") or field.get("type") or "any")


def _limits(field: Mapping[str, Any]) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    parts = [
        f"{low} to {high}"
        if low is not None and high is not None
        else f"at least {low}"
        if low is not None
        else f"at most {high}"
        if high is not None
        else "",
        f"default `{json.dumps(field['default'])}`" if "default" in field else "",
    ]
    return "; ".join(filter(None, parts))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")

"""What payloads may hold, as JSON Schema."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol
import voluptuous_openapi as openapi

from n11bridge.capability import Verb
from n11bridge.payload import Fields, moment, octets, schema_of

ERRORS = (
    *("invalid_request", "unknown_request", "retained", "duplicate", "forbidden", "rate_limited"),
    *("unavailable", "modem_error", "timeout", "unknown_outcome", "expired", "internal"),
)
#: The converter gives a list's length as if it were a text's.
_ITEMS = {"minLength": "minItems", "maxLength": "maxItems"}
TIME = {"type": "string", "format": "date-time"}
ID = {"type": "string", "minLength": 1, "maxLength": 64}


def state(fields: Fields) -> dict[str, Any]:
    """A state."""
    return _convert(schema_of(fields))


def event(what: str, fields: Fields) -> dict[str, Any]:
    """An event: its fields, its name and the time."""
    schema = _convert(schema_of(fields))
    own = {"event_type": {"const": what, "description": "the topic's last level"}, "time": TIME}
    schema["properties"] = {**own, **schema["properties"]}
    schema["required"] = list(dict.fromkeys([*own, *schema["required"]]))
    return schema


def request(verb: Verb) -> dict[str, Any]:
    """A request: its parameters, and those that every request may have."""
    schema = _convert(verb.schema)
    schema["properties"] |= {
        "id": {**ID, "description": "names the request; one is made if it has none"},
        "ttl": {
            "type": "number",
            "exclusiveMinimum": 0,
            "description": "seconds for which the request may wait for the modem",
        },
    }
    return schema


def response(verb: Verb) -> dict[str, Any]:
    """A response: good with the answer's fields, or an error."""
    answer = _convert(schema_of(verb.answer))
    good = {
        "type": "object",
        "properties": {"id": ID, "status": {"enum": ["ok", "accepted"]}, "data": answer},
        "required": ["id", "status", "data"],
    }
    return {"oneOf": [good, {"$ref": "#/components/schemas/error"}]}


def error() -> dict[str, Any]:
    """A response that says no."""
    cause = {
        "type": "object",
        "properties": {
            "code": {"enum": list(ERRORS)},
            "message": {"type": "string", "description": "a sentence for people"},
            "retryable": {"type": "boolean", "description": "whether the same may work later"},
            "modem": {"type": "string", "description": "the modem's words"},
        },
        "required": ["code", "message", "retryable"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"id": ID, "status": {"const": "error"}, "error": cause},
        "required": ["id", "status", "error"],
    }


def _convert(schema: Any) -> dict[str, Any]:
    version = openapi.OpenApiVersion.V3_1
    converted: dict[str, Any] = _closed(
        openapi.convert(schema, custom_serializer=_ours, openapi_version=version)
    )
    return converted


def _ours(schema: Any) -> Any:
    """What the converter does not know."""
    if schema is moment:
        return dict(TIME)
    if schema is octets:
        return {"type": "string", "contentEncoding": "base64"}
    if isinstance(schema, vol.In):
        ordered = isinstance(schema.container, list | tuple)
        container: Any = schema.container
        values = list(container) if ordered else sorted(container)
        # Without a type the converter would call it a string.
        kinds = dict.fromkeys(openapi.TYPES_MAP[type(value)] for value in values)
        return {"type": kinds.popitem()[0] if len(kinds) == 1 else list(kinds), "enum": values}
    if isinstance(schema, vol.Match):
        # Ours end in \Z, which JSON Schema's regular expressions (ECMA 262) do not know.
        return {"type": "string", "pattern": schema.pattern.pattern.replace(r"\Z", "$")}
    return openapi.UNSUPPORTED


def _closed(schema: Any) -> Any:
    """Objects hold what is declared and nothing else, at every depth."""
    if isinstance(schema, Mapping):
        closed = {key: _closed(value) for key, value in schema.items()}
        if closed.get("type") == "array":
            closed = {_ITEMS.get(key, key): value for key, value in closed.items()}
        if "properties" in schema:
            closed.setdefault("additionalProperties", False)
            closed.setdefault("required", [])
        return closed
    if isinstance(schema, list | tuple):
        return [_closed(each) for each in schema]
    return schema

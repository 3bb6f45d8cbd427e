"""What is published, declared: the fields of states, events and answers.

A capability says of each field what it may hold, an example, and what it means with its unit. The
daemon does not check what it publishes against this; its tests do, and ``n11bridge schema`` prints
it for everybody else.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import voluptuous as vol


class Field(NamedTuple):
    """One field: a voluptuous schema, an example and the meaning."""

    schema: Any
    example: Any
    meaning: str = ""
    #: Whether it is left out where it would say nothing.
    optional: bool = False


Fields = Mapping[str, Field]


def moment(value: Any) -> str:
    """A time: ISO 8601 with offset."""
    if not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is None:
        raise vol.Invalid("expected a time in ISO 8601 with offset")
    return value


def iso(seconds: float) -> str:
    """Unix seconds as such a time, of this place and to the second."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().isoformat(timespec="seconds")


def octets(value: Any) -> str:
    """Binary data in base64."""
    if not isinstance(value, str):
        raise vol.Invalid("expected base64")
    base64.b64decode(value, validate=True)
    return value


def schema_of(fields: Fields) -> dict[vol.Marker, Any]:
    """The fields as one voluptuous schema."""
    return {
        (vol.Optional if field.optional else vol.Required)(name, description=field.meaning): (
            field.schema
        )
        for name, field in fields.items()
    }


def example_of(fields: Fields) -> dict[str, Any]:
    """The examples of all fields together."""
    return {name: field.example for name, field in fields.items()}


def listed(fields: Fields, meaning: str = "") -> Field:
    """A list of objects with these fields."""
    return Field([schema_of(fields)], [example_of(fields)], meaning)


def nested(fields: Fields, meaning: str = "") -> Field:
    """An object with these fields."""
    return Field(schema_of(fields), example_of(fields), meaning)

"""Home Assistant's templates (Jinja) around the JSON of our topics."""

import json
from collections.abc import Mapping


def shown(expression: str) -> str:
    """Return the template that shows what an expression gives."""
    return "{{ " + expression + " }}"


def value_of(path: str) -> str:
    """Return the expression for a key, with dots into objects; none where it is not there."""
    # An object that is null has no keys, and a key that is missing is unknown: none, not "".
    # Not `or`: Home Assistant logs a warning wherever a missing key is asked whether it is true.
    *parents, leaf = path.split(".")
    holder = "value_json"
    for parent in parents:
        holder = f"({holder}.{parent} | default({{}}, true))"
    return f"{holder}.{leaf} | default(none)"


def object_of(expressions: Mapping[str, str]) -> str:
    """Return the expression for an object of these values."""
    return "{" + ", ".join(f"'{name}': {each}" for name, each in expressions.items()) + "}"


def without_nulls(expressions: Mapping[str, str]) -> str:
    """Return a template that shows such an object as JSON, without what is null."""
    # Home Assistant complains of a null version and of a null coordinate, but not of none at all.
    return shown(f"dict({object_of(expressions)}.items() | rejectattr(1, 'none')) | tojson")


def on_off(path: str, on: tuple[str | bool, ...] = (True,)) -> str:
    """Return a template that shows ON where the value is one of `on`; null stays unknown."""
    state = f"none if it is none else 'ON' if it in {json.dumps(on)} else 'OFF'"
    return f"{{% set it = {value_of(path)} %}}{shown(state)}"


def failed(event_type: str) -> str:
    """Return a template that shows a response's error as an event, and nothing of the others."""
    # Strangers publish there as well: what is no JSON leaves value_json undefined.
    error = "value_json is mapping and value_json.error is mapping"
    event = shown(f"dict(value_json.error, event_type={event_type!r}) | tojson")
    return f"{{% if {error} %}}{event}{{% endif %}}"


def json_command(parameter: str, /, **constants: str | int | bool) -> str:
    """Return a `command_template` for a request: the constants, and the user's words as parameter.

    Whatever is typed, quotes and newlines included, arrives as one JSON string.
    """
    # Jinja reads a JSON string as JSON does, but for surrogate pairs: so no escapes beyond ASCII.
    pairs = [f"'{key}': {json.dumps(it, ensure_ascii=False)}" for key, it in constants.items()]
    return shown("{" + ", ".join([*pairs, f"'{parameter}': value"]) + "} | tojson")


def json_addressed(recipient: str, parameter: str) -> str:
    """Return a `command_template` for what is typed as `alice: on my way`."""
    parts = "set who, _, what = value.partition(':')"
    words = f"{{'{recipient}': who | trim, '{parameter}': what | trim}}"
    return f"{{% {parts} %}}{shown(f'{words} | tojson')}"

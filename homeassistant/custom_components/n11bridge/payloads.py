"""Reads what came over MQTT: anybody may have published it, so nothing is as it should be."""

import logging
from collections.abc import Mapping
from typing import Any

from homeassistant.helpers.json import json_bytes
from homeassistant.util.json import json_loads

_LOGGER = logging.getLogger(__name__)

#: A text's keys that stand for words; each is None where there are none.
_LONGEST = 64
_WORDS = ("from", "contact", "text", "data", "time", "received")


def document_of(payload: Any) -> dict[str, Any] | None:
    """Return a payload's JSON object; None when it is something else, or can be told to nobody."""
    try:
        document = json_loads(payload)
        # Within an event it is nested a little deeper, and has to be written still.
        json_bytes([[[[[[[[document]]]]]]]])
    except (ValueError, TypeError, RecursionError):
        _LOGGER.debug("A payload that is not JSON was disregarded")
        return None
    return document if isinstance(document, dict) else None


def rows_of(data: Mapping[str, Any], key: str) -> list[dict[str, Any]] | None:
    """Return the messages of an answer that have a string under this key; None without a list."""
    rows = data.get("messages")
    if not isinstance(rows, list):
        return None
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get(key), str)]


def text_of(message: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a received text with keys of the contract's types; None when it has no uid.

    What is in doubt is not trusted, not complete, and may have been told before.
    """
    uid = message.get("uid")
    if not isinstance(uid, str) or not 0 < len(uid) <= _LONGEST:
        return None
    said = {key: message.get(key) for key in _WORDS}
    return {
        **{key: value for key, value in message.items() if key != "event_type"},
        **{key: value if isinstance(value, str) else None for key, value in said.items()},
        "trusted": message.get("trusted") is True,
        "complete": message.get("complete") is True,
        "redelivered": message.get("redelivered") is not False,
    }


def major(state: Mapping[str, Any]) -> int | None:
    """Return the major number of the contract in `state/bridge`; None when it names none."""
    number = str(state.get("contract", "")).partition(".")[0]
    return int(number) if number.isdecimal() and len(number) < 10 else None

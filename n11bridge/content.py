"""Binary data in requests and answers: as text, in hexadecimal, or in base64."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from n11bridge.capability import RequestError
from n11bridge.payload import Field, Fields, octets

_ONE = "exactly one of text, hex and data"

#: The fields that show binary data in an answer or event.
CONTENT: Fields = {
    "data": Field(octets, "aGVsbG8=", "the bytes in base64"),
    "text": Field(vol.Maybe(str), "hello", "the same as text; null when it is not UTF-8"),
}


def hexadecimal(value: Any) -> bytes:
    """Pairs of hexadecimal digits."""
    if not isinstance(value, str):
        raise vol.Invalid("expected hexadecimal digits")
    try:
        return bytes.fromhex(value)
    except ValueError:
        raise vol.Invalid("expected pairs of hexadecimal digits") from None


def base64_octets(value: Any) -> bytes:
    """Binary data in base64."""
    if not isinstance(value, str):
        raise vol.Invalid("expected base64")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise vol.Invalid("expected base64") from None


def parameters() -> dict[vol.Marker, Any]:
    """The parameters of a request that takes binary data, for its schema."""
    kinds = {"text": str, "hex": hexadecimal, "data": base64_octets}
    return {vol.Exclusive(name, "content", msg=f"give {_ONE}"): k for name, k in kinds.items()}


def given(values: Mapping[str, Any]) -> bytes | None:
    """The bytes that a request's parameters hold; None when they hold none.

    RequestError when its text has no form in UTF-8.
    """
    text = values.get("text")
    if text is None:
        octets = values.get("hex")
        return values.get("data") if octets is None else octets
    try:
        return str(text).encode()
    except UnicodeEncodeError:
        raise RequestError("invalid_request", "text: it has half a character") from None


def required(values: Mapping[str, Any], *, most: int | None = None, least: int = 0) -> bytes:
    """The bytes that a request must hold, of so many; RequestError if it does not."""
    octets = given(values)
    if octets is None:
        raise RequestError("invalid_request", f"give {_ONE}")
    if len(octets) < least or (most is not None and len(octets) > most):
        span = f"at least {least}" if most is None else f"{least} to {most}"
        raise RequestError("invalid_request", f"{len(octets)} bytes given, {span} can be taken")
    return octets


def shown(octets: bytes) -> dict[str, Any]:
    """Binary data as answers and events show it."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        text = None
    return {"data": base64.b64encode(octets).decode(), "text": text}

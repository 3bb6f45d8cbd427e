"""What a message on ``request/#`` asks for: its topic and payload, checked as far as they go."""

import json
import re
from dataclasses import dataclass
from typing import Any

from n11bridge.capability import RequestError

LONGEST_ID = 64
#: Seconds; about thirty years.
LONGEST_TTL = 1e9


@dataclass(frozen=True)
class Asked:
    """A request as it was asked; ``named`` when it bore an id of its own."""

    capability: str
    verb: str
    id: str
    named: bool
    ttl: float | None
    parameters: dict[str, Any]

    @property
    def name(self) -> str:
        """What the configuration and the log call it."""
        return f"{self.capability}/{self.verb}"


class Rejected(RequestError):
    """A request that is answered with an error under the id that it bore."""

    def __init__(
        self,
        asked: Asked,
        code: str,
        message: str,
        *,
        retryable: bool = False,
        modem: str | None = None,
    ) -> None:
        super().__init__(code, message, retryable=retryable, modem=modem)
        self.id = asked.id


def read(capability: str, verb: str, payload: bytes, new_id: str) -> Asked:
    """Read a JSON request; without an id it gets the new one."""
    try:
        fields = json.loads(payload or b"{}", parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise RequestError("invalid_request", f"the payload is not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise RequestError("invalid_request", "the payload is not a JSON object")
    _check_unicode(fields)
    named = "id" in fields
    id_ = fields.pop("id", new_id)
    ttl = fields.pop("ttl", None)
    if not isinstance(id_, str) or not 1 <= len(id_) <= LONGEST_ID:
        raise RequestError(
            "invalid_request", f"id: it must be a string of 1 to {LONGEST_ID} characters"
        )
    asked = Asked(capability, verb, id_, named, ttl, fields)
    number = isinstance(ttl, int | float) and not isinstance(ttl, bool)
    if ttl is not None and not (number and 0 < ttl < LONGEST_TTL):
        raise Rejected(asked, "invalid_request", "ttl: it must be a number of seconds above 0")
    return asked


def read_plain(
    capability: str, verb: str, parameter: str, level: str, payload: bytes, new_id: str
) -> Asked:
    """Read plain text on ``request/sms/send/<number or contact>``."""
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise RequestError("invalid_request", "the text is not UTF-8") from error
    if not text:
        # A retained message is cleared with an empty one, which MQTT 3.1.1 does not mark.
        raise RequestError("invalid_request", "the text is empty; JSON can ask for an empty one")
    # A topic that is published to cannot hold a plus (MQTT 3.1.1, 4.7.1).
    level = re.sub(r"^00(?=\d+$)", "+", level)
    return Asked(capability, verb, new_id, False, None, {parameter: level, "text": text})


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _check_unicode(value: Any) -> None:
    """A lone surrogate is legal JSON, but can be neither sent nor published."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise RequestError("invalid_request", "a text holds half a character") from error
    except RecursionError as error:  # just shallow enough to be read, too deep to be written
        raise RequestError("invalid_request", "the payload is nested too deeply") from error

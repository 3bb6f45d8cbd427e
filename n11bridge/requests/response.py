"""The one response to a request, as JSON, and where it goes."""

import base64
import json
import re
from typing import Any

from n11bridge.broker import Incoming
from n11bridge.capability import Accepted, RequestError

#: Characters of an error's message.
LONGEST_MESSAGE = 500


def compose(id_: str, result: Any) -> str:
    """The payload for what a handler returned or raised."""
    if isinstance(result, RequestError):
        error = {
            "code": result.code,
            "message": _short(result.message),
            "retryable": result.retryable,
            **({"modem": result.modem} if result.modem else {}),
        }
        body: dict[str, Any] = {"status": "error", "error": error}
    elif isinstance(result, Accepted):
        body = {"status": "accepted", "data": dict(result.data)}
    else:
        body = {"status": "ok", "data": result or {}}
    return json.dumps({"id": id_, **body}, ensure_ascii=False)


def _short(message: str) -> str:
    """A message may quote what was asked, which may be a megabyte."""
    if len(message) <= LONGEST_MESSAGE:
        return message
    return f"{message[: LONGEST_MESSAGE // 2]} ... {message[-LONGEST_MESSAGE // 2 :]}"


#: The other kinds of topic below a base; only the bridge publishes to all but the last.
_OURS = re.compile(r"[^/]+/(availability|state|event|request)(/.*)?")


def admissible(topic: str, prefix: str, discovery: str) -> bool:
    """Whether a response may go to a topic of its requester's choice.

    Not to one that cannot be published to (MQTT 5, 3.3.2.3.5). Nor to one of ours or of Home
    Assistant's discovery: whoever may ask for little could ask for anything in our name there.
    """
    if not topic or "+" in topic or "#" in topic or topic.startswith(f"{discovery}/"):
        return False
    ours = topic.startswith(f"{prefix}/") and _OURS.fullmatch(topic.removeprefix(f"{prefix}/"))
    return not ours


def properties(incoming: Incoming) -> str | None:
    """What must be kept to answer later: MQTT 5 response topic and correlation data."""
    if not incoming.response_topic and not incoming.correlation:
        return None
    correlation = base64.b64encode(incoming.correlation).decode() if incoming.correlation else None
    return json.dumps({"topic": incoming.response_topic, "correlation": correlation})


def destination(kept: str | None, default: str) -> str:
    """The topic that a response goes to, by what was kept of its request."""
    topic: str | None = json.loads(kept)["topic"] if kept else None
    return topic or default

"""The one response to a request, as JSON, and where it goes."""

import base64
import json
from typing import Any

from n11bridge.broker import Incoming
from n11bridge.capability import Accepted, RequestError


def compose(id_: str, result: Any) -> str:
    """The payload for what a handler returned or raised."""
    if isinstance(result, RequestError):
        error = {
            "code": result.code,
            "message": result.message,
            "retryable": result.retryable,
            **({"modem": result.modem} if result.modem else {}),
        }
        body: dict[str, Any] = {"status": "error", "error": error}
    elif isinstance(result, Accepted):
        body = {"status": "accepted", "data": dict(result.data)}
    else:
        body = {"status": "ok", "data": result or {}}
    return json.dumps({"id": id_, **body}, ensure_ascii=False)


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

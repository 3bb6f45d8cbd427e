"""What the uplink publishes, and what its requests may say."""

from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from n11bridge import content, topics
from n11bridge.payload import Field, Fields, moment

STATE: Fields = {
    "connection": Field(vol.In(("off", "connecting", "connected")), "connected"),
    "connected": Field(bool, True, "whether the remote broker is reached"),
    "broker": Field(vol.Maybe(str), "broker.example.com:1883", "null while none is wanted"),
    "since": Field(vol.Maybe(moment), "2026-01-30T12:00:00+01:00", "when it was reached"),
    "waiting": Field(int, 0, "messages on disk that the remote broker has not taken yet"),
    "sent": Field(int, 12, "messages that it has taken since the start"),
    "received": Field(int, 3, "messages that came from it since the start"),
    "dropped": Field(int, 0, "messages given up since the start"),
    "last_error": Field(vol.Maybe(str), None, "what went wrong last; null while connected"),
}
MESSAGE: Fields = {"topic": Field(str, "site1/commands/pump", "the remote one"), **content.CONTENT}
QUEUED: Fields = {"waiting": Field(int, 1, "messages that wait, this one included")}


def topic(value: Any) -> str:
    """A topic that the modem can take: plain ASCII without quotation marks or wildcards."""
    return _speakable(value, wildcards=False)


def pattern(value: Any) -> str:
    """A topic filter that the modem can take: plain ASCII without quotation marks."""
    return _speakable(value, wildcards=True)


def _speakable(value: Any, *, wildcards: bool) -> str:
    if not isinstance(value, str):
        raise vol.Invalid("expected a topic")
    if why := topics.fault(value, wildcards=wildcards):
        raise vol.Invalid(f"it {why}")
    return value


WORD = vol.All(
    str,
    vol.Match(r"[ !#-~]{1,512}\Z", msg="1 to 512 plain characters, none a quotation mark"),
)
QOS = vol.All(int, vol.In((0, 1)))
CONNECT: dict[Any, Any] = {
    vol.Optional("host"): vol.All(str, vol.Match(r"[A-Za-z0-9._-]{1,253}\Z")),
    vol.Optional("port"): vol.All(int, vol.Range(min=1, max=65535)),
    vol.Optional("client_id"): WORD,
    vol.Optional("username"): WORD,
    vol.Optional("password"): WORD,
    vol.Optional("keepalive"): vol.All(int, vol.Range(min=10, max=65535)),
}


@dataclass(frozen=True)
class Broker:
    """A remote broker that a request names, where the configuration has none."""

    host: str
    client_id: str
    port: int = 1883
    username: str | None = None
    password: str | None = None
    keepalive: int = 60
    tls: None = None
    will: None = None
    back: tuple[Any, ...] = ()

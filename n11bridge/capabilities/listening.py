"""What the modem's two servers have in common (manual 13, 14)."""

from enum import StrEnum

import voluptuous as vol

from n11bridge.capability import RequestError

LISTEN = {vol.Required("port"): vol.All(int, vol.Range(min=1, max=65535))}

#: What it says when it listens already.
ALREADY = "Listening..."


class Good(StrEnum):
    """The one good outcome; anything else is a refusal."""

    OK = "OK"


class Status(StrEnum):
    """Whether it listens (manual 13.1, 14.1)."""

    LISTENING = "listening"
    LISTENING_STATUS = "listening status"
    NOT_LISTENING = "not listening"

    @property
    def is_listening(self) -> bool:
        """Whether it does."""
        return self is not Status.NOT_LISTENING


class Busy(RequestError):
    """The modem has one listener of each sort, and it is in use."""

    def __init__(self, server: str, port: int | None) -> None:
        message = f"it listens on port {port}; end that with {server}/close first"
        super().__init__("unavailable", message, retryable=True)

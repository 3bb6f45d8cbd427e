"""What the modem's two servers have in common on the wire (manual 13, 14)."""

from enum import StrEnum

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

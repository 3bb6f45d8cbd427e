"""Messages on their way to the broker: kept until it has acknowledged them."""

import asyncio
import itertools
from dataclasses import dataclass, field

from .connection import Connection
from .problems import Problems

_MAX_WAITING = 1000
# So many connections in a row that broke with the same message are no accident.
_MAX_ATTEMPTS = 3


class BrokerError(Exception):
    """A message did not get to the broker, and is not tried again."""


class Closed(BrokerError):
    """We leave the broker: what it has not acknowledged is for the next process to see to."""


class Forbidden(BrokerError):
    """The broker took no such message from us, and may some day; it was told as a problem."""


class Unpublishable(BrokerError, ValueError):
    """A message that no broker can be sent, for its topic."""


@dataclass
class Outgoing:
    """A message the broker has not acknowledged; `attempts` counts connections it outlived."""

    topic: str
    payload: bytes
    retain: bool = False
    qos: int = 1
    correlation: bytes | None = None
    #: What it becomes once it may have been published: that cannot be known after a loss.
    again: bytes | None = None
    done: "asyncio.Future[None]" = field(default_factory=asyncio.Future)
    attempts: int = 0

    def fail(self, error: BrokerError) -> None:
        """Let whoever waits for it get the error."""
        if not self.done.done():
            self.done.set_exception(error)
            self.done.exception()  # looked at, for those that nobody waits for


class Unacknowledged:
    """All such messages, in their order; those of a lost connection go to the next one."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._messages: dict[int, Outgoing] = {}
        self._keys = itertools.count()

    async def deliver(self, outgoing: Outgoing, connection: Connection | None) -> None:
        """Return when the broker has it, over this connection or a later one.

        Raises BrokerError if that cannot be.
        """
        if len(self._messages) >= _MAX_WAITING:
            raise BrokerError(f"{_MAX_WAITING} messages wait for the broker already")
        key = next(self._keys)
        self._messages[key] = outgoing
        try:
            if connection is not None:
                self.hand_over(outgoing, connection)
            await outgoing.done
        finally:
            del self._messages[key]

    def hand_over(self, outgoing: Outgoing, connection: Connection) -> None:
        """Send the message; its `done` tells the outcome."""

        def done(refusal: str | None) -> None:
            subject = f"publish {outgoing.topic}"
            if refusal is None:
                self._problems.mended(subject)
                if not outgoing.done.done():
                    outgoing.done.set_result(None)
            else:
                message = f"The broker refuses what we publish to {outgoing.topic}: {refusal}."
                self._problems.tell(subject, "publish_refused", message)
                outgoing.fail(Forbidden(message))

        payload = outgoing.payload
        outgoing.payload = outgoing.again or payload
        try:
            connection.publish(
                outgoing.topic,
                payload,
                qos=outgoing.qos,
                retain=outgoing.retain,
                correlation=outgoing.correlation,
                on_done=done,
            )
        except ValueError as error:
            outgoing.fail(Unpublishable(f"{outgoing.topic!r} is no topic to publish to: {error}"))

    def hand_over_all(self, connection: Connection) -> None:
        """Send all of them over a new connection."""
        for outgoing in [*self._messages.values()]:
            self.hand_over(outgoing, connection)

    def blame_oldest(self) -> None:
        """After a loss, give up the message that seems to make the broker hang up each time.

        Otherwise nothing would get through any more. The broker answers in order, so it can only
        be the oldest one without an answer.
        """
        if outgoing := next(iter(self._messages.values()), None):
            outgoing.attempts += 1
            if outgoing.attempts >= _MAX_ATTEMPTS:
                why = f"the connection broke {outgoing.attempts} times while it was sent"
                outgoing.fail(BrokerError(f"{outgoing.topic} was not published: {why}"))

    def fail_all(self, why: str) -> None:
        """Let all that wait get Closed."""
        for outgoing in self._messages.values():
            outgoing.fail(Closed(why))

"""One connection that a request opened: what comes is published, and silence ends it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from n11bridge import content
from n11bridge.capability import RequestError
from n11bridge.host import SocketStream

#: Publishes an event and returns once the broker has it.
Tell = Callable[[str, dict[str, Any]], Awaitable[None]]


class Connection:
    """A connection with ``host`` and ``port``, closed after ``idle`` seconds of silence (0: never).

    What comes is read no faster than the broker takes it, so that the far side waits, and nothing
    is lost, while the broker is away.
    """

    def __init__(self, stream: SocketStream, host: str, port: int, idle: float, tell: Tell) -> None:
        self.stream = stream
        #: Set once `run` has begun: before that it can be neither used nor closed.
        self.begun = asyncio.Event()
        self.host = host
        self.port = port
        self._idle = idle
        self._tell = tell
        self._cause = ""
        self._limit = asyncio.timeout(None)
        self._reading: asyncio.Task[None] | None = None

    @property
    def whose(self) -> dict[str, Any]:
        """Which connection it is."""
        return {"socket": self.stream.number, "host": self.host, "port": self.port}

    async def run(self) -> None:
        """Publish what comes until either side closes, and close."""
        self._reading = asyncio.current_task()
        try:
            async with self._limit:
                self._alive()
                self.begun.set()
                while data := await self.stream.receive():
                    self._limit.reschedule(None)
                    await self._tell("received", self.whose | content.shown(data))
                    self._alive()
            self._cause = self._cause or "closed by the far side"
        except TimeoutError:
            self._cause = f"nothing passed for {self._idle:g} s"
        except ConnectionError as error:
            self._cause = self._cause or str(error)
        except asyncio.CancelledError:
            if not self._cause:
                raise
        finally:
            await self.stream.close()
        counts = {"sent": self.stream.sent, "received": self.stream.received}
        await self._tell("closed", self.whose | counts | {"cause": self._cause})

    async def send(self, data: bytes) -> None:
        """Send; RequestError when it cannot be known that everything was taken."""
        before = self.stream.sent
        self._limit.reschedule(None)
        try:
            await self.stream.send(data)
        except ConnectionError as error:
            taken = self.stream.sent - before
            raise _failed(error, taken, len(data)) from error
        finally:
            self._alive()

    def close(self, cause: str) -> None:
        """Have it closed."""
        if self._reading is not None and not self._cause:
            self._cause = cause
            self._reading.cancel()

    async def closed(self) -> None:
        """Return once it is."""
        if self._reading is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([self._reading])

    def _alive(self) -> None:
        if self._idle and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time() + self._idle)


def _failed(error: ConnectionError, taken: int, length: int) -> RequestError:
    message = f"{taken} of {length} bytes were taken: {error}"
    words = getattr(error.__cause__, "line", None)
    return RequestError("modem_error" if words else "unavailable", message, modem=words)

"""What the modem's two servers have in common (manual 13, 14)."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

import voluptuous as vol

from n11bridge.capability import Capability, RequestError
from n11bridge.host import Host

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


class Server(Capability):
    """A capability with the one listener of its sort that the modem has."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._port: int | None = None
        self._socket: int | None = None
        host.link.on_change(self._link_changed)

    async def prepare(self) -> None:
        """Nothing of before has outlived the start: see `gprs`."""
        self._forget()

    def gone(self) -> None:
        """Without a modem nobody is served."""
        self._forget()

    def _link_changed(self) -> None:
        if not self.host.link.up:
            self._forget()

    async def _begin(self, port: int, listen: Callable[[int], Awaitable[int]]) -> None:
        """Have ``listen`` begin, which gives the socket, unless it listens there already."""
        if self._port not in (None, port):
            message = f"it listens on port {self._port}; end that with {self.name}/close first"
            raise RequestError("unavailable", message, retryable=True)
        if self._port is None:
            await self.host.link.connect()
            self._socket = await listen(port)
            self._port = port
            self.host.sockets.take(self._socket, self.name)
            self._publish()

    def _end(self) -> None:
        """It listens no more."""
        if self._socket is not None:
            self.host.sockets.free(self._socket)
        self._port = self._socket = None

    def _forget(self) -> None:
        """Nothing is open any more."""
        raise NotImplementedError

    def _publish(self) -> None:
        """Publish the state."""
        raise NotImplementedError

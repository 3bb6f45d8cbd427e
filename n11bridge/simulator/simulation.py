"""A modem on its line, with the way for tests to reach in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, Literal, Protocol, Self

from .actions import perform
from .modem import Line, Modem
from .profile import Profile, Style
from .uart import Pacer, Passage, Uart


class Port(Line, Protocol):
    """A line that can be opened and has a name for clients: a pty or a TCP port."""

    @property
    def name(self) -> str:
        """What a client opens."""

    async def open(self, receive: Callable[[bytes], None]) -> None:
        """Become reachable."""

    async def close(self) -> None:
        """Go away."""


class PacedPort:
    """A port at which every byte takes its time, in both directions."""

    def __init__(self, port: Port, uart: Uart) -> None:
        self._port = port
        self._uart = uart
        self._outgoing = Pacer(uart, self._noted("out", port.write))
        self._incoming: Pacer | None = None

    @property
    def name(self) -> str:
        """What a client opens."""
        return self._port.name

    async def open(self, receive: Callable[[bytes], None]) -> None:
        """Become reachable."""
        self._incoming = Pacer(self._uart, self._noted("in", receive))
        await self._port.open(self._incoming.put)

    async def close(self) -> None:
        """Go away; what is under way is lost."""
        self._discard()
        await self._port.close()

    def write(self, data: bytes) -> None:
        """Send bytes to the client, at the baud rate."""
        self._outgoing.put(data)

    async def drain(self) -> None:
        """Return when the last byte has left."""
        await self._outgoing.drain()

    async def room(self) -> None:
        """Return when not much is under way to the client."""
        await self._outgoing.room()

    def unplug(self) -> None:
        """Cut the line; what is under way is lost."""
        self._discard()
        self._port.unplug()

    def replug(self) -> None:
        """Join the line again."""
        self._port.replug()

    def _noted(
        self, direction: Literal["in", "out"], sink: Callable[[bytes], None]
    ) -> Callable[[bytes], None]:
        def pass_on(data: bytes) -> None:
            now = asyncio.get_running_loop().time()
            self._uart.passed.append(Passage(now, direction, data))
            sink(data)

        return pass_on

    def _discard(self) -> None:
        self._outgoing.discard()
        if self._incoming is not None:
            self._incoming.discard()


class Simulator:
    """A simulated modem, running while its ``async with`` block does."""

    def __init__(
        self,
        port: Port,
        profile: Profile | None = None,
        style: Style | None = None,
        uart: Uart | None = None,
    ) -> None:
        self.port = port
        self.modem = Modem(profile or Profile(), style or Style(), uart or Uart(), port)
        self.stopped = asyncio.Event()
        """Set once someone asked it to stop."""

    async def __aenter__(self) -> Self:
        await self.port.open(self.modem.receive)
        self.modem.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.modem.stop()
        await self.port.close()

    async def do(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Perform one action of the control interface; ValueError if it makes no sense."""
        return await perform(self, action, parameters)

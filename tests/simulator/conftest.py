"""A simulated modem with its wire in memory, for tests that feed it bytes."""

from __future__ import annotations

import pytest

from n11bridge.simulator.actions import perform
from n11bridge.simulator.modem import Modem
from n11bridge.simulator.profile import Profile, Style
from n11bridge.simulator.uart import Uart


class Bench:
    """A modem on the bench: what it writes is kept until somebody takes it."""

    def __init__(self, *style: str, echo: bool = False, **profile):
        self.modem = Modem(Profile(**profile), Style.named(*style), Uart(), self)
        self.port = self
        self.plugged = True
        self._echo = echo
        self._written = b""

    async def __aenter__(self):
        self.modem.start()
        await self.until(lambda: self.modem.interpreter is not None)
        if self.modem.sim.status == "READY":
            await self.until(lambda: self.modem.ready and self.modem.radio.registered)
        if not self._echo:
            await self.say("ATE0\r")
        self.take()
        return self

    async def __aexit__(self, *_):
        self.modem.stop()

    def write(self, data: bytes) -> None:
        if self.plugged:
            self._written += data

    async def drain(self) -> None:
        pass

    async def room(self) -> None:
        pass

    def unplug(self) -> None:
        self.plugged = False

    def replug(self) -> None:
        self.plugged = True

    def seen(self) -> str:
        """Return what the modem wrote and nobody has taken."""
        return self._written.decode("latin-1")

    def take(self) -> str:
        """Return what the modem wrote since the last time."""
        written, self._written = self._written, b""
        return written.decode("latin-1")

    async def until(self, holds) -> None:
        assert await self.modem.ledger.wait(holds, 5.0), f"written so far: {self._written!r}"

    async def until_written(self, text: str) -> str:
        """Wait until the modem wrote ``text``, and return all that it wrote."""
        await self.until(lambda: text.encode("latin-1") in self._written)
        return self.take()

    async def say(self, text: str) -> str:
        """Type ``text`` and return what the modem writes until it waits for more."""
        self.modem.receive(text.encode("latin-1"))
        await self.until(lambda: self.modem.interpreter is None or self.modem.interpreter.idle)
        return self.take()

    async def send(self, command: str, payload: str) -> str:
        """Type a command with a prompt, then its payload; return what follows the payload."""
        self.modem.receive(f"{command}\r".encode())
        assert (await self.until_written("\r\n> ")).endswith("\r\n> ")
        return await self.say(f"{payload}\x1a")

    async def do(self, action: str, **parameters):
        """Perform an action of the control interface."""
        return await perform(self, action, parameters)


@pytest.fixture
def bench():
    """The class of a modem on the bench, to be made with a style and a profile."""
    return Bench

"""New firmware, through the network or the serial line (manual 23).

A package for the serial line begins with ``NEOWAY`` and holds the version in its second line; the
manual says nothing of its form, nor of how it is sent: here its bytes follow the OK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..commands import Bare, Commands, Form, Lines, Request
from ..data.names import UnknownHost
from ..errors import INVALID, Refused

if TYPE_CHECKING:
    from ..interpreter import Interpreter
    from ..modem import Modem

COMMANDS = Commands()

_MAGIC = b"NEOWAY\n"
_NOTHING, _DOWNLOADED, _NO_DOWNLOAD, _UPGRADING, _UPGRADED, _NO_UPGRADE = range(6)
_SILENCE = 10.0
"""So long the modem waits for the rest of a package (seconds)."""
_PORTION = 4096


class Upgrader:
    """What the server has, and the package that is coming in."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.revision = "N11_1167_SQS63002_V003"
        self.offered: str | None = None
        """The version that the server has for us; None for nothing new."""
        self.failure = 0
        """Which status ends the next upgrade badly: 2, 5, or 0 for none."""
        self.expected = 0
        """So many bytes of a package are to come over the serial line."""

    def download(self) -> None:
        """Go through an upgrade by network, with the profile's delay between two reports."""
        if self.failure == _NO_DOWNLOAD:
            steps = [_NO_DOWNLOAD]
        elif self.offered is None:
            steps = [_NOTHING]
        else:
            last = self.failure or _UPGRADED
            steps = [_DOWNLOADED, _UPGRADING, last]
        self._step(steps)

    def _step(self, steps: list[int]) -> None:
        if steps:
            self._modem.report(f"+NEOFOTA: {steps[0]}")
            self._modem.later(self._modem.profile.upgrade_delay, lambda: self._step(steps[1:]))
            if steps[0] == _UPGRADED and self.offered is not None:
                self.revision, self.offered = self.offered, None
                self._modem.later(self._modem.profile.upgrade_delay, self._modem.start)

    async def run(self, interpreter: Interpreter) -> None:
        """Take the package that was announced; the modem restarts once it is there."""
        package = bytearray()
        while len(package) < self.expected:
            await interpreter.more(_SILENCE)
            portion = interpreter.take(min(_PORTION, self.expected - len(package)))
            if not portion:
                break
            package += portion
        complete = len(package) == self.expected
        self.expected = 0
        if not complete:
            return
        if package.startswith(_MAGIC):
            version = bytes(package[len(_MAGIC) :]).partition(b"\n")[0]
            self.revision = version.decode("ascii", "replace")
        self._modem.later(self._modem.profile.upgrade_delay, self._modem.start)


@COMMANDS.on("+NEOFOTA", Form.SET)
def _through_network(modem: Modem, request: Request) -> Lines:
    if len(request.arguments) != 2:
        raise Refused(INVALID)
    if not modem.stack.link.active:
        return Bare(["+NEOFOTA: GPRS DISCONNECTION"])
    try:
        modem.stack.names.address(request.arguments[0].text.partition("/")[0])
    except UnknownHost:
        return Bare(["+NEOFOTA: URL ERROR"])
    port = request.arguments[1].text
    if not port.isdigit() or int(port) not in range(1, 65536):
        return Bare(["+NEOFOTA: PORT ERROR"])
    modem.afterwards(modem.upgrader.download)
    return []


@COMMANDS.on("+UPDATE", Form.SET)
def _through_uart(modem: Modem, request: Request) -> Lines:
    length = request.number(0, range(1, 2**31))
    modem.afterwards(lambda: setattr(modem.upgrader, "expected", length))
    return []

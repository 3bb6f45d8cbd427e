"""The client of OceanConnect, with a platform that lives in the simulator (manual chapter 20)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from ..commands import Commands, Form, Lines, Request
from ..errors import INVALID, NO_SERVICE, NOT_ALLOWED, Refused
from .set_up import PORTS

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_BUFFERED, _DIRECT, _PROMPTED = range(3)
_PORT = 5683


class OceanConnect:
    """One connection to the platform: what went up, and what came down and waits."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.server: str | None = None
        self.sent: list[str] = []
        self.waiting: deque[bytes] = deque()
        self.mode = _DIRECT

    def reset(self) -> None:
        """Be as after a start."""
        self.server, self.mode = None, _DIRECT
        self.waiting.clear()

    def cut(self, _by: str) -> str | None:
        """The link is gone; nothing is said of it."""
        self.server = None
        return None

    def deliver(self, data: bytes) -> bool:
        """Let the platform send something down; False without a connection."""
        if self.server is None:
            return False
        if self.mode == _DIRECT:
            self._modem.report(f"+NNMI: {len(data)},{data.hex()}")
            return True
        self.waiting.append(data)
        if self.mode == _PROMPTED:
            self._modem.report("+NNMI")
        return True


@COMMANDS.on("+NCDPOPEN", Form.SET)
def _open(modem: Modem, request: Request) -> Lines:
    host = request.arguments[0].text
    port = request.number(1, PORTS, _PORT)
    if not host:
        raise Refused(INVALID)
    if not modem.stack.link.active:
        raise Refused(NO_SERVICE)
    if modem.stack.oceanconnect.server is not None:
        raise Refused(NOT_ALLOWED)
    modem.stack.oceanconnect.server = f"{host}:{port}"
    modem.ledger.touch()
    return []


@COMMANDS.on("+NCDPCLOSE", Form.EXECUTE)
def _close(modem: Modem, _request: Request) -> Lines:
    modem.stack.oceanconnect.server = None
    return []


@COMMANDS.on("+NMGS", Form.SET)
def _send(modem: Modem, request: Request) -> Lines:
    ocean = modem.stack.oceanconnect
    length, digits = request.number(0, range(1, 1025)), request.arguments[1:]
    try:
        data = bytes.fromhex(digits[0].text if digits else "")
    except ValueError:
        raise Refused(INVALID) from None
    if len(data) != length:
        raise Refused(INVALID)
    if ocean.server is None:
        raise Refused(NOT_ALLOWED)
    ocean.sent.append(data.hex())
    modem.ledger.touch()
    return []


@COMMANDS.on("+NMGR", Form.EXECUTE)
def _read(modem: Modem, _request: Request) -> Lines:
    waiting = modem.stack.oceanconnect.waiting
    if not waiting:
        raise Refused(NOT_ALLOWED)
    data = waiting.popleft()
    return [f"+NMGR: {len(data)},{data.hex()}"]


@COMMANDS.on("+NNMI", Form.SET)
def _reports(modem: Modem, request: Request) -> Lines:
    modem.stack.oceanconnect.mode = request.number(0, range(3))
    return []


@COMMANDS.on("+NNMI", Form.QUERY)
def _reporting(modem: Modem, _request: Request) -> Lines:
    ocean = modem.stack.oceanconnect
    data = ocean.waiting[0].hex() if ocean.waiting else ""
    return [f"+NNMI: {ocean.mode},{data}"]

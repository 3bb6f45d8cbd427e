"""The file system (manual chapter 22)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..commands import Bare, Commands, Form, Lines, Raw, Request
from ..errors import INVALID, Refused

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_NAME = 50
_SIZES, _TIMES = range(16385), range(60001)
_APPEND, _FROM_POSITION = 1, 1


def named(request: Request) -> str:
    """Return the name of the file that a command is about; Refused."""
    name = request.string(0)
    if not 1 <= len(name) <= _NAME:
        raise Refused(INVALID)
    return name


def _existing(modem: Modem, request: Request) -> bytes:
    name = named(request)
    if name not in modem.stack.files:
        raise Refused(INVALID)
    return modem.stack.files[name]


@COMMANDS.on("+FSWF", Form.SET)
async def _write(modem: Modem, request: Request) -> Lines:
    name, mode = named(request), request.number(1, (0, 1))
    size, milliseconds = request.number(2, _SIZES), request.number(3, _TIMES)
    try:
        data = await modem.data(request, size, milliseconds / 1000)
    except TimeoutError:
        return Bare(["+FSWF: Timeout!"])
    before = modem.stack.files.get(name, b"")
    kept = before[len(data) :] if modem.style.fswf == "overlay" else b""
    modem.stack.files[name] = before + data if mode == _APPEND else data + kept
    return []


@COMMANDS.on("+FSRF", Form.SET)
def _read(modem: Modem, request: Request) -> Lines:
    data = _existing(modem, request)
    mode = request.number(1, (0, 1))
    start = request.number(3, range(1, len(data) + 1)) - 1 if mode == _FROM_POSITION else 0
    size = request.number(2, range(1, len(data) - start + 1))
    return [Raw(f"+FSRF: {size},{data[start : start + size].decode('latin-1')}")]


@COMMANDS.on("+FSFS", Form.SET)
def _size(modem: Modem, request: Request) -> Lines:
    return [f"+FSFS: {len(_existing(modem, request))}"]


@COMMANDS.on("+FSDF", Form.SET)
def _delete(modem: Modem, request: Request) -> Lines:
    _existing(modem, request)
    del modem.stack.files[named(request)]
    return []

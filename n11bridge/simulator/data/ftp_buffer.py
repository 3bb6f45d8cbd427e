"""FTP downloads in buffer mode (manual 15.6 to 15.8)."""

from __future__ import annotations

import ftplib
from typing import TYPE_CHECKING

from ..commands import Commands, Form, Lines, Raw, Request
from ..errors import INVALID, MEMORY_FULL, NO_DATA_CONNECTION, NOT_ALLOWED, PDP_NOT_ACTIVE, Refused
from .ftp import path
from .ftp_link import BUFFER, ControlLost

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_BINARY = 2
_BEGUN, _DONE = 0, 1


@COMMANDS.on("+FTPGETBUFF", Form.SET)
async def _fetch(modem: Modem, request: Request) -> Lines:
    stack, ftp = modem.stack, modem.stack.ftp
    name = request.arguments[0].text
    kind = request.number(1, (1, 2), _BINARY)
    offset = request.number(2, default=0)
    room = BUFFER - len(ftp.buffer)
    length = request.number(3, range(1, BUFFER + 1), BUFFER)
    if not stack.link.active:
        raise Refused(PDP_NOT_ACTIVE)
    if not room:
        raise Refused(MEMORY_FULL)
    if not ftp.logged_in or ftp.busy:
        raise Refused(NO_DATA_CONNECTION)
    try:
        size = await ftp.size(path(name))
    except (ControlLost, OSError):
        raise Refused(NO_DATA_CONNECTION) from None
    if size is None or (offset and offset >= size):
        raise Refused(NO_DATA_CONNECTION if size is None else INVALID)
    ftp.busy = True
    most = min(length, room)
    modem.afterwards(lambda: stack.spawn(_carry_out(modem, name, kind, offset, most)))
    return []


async def _carry_out(modem: Modem, name: str, kind: int, offset: int, most: int) -> None:
    ftp = modem.stack.ftp
    modem.report(f"+FTPBUFFSTAT: {_BEGUN}")
    try:
        async for piece in ftp.download(f"RETR {path(name)}", kind, offset, most):
            ftp.buffer += piece
    except ControlLost:
        said = ftp.cut("peer")
        if said is not None:
            modem.report(said)
    except (ftplib.Error, OSError):
        modem.report("+FTP:Create data link Error")
    else:
        modem.report(f"+FTPBUFFSTAT: {_DONE}")
    finally:
        ftp.busy = False


@COMMANDS.on("+FTPBUFFSTAT", Form.EXECUTE)
def _status(modem: Modem, _request: Request) -> Lines:
    used = len(modem.stack.ftp.buffer)
    return [f"+FTPBUFFSTAT: {int(used == BUFFER)},{used}"]


@COMMANDS.on("+FTPBUFFREAD", Form.SET)
def _read(modem: Modem, request: Request) -> Lines:
    length, buffer = request.number(0, range(1, 8193)), modem.stack.ftp.buffer
    if not buffer:
        raise Refused(NOT_ALLOWED)
    data = bytes(buffer[:length])
    del buffer[:length]
    return [Raw(f"+FTPBUFFREAD: {len(data)},{data.decode('latin-1')}")]

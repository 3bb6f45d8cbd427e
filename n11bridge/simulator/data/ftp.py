"""FTP (manual 15.1 to 15.5)."""

from __future__ import annotations

import ftplib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from ..commands import Bare, Commands, Form, Lines, Request
from ..errors import NOT_ALLOWED, EndedWith, Refused
from .ftp_link import ControlLost
from .names import UnknownHost
from .set_up import target

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_WORD = 100
_TOO_LONG = 5120
_SMALLEST = 2
_PATIENCE = 1.0
_CONTENT, _INFORMATION = "1", "2"
_STORE, _APPEND, _DELETE = "1", "2", "3"
_CONTROL_LOST = "+FTP:Server Control Link Disconnect"


@COMMANDS.on("+FTPLOGIN", Form.SET)
def _login(modem: Modem, request: Request) -> Lines:
    stack, ftp = modem.stack, modem.stack.ftp
    wanted, values = target(request.arguments), [a.text for a in request.arguments]
    words = values[2:4]
    kind = values[4] if len(values) > 4 else "0"
    if wanted is None or len(words) < 2 or kind != "0" or max(map(len, words)) > _WORD:
        return Bare(["+FTPLOGIN: Error"])
    if not stack.link.active:
        return Bare(["+FTPLOGIN: GPRS DISCONNECTION"])
    if ftp.logged_in:
        return Bare(["+FTPLOGIN: Have Logged In"])
    if ftp.busy:
        return Bare(["+FTPLOGIN: AT Busy"])
    if stack.sockets.used:
        raise Refused(NOT_ALLOWED)  # the two exclude each other
    ftp.busy = True
    host, port = wanted
    modem.afterwards(lambda: stack.spawn(_carry_out_login(modem, host, port, words)))
    return []


async def _carry_out_login(modem: Modem, host: str, port: int, words: list[str]) -> None:
    ftp = modem.stack.ftp
    cause = ""
    try:
        await ftp.login(host, port, words[0], words[1])
        result = "User logged in"
    except ftplib.error_perm:
        result = "530 Not logged in"
    except UnknownHost:
        cause, result = "+CME ERROR: OTHER ERROR", "ERROR"
    except TimeoutError:
        cause, result = "+Connection timed out - Auto closed link to server!", "ERROR"
    except (OSError, ControlLost, ftplib.Error):
        cause, result = _CONTROL_LOST, "ERROR"
    finally:
        ftp.busy = False
    if cause:
        modem.report(cause)
    modem.report(f"+FTPLOGIN: {result}")


@COMMANDS.on("+FTPLOGOUT", Form.EXECUTE)
async def _logout(modem: Modem, _request: Request) -> Lines:
    ftp = modem.stack.ftp
    if not ftp.logged_in:
        raise EndedWith("+CME ERROR: INVALID SOCKET ID\r\n\r\nERROR")
    await ftp.logout()
    return ["+FTPLOGOUT: User logged out"]


@COMMANDS.on("+FTPSTATUS", Form.EXECUTE)
def _status(modem: Modem, _request: Request) -> Lines:
    ftp = modem.stack.ftp
    if not ftp.logged_in:
        return Bare(["+FTPSTATUS: 0,0.0.0.0,0"])
    return Bare([f"+FTPSTATUS: 1,{ftp.server[0]},{ftp.server[1]}"])


def usable(modem: Modem, name: str) -> Lines | None:
    """Return the complaint of a command that has no server to ask; None if it has one."""
    ftp = modem.stack.ftp
    if ftp.busy:
        return Bare([f"{name}: AT Busy"])
    return None if ftp.logged_in else Bare([f"{name}: Error Not Login"])


def path(text: str) -> str:
    """Return a path as servers write it: the manual's examples have backslashes."""
    return text.replace("\\", "/")


@COMMANDS.on("+FTPGET", Form.SET)
async def _get(modem: Modem, request: Request) -> Lines:
    values = [argument.text for argument in request.arguments] + [""] * 5
    name, kind, what, offset, limit = values[:5]
    numbers = [value for value in (offset, limit) if value]
    if kind not in ("1", "2") or what not in ("1", "2") or not all(n.isdecimal() for n in numbers):
        return Bare(["+FTPGET: Error"])
    if limit and int(limit) >= _TOO_LONG:
        raise Refused
    unusable = usable(modem, "+FTPGET")
    if unusable is not None:
        return unusable
    ftp, start = modem.stack.ftp, int(offset or 0)
    try:
        if what == _INFORMATION:
            command = f"LIST {path(name)}".strip()
            return await _pass_on(modem, ftp.download(command, int(kind)), None)
        if start and start >= (await ftp.size(path(name)) or 0):
            return Bare(["+FTPGET: SIZE Error"])
        most = int(limit) if limit else None
        pieces = ftp.download(f"RETR {path(name)}", int(kind), start, most)
        return await _pass_on(modem, pieces, most)
    except ControlLost:
        ftp.cut("peer")
        return Bare([_CONTROL_LOST])
    except TimeoutError:
        return Bare(["+FTPGET: Error!TimeOut"])
    except (ftplib.Error, OSError):
        return Bare(["+FTP:Create data link Error"])


async def _pass_on(modem: Modem, pieces: AsyncIterator[bytes], most: int | None) -> Lines:
    total = 0
    async for piece in pieces:
        total += len(piece)
        await modem.line.room()
        header = f"\r\n+FTPGET{modem.style.colon}{len(piece)},"
        modem.emit(header.encode() + piece + b"\r\n")
    if total == most and modem.style.ftp_part == "bare":
        return Bare()
    return Bare(["+FTP:Server Data Link Disconnect", f"+FTPGET: OK.total length is {total}"])


@COMMANDS.on("+FTPPUT", Form.SET)
async def _put(modem: Modem, request: Request) -> Lines:
    values = [argument.text for argument in request.arguments] + [""] * 4
    name, kind, mode, size = values[:4]
    if not name or kind not in ("1", "2") or mode not in ("1", "2", "3") or not size.isdecimal():
        return Bare(["+FTPPUT: Mode Error"])
    unusable = usable(modem, "+FTPPUT")
    if unusable is not None:
        return unusable
    ftp, length = modem.stack.ftp, int(size)
    try:
        if mode == _DELETE:
            await ftp.ask(lambda server: server.delete(path(name)))
            mark = ">" if modem.style.ftp_deleted == "arrow" else ": "
            return Bare([f"+FTPPUT{mark}Delete File OK"])
        if length not in range(_SMALLEST, int(modem.style.ftp_put) + 1):
            return Bare(["+FTPPUT: SIZE Error"])
        try:
            content = await modem.data(request, length, _PATIENCE)
        except TimeoutError:
            return Bare(["+FTPPUT: OPERATION EXPIRED"])
        command = "STOR" if mode == _STORE else "APPE"
        await ftp.upload(f"{command} {path(name)}", int(kind), content)
    except ControlLost:
        ftp.cut("peer")
        return Bare([_CONTROL_LOST])
    except (ftplib.Error, OSError):
        return Bare(["+FTPPUT: Send Fail"])
    return Bare([f"+FTPPUT: OK,{length}"])

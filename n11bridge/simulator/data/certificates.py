"""SSL certificates in the modem (manual chapter 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..commands import Bare, Commands, Form, Lines, Request
from ..errors import INVALID, Refused
from .files import named

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_LENGTHS = range(1, 8193)
_PATIENCE = 30.0


@COMMANDS.on("+CERTADD", Form.SET)
async def _add(modem: Modem, request: Request) -> Lines:
    name, length = named(request), request.number(1, _LENGTHS)
    try:
        modem.stack.certificates[name] = await modem.data(request, length, _PATIENCE)
    except TimeoutError:
        raise Refused(INVALID) from None
    return Bare([f"+CERTADD: {length},OK"])


@COMMANDS.on("+CERTCHECK", Form.SET)
def _check(modem: Modem, request: Request) -> Lines:
    name = named(request)
    return Bare([f"+CERTCHECK: {f'{name},OK' if name in modem.stack.certificates else 'ERROR'}"])


@COMMANDS.on("+CERTDEL", Form.SET)
def _delete(modem: Modem, request: Request) -> Lines:
    name = named(request)
    found = modem.stack.certificates.pop(name, None)
    return Bare([f"+CERTDEL: {'ERROR' if found is None else f'{name},OK'}"])

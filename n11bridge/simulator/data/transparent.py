"""Transparent TCP and UDP (manual chapter 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..commands import Bare, Commands, Form, Lines, Request
from ..errors import NOT_ALLOWED, Refused
from .connection import Connection, dial
from .datagrams import Association, associate
from .set_up import begin, refusal, target, without_link
from .sockets import Peer

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()


@COMMANDS.on("+TCPTRANS", Form.SET)
@COMMANDS.on("+UDPTRANS", Form.SET)
def _set_up(modem: Modem, request: Request) -> Lines:
    stack, name = modem.stack, request.name
    wanted = target(request.arguments)
    if wanted is None:
        return refusal(modem, name, "ERROR")
    if not stack.link.active:
        return without_link(modem, name)
    number = stack.sockets.first_free()
    if stack.transparent.number is not None or number is None or stack.ftp_in_use:
        raise Refused(NOT_ALLOWED)
    kind = "TRANSPARENT TCP" if name == "+TCPTRANS" else "TRANSPARENT UDP"
    begin(modem, number, kind, f"{name}: ", lambda: _connect(modem, number, kind, *wanted))
    return []


async def _connect(modem: Modem, number: int, kind: str, host: str, port: int) -> Peer:
    stack = modem.stack
    endpoint = stack.names.endpoint(host, port)
    if kind == "TRANSPARENT UDP":
        socket = await associate(endpoint)
        entry = stack.journal.opened(kind, number, f"{host}:{port}")
        return Association(stack, entry, socket, stack.transparent.received)
    streams = await dial(endpoint)
    entry = stack.journal.opened(kind, number, f"{host}:{port}")
    received = stack.transparent.received
    return Connection(stack, entry, streams, received, lambda: stack.sockets.ended(number))


@COMMANDS.on("+TRANSCLOSE", Form.EXECUTE)
def _close(modem: Modem, _request: Request) -> Lines:
    stack = modem.stack
    number = stack.transparent.number
    if number is None:
        raise Refused(NOT_ALLOWED)
    stack.transparent.cut()
    stack.sockets.close(number)
    return Bare([f"+TRANSCLOSE: {number},OK"])

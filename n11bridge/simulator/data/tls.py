"""SSL TCP data service (manual chapter 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..commands import Bare, Commands, Form, Lines, Raw, Request
from ..errors import INVALID, Refused
from . import tls_settings
from .connection import Connection, dial
from .set_up import begin, number_at, refusal, set_up, target
from .sockets import NUMBERS, Peer
from .tcp import close, read, send_through

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()
tls_settings.register(COMMANDS, "+SSLTCPCFG", "ssl_tcp")

_PLAIN, _TRANSPARENT = "0", "1"


@COMMANDS.on("+SSLTCPSETUP", Form.SET)
def _set_up(modem: Modem, request: Request) -> Lines:
    mode = request.arguments[3].text if request.has(3) else ""
    if mode == _TRANSPARENT and modem.style.ssl_transparent:
        return _set_up_transparent(modem, request)
    if mode != _PLAIN:
        return refusal(modem, "+SSLTCPSETUP", "ERROR")

    async def connect(number: int, host: str, port: int) -> Peer:
        return await _connect(modem, number, host, port, "SSL")

    return set_up(modem, request, "+SSLTCPSETUP", "SSL", connect, late=True)


def _set_up_transparent(modem: Modem, request: Request) -> Lines:
    number, wanted = number_at(request.arguments), target(request.arguments[1:])
    stack = modem.stack
    if number is None or wanted is None or number in stack.sockets.used or not stack.link.active:
        return refusal(modem, "+SSLTCPSETUP", "ERROR")
    if stack.transparent.number is not None:
        raise Refused
    kind, host, port = "TRANSPARENT SSL", *wanted
    begin(
        modem,
        number,
        kind,
        f"+SSLTCPSETUP: {number},",
        lambda: _connect(modem, number, host, port, kind),
        success="CONNECT",
    )
    return []


async def _connect(modem: Modem, number: int, host: str, port: int, kind: str) -> Peer:
    stack, settings = modem.stack, modem.settings
    streams = await dial(
        stack.names.endpoint(host, port),
        context=tls_settings.context(settings.ssl_tcp, stack.certificates),
        host=host,
    )

    async def received(data: bytes) -> None:
        await stack.sockets.received(number, "+SSLTCPRECV", data)

    return Connection(
        stack,
        stack.journal.opened(kind, number, f"{host}:{port}"),
        streams,
        received if kind == "SSL" else stack.transparent.received,
        lambda: stack.sockets.ended(number),
    )


@COMMANDS.on("+SSLTCPSETUP", Form.QUERY)
def _targets(modem: Modem, _request: Request) -> Lines:
    sockets = modem.stack.sockets.used.values()
    return [f"+SSLTCPSETUP: {s.target},{_PLAIN}" for s in sockets if s.kind == "SSL"]


@COMMANDS.on("+SSLTCPSETUP", Form.TEST)
def _target_ranges(_modem: Modem, _request: Request) -> Lines:
    return Bare(["+SSLTCPSETUP: (0-4),<ip>,(1-65535),(0,1)"])


@COMMANDS.on("+SSLTCPCLOSE", Form.SET)
def _close(modem: Modem, request: Request) -> Lines:
    return close(modem, request, "+SSLTCPCLOSE", "SSL")


@COMMANDS.on("+SSLTCPSEND", Form.SET)
async def _send(modem: Modem, request: Request) -> Lines:
    done = "{},{}" if modem.style.ssl_sent == "length" else "{},OK"
    return await send_through(modem, request, "+SSLTCPSEND", "SSL", most=1, done=done)


@COMMANDS.on("+SSLTCPSEND", Form.TEST)
def _lengths(_modem: Modem, _request: Request) -> Lines:
    return Bare(["+SSLTCPSEND: (0-4),(1-4096)"])


@COMMANDS.on("+SSLTCPREAD", Form.SET)
def _read(modem: Modem, request: Request) -> Lines:
    number, limit = request.number(0, NUMBERS), request.number(1, range(1, 1 << 16))
    style, sockets = modem.style, modem.stack.sockets
    if style.ssl_read == "counted":
        return read(modem, "+SSLTCPREAD", number, limit)
    data = sockets.read(number, limit)
    if not data and style.empty_read == "error":
        raise Refused(INVALID)
    name = "+SSLTCPREAD: " if style.ssl_read == "example" else ""
    return [Raw(f"{name}{number},{sockets.shown(data)}")]

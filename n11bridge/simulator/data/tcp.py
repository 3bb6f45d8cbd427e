"""TCP data service (manual chapter 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..commands import Bare, Commands, Form, Lines, Raw, Request
from ..errors import INVALID, Refused
from .connection import Connection, dial
from .sending import Unsent, complaint, fields, send
from .set_up import PORTS, number_at, set_up
from .sockets import NUMBERS, Peer

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_IDLE, _INTERVAL = range(30, 7201), range(1, 1801)
_SENDERS = {"TCP": "TCP", "SSL": "TCP", "UDP": "UDP", "CLIENT": "TCP"}
_SENDERS |= {"TRANSPARENT TCP": "TCP", "TRANSPARENT UDP": "UDP"}


@COMMANDS.on("+TCPSETUP", Form.SET)
def _set_up(modem: Modem, request: Request) -> Lines:
    async def connect(number: int, host: str, port: int) -> Peer:
        stack = modem.stack
        on, idle, interval = modem.settings.keepalive
        streams = await dial(
            stack.names.endpoint(host, port),
            port=modem.settings.tcp_ports.get(number, 0),
            keepalive=(idle, interval) if on else None,
        )
        return Connection(
            stack,
            stack.journal.opened("TCP", number, f"{host}:{port}"),
            streams,
            lambda data: stack.sockets.received(number, "+TCPRECV", data),
            lambda: stack.sockets.ended(number),
        )

    return set_up(modem, request, "+TCPSETUP", "TCP", connect)


@COMMANDS.on("+TCPSEND", Form.SET)
async def _send(modem: Modem, request: Request) -> Lines:
    return await send_through(modem, request, "+TCPSEND", "TCP")


async def send_through(
    modem: Modem,
    request: Request,
    name: str,
    kind: str,
    *,
    most: int = 3,
    done: str = "{},{}",
) -> Lines:
    """Send through the socket that is named first, by at ``most`` so many further values."""
    number = number_at(request.arguments)
    if number is None:
        return complaint(modem, name, "ERROR")

    def peer() -> Peer:
        found = modem.stack.sockets.of(number, kind)
        if found is None:
            raise Unsent("SOCKET ID OPEN FAILED")
        return found

    return await send(
        modem,
        request,
        name,
        fields(request)[1 : 1 + most],
        label=number,
        free=lambda: peer().free,
        deliver=lambda data: peer().send(data),
        done=done,
    )


def close(modem: Modem, request: Request, name: str, kind: str) -> Lines:
    """Close the socket that a command names."""
    number = number_at(request.arguments)
    socket = modem.stack.sockets.used.get(-1 if number is None else number)
    if number is None or socket is None or socket.kind != kind:
        return Bare([f"{name}: ERROR"])
    modem.stack.sockets.close(number)
    done = [f"{name}: {number},OK"]
    return done if kind == "TCP" and modem.style.ending == "table" else Bare(done)


@COMMANDS.on("+TCPCLOSE", Form.SET)
def _close(modem: Modem, request: Request) -> Lines:
    return close(modem, request, "+TCPCLOSE", "TCP")


@COMMANDS.on("+IPSTATUS", Form.SET)
def _status(modem: Modem, request: Request) -> Lines:
    number = number_at(request.arguments)
    if number is None:
        return Bare(["+IPSTATUS: ERROR"])
    peer = modem.stack.sockets.of(number, *_SENDERS)
    if peer is None:
        return Bare([f"+IPSTATUS: {number},DISCONNECT"])
    kind = _SENDERS[modem.stack.sockets.used[number].kind]
    return Bare([f"+IPSTATUS: {number},CONNECT,{kind},{peer.free}"])


@COMMANDS.on("+TCPACK", Form.SET)
def _acknowledged(modem: Modem, request: Request) -> Lines:
    number = request.number(0, NUMBERS)
    peer = modem.stack.sockets.of(number, *_SENDERS)
    if peer is None:
        return Bare([f"+TCPACK: {number},DISCONNECT"])
    if not isinstance(peer, Connection):
        return Bare(["+TCPACK: NO TCP LINK"])
    return Bare([f"+TCPACK: {number},{peer.entry.sent},{peer.acknowledged}"])


@COMMANDS.on("+DATAFORMAT", Form.SET)
def _set_format(modem: Modem, request: Request) -> Lines:
    modem.settings.dataformat = request.number(0, (0, 1)), request.number(1, (0, 1))
    return []


@COMMANDS.on("+DATAFORMAT", Form.QUERY)
def _format(modem: Modem, _request: Request) -> Lines:
    sent, received = modem.settings.dataformat
    return [f"+DATAFORMAT: {sent},{received}"]


@COMMANDS.on("+TCPLPORT", Form.SET)
def _local_port(modem: Modem, request: Request) -> Lines:
    if local_port(request, modem.settings.tcp_ports, PORTS):
        return []
    return Bare(["+TCPLPORT: ERROR"])


def local_port(request: Request, ports: dict[int, int], allowed: range) -> bool:
    """Note the local port of a socket; False where the command makes no sense."""
    number = number_at(request.arguments)
    text = request.arguments[1].text if request.has(1) else ""
    if number is None or not text.isdecimal() or int(text) not in allowed:
        return False
    ports[number] = int(text)
    return True


@COMMANDS.on("+TCPKEEPALIVE", Form.SET)
def _set_keepalive(modem: Modem, request: Request) -> Lines:
    _, idle, interval = modem.settings.keepalive
    modem.settings.keepalive = (
        request.number(0, (0, 1)),
        request.number(1, _IDLE, idle),
        request.number(2, _INTERVAL, interval),
    )
    return []


@COMMANDS.on("+TCPKEEPALIVE", Form.QUERY)
def _keepalive(modem: Modem, _request: Request) -> Lines:
    return [f"+TCPKEEPALIVE: {','.join(map(str, modem.settings.keepalive))}"]


@COMMANDS.on("+TCPKEEPALIVE", Form.TEST)
def _keepalives(_modem: Modem, _request: Request) -> Lines:
    return ["+TCPKEEPALIVE: (0-1),(30-7200),(1-1800)"]


@COMMANDS.on("+RECVMODE", Form.SET)
def _set_mode(modem: Modem, request: Request) -> Lines:
    modem.settings.recvmode = request.number(0, (0, 1)), request.number(1, (0, 1), 0)
    modem.stack.sockets.clear()
    return []


@COMMANDS.on("+RECVMODE", Form.QUERY)
def _mode(modem: Modem, _request: Request) -> Lines:
    mode, form = modem.settings.recvmode
    return [f"+RECVMODE: {mode},{form}"]


@COMMANDS.on("+RECVMODE", Form.TEST)
def _modes(_modem: Modem, _request: Request) -> Lines:
    return ["+RECVMODE: (0-1),(0-1)"]


@COMMANDS.on("+TCPREAD", Form.SET)
def _read(modem: Modem, request: Request) -> Lines:
    return read(modem, "+TCPREAD", request.number(0, NUMBERS), request.number(1, range(1, 1 << 16)))


def read(modem: Modem, name: str, number: int, limit: int) -> Lines:
    """Answer with what is buffered for a socket."""
    sockets, style = modem.stack.sockets, modem.style
    data = sockets.read(number, limit)
    if not data and style.empty_read == "error":
        raise Refused(INVALID)
    shown = "" if not data and style.empty_read == "plain" else f",{sockets.shown(data)}"
    return [Raw(f"{name}: {number},{len(data)}{shown}")]

"""Unlimited UDP server (manual chapter 14)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from ..commands import Bare, Commands, Form, Lines, Raw, Request
from ..errors import NOT_ALLOWED, Refused
from .datagrams import Datagrams, bound
from .names import Endpoint
from .sending import Unsent, complaint, fields, send
from .set_up import PORTS

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_LONGEST = 1024
_PATIENCE = 10.0


class UdpListener(Datagrams):
    """A UDP socket that anybody may send to."""

    def send(self, data: bytes) -> None:
        """Take nothing: a datagram of a server needs an endpoint."""


def _listening(modem: Modem) -> tuple[int, UdpListener] | None:
    for number, socket in modem.stack.sockets.used.items():
        if isinstance(socket.peer, UdpListener):
            return number, socket.peer
    return None


@COMMANDS.on("+FUDPLISTEN", Form.SET)
def _listen(modem: Modem, request: Request) -> Lines:
    stack, text = modem.stack, request.arguments[0].text
    if not (text.isdecimal() and int(text) in PORTS):
        return Bare(["+FUDPLISTEN: Error Port"])
    if not stack.link.active:
        return Bare(["+FUDPLISTEN: GPRS DISCONNECTION"])
    if _listening(modem) is not None:
        return Bare(["Listening..."])
    number = stack.sockets.first_free()
    if number is None or stack.ftp_in_use:
        return Bare(["+FUDPLISTEN: ERROR"])
    try:
        plain = bound(stack.names.listener(int(text)), "127.0.0.1")
    except OSError:
        return Bare(["+FUDPLISTEN: bind error"])
    entry = stack.journal.opened("FUDP", number, f"127.0.0.1:{plain.getsockname()[1]}")

    async def heard(data: bytes, sender: Endpoint) -> None:
        await modem.room()
        gap = "," if modem.style.fudp == "example" else ""
        shown = stack.sockets.shown(data)
        modem.report(Raw(f"+FUDPRECV(S): {sender[0]},{sender[1]},{len(data):05}{gap}{shown}"))

    stack.sockets.take(number, "FUDP").peer = UdpListener(stack, entry, plain, heard)
    return Bare([f"+FUDPLISTEN: {number},OK"])


@COMMANDS.on("+FUDPLISTEN", Form.QUERY)
def _status(modem: Modem, _request: Request) -> Lines:
    listening = _listening(modem) is not None
    return [f"+FUDPLISTEN: {'listening status' if listening else 'not listening'}"]


@COMMANDS.on("+FUDPLISTEN", Form.TEST)
def _ports(_modem: Modem, _request: Request) -> Lines:
    return ["+FUDPLISTEN: (1-65535)"]


@COMMANDS.on("+FUDPSENDS", Form.SET)
async def _send(modem: Modem, request: Request) -> Lines:
    found = _listening(modem)
    if found is None:
        return complaint(modem, "+FUDPSENDS", "ERROR")
    number, listener = found
    given = fields(request)
    endpoint = _endpoint(given[:2])
    if endpoint is None:
        return complaint(modem, "+FUDPSENDS", "IP OR PORT ERROR")

    def deliver(data: bytes) -> None:
        if _listening(modem) is None:
            raise Unsent("ERROR")
        listener.send_to(data, endpoint)

    return await send(
        modem,
        request,
        "+FUDPSENDS",
        given[2:],
        label=number,
        free=lambda: listener.free,
        deliver=deliver,
        seconds=_PATIENCE,
        longest=_LONGEST,
        late="Error!TimeOut",
    )


def _endpoint(given: list[str | None]) -> Endpoint | None:
    try:
        host, port = given
        address, number = str(ipaddress.IPv4Address(host or "")), int(port or "")
    except ValueError:
        return None
    return (address, number) if number in PORTS else None


@COMMANDS.on("+CLOSEFUDPLISTEN", Form.EXECUTE)
def _close(modem: Modem, _request: Request) -> Lines:
    found = _listening(modem)
    if found is None:
        raise Refused(NOT_ALLOWED)
    number = found[0]
    modem.stack.sockets.close(number)
    if modem.style.fudp == "example":
        return Bare([f"+CLOSEFUDPLISTEN: {number},closed"])
    return Bare([f"+CLOSEFUDPCLIENT: {number},{side} link closed" for side in ("remote", "local")])

"""UDP data service (manual chapter 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..commands import Bare, Commands, Form, Lines, Request
from .datagrams import Association, associate
from .set_up import set_up
from .sockets import NUMBERS, Peer
from .tcp import close, local_port, read, send_through

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_PORTS = range(4097, 32768)


@COMMANDS.on("+UDPSETUP", Form.SET)
def _set_up(modem: Modem, request: Request) -> Lines:
    async def connect(number: int, host: str, port: int) -> Peer:
        stack = modem.stack
        plain = await associate(
            stack.names.endpoint(host, port), modem.settings.udp_ports.get(number, 0)
        )
        return Association(
            stack,
            stack.journal.opened("UDP", number, f"{host}:{port}"),
            plain,
            lambda data: stack.sockets.received(number, "+UDPRECV", data, stream=False),
        )

    return set_up(modem, request, "+UDPSETUP", "UDP", connect)


@COMMANDS.on("+UDPSEND", Form.SET)
async def _send(modem: Modem, request: Request) -> Lines:
    return await send_through(modem, request, "+UDPSEND", "UDP")


@COMMANDS.on("+UDPREAD", Form.SET)
def _read(modem: Modem, request: Request) -> Lines:
    number = request.number(0, NUMBERS)
    return read(modem, "+UDPREAD", number, request.number(1, range(1, 1 << 16), (1 << 16) - 1))


@COMMANDS.on("+UDPCLOSE", Form.SET)
def _close(modem: Modem, request: Request) -> Lines:
    return close(modem, request, "+UDPCLOSE", "UDP")


@COMMANDS.on("+UDPLPORT", Form.SET)
def _local_port(modem: Modem, request: Request) -> Lines:
    if local_port(request, modem.settings.udp_ports, _PORTS):
        return []
    return Bare(["+UDPLPORT: Error"])

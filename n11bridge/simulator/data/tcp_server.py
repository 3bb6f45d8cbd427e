"""TCP server (manual chapter 13)."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from ..commands import Bare, Commands, Form, Lines, Request
from ..errors import NOT_ALLOWED, Refused
from .connection import SEND_BUFFER, Connection
from .journal import Entry
from .sending import Unsent, complaint, fields, send
from .set_up import PORTS, number_at, without_link
from .sockets import NUMBERS, Peer

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_PATIENCE = 60.0


class Listener:
    """A socket at which clients call; each that comes gets a socket of its own."""

    def __init__(self, modem: Modem, number: int, plain: socket.socket, entry: Entry) -> None:
        self._modem = modem
        self._number = number
        self._entry = entry
        self._plain = plain
        self._task = modem.stack.spawn(self._accept_all())

    @property
    def free(self) -> int:
        """A listener sends nothing."""
        return 0

    def send(self, data: bytes) -> None:
        """A listener sends nothing."""

    def close(self, by: str) -> None:
        """Stop listening."""
        self.abort(by)

    def abort(self, by: str) -> None:
        """Stop listening."""
        # Not before the loop has ceased to wait for it: that would end the loop.
        self._task.add_done_callback(lambda _: self._plain.close())
        self._task.cancel()
        self._modem.stack.journal.closed(self._entry, by)

    async def _accept_all(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, address = await loop.sock_accept(self._plain)
            await self._modem.stack.link.flows()
            streams = await asyncio.open_connection(sock=client, limit=SEND_BUFFER)
            number = self._modem.stack.sockets.first_free()
            if number is None:
                streams[1].close()
            else:
                self._welcome(number, streams, address)

    def _welcome(
        self,
        number: int,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        address: tuple[str, int],
    ) -> None:
        stack = self._modem.stack

        async def received(data: bytes) -> None:
            await stack.sockets.received(number, "+TCPRECV(S)", data, direct=True)

        told = f"AcceptSocket={number},ClientAddr={address[0]},ClientPort={address[1]}"
        if self._modem.style.accepted == "two":
            self._modem.report("Connect", told)
        else:
            self._modem.report(f"Connect {told}")
        entry = stack.journal.opened("CLIENT", number, f"{address[0]}:{address[1]}")
        stack.sockets.take(number, "CLIENT").peer = Connection(
            stack, entry, streams, received, lambda: stack.sockets.ended(number)
        )


@COMMANDS.on("+TCPLISTEN", Form.SET)
def _listen(modem: Modem, request: Request) -> Lines:
    stack, text = modem.stack, request.arguments[0].text
    if not (text.isdecimal() and int(text) in PORTS):
        return Bare(["+TCPLISTEN: ERROR"])
    if not stack.link.active:
        return without_link(modem, "+TCPLISTEN")
    if _listening(modem) is not None:
        return Bare(["Listening..."])
    number = stack.sockets.first_free()
    if number is None or stack.ftp_in_use:
        return Bare(["+TCPLISTEN: ERROR"])
    plain = socket.socket()
    try:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        plain.setblocking(False)
        plain.bind(("127.0.0.1", stack.names.listener(int(text))))
        plain.listen()
    except OSError:
        plain.close()
        return Bare(["+TCPLISTEN: bind error"])
    entry = stack.journal.opened("LISTEN", number, f"127.0.0.1:{plain.getsockname()[1]}")
    stack.sockets.take(number, "LISTEN").peer = Listener(modem, number, plain, entry)
    return Bare([f"+TCPLISTEN: {number},OK"])


def _listening(modem: Modem) -> int | None:
    used = modem.stack.sockets.used
    return next((number for number, socket in used.items() if socket.kind == "LISTEN"), None)


@COMMANDS.on("+TCPLISTEN", Form.QUERY)
def _status(modem: Modem, _request: Request) -> Lines:
    listening = _listening(modem) is not None
    return Bare([f"+TCPLISTEN: {'listening status' if listening else 'not listening'}"])


@COMMANDS.on("+CLOSELISTEN", Form.EXECUTE)
def _close_listener(modem: Modem, _request: Request) -> Lines:
    number = _listening(modem)
    if number is None:
        raise Refused(NOT_ALLOWED)
    modem.stack.sockets.close(number)
    told = [f"+CLOSELISTEN: {number},local link closed"]
    if modem.style.close_listen == "clients":
        told = _hang_up(modem, _clients(modem)) + told
    return Bare(told)


def _clients(modem: Modem) -> list[int]:
    return [n for n, socket in modem.stack.sockets.used.items() if socket.kind == "CLIENT"]


def _hang_up(modem: Modem, clients: list[int]) -> list[str]:
    for number in clients:
        modem.stack.sockets.close(number)
    return [f"+CLOSECLIENT: {number},remote link closed" for number in clients]


@COMMANDS.on("+CLOSECLIENT", Form.SET)
@COMMANDS.on("+CLOSECLIENT", Form.EXECUTE)
def _close_clients(modem: Modem, request: Request) -> Lines:
    clients = _clients(modem)
    if request.form is Form.SET:
        number = request.number(0, NUMBERS)
        if number not in clients:
            raise Refused(NOT_ALLOWED)
        clients = [number]
    told = _hang_up(modem, clients)
    if request.form is Form.EXECUTE and (not clients or modem.style.close_all == "all"):
        told = ["+CLOSECLIENT: All remote link closed"]
    return Bare(told)


@COMMANDS.on("+TCPSENDS", Form.SET)
async def _send(modem: Modem, request: Request) -> Lines:
    number = number_at(request.arguments)
    if number is None:
        return complaint(modem, "+TCPSENDS", "ERROR")

    def peer() -> Peer:
        found = modem.stack.sockets.of(number, "CLIENT")
        if found is None:
            raise Unsent(f"{number} is not link")
        return found

    def deliver(data: bytes) -> None:
        if peer().free < len(data):
            raise Unsent("ERROR")  # congestion, which only shows after the prompt
        peer().send(data)

    return await send(
        modem,
        request,
        "+TCPSENDS",
        fields(request)[1:],
        label=number,
        free=lambda: max(peer().free, SEND_BUFFER),
        deliver=deliver,
        seconds=_PATIENCE,
    )


@COMMANDS.on("+TCPACKS", Form.SET)
def _acknowledged(modem: Modem, request: Request) -> Lines:
    number = request.number(0, NUMBERS)
    peer = modem.stack.sockets.of(number, "CLIENT")
    if not isinstance(peer, Connection):
        return Bare([f"+TCPACKS: {number},DISCONNECT"])
    return Bare([f"+TCPACKS: {number},{peer.entry.sent},{peer.acknowledged}"])

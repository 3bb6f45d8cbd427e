"""Peers on the loopback, and what a client of the modem does to reach them."""

from __future__ import annotations

import asyncio
import contextlib


@contextlib.asynccontextmanager
async def server(talk, context=None):
    """A TCP server that ``talk``s with each client; yields its port."""

    async def serve(reader, writer):
        with contextlib.suppress(ConnectionError):
            await talk(reader, writer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as listening:
        yield listening.sockets[0].getsockname()[1]


async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def online(modem):
    """Bring the PPP link up."""
    assert "OK" in await modem.say("AT+XIIC=1\r")
    await modem.do("wait", link=True)


async def connect(modem, port, number=0):
    """Set up a TCP connection."""
    modem.modem.receive(f"AT+TCPSETUP={number},127.0.0.1,{port}\r".encode())
    answer = await modem.until_written(f"{number},OK\r\n")
    assert answer == f"\r\nOK\r\n\r\n+TCPSETUP: {number},OK\r\n"


async def send(modem, command, data, prompt="\r\n>"):
    """Type a command with a prompt, then its data."""
    modem.modem.receive(command.encode() + b"\r")
    assert await modem.until_written(prompt) == prompt
    modem.modem.receive(data)


@contextlib.asynccontextmanager
async def udp_echo():
    """A UDP server that sends everything back; yields its port."""

    class Echo(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, address):
            self.transport.sendto(data, address)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()

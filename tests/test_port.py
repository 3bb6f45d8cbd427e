"""The three kinds of port, each with a real peer."""

import asyncio
import os
import pty
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
import serial
import serial.rfc2217

from n11bridge.port import Port, PortError


@contextmanager
def pty_pair() -> Iterator[tuple[int, str]]:
    master, slave = pty.openpty()
    tty.setraw(slave)
    try:
        yield master, os.ttyname(slave)
    finally:
        os.close(slave)
        os.close(master)


class Caller:
    """Collects what a port tells."""

    def __init__(self) -> None:
        self.data = b""
        self.lost: list[str] = []
        self._told = asyncio.Event()

    def bytes(self, data: bytes) -> None:
        self.data += data
        self._told.set()

    def gone(self, reason: str) -> None:
        self.lost.append(reason)
        self._told.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not holds():
                await self._told.wait()
                self._told.clear()


async def open_port(url: str, baud: int = 115200) -> tuple[Port, Caller]:
    caller = Caller()
    return await Port.open(url, baud, caller.bytes, caller.gone), caller


def test_a_device() -> None:
    async def test() -> None:
        with pty_pair() as (master, name):
            port, caller = await open_port(name)
            port.write(b"AT\r")
            assert os.read(master, 100) == b"AT\r"
            os.write(master, b"\r\nOK\r\n")
            await caller.until(lambda: caller.data == b"\r\nOK\r\n")
            port.set_baud(9600)
            assert port.baud == 9600
            port.close()
            port.write(b"nobody hears this")
            assert caller.lost == []

    asyncio.run(test())


def test_more_than_the_device_takes_at_once() -> None:
    async def test() -> None:
        with pty_pair() as (master, name):
            port, _ = await open_port(name)
            wanted = os.urandom(200_000)
            port.write(wanted)
            port.write(b"end")

            def read() -> bytes:
                got = b""
                while len(got) < len(wanted) + 3:
                    got += os.read(master, 65536)
                return got

            assert await asyncio.to_thread(read) == wanted + b"end"
            port.close()

    asyncio.run(test())


def test_a_device_that_is_pulled_out() -> None:
    async def test() -> None:
        master, slave = pty.openpty()
        port, caller = await open_port(os.ttyname(slave))
        os.close(slave)
        os.close(master)
        await caller.until(lambda: bool(caller.lost))
        assert len(caller.lost) == 1
        port.write(b"too late")

    asyncio.run(test())


def test_a_device_is_ours_alone() -> None:
    async def test() -> None:
        with pty_pair() as (_, name):
            port, _ = await open_port(name)
            with pytest.raises(PortError, match="in use by another program"):
                await open_port(name)
            port.close()

    asyncio.run(test())


def test_a_device_that_is_not_there() -> None:
    with pytest.raises(PortError, match="is the modem plugged in"):
        asyncio.run(open_port("/dev/n11-is-not-here"))


def test_a_socket() -> None:
    async def test() -> None:
        done = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            assert await reader.readexactly(3) == b"AT\r"
            writer.write(b"\r\nOK\r\n")
            await writer.drain()
            await done.wait()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            number = server.sockets[0].getsockname()[1]
            port, caller = await open_port(f"socket://127.0.0.1:{number}")
            port.write(b"AT\r")
            await caller.until(lambda: caller.data == b"\r\nOK\r\n")
            done.set()
            await caller.until(lambda: bool(caller.lost))

    asyncio.run(test())


def test_a_socket_that_nobody_listens_on() -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
        with pytest.raises(PortError, match="cannot be opened"):
            asyncio.run(open_port(f"socket://127.0.0.1:{number}"))


class Rfc2217Server:
    """A serial port behind RFC 2217, as ser2net and its like offer it, by pyserial's own server.

    Its port is a loop that gives back what is written: a pty has no modem lines to report.
    """

    def __init__(self) -> None:
        self._serial = serial.serial_for_url("loop://", timeout=0.05)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.number = self._listener.getsockname()[1]
        self._running = True
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def write(self, data: bytes) -> None:
        self._connection.sendall(data)

    def _serve(self) -> None:
        self._connection, _ = self._listener.accept()
        self._connection.settimeout(0.05)
        manager = serial.rfc2217.PortManager(self._serial, self)
        while self._running:
            try:
                data = self._connection.recv(1024)
            except TimeoutError:
                data = b""
            except OSError:
                return
            self._serial.write(b"".join(manager.filter(data)))
            out = self._serial.read(self._serial.in_waiting)
            if out:
                self._connection.sendall(b"".join(manager.escape(out)))

    def close(self) -> None:
        self._running = False
        self._thread.join()
        self._connection.close()
        self._listener.close()
        self._serial.close()


@pytest.mark.slow
def test_rfc_2217() -> None:
    async def test() -> None:
        server = Rfc2217Server()
        try:
            port, caller = await open_port(f"rfc2217://127.0.0.1:{server.number}", 9600)
            port.write(b"AT\r\xff")
            await caller.until(lambda: caller.data == b"AT\r\xff")
            port.set_baud(19200)
            assert port.baud == 19200
            port.write(b"again")
            await caller.until(lambda: caller.data == b"AT\r\xffagain")
            port.close()
            assert caller.lost == []
        finally:
            await asyncio.to_thread(server.close)

    asyncio.run(test())

"""Forwards over the loopback, with a client on one side and a server on the other."""

import asyncio
import contextlib
import os
import socket
from typing import Any

import pytest

from n11bridge.config import Forward
from n11bridge.forwards import relay, socks
from n11bridge.host import DialError

from .local import LocalDialler, echo, endpoint, peer, serving


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as sock:
        sock.bind((host, 0))
        return int(sock.getsockname()[1])


def run(main: Any) -> Any:
    async def limited() -> Any:
        async with asyncio.timeout(30):
            return await main()

    return asyncio.run(limited())


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_bytes_pass_unchanged_and_the_end_is_passed_on(host: str) -> None:
    data = os.urandom(300_000)

    async def main() -> None:
        dialler = LocalDialler()
        async with peer(echo) as far:
            forward = Forward(endpoint(free_port(host), host), endpoint(far), tls=True)
            async with serving(forward, dialler) as tally:
                reader, writer = await asyncio.open_connection(host, forward.listen.port)
                writer.write(data)
                assert await reader.readexactly(len(data)) == data
                assert (tally.open, tally.total) == (1, 1)
                await dialler.streams[0].writer.drain()
                dialler.streams[0].writer.transport.close()  # the far side sees us go, and goes
                assert await reader.read() == b""
                writer.close()
                await dialler.free.acquire()
        assert dialler.asked == [("127.0.0.1", far, True)]
        assert dialler.streams[0].closed

    run(main)


def test_after_a_half_close_the_answer_still_comes() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        question = await reader.readexactly(5)
        await asyncio.sleep(0.05)
        writer.write(question * 1000)
        await writer.drain()
        writer.close()

    async def main() -> None:
        async with peer(answer) as far:
            forward = Forward(endpoint(free_port()), endpoint(far))
            async with serving(forward, LocalDialler()) as tally:
                reader, writer = await asyncio.open_connection("127.0.0.1", forward.listen.port)
                writer.write(b"hello")
                writer.write_eof()
                assert await reader.read() == b"hello" * 1000
                writer.close()
                assert tally.failures == 0

    run(main)


@pytest.mark.parametrize("answered", [False, True])
def test_a_half_closed_connection_that_stays_silent_is_closed(
    monkeypatch: Any, answered: bool
) -> None:
    # Sooner, when what the client said last has been answered.
    monkeypatch.setattr(relay, "ANSWERED" if answered else "HALF_CLOSED", 0.1)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        if answered:
            writer.write(b"!")
        await reader.read()
        writer.close()

    async def main() -> None:
        async with peer(answer) as far:
            forward = Forward(endpoint(free_port()), endpoint(far))
            dialler = LocalDialler()
            async with serving(forward, dialler) as tally:
                reader, writer = await asyncio.open_connection("127.0.0.1", forward.listen.port)
                writer.write(b"?")
                if answered:
                    assert await reader.readexactly(1) == b"!"
                writer.write_eof()
                assert await reader.read() == b""
                writer.close()
                assert (tally.open, tally.failures) == (0, 0)
                assert dialler.streams[0].closed

    run(main)


def test_a_client_that_does_not_read_stops_the_sender() -> None:
    sent = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.transport.set_write_buffer_limits(high=0)
        with contextlib.suppress(ConnectionError):
            for _ in range(4000):
                writer.write(bytes(4096))
                await writer.drain()
                sent += 4096
            writer.close()

    async def main() -> None:
        async with peer(pour) as far:
            forward = Forward(endpoint(free_port()), endpoint(far))
            async with serving(forward, LocalDialler()):
                sock = socket.create_connection(("127.0.0.1", forward.listen.port))
                sock.setblocking(False)
                before = -1
                while sent != before:  # until the sender has come to a stop
                    before = sent
                    await asyncio.sleep(0.3)
                assert sent < 4000 * 4096
                got = 0
                loop = asyncio.get_running_loop()
                while data := await loop.sock_recv(sock, 65536):
                    got += len(data)
                assert got == 4000 * 4096
                sock.close()

    run(main)


def test_a_server_that_does_not_read_stops_the_client() -> None:
    ready = asyncio.Event()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ready.wait()
        total = 0
        while data := await reader.read(65536):
            total += len(data)
            if total == 4000 * 4096:
                break
        writer.write(b"%d" % total)
        writer.close()

    async def main() -> None:
        async with peer(deaf) as far:
            forward = Forward(endpoint(free_port()), endpoint(far))
            async with serving(forward, LocalDialler()):
                reader, writer = await asyncio.open_connection("127.0.0.1", forward.listen.port)
                writer.transport.set_write_buffer_limits(high=0)
                sent = 0
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        for _ in range(4000):
                            writer.write(bytes(4096))
                            sent += 4096
                            await writer.drain()
                assert sent < 4000 * 4096
                ready.set()
                writer.write(bytes(4000 * 4096 - sent))
                assert await reader.read() == b"%d" % (4000 * 4096)
                writer.close()

    run(main)


def test_a_broken_connection_ends_with_a_reset() -> None:
    async def main() -> None:
        async with peer(echo) as far:
            forward = Forward(endpoint(free_port()), endpoint(far))
            dialler = LocalDialler()
            async with serving(forward, dialler) as tally:
                reader, writer = await asyncio.open_connection("127.0.0.1", forward.listen.port)
                writer.write(b"x")
                await reader.readexactly(1)
                dialler.streams[0].reader.set_exception(ConnectionResetError("the link is lost"))
                with pytest.raises(ConnectionResetError):
                    await reader.read()
                assert tally.last_error == "closed"
                assert dialler.streams[0].closed

    run(main)


def test_many_short_connections_wait_for_their_turn() -> None:
    async def main() -> None:
        async with peer(echo) as far:
            forward = Forward(endpoint(free_port()), endpoint(far))
            dialler = LocalDialler(sockets=2)
            async with serving(forward, dialler) as tally:

                async def client(number: int) -> None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", forward.listen.port)
                    writer.write(b"%d" % number)
                    assert await reader.readexactly(len(str(number))) == b"%d" % number
                    # A reset: with a mere half-close the other side might still have to speak.
                    relay.reset(writer)

                await asyncio.gather(*map(client, range(40)))
                assert tally.total == 40
                assert "no_socket" not in tally.problems

    run(main)


def test_without_a_free_socket_a_client_is_closed_and_a_person_told() -> None:
    async def main() -> None:
        async with peer(echo) as far:
            forward = Forward(endpoint(free_port()), endpoint(far), wait=0)
            async with serving(forward, LocalDialler(sockets=0)) as tally:
                reader, writer = await asyncio.open_connection("127.0.0.1", forward.listen.port)
                with pytest.raises(ConnectionResetError):
                    await reader.read()
                writer.close()
                assert tally.last_error == "busy"
                assert tally.problems == ["no_socket"]

    run(main)


# -- SOCKS5

CONNECT = b"\x05\x01\x00"
HELLO = b"\x05\x01\x00"


def named(name: bytes, port: int) -> bytes:
    return CONNECT + b"\x03" + bytes([len(name)]) + name + port.to_bytes(2, "big")


async def talk(forward: Forward, *said: bytes, answers: int) -> tuple[bytes, Any, Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", forward.listen.port)
    for each in said:
        writer.write(each)
    return await reader.readexactly(answers), reader, writer


@pytest.mark.parametrize(
    ("address", "host"),
    [
        (b"\x03\x0bexample.com", "example.com"),
        (b"\x01\x7f\x00\x00\x01", "127.0.0.1"),
        (b"\x04" + bytes(10) + b"\xff\xff\x7f\x00\x00\x01", "127.0.0.1"),
    ],
)
def test_socks_takes_a_client_where_it_wants_to_go(address: bytes, host: str) -> None:
    async def main() -> None:
        async with peer(echo) as far:
            forward = Forward(endpoint(free_port()))
            dialler = LocalDialler()
            async with serving(forward, dialler):
                wish = CONNECT + address + far.to_bytes(2, "big") + b"early data"
                said, reader, writer = await talk(forward, HELLO, wish, answers=12)
                assert said == b"\x05\x00" + b"\x05\x00\x00\x01" + bytes(6)
                assert await reader.readexactly(10) == b"early data"
                writer.close()
                assert dialler.asked == [(host, far, False)]

    run(main)


@pytest.mark.parametrize(
    ("wish", "answer"),
    [
        (b"\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50", 7),  # BIND
        (b"\x05\x03\x00\x01\x7f\x00\x00\x01\x00\x50", 7),  # UDP ASSOCIATE
        (b"\x05\x01\x00\x04" + b"\x20" * 16 + b"\x00\x50", 8),
        (b"\x05\x01\x00\x09", 8),
        (named(b"a,b", 80), 8),
        (named(b'a"\r', 80), 8),
        (named(b"", 80), 8),
    ],
)
def test_socks_refuses_what_the_modem_cannot_do(wish: bytes, answer: int) -> None:
    async def main() -> None:
        forward = Forward(endpoint(free_port()))
        dialler = LocalDialler()
        async with serving(forward, dialler):
            said, reader, writer = await talk(forward, HELLO, wish, answers=12)
            assert said[2:4] == bytes([5, answer])
            assert await reader.read() == b""
            writer.close()
            assert dialler.asked == []

    run(main)


@pytest.mark.parametrize(
    ("reason", "answer"),
    [("unknown_host", 4), ("refused", 5), ("timeout", 6), ("link_down", 3), ("busy", 1)],
)
def test_socks_says_why_a_connection_did_not_come_about(reason: str, answer: int) -> None:
    async def main() -> None:
        forward = Forward(endpoint(free_port()))
        dialler = LocalDialler()
        dialler.error = DialError(reason, "so it is")
        async with serving(forward, dialler) as tally:
            said, reader, writer = await talk(forward, HELLO, named(b"a", 80), answers=12)
            assert said[2:] == bytes([5, answer, 0, 1]) + bytes(6)
            assert await reader.read() == b""
            writer.close()
            assert (tally.last_error, tally.failures) == (reason, 1)

    run(main)


def test_socks_asks_for_the_password() -> None:
    async def main() -> None:
        async with peer(echo) as far:
            forward = Forward(endpoint(free_port()), username="ann", password="pä")
            wish = named(b"localhost", far)
            async with serving(forward, LocalDialler()):
                said, reader, writer = await talk(forward, HELLO, answers=2)
                assert said == b"\x05\xff"
                assert await reader.read() == b""
                writer.close()
                for password, verdict in (("pa", 1), ("pä", 0)):
                    secret = password.encode()
                    hello = b"\x05\x02\x00\x02\x01\x03ann" + bytes([len(secret)]) + secret
                    said, reader, writer = await talk(forward, hello, wish, answers=4)
                    assert said == b"\x05\x02\x01" + bytes([verdict])
                    if verdict:
                        with contextlib.suppress(ConnectionResetError):
                            assert await reader.read() == b""
                    else:
                        assert (await reader.readexactly(10))[1] == socks.Answer.GRANTED
                    writer.close()

    run(main)


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"\x04\x01\x00\x50", b""])
def test_socks_closes_what_speaks_something_else(said: bytes) -> None:
    async def main() -> None:
        forward = Forward(endpoint(free_port()))
        async with serving(forward, LocalDialler()) as tally:
            reader, writer = await asyncio.open_connection("127.0.0.1", forward.listen.port)
            writer.write(said)
            writer.write_eof()
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
            writer.close()
            assert tally.last_error == "rejected"

    run(main)


# -- datagrams


class Udp(asyncio.DatagramProtocol):
    def __init__(self, *, echo: bool = False) -> None:
        self.came: asyncio.Queue[tuple[bytes, Any]] = asyncio.Queue()
        self.echo = echo

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self.echo:
            self.transport.sendto(data, addr)
        self.came.put_nowait((data, addr))


def test_datagrams_keep_their_bounds_and_their_clients() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        transport, far = await loop.create_datagram_endpoint(
            lambda: Udp(echo=True), local_addr=("127.0.0.1", 0)
        )
        to = endpoint(transport.get_extra_info("sockname")[1])
        forward = Forward(endpoint(free_port()), to, udp=True, idle=1)
        dialler = LocalDialler()
        async with serving(forward, dialler) as tally:
            clients = [
                (
                    await loop.create_datagram_endpoint(
                        Udp, remote_addr=("127.0.0.1", forward.listen.port)
                    )
                )[1]
                for _ in range(3)
            ]
            for number, client in enumerate(clients):
                client.transport.sendto(b"%d" % number)
                client.transport.sendto(b"%d\r\n\0\xff" % number)
            for number, client in enumerate(clients):
                assert (await client.came.get())[0] == b"%d" % number
                assert (await client.came.get())[0] == b"%d\r\n\0\xff" % number
            assert (tally.open, len(dialler.streams)) == (3, 3)
            assert len({addr for _, addr in [far.came.get_nowait() for _ in range(6)]}) == 3
            await tally.until(lambda: not tally.open)  # after a second of silence
            assert all(stream.closed for stream in dialler.streams)
            assert (tally.sent, tally.failures) == (3 * 6, 0)
            clients[0].transport.sendto(b"again")
            assert (await clients[0].came.get())[0] == b"again"
            assert len(dialler.streams) == 4
            for client in clients:
                client.transport.close()
        transport.close()

    run(main)

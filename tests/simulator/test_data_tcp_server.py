"""The modem as a TCP server (manual chapter 13)."""

import asyncio
import socket

import pytest

from .world import online, send


async def listen(modem):
    """Listen at 6800, which is another port in truth; return that one."""
    await online(modem)
    await modem.do("peers", listeners={"6800": 0})
    assert await modem.say("AT+TCPLISTEN=6800\r") == "\r\n+TCPLISTEN: 0,OK\r\n"
    return int((await modem.do("data"))["open"][0]["peer"].rpartition(":")[2])


async def call(modem, port, number=1):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    mine = writer.get_extra_info("sockname")[1]
    answer = await modem.until_written(f"ClientPort={mine}\r\n")
    told = f"AcceptSocket={number},ClientAddr=127.0.0.1,ClientPort={mine}"
    gap = "\r\n" if modem.modem.style.accepted == "two" else " "
    assert answer == f"\r\nConnect{gap}{told}\r\n"
    return reader, writer


@pytest.mark.parametrize("style", ["accepted=one", "accepted=two"])
def test_a_client_is_served(bench, style):
    async def scenario():
        async with bench(style) as modem:
            port = await listen(modem)
            reader, writer = await call(modem, port)
            writer.write(b"1234567899")
            await modem.until_written("\r\n+TCPRECV(S): 1,10,1234567899\r\n")
            await send(modem, "AT+TCPSENDS=1,5", b"hello")
            await modem.until_written("\r\nOK\r\n\r\n+TCPSENDS: 1,5\r\n")
            assert await reader.readexactly(5) == b"hello"
            assert await modem.say("AT+TCPACKS=1\r") == "\r\n+TCPACKS: 1,5,5\r\n"
            assert await modem.say("AT+CLOSECLIENT=1\r") == (
                "\r\n+CLOSECLIENT: 1,remote link closed\r\n"
            )
            assert await reader.read() == b""
            writer.close()
            assert await modem.say("AT+CLOSECLIENT=1\r") == "\r\nERROR\r\n"
            assert await modem.say("AT+CLOSELISTEN\r") == (
                "\r\n+CLOSELISTEN: 0,local link closed\r\n"
            )
            assert (await modem.do("data"))["open"] == []

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("style", "answer"),
    [
        (
            "each",
            "\r\n+CLOSECLIENT: 1,remote link closed\r\n\r\n+CLOSECLIENT: 2,remote link closed\r\n",
        ),
        ("all", "\r\n+CLOSECLIENT: All remote link closed\r\n"),
    ],
)
def test_all_clients_are_closed_together(bench, style, answer):
    async def scenario():
        async with bench(f"close_all={style}") as modem:
            port = await listen(modem)
            streams = [await call(modem, port, number) for number in (1, 2)]
            assert await modem.say("AT+CLOSECLIENT\r") == answer
            for reader, writer in streams:
                assert await reader.read() == b""
                writer.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("style", "report"),
    [
        ("client", "\r\n+CLOSECLIENT: 1,remote link closed\r\n"),
        ("listen", "\r\n+CLOSELISTEN: 1,local link closed\r\n"),
    ],
)
def test_a_client_that_hangs_up_is_reported(bench, style, report):
    async def scenario():
        async with bench(f"client_gone={style}") as modem:
            _, writer = await call(modem, await listen(modem))
            writer.close()
            await modem.until_written(report)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("style", "left"),
    [("alone", ["CLIENT"]), ("clients", [])],
)
def test_the_end_of_listening(bench, style, left):
    async def scenario():
        async with bench(f"close_listen={style}") as modem:
            reader, writer = await call(modem, await listen(modem))
            answer = await modem.say("AT+CLOSELISTEN\r")
            assert answer.endswith("\r\n+CLOSELISTEN: 0,local link closed\r\n")
            assert ("+CLOSECLIENT: 1," in answer) == (not left)
            assert [entry["kind"] for entry in (await modem.do("data"))["open"]] == left
            if not left:
                assert await reader.read() == b""
            writer.close()

    asyncio.run(scenario())


def test_the_fifth_client_finds_no_socket(bench):
    async def scenario():
        async with bench() as modem:
            port = await listen(modem)
            streams = [await call(modem, port, number) for number in (1, 2, 3, 4)]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await reader.read() == b""
            for _, other in [*streams, (reader, writer)]:
                other.close()

    asyncio.run(scenario())


def test_complaints_as_in_the_examples(bench):
    async def scenario():
        with socket.create_server(("127.0.0.1", 0)) as taken:
            async with bench() as modem:
                assert "not listening" in await modem.say("AT+TCPLISTEN?\r")
                assert await modem.say("AT+TCPLISTEN=0\r") == "\r\n+TCPLISTEN: ERROR\r\n"
                await online(modem)
                await modem.do("peers", listeners={"6801": taken.getsockname()[1]})
                assert await modem.say("AT+TCPLISTEN=6801\r") == ("\r\n+TCPLISTEN: bind error\r\n")
                await listen(modem)
                assert await modem.say("AT+TCPLISTEN=6800\r") == "\r\nListening...\r\n"
                assert "listening status" in await modem.say("AT+TCPLISTEN?\r")
                assert await modem.say("AT+TCPSENDS=1,10\r") == "\r\n+TCPSENDS: 1 is not link\r\n"
                assert await modem.say("AT+TCPSENDS=1,4097\r") == (
                    "\r\n+TCPSENDS: DATA LENGTH ERROR\r\n"
                )
                assert await modem.say("AT+TCPACKS=1\r") == "\r\n+TCPACKS: 1,DISCONNECT\r\n"

    asyncio.run(scenario())

"""UDP over the modem, as client and as server (manual chapters 11 and 14)."""

import asyncio
import socket

import pytest

from .world import online, send, udp_echo


async def associate(modem, port, number=0):
    modem.modem.receive(f"AT+UDPSETUP={number},127.0.0.1,{port}\r".encode())
    answer = await modem.until_written(f"{number},OK\r\n")
    assert answer == f"\r\nOK\r\n\r\n+UDPSETUP: {number},OK\r\n"


def test_an_association_as_in_the_examples(bench):
    async def scenario():
        async with udp_echo() as port, bench() as modem:
            await online(modem)
            await associate(modem, port)
            assert await modem.say("AT+IPSTATUS=0\r") == "\r\n+IPSTATUS: 0,CONNECT,UDP,4096\r\n"
            await send(modem, "AT+UDPSEND=0,10", b"1234567890", prompt="\r\n> ")
            answer = await modem.until_written("10,1234567890\r\n")
            assert answer == ("\r\nOK\r\n\r\n+UDPSEND: 0,10\r\n\r\n+UDPRECV: 0,10,1234567890\r\n")
            assert await modem.say("AT+TCPACK=0\r") == "\r\n+TCPACK: NO TCP LINK\r\n"
            assert await modem.say("AT+UDPCLOSE=0\r") == "\r\n+UDPCLOSE: 0,OK\r\n"
            assert await modem.say("AT+UDPCLOSE=5\r") == "\r\n+UDPCLOSE: ERROR\r\n"
            assert (await modem.do("data"))["open"] == []

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT+UDPSETUP=5,192.168.20.6,6800", "\r\n+UDPSETUP: ERROR\r\n"),
        ("AT+UDPSEND=0,1", "\r\n+UDPSEND: SOCKET ID OPEN FAILED\r\n"),
        ("AT+UDPSEND=0,4097", "\r\n+UDPSEND: DATA LENGTH ERROR\r\n"),
        ("AT+UDPLPORT=0,6800", "\r\nOK\r\n"),
        ("AT+UDPLPORT=0,0", "\r\n+UDPLPORT: Error\r\n"),
        ("AT+UDPREAD=0", "\r\n+UDPREAD: 0,0,\r\n\r\nOK\r\n"),
    ],
)
def test_answers_and_complaints_as_in_the_examples(bench, command, answer):
    async def scenario():
        async with bench() as modem:
            await online(modem)
            assert await modem.say(f"{command}\r") == answer

    asyncio.run(scenario())


def test_datagrams_wait_where_the_client_reads_them_itself(bench):
    async def scenario():
        async with udp_echo() as port, bench() as modem:
            await online(modem)
            await modem.say("AT+RECVMODE=0\r")
            await associate(modem, port)
            await send(modem, "AT+UDPSEND=0,10", b"1234567890", prompt="\r\n> ")
            await modem.until_written("\r\n+UDPRECV: 0,10\r\n")
            assert await modem.say("AT+UDPREAD=0,100\r") == (
                "\r\n+UDPREAD: 0,10,1234567890\r\n\r\nOK\r\n"
            )

    asyncio.run(scenario())


def test_a_datagram_may_be_lost_on_the_air(bench):
    async def scenario():
        async with udp_echo() as port, bench() as modem:
            await online(modem)
            await associate(modem, port)
            await modem.do("link", lose=1)
            for text in ("lost", "kept"):
                await modem.say(f'AT+UDPSEND=0,4,"{text}"\r')
            await modem.until(lambda: "RECV" in modem.seen())
            assert "+UDPRECV: 0,4,kept\r\n" in modem.seen()
            assert "lost" not in modem.take()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("style", "received", "closed"),
    [
        ("example", "00010,1234567890", "\r\n+CLOSEFUDPLISTEN: 0,closed\r\n"),
        (
            "table",
            "000101234567890",
            "\r\n+CLOSEFUDPCLIENT: 0,remote link closed\r\n"
            "\r\n+CLOSEFUDPCLIENT: 0,local link closed\r\n",
        ),
    ],
)
def test_a_udp_server(bench, style, received, closed):
    async def scenario():
        loop = asyncio.get_running_loop()
        with socket.socket(type=socket.SOCK_DGRAM) as client:
            client.setblocking(False)
            client.bind(("127.0.0.1", 0))
            port = client.getsockname()[1]
            async with bench(f"fudp={style}") as modem:
                assert await modem.say("AT+FUDPLISTEN=6000\r") == (
                    "\r\n+FUDPLISTEN: GPRS DISCONNECTION\r\n"
                )
                await online(modem)
                await modem.do("peers", listeners={"6000": 0})
                assert "not listening" in await modem.say("AT+FUDPLISTEN?\r")
                assert await modem.say("AT+FUDPSENDS=127.0.0.1,9,10\r") == (
                    "\r\n+FUDPSENDS: ERROR\r\n"
                )
                assert await modem.say("AT+FUDPLISTEN=0\r") == "\r\n+FUDPLISTEN: Error Port\r\n"
                assert await modem.say("AT+FUDPLISTEN=6000\r") == "\r\n+FUDPLISTEN: 0,OK\r\n"
                assert await modem.say("AT+FUDPLISTEN=6000\r") == "\r\nListening...\r\n"
                assert "listening status" in await modem.say("AT+FUDPLISTEN?\r")
                here = (await modem.do("data"))["open"][0]["peer"].partition(":")
                await loop.sock_sendto(client, b"1234567890", (here[0], int(here[2])))
                await modem.until_written(f"\r\n+FUDPRECV(S): 127.0.0.1,{port},{received}\r\n")
                await send(modem, f"AT+FUDPSENDS=127.0.0.1,{port},4", b"back")
                await modem.until_written("\r\nOK\r\n\r\n+FUDPSENDS: 0,4\r\n")
                assert await loop.sock_recv(client, 100) == b"back"
                assert await modem.say("AT+FUDPSENDS=10.74.2222.173,41287,10\r") == (
                    "\r\n+FUDPSENDS: IP OR PORT ERROR\r\n"
                )
                assert await modem.say("AT+FUDPSENDS=127.0.0.1,49607,4097\r") == (
                    "\r\n+FUDPSENDS: DATA LENGTH ERROR\r\n"
                )
                assert await modem.say("AT+CLOSEFUDPLISTEN\r") == closed
                assert (await modem.do("data"))["open"] == []

    asyncio.run(scenario())


def test_a_port_that_is_taken_cannot_be_listened_at(bench):
    async def scenario():
        with socket.socket(type=socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            async with bench() as modem:
                await online(modem)
                await modem.do("peers", listeners={"6000": other.getsockname()[1]})
                assert await modem.say("AT+FUDPLISTEN=6000\r") == (
                    "\r\n+FUDPLISTEN: bind error\r\n"
                )

    asyncio.run(scenario())


def test_the_prompt_of_a_server_has_its_own_time_out(bench):
    async def scenario():
        async with bench(patience=0.001) as modem:
            await online(modem)
            await modem.do("peers", listeners={"6000": 0})
            await modem.say("AT+FUDPLISTEN=6000\r")
            answer = await modem.say("AT+FUDPSENDS=10.230.214.106,44416,10\r")
            assert answer == "\r\n>\r\n+FUDPSENDS: Error!TimeOut\r\n"

    asyncio.run(scenario())

"""TCP over the modem (manual chapter 8), with real peers on the loopback."""

import asyncio
import random
import re
import socket

import pytest

from .world import connect, echo, online, send, server


def test_a_connection_as_in_the_examples(bench):
    async def scenario():
        async with server(echo) as port, bench() as modem:
            await online(modem)
            await connect(modem, port)
            assert await modem.say("AT+IPSTATUS=0\r") == "\r\n+IPSTATUS: 0,CONNECT,TCP,4096\r\n"
            await send(modem, "AT+TCPSEND=0,10", b"1234567890")
            answer = await modem.until_written("10,1234567890\r\n")
            assert answer == ("\r\nOK\r\n\r\n+TCPSEND: 0,10\r\n\r\n+TCPRECV: 0,10,1234567890\r\n")
            assert await modem.say("AT+TCPACK=0\r") == "\r\n+TCPACK: 0,10,10\r\n"
            assert await modem.say("AT+TCPCLOSE=0\r") == "\r\n+TCPCLOSE: 0,OK\r\n"
            assert await modem.say("AT+IPSTATUS=0\r") == "\r\n+IPSTATUS: 0,DISCONNECT\r\n"
            [entry] = (await modem.do("data"))["opened"]
            assert (entry["sent"], entry["received"], entry["closed"]) == (10, 10, "client")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT+TCPSETUP=5,192.168.20.6,7000", "\r\n+TCPSETUP: ERROR\r\n"),
        ("AT+TCPSETUP=0.58.60.184.213.10012", "\r\n+TCPSETUP: ERROR\r\n"),
        ("AT+TCPSET=0,58.60.184.213,10012", "\r\nERROR\r\n"),
        ("AT+TCPSEND=0,1", "\r\n+TCPSEND: SOCKET ID OPEN FAILED\r\n"),
        ("AT+TCPSEND=0,4097", "\r\n+TCPSEND: DATA LENGTH ERROR\r\n"),
        ("AT+TCPSEND=0,4,,2", "\r\n+TCPSEND: MODE ERROR\r\n"),
        ("AT+TCPCLOSE=5", "\r\n+TCPCLOSE: ERROR\r\n"),
        ("AT+IPSTATUS=1", "\r\n+IPSTATUS: 1,DISCONNECT\r\n"),
        ("AT+IPSTATUS=5", "\r\n+IPSTATUS: ERROR\r\n"),
        ("AT+TCPACK=1", "\r\n+TCPACK: 1,DISCONNECT\r\n"),
        ("AT+TCPACK=5", "\r\nERROR\r\n"),
        ("AT+TCPLPORT=0,0", "\r\n+TCPLPORT: ERROR\r\n"),
        ("AT+TCPLPORT=0,6800", "\r\nOK\r\n"),
        ("AT+TCPKEEPALIVE=1,120,75", "\r\nOK\r\n"),
        ("AT+TCPKEEPALIVE?", "\r\n+TCPKEEPALIVE: 0,120,75\r\n\r\nOK\r\n"),
        ("AT+TCPKEEPALIVE=?", "\r\n+TCPKEEPALIVE: (0-1),(30-7200),(1-1800)\r\n\r\nOK\r\n"),
        ("AT+DATAFORMAT?", "\r\n+DATAFORMAT: 1,1\r\n\r\nOK\r\n"),
        ("AT+RCVMODE=1,1", "\r\nOK\r\n"),
        ("AT+RECVMODE?", "\r\n+RECVMODE: 1,0\r\n\r\nOK\r\n"),
        ("AT+TCPREAD=0,100", "\r\n+TCPREAD: 0,0,\r\n\r\nOK\r\n"),
    ],
)
def test_answers_and_complaints_as_in_the_examples(bench, command, answer):
    async def scenario():
        async with bench() as modem:
            await online(modem)
            assert await modem.say(f"{command}\r") == answer

    asyncio.run(scenario())


def test_the_other_readings_of_endings_and_words(bench):
    async def scenario():
        async with bench("ending=ok", "setup_ok=always", "words=mixed", "no_link=words") as modem:
            says = modem.say
            assert await says("AT+TCPSEND=0,1\r") == (
                "\r\n+TCPSEND: GPRS DISCONNECTION\r\n\r\nOK\r\n"
            )
            await says("AT+TCPSETUP=0,127.0.0.1,9\r")
            await online(modem)
            assert await says("AT+IPSTATUS=5\r") == "\r\n+IPSTATUS: ERROR\r\n\r\nOK\r\n"
            assert await says("AT+TCPSETUP=5,127.0.0.1,9\r") == (
                "\r\nOK\r\n\r\n+TCPSETUP: ERROR\r\n"
            )
            assert await says("AT+TCPSEND=5,1\r") == "\r\n+TCPSEND: Error\r\n\r\nOK\r\n"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("style", "answer"),
    [
        ("error", "\r\nERROR\r\n"),
        ("words", "\r\n+TCPSETUP: GPRS DISCONNECTION\r\n"),
        ("late", "\r\nOK\r\n\r\n+CME ERROR: NO SIM\r\n\r\n+TCPSETUP: 0,FAIL\r\n"),
    ],
)
def test_without_a_link_nothing_is_set_up(bench, style, answer):
    async def scenario():
        async with bench(f"no_link={style}") as modem:
            assert await modem.say("AT+TCPSETUP=0,127.0.0.1,9\r") == answer

    asyncio.run(scenario())


def test_nobody_there_unknown_host_and_used_socket(bench):
    async def scenario():
        async with server(echo) as port, bench() as modem:
            await online(modem)
            await connect(modem, port)
            answer = await modem.say(f"AT+TCPSETUP=0,127.0.0.1,{port}\r")
            assert answer == "\r\n+TCPSETUP: 0,ERROR1\r\n"
            for host in ("nowhere.example", "127.0.0.1"):
                modem.modem.receive(f"AT+TCPSETUP=1,{host},1\r".encode())
                answer = await modem.until_written("FAIL\r\n")
                assert answer == "\r\nOK\r\n\r\n+TCPSETUP: 1,FAIL\r\n"
            await modem.do("peers", routes={"echo.example:7": f"127.0.0.1:{port}"})
            await modem.say("AT+TCPSETUP=1,echo.example,7\r")
            await modem.do("wait", open=2)
            await modem.do("refuse", outcome="FAIL")
            await modem.say(f"AT+TCPSETUP=2,127.0.0.1,{port}\r")
            await modem.until_written("+TCPSETUP: 2,FAIL\r\n")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("command", "data"),
    [
        ('AT+TCPSEND=0,10,"SDFEGFREGR",0', b"SDFEGFREGR"),
        (
            r'AT+TCPSEND=0,27,"\"3~!@#$%\\^&*()_+;' + r"'332\",\"32\"" + '"',
            b'"3~!@#$%\\^&*()_+;\'332","32"',
        ),
        ('AT+TCPSEND=0,6,"313233343536",1', b"123456"),
    ],
)
def test_sending_in_the_command_itself(bench, command, data):
    async def scenario():
        async with server(echo) as port, bench() as modem:
            await online(modem)
            await connect(modem, port)
            modem.modem.receive(f"{command}\r".encode())
            text, length = data.decode(), len(data)
            answer = await modem.until_written(f"{length},{text}\r\n")
            assert answer == (
                f"\r\nOK\r\n\r\n+TCPSEND: 0,{length}\r\n\r\n+TCPRECV: 0,{length},{text}\r\n"
            )

    asyncio.run(scenario())


def test_sending_in_hex_and_up_to_a_carriage_return(bench):
    async def scenario():
        async with server(echo) as port, bench() as modem:
            await online(modem)
            await connect(modem, port)
            await send(modem, "AT+TCPSEND=0", b"012345678901234567890\r")
            await modem.until_written("+TCPRECV: 0,21,012345678901234567890\r\n")
            await send(modem, "AT+TCPSEND=0,2,,1", b"0aFF")
            await modem.until_written("+TCPRECV: 0,2,\n\xff\r\n")
            await modem.say("AT+DATAFORMAT=0,0\r")
            await send(modem, "AT+TCPSEND=0,5", b"6162636465")
            answer = await modem.until_written("+TCPRECV: 0,5,6162636465\r\n")
            assert "+TCPSEND: 0,5\r\n" in answer

    asyncio.run(scenario())


def test_a_prompt_that_is_left_alone_ends(bench):
    async def scenario():
        async with server(echo) as port, bench("prompt=blank", patience=0.001) as modem:
            await online(modem)
            await connect(modem, port)
            answer = await modem.say("AT+TCPSEND=0,10\r")
            assert answer == "\r\n> \r\n+TCPSEND: 0,OPERATION EXPIRED\r\n"

    asyncio.run(scenario())


def test_data_may_be_echoed(bench):
    async def scenario():
        async with server(echo) as port, bench("data_echo=yes", echo=True) as modem:
            await modem.say("AT+XIIC=1\r")
            await modem.do("wait", link=True)
            modem.modem.receive(f"AT+TCPSETUP=0,127.0.0.1,{port}\r".encode())
            await modem.until_written("0,OK\r\n")
            modem.modem.receive(b"AT+TCPSEND=0,3\r")
            assert await modem.until_written(">") == "AT+TCPSEND=0,3\r\r\n>"
            assert (await modem.say("abc")).startswith("abc\r\nOK\r\n")

    asyncio.run(scenario())


def test_received_data_wait_where_the_client_reads_them_itself(bench):
    async def scenario():
        async def talk(reader, writer):
            for data in (b"hello", b"\r\nOK\r\n"):
                await reader.readline()
                writer.write(data)

        async with server(talk) as port, bench() as modem:
            await online(modem)
            await modem.say("AT+RECVMODE=0,0\r")
            await connect(modem, port)
            for _ in range(2):
                await send(modem, "AT+TCPSEND=0,1", b"\n")
                await modem.until_written("+TCPRECV: 0\r\n")
            await modem.do("wait", open=0)  # the server hung up, what it sent is still there
            assert modem.take() == "\r\n+TCPCLOSE: 0,Link Closed\r\n"
            assert await modem.say("AT+TCPREAD=0,3\r") == "\r\n+TCPREAD: 0,3,hel\r\n\r\nOK\r\n"
            assert await modem.say("AT+TCPREAD=0,100\r") == (
                "\r\n+TCPREAD: 0,8,lo\r\nOK\r\n\r\n\r\nOK\r\n"
            )
            assert await modem.say("AT+TCPREAD=0,100\r") == "\r\n+TCPREAD: 0,0,\r\n\r\nOK\r\n"

    asyncio.run(scenario())


def test_only_the_first_notice_in_the_other_style(bench):
    async def scenario():
        release = asyncio.Event()

        async def talk(reader, writer):
            writer.write(b"one")
            await release.wait()
            writer.write(b"two")
            await reader.read()

        async with server(talk) as port, bench("notice=first", "notice_length=always") as modem:
            await online(modem)
            await modem.say("AT+RECVMODE=0\r")
            await modem.say(f"AT+TCPSETUP=0,127.0.0.1,{port}\r")
            await modem.until_written("+TCPRECV: 0,3\r\n")
            release.set()
            buffered = modem.modem.stack.sockets.buffers[0]
            await modem.until(lambda: len(buffered) == 6)
            assert modem.take() == ""

    asyncio.run(scenario())


def test_a_peer_that_hangs_up_is_reported(bench):
    async def scenario():
        async def talk(reader, writer):
            writer.write(await reader.readexactly(1))

        async with server(talk) as port, bench() as modem:
            await online(modem)
            await connect(modem, port)
            await send(modem, "AT+TCPSEND=0,1", b"x")
            answer = await modem.until_written("Link Closed\r\n")
            assert answer.endswith("+TCPRECV: 0,1,x\r\n\r\n+TCPCLOSE: 0,Link Closed\r\n")

    asyncio.run(scenario())


def test_a_full_send_buffer_takes_no_more(bench):
    async def scenario():
        async with server(echo) as port, bench() as modem:
            await online(modem)
            await connect(modem, port)
            await modem.do("link", dead=True)
            await send(modem, "AT+TCPSEND=0,4000", b"x" * 4000)
            await modem.until_written("+TCPSEND: 0,4000\r\n")
            assert await modem.say("AT+IPSTATUS=0\r") == "\r\n+IPSTATUS: 0,CONNECT,TCP,96\r\n"
            assert await modem.say("AT+TCPACK=0\r") == "\r\n+TCPACK: 0,4000,0\r\n"
            assert await modem.say("AT+TCPSEND=0,97\r") == (
                "\r\n+TCPSEND: BUFFER NOT ENOUGH,96\r\n"
            )
            await modem.do("link", dead=False)
            await modem.until(lambda: "x\r\n" in modem.seen())

    asyncio.run(scenario())


def test_a_lost_link_takes_every_socket_with_it(bench):
    async def scenario():
        async with server(echo) as port, bench() as modem:
            await online(modem)
            for number in range(5):
                await connect(modem, port, number)
            assert len((await modem.do("data"))["open"]) == 5
            await modem.do("link", lost=True)
            farewells = "".join(f"\r\n+TCPCLOSE: {n},Link Closed\r\n" for n in range(5))
            assert modem.take() == "\r\nGPRS DISCONNECTION\r\n" + farewells
            assert (await modem.do("data"))["open"] == []
            assert "+XIIC:    0,0.0.0.0" in await modem.say("AT+XIIC?\r")

    asyncio.run(scenario())


def test_a_restart_leaves_nothing_open(bench):
    async def scenario():
        gone = asyncio.Event()

        async def talk(reader, writer):
            try:
                await reader.read()
            finally:
                gone.set()

        async with server(talk) as port, bench() as modem:
            await online(modem)
            await connect(modem, port)
            await modem.do("restart")
            await asyncio.wait_for(gone.wait(), 5)
            data = await modem.do("data")
            assert data["open"] == []
            assert data["opened"][0]["closed"] == "power"

    asyncio.run(scenario())


def test_a_transfer_on_three_sockets_at_once_is_byte_exact(bench):
    async def scenario():
        sent = random.Random(8).randbytes(20_000)
        heard = {}

        async def talk(reader, writer):
            number = await reader.readexactly(1)
            writer.write(sent)
            heard[number] = await reader.readexactly(len(sent))

        async with server(talk) as port, bench() as modem:
            await online(modem)
            for number in range(3):
                await connect(modem, port, number)
            written = ""
            pieces = [str(number).encode() + sent for number in range(3)]
            while any(pieces):
                for number, rest in enumerate(pieces):
                    if not rest:
                        continue
                    piece = rest[:3000]
                    modem.modem.receive(f"AT+TCPSEND={number},{len(piece)}\r".encode())
                    await modem.until(lambda: re.search("\r\n>$|NOT ENOUGH", modem.seen()))
                    if modem.seen().endswith(">"):
                        modem.modem.receive(piece)
                        done = f"+TCPSEND: {number},{len(piece)}\r\n"
                        written += await modem.until_written(done)
                        pieces[number] = rest[3000:]
                    else:
                        written += modem.take()
            await modem.do("wait", open=0)
            written += modem.take()
            assert heard == {b"0": sent, b"1": sent, b"2": sent}
            received = dict.fromkeys("012", "")
            for number, data in reports(written):
                received[number] += data
            assert {data.encode("latin-1") for data in received.values()} == {sent}

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("style", "closed", "error"),
    [("bare", "", ""), ("table", "\r\nOK\r\n", ""), ("ok", "\r\nOK\r\n", "\r\nOK\r\n")],
)
def test_an_ok_may_follow_where_the_examples_have_none(bench, style, closed, error):
    async def scenario():
        async with server(echo) as port, bench(f"ending={style}") as modem:
            await online(modem)
            await connect(modem, port)
            assert await modem.say("AT+TCPCLOSE=0\r") == f"\r\n+TCPCLOSE: 0,OK\r\n{closed}"
            assert await modem.say("AT+TCPCLOSE=0\r") == f"\r\n+TCPCLOSE: ERROR\r\n{error}"

    asyncio.run(scenario())


@pytest.mark.parametrize("style", ["manual", "contrary", "reports=anytime"])
def test_data_pass_whatever_the_style(bench, style):
    async def scenario():
        data = bytes(range(256)) * 4
        async with server(echo) as port, bench(style) as modem:
            await online(modem)
            modem.modem.receive(f"AT+TCPSETUP=0,127.0.0.1,{port}\r".encode())
            await modem.until_written("0,OK")
            modem.modem.receive(b"AT+TCPSEND=0,1024\r")
            await modem.until_written(">")
            modem.modem.receive(data)
            await modem.until(lambda: f"1024,{data.decode('latin-1')}\r\n" in modem.seen())
            await modem.say("AT+TCPCLOSE=0\r")
            await modem.do("wait", open=0)

    asyncio.run(scenario())


def test_the_local_port_is_the_one_that_was_chosen(bench):
    async def scenario():
        async def talk(reader, writer):
            writer.write(str(writer.get_extra_info("peername")[1]).encode())
            await reader.read()

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            chosen = free.getsockname()[1]
        async with server(talk) as port, bench() as modem:
            await online(modem)
            await modem.say(f"AT+TCPLPORT=0,{chosen}\r")
            await modem.say(f"AT+TCPSETUP=0,127.0.0.1,{port}\r")
            await modem.until_written(f",{chosen}\r\n")

    asyncio.run(scenario())


def test_a_restart_between_the_data_and_their_sending_sends_nothing(bench):
    async def scenario():
        heard = []

        async def talk(reader, writer):
            heard.append(await reader.read())

        async with server(talk) as port, bench() as modem:
            await online(modem)
            await connect(modem, port)
            await modem.do("fault", kind="restart", command="+TCPSEND", phase="payload")
            await send(modem, "AT+TCPSEND=0,5", b"hello")
            await modem.until_written("MODEM:STARTUP")
            await modem.until(lambda: heard)
            assert heard == [b""]

    asyncio.run(scenario())


@pytest.mark.parametrize("action", ["radio off", "card pulled"])
def test_without_radio_or_card_the_link_is_lost(bench, action):
    async def scenario():
        async with server(echo) as port, bench() as modem:
            await online(modem)
            await connect(modem, port)
            if action == "radio off":
                await modem.say("AT+CFUN=0\r")
            else:
                await modem.do("sim", inserted=False)
            await modem.until(lambda: modem.modem.stack.journal.open == [])
            assert modem.modem.stack.link.address == "0.0.0.0"

    asyncio.run(scenario())


def reports(text):
    """The numbers and data of all +TCPRECV in ``text``."""
    while match := re.search(r"\r\n\+TCPRECV: (\d),(\d+),", text):
        end = match.end() + int(match[2])
        yield match[1], text[match.end() : end]
        assert text[end : end + 2] == "\r\n"
        text = text[end:]


def test_data_that_come_too_soon_after_the_prompt_are_lost(bench):
    async def scenario():
        async with server(echo) as port, bench(settling=0.02) as modem:
            await online(modem)
            await connect(modem, port)
            await send(modem, "AT+TCPSEND=0,5", b"early")
            await asyncio.sleep(0.05)  # now the modem listens
            modem.modem.receive(b"later")
            await modem.until_written("+TCPRECV: 0,5,later\r\n")

    asyncio.run(scenario())


def test_names_may_be_those_that_the_manual_prints(bench):
    async def scenario():
        async with bench("spelling=printed") as modem:
            assert await modem.say("AT+RECVMODE?\r") == "\r\nERROR\r\n"
            assert await modem.say("AT+RCVMODE?\r") == "\r\n+RCVMODE: 1,0\r\n\r\nOK\r\n"
        async with bench("spelling=right") as modem:
            assert await modem.say("AT+RCVMODE?\r") == "\r\nERROR\r\n"
            assert await modem.say("AT+RECVMODE?\r") == "\r\n+RECVMODE: 1,0\r\n\r\nOK\r\n"

    asyncio.run(scenario())

"""Transparent connections: data mode, +++ and ATO (manual 5.3, 5.4 and chapter 12)."""

import asyncio

import pytest

from .world import echo, online, server, udp_echo


async def begin(modem, port, name="TCPTRANS"):
    modem.modem.receive(f"AT+{name}=127.0.0.1,{port}\r".encode())
    answer = await modem.until_written(f"+{name}: OK\r\n")
    assert answer == f"\r\nOK\r\n\r\n+{name}: OK\r\n"


async def escape(modem):
    modem.modem.receive(b"+++")
    return await modem.until_written("OK\r\n")


@pytest.mark.parametrize("name", ["TCPTRANS", "UDPTRANS"])
def test_data_go_through_until_the_escape_and_again_after_ato(bench, name):
    async def scenario():
        async with server(echo) as tcp, udp_echo() as udp, bench(guard=0.02) as modem:
            await online(modem)
            await begin(modem, tcp if name == "TCPTRANS" else udp, name)
            modem.modem.receive(b"AT+CSQ\r\x00\x1a+")
            assert await modem.until_written("+") == "AT+CSQ\r\x00\x1a+"
            await asyncio.sleep(0.03)  # the silence that the escape wants before it
            assert await escape(modem) == "\r\nOK\r\n"
            kind = "TCP" if name == "TCPTRANS" else "UDP"
            assert f"0,CONNECT,{kind}," in await modem.say("AT+IPSTATUS=0\r")
            assert await modem.say("AT+TCPTRANS=127.0.0.1,9\r") == "\r\nERROR\r\n"
            assert await modem.say("ATO\r") == "\r\nCONNECT\r\n"
            modem.modem.receive(b"more")
            assert await modem.until_written("more") == "more"
            await asyncio.sleep(0.03)
            await escape(modem)
            assert await modem.say("AT+TRANSCLOSE\r") == "\r\n+TRANSCLOSE: 0,OK\r\n"
            assert await modem.say("ATO\r") == "\r\nERROR\r\n"
            assert await modem.say("AT+TRANSCLOSE\r") == "\r\nERROR\r\n"
            assert (await modem.do("data"))["open"] == []

    asyncio.run(scenario())


def test_an_escape_without_silence_is_data(bench):
    async def scenario():
        async with server(echo) as port, bench(guard=0.05) as modem:
            await online(modem)
            await begin(modem, port)
            modem.modem.receive(b"one")
            modem.modem.receive(b"+++")
            assert await modem.until_written("+++") == "one+++"
            await asyncio.sleep(0.06)
            modem.modem.receive(b"++")
            assert await modem.until_written("++") == "++"  # not the whole escape after all

    asyncio.run(scenario())


def test_the_end_of_the_connection_ends_the_data_mode(bench):
    async def scenario():
        async def talk(reader, writer):
            writer.write(b"bye" + await reader.readexactly(1))

        async with server(talk) as port, bench() as modem:
            await online(modem)
            await begin(modem, port)
            modem.modem.receive(b"!")
            answer = await modem.until_written("Closed\r\n")
            assert answer == "bye!\r\n+TCPTRANS: Link Closed\r\n"
            assert await modem.say("AT\r") == "\r\nOK\r\n"

    asyncio.run(scenario())


def test_a_message_that_comes_in_ends_the_data_mode_but_not_the_connection(bench):
    async def scenario():
        async with server(echo) as port, bench() as modem:
            await online(modem)
            await begin(modem, port)
            await modem.do("receive", from_="+4930111", text="Hello")
            assert await modem.until_written("+CMTI") == '\r\n+CMTI: "SM",1\r\n'
            assert await modem.say("AT\r") == "\r\nOK\r\n"
            assert await modem.say("ATO\r") == "\r\nCONNECT\r\n"

    asyncio.run(scenario())


def test_complaints_as_in_the_examples(bench):
    async def scenario():
        async with bench() as modem:
            assert await modem.say("AT+TCPTRANS=127.0.0.1,9\r") == "\r\nERROR\r\n"
            await online(modem)
            assert await modem.say("AT+TCPTRANS=220.199.66.56,\r") == "\r\n+TCPTRANS: ERROR\r\n"
            modem.modem.receive(b"AT+TCPTRANS=nowhere.example,1\r")
            assert await modem.until_written("FAIL\r\n") == "\r\nOK\r\n\r\n+TCPTRANS: FAIL\r\n"

    asyncio.run(scenario())

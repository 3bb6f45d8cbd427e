"""The clock's sources and the position (manual 24.2, 24.5, 24.6), by the manual's own examples."""

import asyncio

import pytest


async def connected(modem):
    await modem.say("AT+XIIC=1\r")
    await modem.until(lambda: modem.modem.stack.link.active)
    modem.take()


def test_without_a_link(bench):
    async def scenario():
        async with bench() as modem:
            update = "AT+UPDATETIME=1,time.windows.com,10\r"
            assert await modem.say(update) == "\r\n+UPDATETIME: No PPP Link\r\n"
            assert await modem.say("AT+CIPGSMLOC\r") == "\r\n+CIPGSMLOC: GPRS DISCONNECTION\r\n"
            never = "Last Update Time 0000-00-00,00:00:00"
            assert never in await modem.say("AT+UPDATETIME=0\r")
            assert "+UPDATETIME: (0-1),,(1-30),,(0-1)" in await modem.say("AT+UPDATETIME=?\r")
            for wrong in ("2,a,1", "1,a,31", '1,a,1,"E14"', '1,a,1,"X1"', "1,a,1,,2"):
                assert "ERROR" in await modem.say(f"AT+UPDATETIME={wrong}\r")

    asyncio.run(scenario())


def test_an_unknown_time_server(bench):
    async def scenario():
        async with bench() as modem:
            await connected(modem)
            said = await modem.say('AT+UPDATETIME=1,nowhere.example,10,"W12",1\r')
            assert said == "\r\n+UPDATETIME: Domain Name Invalid\r\n"

    asyncio.run(scenario())


def test_network_time(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("nitz", time="2015-06-25T18:38:13+08:00")
            assert modem.take() == ""
            assert "+GLTS: (0-1)" in await modem.say("AT+GLTS=?\r")
            assert await modem.say("AT+GLTS=1\r") == "\r\nOK\r\n"
            await modem.do("nitz", time="2015-06-25T18:38:13+08:00")
            assert modem.take() == "\r\n+GLTS: 15/06/25,18:38:13/GMT+32\r\n"
            assert '+CCLK: "15/06/25,18:38:1' in await modem.say("AT+CCLK?\r")
            assert "+GLTS: 1" in await modem.say("AT+GLTS?\r")

    asyncio.run(scenario())


def test_a_position(bench):
    async def scenario():
        async with bench() as modem:
            await connected(modem)
            modem.modem.receive(b"AT+CIPGSMLOC\r")
            assert await modem.until_written("LOC: OK\r\n") == (
                "\r\nOK\r\n"
                '\r\n+CIPGSMLOC: { "location": {"lat":22.69083, "lng":113.985228}, '
                '"accuracy":550.0}\r\n'
                "\r\n+CIPGSMLOC: OK\r\n"
            )
            assert await modem.say("AT+CIPGSMLOC=0\r") == "\r\nOK\r\n"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("word", "before"), [("FAIL", "\r\nOK\r\n"), ("DNS FAILED", ""), ("LINK FAIL", "")]
)
def test_failures(bench, word, before):
    async def scenario():
        async with bench() as modem:
            await connected(modem)
            await modem.do("place", failure=word)
            modem.modem.receive(b"AT+CIPGSMLOC\r")
            said = await modem.until_written(f"{word}\r\n")
            assert said == f"{before}\r\n+CIPGSMLOC: {word}\r\n"

    asyncio.run(scenario())

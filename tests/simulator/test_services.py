"""Jamming, and settings that are kept without power (manual 24)."""

import asyncio

import pytest


def test_jamming_is_reported_where_that_is_asked_for(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("jam", level=80)
            assert "+JAMMINGDETECT: 0,75" in await modem.say("AT+JAMMINGDETECT?\r")
            begun = "\r\nOK\r\n\r\n+JAMMINGDTURC: 1\r\n"
            assert await modem.say("AT+JAMMINGDETECT=1\r") == begun
            await modem.do("jam", level=90)
            assert modem.take() == ""
            await modem.do("jam", level=74)
            assert modem.take() == "\r\n+JAMMINGDTURC: 0\r\n"
            assert "+JAMMINGDTURC: 1" in await modem.say("AT+JAMMINGDETECT=1,74\r")
            assert "ERROR" in await modem.say("AT+JAMMINGDETECT=1,101\r")

    asyncio.run(scenario())


def test_the_end_of_jamming_may_pass_in_silence(bench):
    async def scenario():
        async with bench("jamming_end=silent") as modem:
            await modem.say("AT+JAMMINGDETECT=1\r")
            await modem.do("jam", level=100)
            assert modem.take() == "\r\n+JAMMINGDTURC: 1\r\n"
            await modem.do("jam", level=0)
            assert modem.take() == ""

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("change", "query", "answer"),
    [
        ("AT+SIMORDER=1", "AT+SIMORDER?", "+SIMORDER: 1"),
        ("AT+NGPCLASS=10", "AT+NGPCLASS?", "+NGPCLASS: 10"),
        ("AT+SDMBS=1", "AT+SDMBS?", "+SDMBS: 1"),
        ("AT+SELFREGISTER=0,1", "AT+SELFREGISTER?", "+SELFREGISTER: 1"),
    ],
)
def test_it_is_kept_without_power(bench, change, query, answer):
    async def scenario():
        async with bench() as modem:
            assert answer not in await modem.say(f"{query}\r")
            assert await modem.say(f"{change}\r") == "\r\nOK\r\n"
            await modem.do("restart")
            await modem.until(lambda: modem.modem.interpreter is not None)
            assert answer in await modem.say(f"{query}\r")
            assert "ERROR" in await modem.say(f"{change[:-1]}99\r")

    asyncio.run(scenario())

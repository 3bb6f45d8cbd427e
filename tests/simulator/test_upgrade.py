"""New firmware (manual 23), by the manual's own examples."""

import asyncio

import pytest


def neofota(*codes: int) -> str:
    return "".join(f"\r\n+NEOFOTA: {code}\r\n" for code in codes)


@pytest.mark.parametrize(
    ("offer", "codes"),
    [
        ({}, (0,)),
        ({"version": "V4"}, (1, 3, 4)),
        ({"version": "V4", "failure": 2}, (2,)),
        ({"version": "V4", "failure": 5}, (1, 3, 5)),
    ],
)
def test_through_the_network(bench, offer, codes):
    async def scenario():
        async with bench() as modem:
            await modem.say("AT+XIIC=1\r")
            await modem.until(lambda: modem.modem.stack.link.active)
            modem.take()
            await modem.do("fota", **offer)
            modem.modem.receive(b"AT+NEOFOTA=115.29.178.98/,80\r")
            said = await modem.until_written(f"+NEOFOTA: {codes[-1]}\r\n")
            assert said.startswith("\r\nOK\r\n" + neofota(*codes))
            if codes[-1] == 4:
                await modem.until(lambda: modem.modem.ledger.starts == 2)
                assert "+CGMR: V4" in await modem.say("AT+CGMR\r")

    asyncio.run(scenario())


def test_what_cannot_begin(bench):
    async def scenario():
        async with bench() as modem:
            down = "\r\n+NEOFOTA: GPRS DISCONNECTION\r\n"
            assert await modem.say("AT+NEOFOTA=115.29.178.98/,80\r") == down
            await modem.say("AT+XIIC=1\r")
            await modem.until(lambda: modem.modem.stack.link.active)
            modem.take()
            assert "URL ERROR" in await modem.say("AT+NEOFOTA=nowhere.example,80\r")
            assert "PORT ERROR" in await modem.say("AT+NEOFOTA=115.29.178.98,x\r")
            assert "ERROR" in await modem.say("AT+UPDATE=?\r")

    asyncio.run(scenario())


def test_over_the_serial_line(bench):
    async def scenario():
        async with bench() as modem:
            package = b"NEOWAY\nV5\n" + b"AT\r" * 1000
            assert await modem.say(f"AT+UPDATE={len(package)}\r") == "\r\nOK\r\n"
            modem.modem.receive(package)
            await modem.until(lambda: modem.modem.ledger.starts == 2)
            assert "+CGMR: V5" in await modem.say("AT+CGMR\r")

    asyncio.run(scenario())

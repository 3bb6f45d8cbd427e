"""Registration, signal, operators, calls and USSD (manual 3.2, 3.3, 4, 5.2)."""

import asyncio

import pytest


def test_registration_takes_its_time_and_is_reported(bench):
    async def scenario():
        modem = bench(registration_delay=0.02)
        modem.modem.start()
        await modem.until(lambda: modem.modem.ready)
        await modem.say("ATE0\r")
        assert "+CREG: 0,2" in await modem.say("AT+CREG?\r")
        await modem.say("AT+CREG=2\r")
        await modem.say("AT+CGREG=1\r")
        assert await modem.until_written("+CGREG") == (
            '\r\n+CREG: 1,"286F","00000FCA"\r\n\r\n+CGREG: 1\r\n'
        )
        assert '+CREG: 2,1,"286F","00000FCA"' in await modem.say("AT+CREG?\r")
        await modem.do("network", ci=0x1234)
        assert modem.take() == '\r\n+CREG: 1,"286F","00001234"\r\n'
        await modem.do("network", stat=3)
        assert modem.take() == "\r\n+CREG: 3\r\n\r\n+CGREG: 3\r\n"
        await modem.do("network", rssi=5, ber=0)
        assert modem.take() == ""
        assert "+CSQ: 5,0" in await modem.say("AT+CSQ\r")
        modem.modem.stop()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("style", "answer", "query"),
    [
        ("creg_at_once=no", "\r\nOK\r\n", "+CREG: 1,1"),
        ("creg_at_once=yes", "\r\nOK\r\n\r\n+CREG: 1\r\n", "+CREG: 1,1"),
        ("creg_query=zero", "\r\nOK\r\n", "+CREG: 0,1"),
    ],
)
def test_both_readings_of_creg(bench, style, answer, query):
    async def scenario():
        async with bench(style) as modem:
            assert await modem.say("AT+CREG=1\r") == answer
            assert query in await modem.say("AT+CREG?\r")

    asyncio.run(scenario())


def test_operators_are_listed_and_selected(bench):
    async def scenario():
        async with bench() as modem:
            assert await modem.say("AT+COPS=?\r") == (
                '\r\n+COPS: (2,"CHINA MOBILE","CMCC","46000"),'
                '(3,"CHN-UNICOM","UNICOM","46001")\r\n\r\nOK\r\n'
            )
            assert '+COPS: 0,2,"46000"' in await modem.say("AT+COPS?\r")
            await modem.say("AT+COPS=3,0\r")
            assert '+COPS: 0,0,"CHINA MOBILE"' in await modem.say("AT+COPS?\r")
            assert await modem.say('AT+COPS=1,2,"46001"\r') == "\r\nERROR\r\n"
            assert await modem.say("AT+COPS=2\r") == "\r\nOK\r\n"
            assert "+CREG: 0,0" in await modem.say("AT+CREG?\r")
            assert "+COPS: 2\r\n" in await modem.say("AT+COPS?\r")
            assert await modem.say("AT+COPS=0,2\r") == "\r\nOK\r\n"
            await modem.do("wait", stat=1)
            await modem.do("network", operators=[[1, "Telekom.de", "TDG", "26201"]])
            assert '+COPS: 0,2,"26201"' in await modem.say("AT+COPS?\r")

    asyncio.run(scenario())


def test_an_operator_is_selected_by_hand(bench):
    async def scenario():
        async with bench() as modem:
            await modem.say("AT+CMEE=1\r")
            home, other = [1, "Telekom.de", "TDG", "26201"], [1, "o2 - de", "o2", "26203"]
            await modem.do("network", operators=[home, other])
            assert await modem.say('AT+COPS=1,0,"o2 - de"\r') == "\r\nOK\r\n"
            await modem.do("wait", stat=1)
            assert '+COPS: 1,0,"o2 - de"' in await modem.say("AT+COPS?\r")
            assert "POSI: 1,262,03," in await modem.say("AT+POSI=1\r")
            assert await modem.say('AT+COPS=1,2,"26299"\r') == "\r\n+CME ERROR: 30\r\n"
            assert await modem.say('AT+COPS=1,2,"nobody"\r') == "\r\n+CME ERROR: 53\r\n"
            assert await modem.say('AT+COPS=4,2,"26299"\r') == "\r\nOK\r\n"
            await modem.do("wait", stat=1)
            assert '+COPS: 0,2,"26203"' in await modem.say("AT+COPS?\r")
            await modem.say("AT+CFUN=0\r")
            assert await modem.say("AT+POSI=1\r") == "\r\nOK\r\n"
            assert await modem.say("AT+COPS=0\r") == "\r\n+CME ERROR: 10\r\n"

    asyncio.run(scenario())


def test_cells_are_listed_in_one_line(bench):
    async def scenario():
        async with bench() as modem:
            assert await modem.say("AT+POSI=1\r") == (
                "\r\n+POSI: 1,460,00,286F,00000FCA,1D,67,0,460,00,286F,00000FC9,1D,76,1"
                "\r\n\r\nOK\r\n"
            )

    asyncio.run(scenario())


def test_a_call_rings_and_ends(bench):
    async def scenario():
        async with bench() as modem:
            await modem.say("AT+CLIP=1\r")
            await modem.do("call", from_="+77002608317")
            ring = '\r\nRING\r\n\r\n+CLIP: "77002608317",145,,,"",0\r\n'
            assert modem.take() == ring + "\r\nNO CARRIER\r\n"
            ringing = asyncio.create_task(modem.do("call", from_="123", rings=9, interval=9))
            await modem.until_written("RING")
            assert "+CPAS: 3" in await modem.say("AT+CPAS\r")
            assert await modem.say("ATH\r") == "\r\nOK\r\n"
            await ringing
            assert "+CPAS: 0" in await modem.say("AT+CPAS\r")

    asyncio.run(scenario())


def test_ussd_answers_follow_ok(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("ussd", code="*100#", answer='0,"00480069",72')
            assert await modem.say('AT+CUSD=1,"*100#",15\r') == (
                '\r\nOK\r\n\r\n+CUSD: 0,"00480069",72\r\n'
            )
            assert await modem.say('AT+CUSD=1,"*121#",15\r') == "\r\nOK\r\n\r\n+CUSD: 4\r\n"
            assert await modem.say("AT+CUSD=2\r") == "\r\nOK\r\n"

    asyncio.run(scenario())

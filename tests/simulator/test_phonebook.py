"""The simulated phonebook (manual 7), by the manual's own examples."""

import asyncio

import pytest


def test_the_examples(bench):
    async def scenario():
        async with bench() as modem:
            assert await modem.say('AT+CPBS="SM"\r') == '\r\n+CPBS: "SM",0,250\r\n\r\nOK\r\n'
            assert await modem.say("AT+CPBS=SM\r") == "\r\nERROR\r\n"
            written = 'AT+CPBW=1,"091137880",129,"Comneon"\r'
            assert await modem.say(written) == "\r\nOK\r\n"
            shown = '1,"091137880",129,"Comneon"\r\n\r\nOK\r\n'
            assert await modem.say("AT+CPBR=1,3\r") == f"\r\n+CPBR: {shown}"
            assert await modem.say("AT+CPBR=5\r") == "\r\nOK\r\n"
            assert await modem.say('AT+CPBF="Comneon"\r') == f"\r\n+CPBF: {shown}"
            assert await modem.say("AT+CPBF=Comneon\r") == "\r\nERROR\r\n"
            assert await modem.say('AT+CPBW=5,"091137880",129,Comneon\r') == "\r\nERROR\r\n"
            assert await modem.say("AT+CPBW=1\r") == "\r\nOK\r\n"
            assert "+CPBR: (1-250), 20, 14" in await modem.say("AT+CPBR=?\r")
            assert "+CPBF: 20,14" in await modem.say("AT+CPBF=?\r")
            assert "(129,145,161),14" in await modem.say("AT+CPBW=?\r")
            assert '"SM","ON","FD","LD","ME"' in await modem.say("AT+CPBS=?\r")
            assert '+CPBS: "ON",0,2' in await modem.say('AT+CPBS="on"\r')
            await modem.say('AT+CPBW=1,"13651445684",129,"t"\r')
            assert '+CNUM: "t","13651445684",129' in await modem.say("AT+CNUM\r")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("charset", "name"),
    [("UCS2", "00C40042"), ("HEX", "5B42"), ("GSM", "[B"), ("PCCP936", "?B")],
)
def test_names_in_each_character_set(bench, charset, name):
    async def scenario():
        async with bench() as modem:
            await modem.say('AT+CSCS="UCS2"\r')
            await modem.say('AT+CPBW=1,"1",129,"00C40042"\r')
            await modem.say(f'AT+CSCS="{charset}"\r')
            assert f'+CPBR: 1,"1",129,"{name}"' in await modem.say("AT+CPBR=1\r")

    asyncio.run(scenario())


def test_what_is_not_taken(bench):
    async def scenario():
        async with bench("cpbs=bare") as modem:
            await modem.say("AT+CMEE=1\r")
            assert await modem.say('AT+CPBS="ME"\r') == "\r\nOK\r\n"
            for command, code in (
                ('AT+CPBW=501,"1",129,"a"', 21),
                ('AT+CPBW=1,"1x",129,"a"', 27),
                (f'AT+CPBW=1,"{"1" * 21}",129,"a"', 26),
                (f'AT+CPBW=1,"1",129,"{"a" * 15}"', 24),
                ('AT+CPBW=1,"1",1,"a"', 53),
            ):
                assert await modem.say(f"{command}\r") == f"\r\n+CME ERROR: {code}\r\n"
            await modem.say('AT+CPBS="LD"\r')
            assert "+CME ERROR: 3" in await modem.say('AT+CPBW=1,"1",129,"a"\r')
            await modem.do("sim", inserted=False)
            assert "+CME ERROR: 10" in await modem.say('AT+CPBS="SM"\r')

    asyncio.run(scenario())

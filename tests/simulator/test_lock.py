"""PIN and PUK (manual 3.14, 3.16, 3.17)."""

import asyncio

import pytest


def test_the_pin_opens_the_sim_and_what_waits_for_it(bench):
    async def scenario():
        async with bench(pin="1234") as modem:
            await modem.say("AT+CMEE=1\r")
            assert await modem.say("AT+CIMI\r") == "\r\n+CME ERROR: 11\r\n"
            assert await modem.say("AT+CMGL=4\r") == "\r\n+CMS ERROR: 311\r\n"
            assert "+CCID: 8949" in await modem.say("AT+CCID\r")
            assert "+CPIN: SIM PIN" in await modem.say("AT+CPIN?\r")
            assert "+CREG: 0,0" in await modem.say("AT+CREG?\r")
            assert await modem.say('AT+CPIN="9999"\r') == "\r\n+CME ERROR: 16\r\n"
            modem.modem.receive(b'AT+CPIN="1234"\r')
            assert await modem.until_written("+PBREADY") == "\r\nOK\r\n\r\n+PBREADY\r\n"
            assert "+CPIN: READY" in await modem.say("AT+CPIN?\r")
            assert await modem.say('AT+CPIN="1234"\r') == "\r\n+CME ERROR: 3\r\n"
            await modem.until(lambda: modem.modem.radio.registered)
            assert (await modem.do("ledger"))["sim"]["pin_tries"] == 3

    asyncio.run(scenario())


def test_three_wrong_pins_ask_for_the_puk_and_ten_wrong_puks_end_the_card(bench):
    async def scenario():
        async with bench(pin="1234", puk="87654321") as modem:
            await modem.say("AT+CMEE=1\r")
            for _ in range(3):
                assert await modem.say('AT+CPIN="0000"\r') == "\r\n+CME ERROR: 16\r\n"
            assert "+CPIN: SIM PUK" in await modem.say("AT+CPIN?\r")
            assert await modem.say('AT+CPIN="1234"\r') == "\r\n+CME ERROR: 12\r\n"
            assert await modem.say('AT+CPIN="11111111","4321"\r') == "\r\n+CME ERROR: 16\r\n"
            modem.modem.receive(b'AT+CPIN="87654321","4321"\r')
            await modem.until_written("+PBREADY")
            await modem.do("sim", pin_tries=0, puk_tries=1)
            assert await modem.say('AT+CPIN="11111111","4321"\r') == "\r\n+CME ERROR: 16\r\n"
            assert await modem.say("AT+CPIN?\r") == "\r\n+CME ERROR: 13\r\n"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("style", "left"), [("malformed_pin=free", 3), ("malformed_pin=counted", 2)]
)
def test_a_malformed_pin_costs_a_try_or_not(bench, style, left):
    async def scenario():
        async with bench(style, pin="1234") as modem:
            assert await modem.say('AT+CPIN="12"\r') == "\r\nERROR\r\n"
            assert (await modem.do("sim"))["pin_tries"] == left

    asyncio.run(scenario())


def test_the_lock_takes_effect_at_the_next_start(bench):
    async def scenario():
        async with bench(pin="1234") as modem:
            await modem.say('AT+CPIN="1234"\r')
            assert "+CLCK: 1" in await modem.say('AT+CLCK="SC",2\r')
            assert await modem.say('AT+CPWD="SC","1234","0000"\r') == "\r\nOK\r\n"
            assert await modem.say("AT+CPWD=SC,0000,1234\r") == "\r\nERROR\r\n"
            assert await modem.say('AT+CLCK="SC",0,"1234"\r') == "\r\nERROR\r\n"
            assert await modem.say('AT+CLCK="SC",0,"0000"\r') == "\r\nOK\r\n"
            await modem.do("restart")
            await modem.until_written("+PBREADY")

    asyncio.run(scenario())


def test_an_empty_slot_and_a_card_that_comes_and_goes(bench):
    async def scenario():
        async with bench(sim=False) as modem:
            await modem.say("AT+CMEE=1\r")
            for command in ("AT+CPIN?", "AT+CIMI", "AT+CCID"):
                assert await modem.say(f"{command}\r") == "\r\n+CME ERROR: 10\r\n"
            assert await modem.say("AT+CMGL=4\r") == "\r\n+CMS ERROR: 310\r\n"
            await modem.do("sim", inserted=True)
            assert await modem.say("AT+CPIN?\r") == "\r\n+CME ERROR: 10\r\n"
            await modem.do("restart")
            await modem.until_written("+PBREADY")
            await modem.do("wait", stat=1)
            await modem.say("AT+CREG=1\r")
            modem.take()
            await modem.do("sim", inserted=False)
            assert modem.take() == "\r\n+CREG: 0\r\n"

    asyncio.run(scenario())

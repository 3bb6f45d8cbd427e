"""Identity, settings and power (manual chapters 2 and 3, 24.1)."""

import asyncio

import pytest

OK = "\r\n\r\nOK\r\n"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("ATI", "NEOWAY\r\nN11V2\r\nREVISION V003"),
        ("AT+CGMR", "+CGMR: N11_1167_SQS63002_V003"),
        ("AT+GMR", "+GMR: N11_1167_SQS63002_V003"),
        ("AT+CGSN", "+CGSN: 355910044336974"),
        ("AT+CIMI", "+CIMI: 262011234567890"),
        ("AT+CCID", "+CCID: 89490200001234567890"),
        ("AT+CGMM", "+CGMM: N11 V2"),
        ("AT+CGMI", "+CGMI: Neoway Corp Ltd"),
        ("AT+SIGNAL?", "+SIGNAL: 7"),
        ("AT+CPAS", "+CPAS: 0"),
        ("AT+CPAS=?", "+CPAS: (0,1,3,4)"),
        ("AT+CFUN=?", "+CFUN: (0-1),(0-1)"),
        ("AT+IPR=?", "+IPR: 0,9600,19200,38400,57600,115200"),
        ("AT+CLCK=?", '+CLCK: ("SC","FD","AO","OX","OI")'),
        ("AT+CPWD=?", '+CPWD: ("SC",8),("P2",8)'),
        ("AT+CSQ=?", "+CSQ: (0-31,99),(0-7,99)"),
        ("AT+CREG=?", "+CREG: (0-2)"),
        ("AT+CGREG=?", "+CGREG: (0,1,2)"),
        ("AT+CUSD=?", "+CUSD: (0,1,2)"),
        ("AT+CMGF=?", "+CMGF: (0,1)"),
        ("AT+CMGL=?", "+CMGL: (0-4)"),
        ("AT+CMGD=?", "+CMGD: (1-50),(0-4)"),
        ("AT+CNMI=?", "+CNMI: (0-3), (0-3), (0,2), (0-1), (0,1)"),
        ("AT+CNMI?", "+CNMI: 2,1,0,0,0"),
        ("AT+CSMP?", "+CSMP: 17,167,0,0"),
        ("AT+CPMS=?", '+CPMS: ("SM","ME","MT"),("SM","ME","MT"),("SM","ME","MT")'),
    ],
)
def test_what_the_manuals_examples_show(bench, command, answer):
    async def scenario():
        async with bench() as modem:
            assert await modem.say(f"{command}\r") == f"\r\n{answer}{OK}"

    asyncio.run(scenario())


@pytest.mark.parametrize("command", ["AT+SIGNAL=12", "AT+IPR=100", 'AT+CCLK="11/10/14,09:30:"'])
def test_what_the_manuals_examples_refuse(bench, command):
    async def scenario():
        async with bench() as modem:
            assert await modem.say(f"{command}\r") == "\r\nERROR\r\n"

    asyncio.run(scenario())


def test_a_restart_forgets_all_but_what_was_saved(bench):
    async def scenario():
        async with bench() as modem:
            await modem.say("AT+CMEE=1\r")
            await modem.say("AT+CREG=1\r")
            await modem.say("AT&W\r")
            await modem.say("AT+CNMI=2,2,0,1\r")
            await modem.say("AT+CMGF=1\r")
            await modem.say("AT+CGREG=1\r")
            modem.modem.receive(b"AT+CFUN=1,1\rAT+CNMI=0\r")
            first = await modem.until_written("+CREG: 1")
            assert first.startswith("\r\nOK\r\n\r\nMODEM:STARTUP\r\n")
            assert "+CMEE: 1" in await modem.say("AT+CMEE?\r")
            assert "+CREG: 1,1" in await modem.say("AT+CREG?\r")
            assert "+CNMI: 2,1,0,0,0" in await modem.say("AT+CNMI?\r")
            assert "+CMGF: 0" in await modem.say("AT+CMGF?\r")
            assert "+CGREG: 0,1" in await modem.say("AT+CGREG?\r")
            await modem.say("ATZ\r")
            assert "+CMEE: 0" in await modem.say("AT+CMEE?\r")

    asyncio.run(scenario())


def test_functionality_0_cuts_radio_and_sim(bench):
    async def scenario():
        async with bench(pin="1234") as modem:
            await modem.say('AT+CPIN="1234"\r')
            await modem.until(lambda: modem.modem.radio.registered)
            await modem.say("AT+CREG=1\r")
            assert await modem.say("AT+CFUN=0\r") == "\r\nOK\r\n\r\n+CREG: 0\r\n"
            assert await modem.say("AT+CPIN?\r") == "\r\nERROR\r\n"
            assert "99,99" in await modem.say("AT+CSQ\r")
            assert "+CFUN: 0" in await modem.say("AT+CFUN?\r")
            await modem.say("AT+CFUN=1\r")
            assert "+CPIN: SIM PIN" in await modem.say("AT+CPIN?\r")

    asyncio.run(scenario())


def test_power_off_answers_and_then_nothing_does(bench):
    async def scenario():
        async with bench() as modem:
            assert await modem.say("AT+CPWROFF\r") == "\r\nOK\r\n"
            assert await modem.say("AT\r") == ""
            await modem.do("restart")
            await modem.until_written("+PBREADY")
            assert await modem.say("AT\r") == "AT\r\r\nOK\r\n"

    asyncio.run(scenario())


def test_the_baud_rate_and_the_storage_outlive_a_restart(bench):
    async def scenario():
        async with bench() as modem:
            await modem.say("AT+IPR=9600\r")
            await modem.say('AT+CPMS="ME","ME","ME"\r')
            await modem.do("restart")
            await modem.until_written("+PBREADY")
            assert "+IPR: 9600" in await modem.say("AT+IPR?\r")
            assert '"ME",0,50,"ME",0,50,"ME",0,50' in await modem.say("AT+CPMS?\r")

    asyncio.run(scenario())


def test_the_clock_runs_from_what_was_set(bench):
    async def scenario():
        async with bench() as modem:
            assert await modem.say('AT+CCLK="11/10/14,09:30:16+32"\r') == "\r\nOK\r\n"
            answer = await modem.say("AT+CCLK?\r")
            assert answer.startswith('\r\n+CCLK: "11/10/14,09:30:1')
            assert '+32"' in answer

    asyncio.run(scenario())

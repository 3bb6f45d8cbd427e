"""Echo, spacing, result codes and the order of reports (manual 1.2, 3.4-3.6)."""

import asyncio

import pytest


def test_boot_and_echo_are_those_of_real_modules(bench):
    async def scenario():
        modem = bench(echo=True)
        modem.modem.start()
        await modem.until(lambda: modem.modem.ready)
        assert modem.take() == "\r\nMODEM:STARTUP\r\n\r\n+PBREADY\r\n"
        assert await modem.say("AT\r") == "AT\r\r\nOK\r\n"
        assert await modem.say("ATE0\r") == "ATE0\r\r\nOK\r\n"
        assert await modem.say("AT\r") == "\r\nOK\r\n"
        assert await modem.say("ATE\r") == "\r\nOK\r\n"
        assert await modem.say("AT+CSQ?\r") == "AT+CSQ?\r\r\nERROR\r\n"
        modem.modem.stop()

    asyncio.run(scenario())


def test_a_command_may_come_byte_by_byte_or_after_noise(bench):
    async def scenario():
        async with bench() as modem:
            for byte in b"AT+CSQ":
                modem.modem.receive(bytes((byte,)))
                await asyncio.sleep(0)
            assert modem.take() == ""
            assert await modem.say("\r") == "\r\n+CSQ: 23,99\r\n\r\nOK\r\n"
            assert await modem.say("\x1b\r") == ""
            assert await modem.say("\xff\x1bat+csq\r\n") == "\r\n+CSQ: 23,99\r\n\r\nOK\r\n"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("style", "answer"),
    [
        ("spacing=double", "\r\n+CSQ: 23,99\r\n\r\nOK\r\n"),
        ("spacing=single", "\r\n+CSQ: 23,99\r\nOK\r\n"),
        ("colon=:", "\r\n+CSQ:23,99\r\n\r\nOK\r\n"),
        ("colon=:    ", "\r\n+CSQ:    23,99\r\n\r\nOK\r\n"),
        ("trailing= ", "\r\n+CSQ: 23,99 \r\n\r\nOK\r\n"),
    ],
)
def test_spacing_follows_the_style(bench, style, answer):
    async def scenario():
        async with bench(style) as modem:
            assert await modem.say("AT+CSQ\r") == answer
            assert await modem.say("AT\r") == "\r\nOK\r\n"

    asyncio.run(scenario())


def test_mixed_spacing_has_both_forms(bench):
    async def scenario():
        async with bench("spacing=mixed") as modem:
            answers = {await modem.say("AT+CSQ\r") for _ in range(4)}
            assert answers == {
                "\r\n+CSQ: 23,99\r\n\r\nOK\r\n",
                "\r\n+CSQ: 23,99\r\nOK\r\n",
            }

    asyncio.run(scenario())


def test_numeric_and_suppressed_result_codes_spare_neoways_own_commands(bench):
    async def scenario():
        async with bench() as modem:
            assert await modem.say("ATV0\r") == "0\r"
            assert await modem.say("AT+CSQ\r") == "\r\n+CSQ: 23,99\r\n0\r"
            assert await modem.say("AT+NOSUCH\r") == "4\r"
            assert await modem.say("AT+SIGNAL=3\r") == "\r\nOK\r\n"
            assert await modem.say("ATV1Q1\r") == ""
            assert await modem.say("AT+CSQ\r") == "\r\n+CSQ: 23,99\r\n"
            assert await modem.say("AT+SIGNAL=99\r") == "\r\nERROR\r\n"
            assert await modem.say("AT&F\r") == "\r\nOK\r\n"

    asyncio.run(scenario())


def test_errors_take_the_form_that_cmee_asks_for(bench):
    async def scenario():
        async with bench() as modem:
            assert await modem.say("AT+CREG=5\r") == "\r\nERROR\r\n"
            assert await modem.say("AT+CFUN\r") == "\r\nERROR\r\n"
            await modem.say("AT+CMEE=1\r")
            assert await modem.say("AT+CREG=5\r") == "\r\n+CME ERROR: 53\r\n"
            assert await modem.say("AT+CFUN\r") == "\r\n+CME ERROR: 3\r\n"
            assert await modem.say("AT+NOSUCH\r") == "\r\nERROR\r\n"
            assert await modem.say("AT+CMGR=1\r") == "\r\n+CMS ERROR: 321\r\n"
            await modem.say("AT+CMEE=2\r")
            assert await modem.say("AT+CREG=5\r") == "\r\n+CME ERROR: PARAM INVALID\r\n"

    asyncio.run(scenario())


def test_errors_of_the_other_reading(bench):
    async def scenario():
        async with bench("unknown=cme", "cms=always") as modem:
            assert await modem.say("AT+CMGR=1\r") == "\r\n+CMS ERROR: 321\r\n"
            await modem.say("AT+CMEE=1\r")
            assert await modem.say("AT+NOSUCH\r") == "\r\n+CME ERROR: 49\r\n"

    asyncio.run(scenario())


def test_basic_commands_may_be_joined_and_stop_at_the_first_error(bench):
    async def scenario():
        async with bench() as modem:
            assert await modem.say("ATE0V1+CMEE=1\r") == "\r\nOK\r\n"
            assert await modem.say("ATXE1\r") == "\r\nERROR\r\n"
            assert await modem.say("AT\r") == "\r\nOK\r\n"

    asyncio.run(scenario())


def test_input_during_a_command_is_kept_or_dropped(bench):
    async def scenario():
        async with bench(scan_delay=0.01) as modem:
            answer = await modem.say("AT+COPS=?\rAT+CSQ\r")
            assert answer.index("+COPS") < answer.index("+CSQ")
        async with bench("typeahead=dropped", scan_delay=0.01) as modem:
            answer = await modem.say("AT+COPS=?\rAT+CSQ\r")
            assert "+COPS" in answer
            assert "+CSQ" not in answer
            assert modem.modem.ledger.commands("+CSQ") == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("style", ["reports=after", "reports=anytime"])
def test_a_report_waits_for_the_end_of_a_command_or_does_not(bench, style):
    async def scenario():
        async with bench(style) as modem:
            modem.modem.receive(b'AT+CMGS="+491701234567"\r')
            await modem.until_written("> ")
            await modem.do("receive", from_="+4930111", text="Hello")
            early = modem.take()
            answer = await modem.say("\x1b")
            report = '\r\n+CMTI: "SM",1\r\n'
            ok = "\r\nOK\r\n"
            assert (early, answer) == (
                ("", ok + report) if style == "reports=after" else (report, ok)
            )

    asyncio.run(scenario())

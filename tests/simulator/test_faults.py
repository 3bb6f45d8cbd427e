"""Faults on command: each kind, each phase, and after a number of bytes."""

import asyncio

import pytest

PDU = "0011000B919471103254F70000AA05E8329BFD06"
STORED = "0891683110501905F0240BA18177377949F50000413062312503230468341A0D"


@pytest.mark.parametrize(
    ("phase", "answer", "sent"),
    [
        ("payload", "\r\n+CMS ERROR: 38\r\n", 0),
        ("answer", "\r\n+CMS ERROR: 38\r\n", 1),
        ("middle", "\r\n+CMGS: 0\r\n\r\n+CMS ERROR: 38\r\n", 1),
        ("final", "\r\n+CMGS: 0\r\n\r\n+CMS ERROR: 38\r\n", 1),
    ],
)
def test_an_error_may_come_before_or_after_the_message_went_out(bench, phase, answer, sent):
    async def scenario():
        async with bench() as modem:
            await modem.do(
                "fault", kind="error", command="+CMGS", phase=phase, line="+CMS ERROR: 38"
            )
            assert await modem.send("AT+CMGS=19", PDU) == answer
            assert len((await modem.do("ledger"))["sent"]) == sent
            assert "+CMGS: " in await modem.send("AT+CMGS=19", PDU)

    asyncio.run(scenario())


def test_an_error_instead_of_the_prompt(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("fault", kind="error", command="AT+CMGS*", phase="command")
            assert await modem.say("AT+CMGS=19\r") == "\r\nERROR\r\n"

    asyncio.run(scenario())


def test_silence_for_some_commands_or_until_cleared(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("fault", kind="silence", command="+CSQ", times=2, skip=1)
            answers = [await modem.say("AT+CSQ\r") for _ in range(4)]
            assert [bool(answer) for answer in answers] == [True, False, False, True]
            await modem.do("fault", kind="silence", times=None)
            assert [await modem.say("AT\r") for _ in range(3)] == ["", "", ""]
            await modem.do("clear")
            assert await modem.say("AT\r") == "\r\nOK\r\n"

    asyncio.run(scenario())


def test_a_modem_that_hangs_says_nothing_until_it_restarts(bench):
    async def scenario():
        async with bench(echo=True) as modem:
            await modem.do("fault", kind="hang", command="+CSQ")
            assert await modem.say("AT+CSQ\r") == "AT+CSQ\r"
            assert await modem.say("AT\r") == ""
            await modem.do("receive", from_="1", text="x")
            assert modem.take() == ""
            await modem.do("restart")
            await modem.until_written("+PBREADY")
            assert await modem.say("AT\r") == "AT\r\r\nOK\r\n"

    asyncio.run(scenario())


def test_a_report_in_the_middle_of_an_answer(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("store", pdu=STORED)
            await modem.do(
                "fault", kind="report", command="+CMGR", phase="middle", line='+CMTI: "SM",2'
            )
            assert await modem.say("AT+CMGR=1\r") == (
                f'\r\n+CMGR: 0,,23\r\n\r\n+CMTI: "SM",2\r\n{STORED}\r\n\r\nOK\r\n'
            )

    asyncio.run(scenario())


def test_garbage_echo_and_a_report_at_the_prompt(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("fault", kind="garbage", hex="00ff80", phase="answer")
            assert await modem.say("AT\r") == "\x00\xff\x80\r\nOK\r\n"
            await modem.do("fault", kind="report", line="RING", phase="prompt")
            modem.modem.receive(b"AT+CMGS=19\r")
            assert await modem.until_written("RING\r\n") == "\r\n> \r\nRING\r\n"
            await modem.say("\x1b")
            await modem.do("fault", kind="echo")
            assert await modem.say("AT\r") == "\r\nOK\r\n"
            assert await modem.say("AT\r") == "AT\r\r\nOK\r\n"

    asyncio.run(scenario())


def test_a_delay_lets_the_answer_wait(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("fault", kind="delay", seconds=0.02, command="+CSQ")
            loop = asyncio.get_running_loop()
            before = loop.time()
            assert "+CSQ" in await modem.say("AT+CSQ\r")
            assert loop.time() - before >= 0.019

    asyncio.run(scenario())


@pytest.mark.parametrize(("phase", "sent"), [("payload", 0), ("answer", 1)])
def test_a_restart_before_or_after_the_message_went_out(bench, phase, sent):
    async def scenario():
        async with bench() as modem:
            await modem.do("fault", kind="restart", command="+CMGS", phase=phase)
            modem.modem.receive(b"AT+CMGS=19\r")
            await modem.until_written("> ")
            modem.modem.receive(f"{PDU}\x1aAT+CSQ\r".encode())
            written = await modem.until_written("+PBREADY")
            assert written == "\r\nMODEM:STARTUP\r\n\r\n+PBREADY\r\n"
            ledger = await modem.do("ledger")
            assert (len(ledger["sent"]), ledger["starts"]) == (sent, 2)
            assert "AT+CSQ" not in ledger["recent"]

    asyncio.run(scenario())


def test_after_a_number_of_bytes_out(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("fault", kind="restart", after_out=7)
            modem.modem.receive(b"AT+CSQ\r")
            assert (await modem.until_written("STARTUP")).startswith("\r\n+CSQ:\r\nMODEM")
            await modem.until_written("+PBREADY")
            await modem.do("fault", kind="garbage", after_out=3, hex="fe")
            assert await modem.say("ATE0\r") == "ATE\xfe0\r\r\nOK\r\n"
            await modem.do("fault", kind="delay", after_out=3, seconds=0.02)
            assert await modem.say("AT\r") == "\r\nO"
            assert await modem.until_written("\n") == "K\r\n"
            await modem.do("fault", kind="silence", after_out=3)
            assert await modem.say("AT\r") == "\r\nO"
            assert await modem.say("AT\r") == ""

    asyncio.run(scenario())


def test_after_a_number_of_bytes_in(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("fault", kind="restart", after_in=4)
            modem.modem.receive(b"AT\rAT+CNMI?\r")
            assert (await modem.until_written("+PBREADY")).count("OK") == 0
            assert (await modem.do("ledger"))["recent"][-1] == "ATE0"
            await modem.do("fault", kind="unplug", after_in=3)
            await modem.say("AT\r")
            assert modem.take() == ""
            await modem.do("replug")
            assert "OK" in await modem.say("ATE0\r")
            await modem.do("fault", kind="baud", baud=9600, after_in=3)
            await modem.say("AT\r")
            assert modem.modem.uart.rate == 9600

    asyncio.run(scenario())


def test_bytes_are_held_until_they_are_let_go(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("fault", kind="hold", after_out=3)
            assert await modem.say("AT\r") == "\r\nO"
            await modem.do("wait", held=True)
            assert await modem.say("AT\r") == ""
            await modem.do("release")
            assert modem.take() == "K\r\n\r\nOK\r\n"
            await modem.do("fault", kind="hold", after_in=4)
            modem.modem.receive(b"AT+CSQ\r")
            await modem.do("wait", held=True)
            await modem.do("release", drop=True)
            assert await modem.say("TQ0\r") == "\r\nERROR\r\n"  # AT+CTQ0
            await modem.do("fault", kind="hold", command="+CSQ", phase="final")
            assert await modem.say("AT+CSQ\r") == "\r\n+CSQ: 23,99\r\n"
            await modem.do("clear")
            assert modem.take() == "\r\nOK\r\n"

    asyncio.run(scenario())


def test_bytes_are_lost(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("fault", kind="lose", after_out=3, count=2)
            assert await modem.say("AT\r") == "\r\nO\n"
            await modem.do("fault", kind="lose", after_in=2, count=4)
            assert await modem.say("AT+CSQ\r") == "\r\nOK\r\n"
            await modem.do("fault", kind="lose", command="+CSQ", phase="final", count=3)
            assert await modem.say("AT+CSQ\r") == "\r\n+CSQ: 23,99\r\nK\r\n"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "flood"},
        {"kind": "error", "phase": "never"},
        {"kind": "error", "after_out": 3},
        {"kind": "garbage", "hex": "xyz"},
        {"kind": "error", "what": 1},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(bench, wrong):
    async def scenario():
        async with bench() as modem:
            with pytest.raises(ValueError, match=r"fault|phase|error|hex"):
                await modem.do("fault", **wrong)

    asyncio.run(scenario())

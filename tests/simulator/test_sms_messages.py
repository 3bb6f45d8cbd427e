"""Stored messages: storages, reading, listing, deleting (manual 6.1, 6.3-6.6, 6.10, 6.13)."""

import asyncio

import pytest

PDU = "0891683110501905F0240BA18177377949F50000413062312503230468341A0D"
LENGTH = 23


def test_reading_a_pdu_marks_it_read(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("store", pdu=PDU, index=39)
            answer = f"{LENGTH}\r\n{PDU}\r\n\r\nOK\r\n"
            assert await modem.say("AT+CMGR=39\r") == f"\r\n+CMGR: 0,,{answer}"
            assert await modem.say("AT+CMGR=39\r") == f"\r\n+CMGR: 1,,{answer}"
            assert await modem.say("AT+CMGR=10\r") == "\r\nERROR\r\n"

    asyncio.run(scenario())


@pytest.mark.parametrize(("style", "gap"), [("cmgl_gap=one", ""), ("cmgl_gap=two", "\r\n")])
def test_the_list_names_every_message(bench, style, gap):
    async def scenario():
        async with bench(style) as modem:
            await modem.do("store", pdu=PDU, state=1)
            await modem.do("store", pdu=PDU)
            second = f"+CMGL: 2,0,,{LENGTH}\r\n{PDU}\r\n"
            both = f"\r\n+CMGL: 1,1,,{LENGTH}\r\n{PDU}\r\n{gap}{second}"
            assert await modem.say("AT+CMGL=4\r") == f"{both}\r\nOK\r\n"
            assert await modem.say("AT+CMGL\r") == "\r\nOK\r\n"

    asyncio.run(scenario())


def test_text_mode_shows_messages_in_words(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("store", pdu=PDU)
            await modem.say("AT+CMGF=1\r")
            body = "\r\nhhhh\r\n\r\nOK\r\n"
            assert await modem.say('AT+CMGL="ALL"\r') == (
                f'\r\n+CMGL: 1,"REC UNREAD","18777397945",,"14/03/26,13:52:30+32"{body}'
            )
            await modem.say("AT+CSDH=1\r")
            assert await modem.say("AT+CMGR=1\r") == (
                '\r\n+CMGR: "REC READ","18777397945",,"14/03/26,13:52:30+32",'
                f'129,36,0,0,"+8613010591500",145,4{body}'
            )
            await modem.say('AT+CSCS="UCS2"\r')
            assert "\r\n0068006800680068\r\n" in await modem.say("AT+CMGR=1\r")
            assert await modem.say("AT+CMGL=ALL\r") == "\r\nERROR\r\n"
            assert await modem.say("AT+CMGL=4\r") == "\r\nERROR\r\n"

    asyncio.run(scenario())


def test_content_is_never_touched_by_the_style(bench):
    async def scenario():
        async with bench("colon=:", "trailing= ") as modem:
            await modem.do("receive", from_="123", text="+CMTI: x\r\nOK\r\n")
            await modem.say("AT+CMGF=1\r")
            assert "\r\n+CMTI: x\r\nOK\r\n\r\n\r\nOK\r\n" in await modem.say("AT+CMGR=1\r")

    asyncio.run(scenario())


def test_nonsense_in_a_slot_is_shown_as_it_is(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("store", pdu="0004FF")
            assert "+CMGL: 1,0,,2\r\n0004FF\r\n" in await modem.say("AT+CMGL=4\r")
            await modem.say("AT+CMGF=1\r")
            assert "\r\n0004FF\r\n" in await modem.say("AT+CMGR=1\r")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("flag", "left"),
    [("3", {1, 2, 4}), ("1,1", {1, 3, 4}), ("1,2", {1, 3}), ("1,3", {1}), ("1,4", set())],
)
def test_deleting_one_or_many(bench, flag, left):
    async def scenario():
        async with bench() as modem:
            for index, state in {1: 0, 2: 1, 3: 2, 4: 3}.items():
                await modem.do("store", pdu=PDU, index=index, state=state)
            assert await modem.say(f"AT+CMGD={flag}\r") == "\r\nOK\r\n"
            ledger = await modem.do("ledger")
            assert set(ledger["storages"]["SM"]) == left
            assert len(ledger["deleted"]) == 4 - len(left)
            assert await modem.say("AT+CMGD=9\r") == "\r\nERROR\r\n"

    asyncio.run(scenario())


def test_storages_have_names_and_sizes(bench):
    async def scenario():
        async with bench(storage=2) as modem:
            await modem.do("store", pdu=PDU, storage="ME")
            assert await modem.say('AT+CPMS="ME"\r') == "\r\n+CPMS: 1,2,0,2,0,2\r\n\r\nOK\r\n"
            assert '"ME",1,2,"SM",0,2,"SM",0,2' in await modem.say("AT+CPMS?\r")
            assert "+CPMS: 1,4,1,4,0,2" in await modem.say('AT+CPMS="MT","MT","SM"\r')
            assert f"+CMGL: 3,0,,{LENGTH}" in await modem.say("AT+CMGL=4\r")
            assert await modem.say("AT+CMGD=3\r") == "\r\nOK\r\n"
            assert await modem.say('AT+CPMS="XX"\r') == "\r\nERROR\r\n"
        async with bench("cpms_one=all") as modem:
            assert await modem.say('AT+CPMS="ME"\r')
            assert '"ME",0,50,"ME",0,50,"ME",0,50' in await modem.say("AT+CPMS?\r")
        async with bench("shared_storage=yes") as modem:
            await modem.do("store", pdu=PDU)
            assert "+CPMS: 1,50,1,50,1,50" in await modem.say('AT+CPMS="ME","SM","MT"\r')

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("style", "error"), [("busy=cms", "CMS ERROR: 314"), ("busy=cme", "CME ERROR: 14")]
)
def test_before_pbready_messages_cannot_be_reached(bench, style, error):
    async def scenario():
        modem = bench(style, ready_delay=0.02)
        modem.modem.start()
        await modem.until_written("STARTUP")
        await modem.say("ATE0+CMEE=1\r")
        assert await modem.say("AT+CMGL=4\r") == f"\r\n+{error}\r\n"
        assert await modem.until_written("+PBREADY") == "\r\n+PBREADY\r\n"
        assert await modem.say("AT+CMGL=4\r") == "\r\nOK\r\n"
        modem.modem.stop()

    asyncio.run(scenario())

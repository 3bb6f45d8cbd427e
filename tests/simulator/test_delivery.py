"""Messages from the network (manual 6.4; 3GPP TS 27.005, 3.4.1)."""

import asyncio

import pytest


def test_a_message_is_stored_and_announced(bench):
    async def scenario():
        async with bench() as modem:
            answer = await modem.do("receive", from_="+4930123", text="x" * 200)
            assert answer["parts"] == 2
            assert modem.take() == '\r\n+CMTI: "SM",1\r\n\r\n+CMTI: "SM",2\r\n'
            stored = (await modem.do("ledger"))["storages"]["SM"]
            assert [entry["pdu"] for entry in stored.values()] == answer["pdus"]

    asyncio.run(scenario())


def test_parts_come_in_the_order_wanted(bench):
    async def scenario():
        async with bench() as modem:
            answer = await modem.do("receive", from_="123", text="x" * 400, order=[3, 1, 1])
            stored = (await modem.do("ledger"))["storages"]["SM"]
            first, _, third = answer["pdus"]
            assert [entry["pdu"] for entry in stored.values()] == [third, first, first]

    asyncio.run(scenario())


def test_a_message_is_shown_and_not_stored(bench):
    async def scenario():
        async with bench() as modem:
            await modem.say("AT+CNMI=2,2\r")
            (pdu,) = (await modem.do("receive", from_="+4930123", text="Hello"))["pdus"]
            assert modem.take() == f"\r\n+CMT: ,{len(pdu) // 2 - 8}\r\n{pdu}\r\n"
            await modem.say("AT+CMGF=1\r")
            await modem.do("receive", from_="+4930123", text="Hi", time="2022-09-05T17:46:53+08:00")
            assert modem.take() == '\r\n+CMT: "+4930123",,"22/09/05,17:46:53+32"\r\nHi\r\n'
            assert (await modem.do("ledger"))["storages"] == {"SM": {}, "ME": {}}

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("style", "cnmi", "kind", "report", "store"),
    [
        ("class0=shown", "2,1", 0, "+CMT", None),
        ("class0=stored", "2,1", 0, "+CMTI", "SM"),
        ("default", "2,1", 1, "+CMTI", "ME"),
        ("default", "2,1", 2, "+CMTI", "SM"),
        ("default", "2,2", 2, "+CMTI", "SM"),
        ("default", "2,3", 3, "+CMT", None),
        ("default", "2,3", 1, "+CMTI", "ME"),
        ("default", "2,0", None, "", "SM"),
    ],
)
def test_the_class_says_where_a_message_goes(bench, style, cnmi, kind, report, store):
    async def scenario():
        async with bench(style) as modem:
            await modem.say(f"AT+CNMI={cnmi}\r")
            await modem.do("receive", from_="123", text="x", class_=kind)
            assert modem.take().strip().split(":")[0] == report
            storages = (await modem.do("ledger"))["storages"]
            assert [name for name, slots in storages.items() if slots] == ([store] if store else [])

    asyncio.run(scenario())


def test_a_full_storage_lets_the_message_wait_outside(bench):
    async def scenario():
        async with bench(storage=1) as modem:
            await modem.do("receive", from_="1", text="one")
            await modem.do("receive", from_="2", text="two")
            assert modem.take() == '\r\n+CMTI: "SM",1\r\n'
            assert len((await modem.do("ledger"))["waiting"]) == 1
            assert await modem.say("AT+CMGD=1\r") == '\r\nOK\r\n\r\n+CMTI: "SM",1\r\n'
            await modem.do("wait", waiting=0, stored=1, delivered=2)

    asyncio.run(scenario())


def test_messages_wait_for_registration_and_power(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("network", stat=2)
            await modem.do("receive", from_="1", text="one")
            assert modem.take() == ""
            await modem.do("network", stat=5)
            assert modem.take() == '\r\n+CMTI: "SM",1\r\n'
            await modem.do("power_off")
            await modem.do("receive", from_="1", text="two")
            await modem.do("restart")
            assert '+PBREADY\r\n\r\n+CMTI: "SM",2' in await modem.until_written("+CMTI")

    asyncio.run(scenario())


def test_cnmi_mode_0_keeps_reports_back(bench):
    async def scenario():
        async with bench() as modem:
            await modem.say("AT+CNMI=0,1\r")
            await modem.do("receive", from_="1", text="one")
            assert modem.take() == ""
            assert await modem.say("AT+CNMI=2,1\r") == '\r\nOK\r\n\r\n+CMTI: "SM",1\r\n'

    asyncio.run(scenario())


def test_the_limits_of_cnmi_are_those_of_its_test_form_or_of_its_text(bench):
    async def scenario():
        async with bench() as modem:
            assert await modem.say("AT+CNMI=2,1,0,2,0\r") == "\r\nERROR\r\n"
        async with bench("cnmi=text") as modem:
            assert await modem.say("AT+CNMI=2,1,0,2,0\r") == "\r\nOK\r\n"
            await modem.send("AT+CMGS=19", "0031000B919471103254F70000AA05E8329BFD06")
            await modem.do("wait", reports=1)
            assert modem.take() == '\r\n+CDSI: "SM",1\r\n'
            await modem.say("AT+CMGF=1\r")
            assert '+CMGR: "REC UNREAD",6,0,"+49170123457",145,"' in await modem.say("AT+CMGR=1\r")

    asyncio.run(scenario())


def test_raw_pdus_arrive_as_they_are(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("receive_pdu", pdus=["0004ff", "000400"])
            stored = (await modem.do("ledger"))["storages"]["SM"]
            assert [entry["pdu"] for entry in stored.values()] == ["0004FF", "000400"]
            with pytest.raises(ValueError, match="without a TPDU"):
                await modem.do("receive_pdu", pdus=["00"])

    asyncio.run(scenario())


def test_a_report_for_a_message_that_nobody_sent(bench):
    async def scenario():
        async with bench() as modem:
            await modem.say("AT+CNMI=2,1,0,1,0\r")
            await modem.do("report", reference=77, number="+491701234567")
            assert modem.take().startswith("\r\n+CDS: ")
            with pytest.raises(ValueError, match="reference 77"):
                await modem.do("report", reference=77)

    asyncio.run(scenario())

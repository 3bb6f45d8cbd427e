"""Settings of messages (manual 6.2-6.4, 6.11-6.14)."""

import asyncio

import pytest

from n11bridge.simulator.sms_text import from_user_data
from n11bridge.simulator.tpdu import UserData


@pytest.mark.parametrize(
    ("change", "query", "answer"),
    [
        ('AT+CSCS="HEX"', "AT+CSCS?", '+CSCS: "HEX"'),
        ("AT+CMGF=1", "AT+CMGF?", "+CMGF: 1"),
        ("AT+CSDH=1", "AT+CSDH?", "+CSDH: 1"),
        ("AT+CNMI=1,2,2,1,1", "AT+CNMI?", "+CNMI: 1,2,2,1,1"),
        ("AT+CSMP=49,168", "AT+CSMP?", "+CSMP: 49,168,0,0"),
        ('AT+CSCA="+8613800755500",145', "AT+CSCA?", '+CSCA: "+8613800755500",145'),
        ('AT+CSCA="8613800755500",145', "AT+CSCA?", '+CSCA: "+8613800755500",145'),
        ('AT+CSCA="12345"', "AT+CSCA?", '+CSCA: "12345",129'),
        ('AT+CSCB=1,"2","3"', "AT+CSCB?", '+CSCB: 1,"2","3"'),
    ],
)
def test_what_is_set_is_told(bench, change, query, answer):
    async def scenario():
        async with bench() as modem:
            assert await modem.say(f"{change}\r") == "\r\nOK\r\n"
            assert await modem.say(f"{query}\r") == f"\r\n{answer}\r\n\r\nOK\r\n"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "command",
    [
        'AT+CSCS="KLINGON"',
        "AT+CSCS=HEX",
        "AT+CMGF=2",
        "AT+CNMI=4",
        "AT+CNMI=1,1,0,0,0,0",
        "AT+CSMP=256",
        'AT+CSCA="nobody"',
        "AT+CSCA=123",
        "AT+CSCB=2",
        'AT+CSCA="open',
    ],
)
def test_what_makes_no_sense_is_refused(bench, command):
    async def scenario():
        async with bench() as modem:
            assert await modem.say(f"{command}\r") == "\r\nERROR\r\n"

    asyncio.run(scenario())


def test_the_centre_is_on_the_sim(bench):
    async def scenario():
        async with bench(pin="1234") as modem:
            await modem.say("AT+CMEE=1\r")
            assert await modem.say("AT+CSCA?\r") == "\r\n+CME ERROR: 11\r\n"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("dcs", "data", "charset", "shown"),
    [
        (0, "E8329BFD06", "GSM", "hello"),
        (0, "E8329BFD06", "HEX", "68656C6C6F"),
        (0, "E8329BFD06", "UCS2", "00680065006C006C006F"),
        (0, "E8329BFD06", "PCCP936", "hello"),
        (8, "4F60", "GSM", "4F60"),
        (8, "4F60", "PCCP936", "你".encode("gbk").decode("latin-1")),
        (4, "00FF", "GSM", "00FF"),
    ],
)
def test_content_in_each_character_set(dcs, data, charset, shown):
    octets = bytes.fromhex(data)
    length = 5 if dcs == 0 else len(octets)
    assert from_user_data(UserData(dcs, length, b"", octets), charset) == shown


def test_a_delivery_report_in_text_mode(bench):
    async def scenario():
        async with bench() as modem:
            await modem.say("AT+CNMI=2,1,0,1\rAT+CMGF=1\rAT+CSMP=49,167,0,0\r")
            await modem.send('AT+CMGS="+49123"', "x")
            await modem.do("wait", reports=1)
            assert modem.take().startswith('\r\n+CDS: 6,0,"+49123",145,"')

    asyncio.run(scenario())

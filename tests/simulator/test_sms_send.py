"""Messages of one's own (manual 6.7-6.9, 6.12; appendix B)."""

import asyncio

import pytest

PDU = "0011000B919471103254F70000AA05E8329BFD06"
LENGTH = 19


def test_a_pdu_goes_out_and_its_report_comes_back(bench):
    async def scenario():
        async with bench() as modem:
            await modem.say("AT+CNMI=2,1,0,1\r")
            pdu = PDU.replace("0011", "0031", 1)
            answer = await modem.send(f"AT+CMGS={LENGTH}", pdu)
            assert answer == "\r\n+CMGS: 0\r\n\r\nOK\r\n"
            (sent,) = (await modem.do("ledger"))["sent"]
            assert (sent["number"], sent["text"]) == ("+49170123457", "hello")
            assert (sent["reference"], sent["report_requested"]) == (0, True)
            assert sent["pdu"] == pdu[2:]
            await modem.do("wait", reports=1)
            header, body = modem.take().strip().split("\r\n")
            assert header == f"+CDS: {len(body) // 2 - 8}"
            assert bytes.fromhex(body)[8:10] == b"\x06\x00"
            assert await modem.send(f"AT+CMGS={LENGTH}", pdu) == "\r\n+CMGS: 1\r\n\r\nOK\r\n"

    asyncio.run(scenario())


def test_a_report_on_demand_and_without_being_asked_for(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("reports", automatic=False, status=0x41)
            await modem.say("AT+CNMI=2,1,0,1\r")
            await modem.send(f"AT+CMGS={LENGTH}", PDU.replace("0011", "0031", 1))
            assert modem.take() == ""
            await modem.do("report", reference=0, status=0x46)
            assert modem.take().endswith("46\r\n")
            with pytest.raises(ValueError, match="reference 7"):
                await modem.do("report", reference=7)

    asyncio.run(scenario())


def test_text_mode_takes_several_lines_and_the_settings_of_csmp(bench):
    async def scenario():
        async with bench() as modem:
            await modem.say("AT+CMGF=1\r")
            await modem.say("AT+CSMP=49,167,0,0\r")
            modem.modem.receive(b'AT+CMGS="+491701234567"\rfirst\r')
            assert await modem.until_written("\r\n> \r\n> ") == "\r\n> \r\n> "
            assert "+CMGS: 0" in await modem.say("second\x1a")
            (sent,) = (await modem.do("ledger"))["sent"]
            assert (sent["text"], sent["report_requested"]) == ("first\rsecond", True)
            await modem.say('AT+CSCS="UCS2"\r')
            await modem.say("AT+CSMP=17,167,0,8\r")
            await modem.send('AT+CMGS="123"', "04300431")
            assert (await modem.do("ledger"))["sent"][1]["text"] == "аб"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("charset", "dcs", "typed", "text"),
    [
        ("GSM", 0, "\x00\x02a", "@$a"),
        ("HEX", 0, "00021B65", "@$€"),
        ("UCS2", 0, "20AC", "€"),
        ("PCCP936", 0, "abc", "abc"),
        ("GSM", 8, "20AC", "€"),
        ("GSM", 4, "20AC", ""),
    ],
)
def test_text_is_typed_in_the_character_set_of_cscs(bench, charset, dcs, typed, text):
    async def scenario():
        async with bench() as modem:
            await modem.say(f'AT+CMGF=1\rAT+CSCS="{charset}"\rAT+CSMP=17,167,0,{dcs}\r')
            modem.modem.receive(b'AT+CMGS="123"\r')
            await modem.until_written("> ")
            assert "+CMGS: 0" in await modem.say(f"{typed}\x1a")
            (sent,) = (await modem.do("ledger"))["sent"]
            assert sent["text"] == text
            assert (sent["data"] == "20AC") is (dcs != 0)

    asyncio.run(scenario())


@pytest.mark.parametrize("typed", ["no hex", "20A", "FF"])
def test_what_the_character_set_lacks_is_refused(bench, typed):
    async def scenario():
        async with bench() as modem:
            await modem.say('AT+CMEE=1\rAT+CMGF=1\rAT+CSCS="HEX"\r')
            assert await modem.send('AT+CMGS="123"', typed) == "\r\n+CMS ERROR: 305\r\n"

    asyncio.run(scenario())


def test_a_draft_in_text_mode_has_a_state_and_maybe_a_number(bench):
    async def scenario():
        async with bench(storage=2) as modem:
            await modem.say("AT+CMEE=1\rAT+CMGF=1\r")
            assert "+CMGW: 1" in await modem.send("AT+CMGW", "nobody")
            answer = await modem.send('AT+CMGW="+49123",145,"STO SENT"', "somebody")
            assert "+CMGW: 2" in answer
            assert await modem.send('AT+CMGW="1"', "full") == "\r\n+CMS ERROR: 322\r\n"
            assert await modem.send('AT+CMGW="1",129,"LOST"', "x") == "\r\n+CMS ERROR: 305\r\n"
            assert await modem.say('AT+CMGL="ALL"\r') == (
                '\r\n+CMGL: 1,"STO UNSENT","",,\r\nnobody\r\n'
                '+CMGL: 2,"STO SENT","+49123",,\r\nsomebody\r\n\r\nOK\r\n'
            )
            assert '+CMGR: "STO SENT","+49123",\r\nsomebody' in await modem.say("AT+CMGR=2\r")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("command", "payload", "error"),
    [
        (f"AT+CMGS={LENGTH + 1}", PDU, 304),
        (f"AT+CMGS={LENGTH}", PDU[:-1], 304),
        (f"AT+CMGS={LENGTH}", "no hex", 304),
        ('AT+CMGS="15889758493"', "This is the text", 304),
    ],
)
def test_what_is_wrong_with_a_message_shows_after_the_prompt(bench, command, payload, error):
    async def scenario():
        async with bench() as modem:
            await modem.say("AT+CMEE=1\r")
            assert await modem.send(command, payload) == f"\r\n+CMS ERROR: {error}\r\n"
            assert (await modem.do("ledger"))["sent"] == []

    asyncio.run(scenario())


def test_an_unquoted_number_is_an_error_after_the_prompt(bench):
    async def scenario():
        async with bench() as modem:
            await modem.say("AT+CMGF=1\r")
            assert await modem.send("AT+CMGW=091137880", "text") == "\r\nERROR\r\n"

    asyncio.run(scenario())


@pytest.mark.parametrize(("style", "answer"), [("escape=ok", "\r\nOK\r\n"), ("escape=nothing", "")])
def test_escape_leaves_the_prompt(bench, style, answer):
    async def scenario():
        async with bench(style) as modem:
            modem.modem.receive(b"AT+CMGS=19\r")
            await modem.until_written("> ")
            assert await modem.say("half a mess\x1b") == answer
            assert await modem.say("AT\r") == "\r\nOK\r\n"
            assert (await modem.do("ledger"))["sent"] == []

    asyncio.run(scenario())


def test_the_payload_is_echoed_while_echo_is_on(bench):
    async def scenario():
        async with bench(echo=True) as modem:
            modem.modem.receive(b"AT+CMGS=19\r")
            assert await modem.until_written("> ") == "AT+CMGS=19\r\r\n> "
            assert await modem.say(f"{PDU}\x1a") == f"{PDU}\r\n+CMGS: 0\r\n\r\nOK\r\n"

    asyncio.run(scenario())


def test_without_service_nothing_goes_out(bench):
    async def scenario():
        async with bench() as modem:
            await modem.say("AT+CMEE=1\r")
            await modem.do("network", stat=2)
            assert await modem.send(f"AT+CMGS={LENGTH}", PDU) == "\r\n+CMS ERROR: 331\r\n"

    asyncio.run(scenario())


def test_a_stored_message_is_sent_also_to_someone_else(bench):
    async def scenario():
        async with bench() as modem:
            assert "+CMGW: 1" in await modem.send(f"AT+CMGW={LENGTH}", PDU)
            assert "+CMGL: 1,2,,19" in await modem.say("AT+CMGL=2\r")
            assert "+CMSS: 0" in await modem.say("AT+CMSS=1\r")
            assert "+CMGL: 1,3,,19" in await modem.say("AT+CMGL=3\r")
            assert "+CMSS: 1" in await modem.say('AT+CMSS=1,"15889758495"\r')
            sent = (await modem.do("ledger"))["sent"]
            assert [(entry["number"], entry["text"]) for entry in sent] == [
                ("+49170123457", "hello"),
                ("15889758495", "hello"),
            ]
            assert await modem.say("AT+CMSS=2\r") == "\r\nERROR\r\n"

    asyncio.run(scenario())

"""Playing sound (manual 21)."""

import asyncio


def test_playing_pausing_and_stopping(bench):
    async def scenario():
        async with bench() as modem:
            modem.modem.stack.files |= {"a.amr": b"#!AMR\n", "long.amr": b"#!AMR" + bytes(99999)}
            modem.modem.stack.files["no.amr"] = b"RIFF"
            faild = "\r\n+AMRPLAY: play faild!\r\n\r\nOK\r\n"
            for name in ("none.amr", "no.amr"):
                assert await modem.say(f"AT+AMRPLAY={name},0\r") == faild
            assert await modem.say("AT+AMRPLAY\r") == "\r\nERROR\r\n"
            assert await modem.say("AT+AMRPLAY=long.amr,0\r") == "\r\nOK\r\n"
            assert await modem.say("AT+AMRPAUSE\r") == "\r\nOK\r\n"
            assert await modem.say("AT+AMRRESUME\r") == "\r\nOK\r\n"
            assert await modem.say("AT+AMRPLAY\r") == "\r\nOK\r\n"
            modem.modem.receive(b"AT+AMRPLAY=a.amr,0\r")
            ended = await modem.until_written("Play ok!\r\n")
            assert ended == "\r\nOK\r\n\r\n+AMRPLAY: Play ok!\r\n"
            assert "ERROR" in await modem.say("AT+AMRPLAY=a.amr,1\r")

    asyncio.run(scenario())

"""The control interface over its sockets, and its way to wait."""

import asyncio
import json

import pytest

from n11bridge.simulator.control import Control, ControlError, ControlServer


def test_a_blocking_client_over_a_unix_socket(bench, tmp_path):
    path = tmp_path / "control"

    def play():
        with Control(path) as control:
            answer = control.do("receive", from_="+4930123", text="Hello", class_=1)
            assert answer["parts"] == 1
            control.do("wait", stored=1)
            assert list(control.do("ledger")["storages"]["ME"]) == ["1"]
            with pytest.raises(ControlError, match="no action 'nonsense'"):
                control.do("nonsense")
            with pytest.raises(ControlError, match="unexpected keyword"):
                control.do("restart", how="gently")
            control.do("stop")

    async def scenario():
        async with bench() as modem:
            modem.stopped = asyncio.Event()
            async with ControlServer(modem, str(path)):
                await asyncio.to_thread(play)
            assert modem.stopped.is_set()
            assert not path.exists()

    asyncio.run(scenario())


def test_lines_that_are_no_action_get_an_answer_too(bench):
    async def scenario():
        async with bench() as modem, ControlServer(modem, "127.0.0.1:0") as server:
            host, port = server.name.split(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            for line in (b"nonsense", b"[]", b'{"do": 1}', b'{"do": "raw", "hex": "x"}'):
                writer.write(line + b"\n")
                answer = json.loads(await reader.readline())
                assert answer["ok"] is False
                assert answer["error"]
            writer.write(b'{"do": "raw", "text": "RING"}\n')
            assert json.loads(await reader.readline()) == {"ok": True}
            assert modem.take() == "RING"
            writer.close()

    asyncio.run(scenario())


def test_waiting_ends_when_the_condition_holds_or_time_is_up(bench):
    async def scenario():
        async with bench() as modem:
            seen = asyncio.create_task(
                modem.do("wait", commands=2, matching="+CSQ", further=True, idle=True)
            )
            await asyncio.sleep(0)
            await modem.say("AT+CSQ\r")
            assert not seen.done()
            await modem.say("AT+CSQ\r")
            assert await seen == {}
            with pytest.raises(ValueError, match="nothing of the sort"):
                await modem.do("wait", sent=1, timeout=0.01)
            with pytest.raises(ValueError, match="nothing of the sort"):
                await modem.do("wait", sim="SIM PIN", timeout=0.01)

    asyncio.run(scenario())

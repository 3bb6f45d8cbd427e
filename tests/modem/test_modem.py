"""The modem on a real pty, with the simulator at its other end."""

import asyncio
import logging
from pathlib import Path

import pytest

from n11bridge.at.errors import Abandoned, Expired, Lost, Refused, TimedOut, Unavailable
from n11bridge.capabilities.signal import ReadSignalQuality
from n11bridge.capabilities.sms.wire import Indications, MessageFormat
from n11bridge.line import Patience, patience
from n11bridge.modem import Modem
from n11bridge.simulator import Style
from n11bridge.simulator.uart import Uart

from .bench import PDU, SUBMIT, Bench, Recorder, sent, serve


@pytest.mark.parametrize("style", ["default", "manual", "contrary"])
def test_it_comes_up_and_carries_out_commands(tmp_path: Path, style: str) -> None:
    async def test(bench: Bench) -> None:
        modem = bench.modem
        assert (await modem.run(ReadSignalQuality())).rssi >= 0
        assert (await modem.read(MessageFormat)).mode == 0
        assert len((await modem.test(Indications)).values) == 5
        with pytest.raises(Refused):
            await modem.write(MessageFormat(7))
        answer = await modem.send(SUBMIT, PDU)
        assert answer.reference is not None
        assert len(sent(bench)) == 1

    serve(tmp_path, test, style=Style.named(style))


def test_urgent_commands_overtake(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        order: list[str] = []

        async def ask(name: str, priority: int) -> None:
            await bench.modem.run(ReadSignalQuality(), priority=priority)
            order.append(name)

        await asyncio.gather(ask("first", 1), ask("slow", 2), ask("normal", 1), ask("urgent", 0))
        assert order == ["first", "urgent", "normal", "slow"]

    serve(tmp_path, test)


def test_an_answer_that_comes_too_late_is_nobody_elses(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        await bench.simulator.do("fault", kind="delay", command="+CSQ", seconds=2.2)
        with pytest.raises(TimedOut) as caught:
            await bench.modem.run(ReadSignalQuality())
        assert caught.value.acted
        # The OK of +CSQ comes while the line is drained; CMGF's answer is its own.
        assert (await bench.modem.read(MessageFormat)).mode == 0
        assert any(line.startswith("+CSQ") for line in bench.heard.unknown_lines)
        assert bench.heard.steps == []

    serve(tmp_path, test)


def test_a_payload_leaves_only_after_its_commit(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        committed: list[int] = []

        async def commit() -> None:
            await asyncio.sleep(0)
            committed.append(len(sent(bench)))

        await bench.modem.send(SUBMIT, PDU, commit=commit)
        assert committed == [0]
        assert len(sent(bench)) == 1

    serve(tmp_path, test)


def test_a_commit_that_fails_takes_the_message_back(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        async def commit() -> None:
            raise OSError("disk full")

        with pytest.raises(Abandoned):
            await bench.modem.send(SUBMIT, PDU, commit=commit)
        assert (await bench.modem.read(MessageFormat)).mode == 0
        assert sent(bench) == []

    serve(tmp_path, test)


@pytest.mark.parametrize(("phase", "acted"), [("command", False), ("answer", True)])
def test_a_restart_tells_whether_it_may_have_acted(tmp_path: Path, phase: str, acted: bool) -> None:
    async def test(bench: Bench) -> None:
        await bench.simulator.do("fault", kind="restart", command="+CMGS", phase=phase)
        with pytest.raises(Lost) as caught:
            await bench.modem.send(SUBMIT, PDU)
        assert caught.value.acted is acted
        await bench.up(2)
        assert bench.heard.steps == [("restart", "the modem restarted")]
        assert (await bench.modem.read(MessageFormat)).mode == 0

    serve(tmp_path, test)


def test_a_port_that_vanishes_and_comes_back(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        await bench.simulator.do("unplug")
        await bench.heard.until(lambda: bench.modem.status == "absent")
        assert bench.heard.statuses[-2:] == ["ready", "absent"]
        with pytest.raises(Unavailable):
            await bench.modem.run(ReadSignalQuality())
        await bench.simulator.do("replug")
        await bench.up(2)
        assert (await bench.modem.run(ReadSignalQuality())).rssi >= 0
        assert bench.heard.steps == []

    serve(tmp_path, test)


def test_a_port_that_stays_away_is_told_of_once(tmp_path: Path) -> None:
    class Attempts(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "does not exist" in record.getMessage():
                levels.append(record.levelno)
            if len(levels) == 2:
                twice.set()

    async def whole() -> None:
        modem = Modem(str(tmp_path / "missing"), 115200, [], heard, prepare)
        heard.modem = modem
        service = asyncio.ensure_future(modem.supervise())
        async with asyncio.timeout(30):
            await twice.wait()
        service.cancel()
        await asyncio.gather(service, return_exceptions=True)

    async def prepare() -> None:
        pass

    levels: list[int] = []
    twice = asyncio.Event()
    heard = Recorder()
    log, attempts = logging.getLogger("n11bridge.modem"), Attempts()
    log.addHandler(attempts)
    log.setLevel(logging.DEBUG)
    try:
        asyncio.run(whole())
    finally:
        log.removeHandler(attempts)
        log.setLevel(logging.NOTSET)
    assert levels == [logging.INFO, logging.DEBUG]
    assert heard.statuses == ["absent", "stopped"]


def test_a_modem_at_another_rate_is_found(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        assert bench.modem.actual_baud == 9600
        assert (await bench.modem.read(MessageFormat)).mode == 0

    serve(tmp_path, test, uart=Uart(9600, enforced=True))


@pytest.mark.slow
def test_a_modem_that_falls_silent_is_reached_again(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        await bench.simulator.do("fault", kind="silence", times=None)
        with pytest.raises(TimedOut):
            await bench.modem.run(ReadSignalQuality())
        await bench.heard.until(lambda: bench.modem.status == "recovering")
        await bench.simulator.do("clear")
        await bench.up(2)
        assert bench.heard.steps[0][0] == "reopen"
        assert (await bench.modem.run(ReadSignalQuality())).rssi >= 0

    serve(tmp_path, test)


def test_a_request_whose_time_is_up_is_never_begun(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        await bench.simulator.do("fault", kind="delay", command="+CSQ", seconds=0.5)
        busy = asyncio.ensure_future(bench.modem.run(ReadSignalQuality()))
        await asyncio.sleep(0)
        patience.set(Patience(asyncio.get_running_loop().time() + 0.05))
        with pytest.raises(Expired):
            await bench.modem.send(SUBMIT, PDU)
        await busy
        with pytest.raises(Expired):  # now it could begin at once
            await bench.modem.send(SUBMIT, PDU)
        patience.set(None)
        await bench.modem.read(MessageFormat)
        assert sent(bench) == []

    serve(tmp_path, test)

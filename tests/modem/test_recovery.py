"""Up the ladder and down again: with the simulator at the other end and real power hooks."""

from pathlib import Path

import pytest

from n11bridge.at.errors import Lost, TimedOut, Unavailable
from n11bridge.capabilities.network.wire import OperatorFormat
from n11bridge.capabilities.signal import ReadSignalQuality
from n11bridge.modem import Ladder, PowerError, ladder, link

from .bench import PDU, SUBMIT, Bench, sent, serve

CURES = ("reset", "power")


class Switch:
    """A power hook that works, after so many times at which it does not."""

    def __init__(self, *failures: str) -> None:
        self.bench: Bench | None = None
        self.cycles = 0
        self._failures = list(failures)

    async def cycle(self) -> None:
        self.cycles += 1
        if self._failures:
            raise PowerError(self._failures.pop(0))
        assert self.bench is not None
        await self.bench.simulator.do("clear")
        await self.bench.simulator.do("restart")


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "PATIENCE", dict.fromkeys(ladder.PATIENCE, 0.0))
    monkeypatch.setattr(ladder, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr("n11bridge.modem.rate.RATES", (115200,))
    monkeypatch.setattr(link, "FIRST_RETRY", 0.01)
    monkeypatch.setattr(link, "LAST_RETRY", 0.01)
    monkeypatch.setattr(link, "RESET_TIMEOUT", 0.2)


async def hang(bench: Bench) -> None:
    await bench.simulator.do("fault", kind="silence", times=None)
    with pytest.raises(TimedOut):
        await bench.modem.run(ReadSignalQuality())


@pytest.mark.slow
def test_when_nothing_helps_it_backs_off_and_stays_up(tmp_path: Path) -> None:
    switch = Switch("the relay is stuck")

    async def test(bench: Bench) -> None:
        switch.bench = bench
        await hang(bench)
        await bench.up(2)
        steps = [step for step, _ in bench.heard.steps if step != "reopen"]
        assert steps == ["reset", "power", "back_off", "reset", "power"]
        assert bench.heard.problems == [
            ("power_hook", "the modem's power was not cycled: the relay is stuck")
        ]

    serve(tmp_path, test, ladder=Ladder(CURES), power_hook=switch)


def test_messages_that_hang_climb_the_ladder_though_all_else_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("n11bridge.at.flight.PROMPT_TIMEOUT", 0.1)
    switch = Switch()
    own = Ladder(CURES)

    async def fail(bench: Bench, times: int) -> None:
        for _ in range(times):
            with pytest.raises((TimedOut, Unavailable)):
                await bench.modem.send(SUBMIT, PDU)
            if bench.modem.status == "ready":
                await bench.modem.run(ReadSignalQuality())

    async def test(bench: Bench) -> None:
        switch.bench = bench
        fault = {"kind": "silence", "command": "+CMGS", "phase": "command", "times": None}
        await bench.simulator.do("fault", **fault)
        await fail(bench, 3)
        await bench.up(2)
        assert bench.heard.steps == [("reset", "sms_send timed out 3 times in a row")]
        await fail(bench, 3)
        await bench.up(3)
        assert bench.heard.steps[1:] == [("power", "sms_send timed out 6 times in a row")]
        assert bench.modem.liveness.hung
        await bench.modem.send(SUBMIT, PDU)
        assert len(sent(bench)) == 1
        assert not bench.modem.liveness.hung
        assert own.remember(0) == Ladder(CURES).remember(0)  # from the bottom, the next time

    serve(tmp_path, test, ladder=own, power_hook=switch)


def test_what_is_slow_by_nature_restarts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OperatorFormat, "timeout", 0.1)

    async def test(bench: Bench) -> None:
        await bench.simulator.do("fault", kind="silence", command="+COPS*", times=4)
        for _ in range(4):
            with pytest.raises(TimedOut):
                await bench.modem.read(OperatorFormat)
        assert (await bench.modem.run(ReadSignalQuality())).rssi >= 0
        assert bench.heard.steps == []
        assert bench.modem.liveness.records["operator"].timeouts == 4

    serve(tmp_path, test)


def test_the_echo_betrays_a_restart_that_was_not_announced(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        await bench.simulator.do("fault", kind="echo", command="AT+CSQ", phase="final")
        await bench.modem.run(ReadSignalQuality())
        with pytest.raises((Lost, Unavailable)):
            await bench.modem.send(SUBMIT, PDU)
        await bench.up(2)
        (step, reason) = bench.heard.steps[0]
        assert (step, len(bench.heard.steps)) == ("restart", 1)
        assert "repeats our commands" in reason
        assert sent(bench) == []
        assert (await bench.modem.send(SUBMIT, PDU)).reference is not None

    serve(tmp_path, test)

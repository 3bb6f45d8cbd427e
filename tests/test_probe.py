"""`n11bridge probe`, with the simulator as the modem."""

import asyncio
from pathlib import Path

import pytest
import serial

from n11bridge import probe
from n11bridge.simulator import Profile, Simulator
from n11bridge.simulator.line import PtyLine
from n11bridge.simulator.uart import Uart


def test_it_says_what_answers_and_at_which_rate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link, missing = tmp_path / "modem", tmp_path / "missing"

    async def whole() -> None:
        uart = Uart(9600, enforced=True)
        async with Simulator(PtyLine(uart, link), Profile(), None, uart):
            assert await probe.run([str(missing), str(link)])

    asyncio.run(whole())
    said = capsys.readouterr().out
    assert f"{missing}: does not exist" in said
    assert "N11V2" in said
    assert f"port: {link}\n    baud: 9600\n" in said


def test_a_port_in_use_is_said_to_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link = tmp_path / "modem"

    async def whole() -> None:
        uart = Uart()
        async with Simulator(PtyLine(uart, link), Profile(), None, uart):
            with serial.Serial(str(link), exclusive=True):
                assert not await probe.run([str(link)])

    asyncio.run(whole())
    assert "in use by another program" in capsys.readouterr().out

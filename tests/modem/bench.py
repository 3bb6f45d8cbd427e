"""A modem in service on a simulator, on a real pty."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from n11bridge.at import command as at
from n11bridge.capabilities.sms.wire import MessageFormat, SendPdu
from n11bridge.modem import Modem
from n11bridge.simulator import Profile, Simulator, Style
from n11bridge.simulator.line import PtyLine
from n11bridge.simulator.uart import Uart

PDU = b"0001000B917228001011F100000CC8329BFD065DDF72363904"
SUBMIT = SendPdu(len(PDU) // 2 - 1)


class Recorder:
    """A listener that wakes whoever waits for something it was told."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []
        self.reports: list[at.Report] = []
        self.problems: list[tuple[str, str]] = []
        self.unknown_lines: list[str] = []
        self.statuses: list[str] = []
        self.modem: Modem | None = None
        self._told = asyncio.Condition()
        self._wakers: set[asyncio.Future[None]] = set()

    def reported(self, report: at.Report) -> None:
        self.reports.append(report)

    def unknown(self, line: str) -> None:
        self.unknown_lines.append(line)

    def status_changed(self) -> None:
        assert self.modem is not None
        self.statuses.append(self.modem.status)
        self._wakers.add(asyncio.ensure_future(self._wake()))

    def recovering(self, step: str, reason: str) -> None:
        self.steps.append((step, reason))

    def problem(self, code: str, message: str) -> None:
        self.problems.append((code, message))

    async def _wake(self) -> None:
        async with self._told:
            self._told.notify_all()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(30), self._told:
            await self._told.wait_for(holds)


class Bench:
    """A modem in service on a simulator."""

    def __init__(self, modem: Modem, simulator: Simulator, heard: Recorder) -> None:
        self.modem = modem
        self.simulator = simulator
        self.heard = heard

    async def up(self, times: int = 1) -> None:
        await self.heard.until(
            lambda: self.heard.statuses.count("ready") >= times and self.modem.status == "ready"
        )


def serve(
    tmp_path: Path,
    test: Callable[[Bench], Awaitable[None]],
    *,
    style: Style | None = None,
    uart: Uart | None = None,
    baud: int = 115200,
    **recovery: Any,
) -> None:
    async def whole() -> None:
        heard = Recorder()

        async def prepare() -> None:
            await modem.write(MessageFormat(0), while_busy=10)
            modem.set_sim("ready")
            modem.set_registration("registered")

        link = tmp_path / "modem"
        port = PtyLine(uart or Uart(), link)
        simulator = Simulator(port, Profile(), style, uart)
        modem = Modem(str(link), baud, [], heard, prepare, **recovery)
        heard.modem = modem
        async with simulator:
            service = asyncio.ensure_future(modem.supervise())
            try:
                bench = Bench(modem, simulator, heard)
                await bench.up()
                await test(bench)
            finally:
                service.cancel()
                await asyncio.gather(service, return_exceptions=True)
            assert modem.status == "stopped"

    asyncio.run(whole())


def sent(bench: Bench) -> list[Any]:
    return bench.simulator.modem.ledger.sent

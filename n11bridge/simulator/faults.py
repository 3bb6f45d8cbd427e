"""Faults on command: what goes wrong, when, and how often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from .commands import Request
from .errors import EndedWith, Silent
from .ledger import fits

if TYPE_CHECKING:
    from .modem import Modem

Kind = Literal[
    "delay",
    "error",
    "silence",
    "hang",
    "hold",
    "lose",
    "garbage",
    "report",
    "restart",
    "unplug",
    "echo",
    "baud",
]
Phase = Literal["command", "prompt", "payload", "answer", "middle", "final"]


@dataclass
class Fault:
    """One thing that goes wrong, at a phase of matching commands or after a number of bytes.

    Phases: ``command`` (nothing done yet), ``prompt`` (shown), ``payload`` (text arrived, nothing
    sent), ``answer`` (carried out, nothing said), ``middle`` (after the first line of the answer),
    ``final`` (before the result code).
    """

    kind: Kind
    command: str = "*"
    phase: Phase = "command"
    times: int | None = 1
    """How many matching commands it strikes; None: until cleared."""
    skip: int = 0
    """How many matching commands pass unharmed before."""
    after_in: int | None = None
    after_out: int | None = None
    """Instead of a phase: the number of bytes, counted from now, after which it strikes once."""
    seconds: float = 0.0
    count: int = 1
    line: str = "ERROR"
    hex: str = ""
    baud: int = 9600

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"a fault is one of {', '.join(get_args(Kind))}")
        if self.phase not in get_args(Phase):
            raise ValueError(f"a phase is one of {', '.join(get_args(Phase))}")
        if self.after_in is not None or self.after_out is not None:
            if self.kind == "error":
                raise ValueError("an error belongs to a command, not to a number of bytes")
            self.times = 0
        bytes.fromhex(self.hex)


class Faults:
    """The faults in wait for one modem."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self._armed: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        """Let ``fault`` lie in wait."""
        self._armed.append(fault)

    def clear(self, kind: str | None = None) -> None:
        """Forget all faults, or those of one kind."""
        self._armed = [f for f in self._armed if kind not in (None, f.kind)]

    async def at(self, phase: Phase, request: Request) -> None:
        """Strike with every fault due at this phase; EndedWith, Silent or a delay may follow."""
        for fault in [f for f in self._armed if f.phase == phase and f.times != 0]:
            if not fits(fault.command, request.text):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times == 0:
                    self._armed.remove(fault)
            await self._strike_command(fault)

    async def _strike_command(self, fault: Fault) -> None:
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "error":
            raise EndedWith(fault.line)
        elif fault.kind == "silence":
            raise Silent
        elif fault.kind in ("hold", "lose"):
            self._shut(fault, self._modem.outlet)
        else:
            self._strike(fault)
            await asyncio.sleep(0)  # a restart ends the running command here

    def outgoing(self, data: bytes) -> Iterator[bytes]:
        """Cut bytes to the line where a fault is due, and strike between the pieces."""
        return self._cut(data, "after_out", self._modem.outlet)

    def incoming(self, data: bytes) -> Iterator[bytes]:
        """Cut bytes from the line where a fault is due, and strike between the pieces."""
        return self._cut(data, "after_in", self._modem.inlet)

    def _cut(
        self,
        data: bytes,
        counter: Literal["after_in", "after_out"],
        gate: Gate,
    ) -> Iterator[bytes]:
        while True:
            counting = [f for f in self._armed if getattr(f, counter) is not None]
            first = min((getattr(f, counter) for f in counting), default=len(data) + 1)
            piece, data = data[:first], data[first:]
            for fault in counting:
                setattr(fault, counter, getattr(fault, counter) - len(piece))
            if piece:
                yield piece
            due = [f for f in counting if getattr(f, counter) == 0]
            if not due:
                return
            for fault in due:
                self._armed.remove(fault)
                if fault.kind in ("delay", "hold", "lose"):
                    self._shut(fault, gate)
                else:
                    self._strike(fault)

    def _shut(self, fault: Fault, gate: Gate) -> None:
        if fault.kind == "lose":
            gate.lose(fault.count)
        else:
            gate.hold(fault.seconds if fault.kind == "delay" else None)
        self._modem.ledger.touch()

    def _strike(self, fault: Fault) -> None:
        modem = self._modem
        if fault.kind == "garbage":
            modem.outlet.put(bytes.fromhex(fault.hex))
        elif fault.kind == "report":
            modem.outlet.put(f"\r\n{fault.line}\r\n".encode())
        elif fault.kind == "restart":
            modem.start()
        elif fault.kind == "unplug":
            modem.unplug(fault.seconds)
        elif fault.kind == "echo":
            modem.settings.echo = 1
        elif fault.kind == "baud":
            modem.uart.rate = fault.baud
        else:  # hang, or silence after a number of bytes
            modem.hung = True


class Gate:
    """A way for bytes that can be held shut for a while; nothing is lost."""

    def __init__(self, sink: Callable[[bytes], None]) -> None:
        self._sink = sink
        self._held = b""
        self._timer: asyncio.TimerHandle | None = None
        self._losing = 0
        self.shut = False

    def put(self, data: bytes) -> None:
        """Let ``data`` through, or keep it behind the gate."""
        lost = min(self._losing, len(data))
        self._losing -= lost
        data = data[lost:]
        if self.shut:
            self._held += data
        elif data:
            self._sink(data)

    def hold(self, seconds: float | None = None) -> None:
        """Shut the gate for ``seconds``, or until it is opened."""
        self._cancel()
        self.shut = True
        if seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self.open)

    def lose(self, count: int) -> None:
        """Lose the next ``count`` bytes."""
        self._losing = count

    def discard(self) -> None:
        """Open the gate and forget what was behind it."""
        self._cancel()
        self.shut, self._held, self._losing = False, b"", 0

    def open(self) -> None:
        """Open the gate and let through what was behind it."""
        held = self._held
        self.discard()
        if held:
            self._sink(held)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

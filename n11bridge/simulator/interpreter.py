"""From bytes to command lines and back: echo, prompt, spacing, reports (manual 1.2, 3.4-3.6)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .commands import Body, Lines, Request, parse
from .errors import NOT_ALLOWED, UNKNOWN_COMMAND, EndedWith, Refused, Silent

if TYPE_CHECKING:
    from .modem import Modem

CTRL_Z = 0x1A
ESC = 0x1B
CRLF = "\r\n"

_NEOWAYS_OWN = {"+SIGNAL", "+ENPWRSAVE", "+POSI", "+CPWROFF"}
"""Commands that ATQ and ATV do not reach (3.5, 3.6)."""

_NUMERIC = {"OK": "0", "RING": "2", "NO CARRIER": "3", "ERROR": "4"}


class Interpreter:
    """One run of the modem between two starts: reads command lines, writes answers."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self._input = bytearray()
        self._arrived = asyncio.Event()
        self._busy = False
        self._reports: list[bytes] = []
        self._afterwards: list[Callable[[], None]] = []
        self._single = False

    @property
    def idle(self) -> bool:
        """Whether no command is being carried out and nothing waits to be read."""
        return not self._busy and not self._input

    def feed(self, data: bytes) -> None:
        """Take bytes from the line."""
        self._input += data
        self._arrived.set()

    def report(self, lines: Sequence[str]) -> None:
        """Write an unsolicited report: now, or after the running command."""
        data = CRLF.join(("", *map(self._styled, lines), "")).encode("latin-1")
        if self._busy and self._modem.style.reports == "after":
            self._reports.append(data)
        else:
            self._emit(data)

    def afterwards(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once the answer of the running command is on the line."""
        self._afterwards.append(callback)

    async def run(self) -> None:
        """Read and obey command lines until the modem restarts."""
        while self._modem.interpreter is self:
            line = await self._read(b"\r")
            self._busy = True
            await self._obey(line.replace(b"\n", b"").decode("latin-1"))
            if self._modem.style.typeahead == "dropped":
                self._input.clear()
            await self._finish()

    async def payload(self, request: Request) -> str:
        """Prompt for the text of a message and return it; EndedWith or Silent after ESC (6.7)."""
        lines = self._modem.settings.cmgf == 1
        prompt = b"\r\n> "
        self._emit(prompt)
        await self._modem.faults.at("prompt", request)
        taken = await self._read(b"\x1a\x1b\r" if lines else b"\x1a\x1b")
        while taken[-1] not in (CTRL_Z, ESC):
            self._emit(prompt)
            taken += await self._read(b"\x1a\x1b\r")
        if taken[-1] == ESC:
            raise EndedWith("OK") if self._modem.style.escape == "ok" else Silent
        await self._modem.faults.at("payload", request)
        return taken[:-1].decode("latin-1")

    async def _read(self, ends: bytes) -> bytes:
        """Read, and echo, up to and including one of ``ends``."""
        taken = bytearray()
        while not taken or taken[-1] not in ends:
            while not self._input:
                self._arrived.clear()
                await self._arrived.wait()
            length = next((i for i, b in enumerate(self._input, 1) if b in ends), len(self._input))
            chunk = bytes(self._input[:length])
            del self._input[:length]
            taken += chunk
            if self._modem.settings.echo:
                self._emit(chunk.translate(None, b"\n\x1a\x1b"))
        return bytes(taken)

    async def _obey(self, line: str) -> None:
        prefix = re.search("AT", line, re.IGNORECASE)
        if prefix is None:  # noise on the line is no command and gets no answer
            return
        text = line[prefix.end() :].strip()
        self._modem.ledger.command(text)
        spacing = self._modem.style.spacing
        self._single = not self._single if spacing == "mixed" else spacing == "single"
        informed = False
        final, own = "OK", False
        try:
            for request in parse(text):
                own = request.name in _NEOWAYS_OWN
                lines = await self._carry_out(request)
                await self._inform(request, lines)
                informed = informed or bool(lines)
                await self._modem.faults.at("final", request)
        except Silent:
            return
        except Refused as refused:
            final = refused.final(self._modem.settings.cmee, self._modem.style)
        if own or not self._modem.settings.quiet:
            self._emit_final(final, spaced=not (informed and self._single), words=own)

    async def _carry_out(self, request: Request) -> Lines:
        modem = self._modem
        await modem.faults.at("command", request)
        handler = modem.commands.get((request.name, request.form))
        if handler is None:
            raise self._unknown(request)
        lines = handler(modem, request)
        if not isinstance(lines, Sequence):
            lines = await lines
        await modem.faults.at("answer", request)
        return lines

    def _unknown(self, request: Request) -> Refused:
        if any(name == request.name for name, _ in self._modem.commands):
            return Refused(NOT_ALLOWED)
        return Refused(UNKNOWN_COMMAND if self._modem.style.unknown == "cme" else None)

    async def _inform(self, request: Request, lines: Lines) -> None:
        gap = request.name == "+CMGL" and self._modem.style.cmgl_gap == "two"
        for number, line in enumerate(lines):
            spaced = number == 0 or (gap and not isinstance(line, Body))
            text = (CRLF if spaced else "") + self._styled(line) + CRLF
            self._emit(text.encode("latin-1"))
            if number == 0:
                await self._modem.faults.at("middle", request)

    def _styled(self, line: str) -> str:
        style = self._modem.style
        if isinstance(line, Body) or not line.startswith("+"):
            return line
        return line.replace(": ", style.colon, 1) + style.trailing

    def _emit_final(self, final: str, *, spaced: bool, words: bool) -> None:
        if words or self._modem.settings.verbose or final not in _NUMERIC:
            self._emit(((CRLF if spaced else "") + final + CRLF).encode("latin-1"))
        else:
            self._emit(f"{_NUMERIC[final]}\r".encode())

    async def _finish(self) -> None:
        if self._afterwards:
            await self._modem.line.drain()
            callbacks, self._afterwards = self._afterwards, []
            for callback in callbacks:
                callback()
        self._busy = False
        reports, self._reports = self._reports, []
        for data in reports:
            self._emit(data)
        self._modem.ledger.touch()

    def _emit(self, data: bytes) -> None:
        if self._modem.interpreter is self:  # a restart has silenced the one before
            self._modem.emit(data)

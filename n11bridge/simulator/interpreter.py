"""From bytes to command lines and back: echo, prompt, spacing, reports (manual 1.2, 3.4-3.6)."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .commands import Bare, Body, Lines, Raw, Request, parse
from .data import NEOWAYS_OWN
from .errors import NOT_ALLOWED, UNKNOWN_COMMAND, EndedWith, Refused, Silent

if TYPE_CHECKING:
    from .modem import Modem

CTRL_Z = 0x1A
ESC = 0x1B
CRLF = "\r\n"

_NEOWAYS_OWN = {"+SIGNAL", "+ENPWRSAVE", "+POSI", "+CPWROFF"} | NEOWAYS_OWN
"""Commands that ATQ and ATV do not reach (3.5, 3.6)."""

_WITH_BLANK = ("+UDPSEND", "+UDPSSEND", "+FSWF")
"""Commands whose prompt for data has a blank on real modules, where others have none."""

_KEPT = 4096
"""Bytes of reports kept back from which on bulk data had better wait."""

_NUMERIC = {"OK": "0", "RING": "2", "NO CARRIER": "3", "ERROR": "4"}


class Interpreter:
    """One run of the modem between two starts: reads command lines, writes answers."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self._input = bytearray()
        self._arrived = asyncio.Event()
        self._busy = False
        self._reports: list[bytes] = []
        self._content: list[bytes] = []
        self._let_out = asyncio.Event()
        self._afterwards: list[Callable[[], object]] = []
        self._single = False
        self._flooded = False

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
        if self._modem.stack.transparent.interrupted_by(lines[0]):
            self._reports.append(data)
            self.wake()
        elif self._flooded or self._withheld:
            self._reports.append(data)
        else:
            self._emit(data)

    def flood(self, data: bytes, *, last: bool = False) -> None:
        """Write content that no report may come into, until the ``last`` of it."""
        self._flooded = not last and self._modem.style.http_gaps == "held"
        if self._withheld:
            self._content.append(data)
        else:
            self._emit(data)
            self._flush()

    @property
    def _withheld(self) -> bool:
        return self._busy and self._modem.style.reports == "after"

    async def room(self, *, flood: bool = False) -> None:
        """Return when bulk data may follow: not much of it is kept back, and the client reads."""
        kept = self._content if flood else self._reports
        while sum(map(len, kept)) > _KEPT or (self._flooded and not flood):
            self._let_out.clear()
            await self._let_out.wait()
        await self._modem.line.room()

    def afterwards(self, callback: Callable[[], object]) -> None:
        """Call ``callback`` once the answer of the running command is on the line."""
        self._afterwards.append(callback)

    async def run(self) -> None:
        """Read and obey command lines until the modem restarts."""
        transparent = self._modem.stack.transparent
        while self._modem.interpreter is self:
            if transparent.on:
                await transparent.run(self)
            if self._modem.upgrader.expected:
                await self._modem.upgrader.run(self)
            if self._reports:  # they had to wait for the end of data mode
                await self._finish()
            if not self._input:  # there may come a change of mode instead
                await self.more()
                continue
            line = await self._read(b"\r")
            self._busy = True
            await self._obey(line.replace(b"\n", b"").decode("latin-1"))
            if self._modem.style.typeahead == "dropped":
                self._input.clear()
            await self._finish()

    async def data(self, request: Request, count: int | None, seconds: float) -> bytes:
        """Prompt for ``count`` bytes, or up to a CR, and return them; TimeoutError."""
        style, profile = self._modem.style, self._modem.profile
        blank = style.prompt == "blank" or (style.prompt == "seen" and request.name in _WITH_BLANK)
        self._emit(b"\r\n> " if blank else b"\r\n>")
        await self._modem.faults.at("prompt", request)
        if profile.settling:  # what comes too early is lost (8.2: 50 to 100 ms)
            await asyncio.sleep(profile.settling)
            self._input.clear()
        while not self._complete(count):  # the time runs from the last byte
            self._arrived.clear()
            await asyncio.wait_for(self._arrived.wait(), seconds * profile.patience)
        size = self._input.index(b"\r") + 1 if count is None else count
        taken = bytes(self._input[:size])
        del self._input[:size]
        if style.data_echo and self._modem.settings.echo:
            self._emit(taken)
        await self._modem.faults.at("payload", request)
        return taken if count is not None else taken[:-1]

    def _complete(self, count: int | None) -> bool:
        return b"\r" in self._input if count is None else len(self._input) >= count

    def wake(self) -> None:
        """Look up: the mode has changed."""
        self._arrived.set()

    async def more(self, seconds: float | None = None) -> None:
        """Wait until something happens to the input, or ``seconds`` are over."""
        if self._input:
            return
        self._arrived.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._arrived.wait()

    def take(self, limit: int) -> bytes:
        """Return up to ``limit`` bytes of what has arrived."""
        taken = bytes(self._input[:limit])
        del self._input[:limit]
        return taken

    def pour(self, data: bytes) -> None:
        """Send bytes to the client as they are."""
        self._emit(data)

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
                own = self._modem.style.meant(request.name) in _NEOWAYS_OWN
                lines = await self._carry_out(request)
                await self._inform(request, lines)
                informed = informed or bool(lines)
                await self._modem.faults.at("final", request)
                if isinstance(lines, Bare) and self._modem.style.ending != "ok":
                    return
        except Silent:
            return
        except Refused as refused:
            final = refused.final(self._modem.settings.cmee, self._modem.style)
        if own or not self._modem.settings.quiet:
            self._emit_final(final, spaced=not (informed and self._single), words=own)

    async def _carry_out(self, request: Request) -> Lines:
        modem = self._modem
        await modem.faults.at("command", request)
        handler = modem.commands.get((modem.style.meant(request.name), request.form))
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
            spaced = number == 0 or isinstance(lines, Bare) or (gap and not isinstance(line, Body))
            text = (CRLF if spaced else "") + self._styled(line) + CRLF
            self._emit(text.encode("latin-1"))
            if number == 0:
                await self._modem.faults.at("middle", request)

    def _styled(self, line: str) -> str:
        style = self._modem.style
        if isinstance(line, Body) or not line.startswith("+"):
            return line
        name, colon, values = line.partition(":")
        styled = (style.printed(name) + colon + values).replace(": ", style.colon, 1)
        return styled if isinstance(line, Raw) else styled + style.trailing

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
        self._flush()
        self._modem.ledger.touch()

    def _flush(self) -> None:
        """Write what was kept back: content first, and reports where no more of it follows."""
        kept = [*self._content]
        self._content.clear()
        if not self._flooded:
            kept += self._reports
            self._reports.clear()
        self._let_out.set()
        for data in kept:
            self._emit(data)

    def _emit(self, data: bytes) -> None:
        if self._modem.interpreter is self:  # a restart has silenced the one before
            self._modem.emit(data)

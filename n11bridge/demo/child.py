"""A program that runs beside the demo, and never longer than it."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

from .errors import DemoError

#: The bridge gives its own goodbye ten seconds.
_PATIENCE = 12.0
_LAST_WORDS = 12


class Child:
    """A running program called ``name``, whose output goes to ``log``."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self._name = name
        self._process = process
        self._log = log

    async def ended(self) -> NoReturn:
        """Wait for an end that nobody asked for; DemoError tells of it."""
        code = await self._process.wait()
        how = f"with exit code {code}" if code >= 0 else f"by signal {-code}"
        words = self._log.read_text(errors="replace").splitlines()[-_LAST_WORDS:]
        raise DemoError("\n    ".join([f"{self._name} ended {how}; its last words:", *words]))

    async def stop(self) -> None:
        """Ask it to end, and make it end if it does not."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def running(
    name: str, command: Sequence[str], log: Path, **environment: str
) -> AsyncIterator[Child]:
    """Run a program as long as the block does."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            # The terminal's Ctrl-C is for us alone: children end in their turn.
            start_new_session=True,
            env={**os.environ, **environment},
        )
    child = Child(name, process, log)
    try:
        yield child
    finally:
        await child.stop()

"""The watchdog of a program that no service manager watches."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

#: It is fed for a while, then the loop hangs, or the feeding ends first.
PROGRAM = """
import asyncio, sys, time
from n11bridge import service

def hang():
    time.sleep(60 if sys.argv[1] == "watched" else 1.5)

async def main():
    watchdog = asyncio.ensure_future(service.feed_watchdog())
    await asyncio.sleep(1.2)
    print("fed", flush=True)
    if sys.argv[1] != "watched":
        watchdog.cancel()
        await asyncio.wait([watchdog])
    hang()

asyncio.run(main())
"""


def run(how: str, microseconds: str) -> "subprocess.CompletedProcess[str]":
    watch = {"NOTIFY_SOCKET", "WATCHDOG_PID"}
    environment = {name: value for name, value in os.environ.items() if name not in watch}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, how],
        env=environment | {"WATCHDOG_USEC": microseconds},
        capture_output=True,
        text=True,
    )


def test_a_loop_that_hangs_ends_the_program_and_is_named() -> None:
    done = run("watched", "1000000")
    assert (done.returncode, done.stdout) == (1, "fed\n")
    assert "Timeout (0:00:01" in done.stderr
    assert "in hang" in done.stderr


def test_nothing_ends_while_it_is_fed_and_once_it_was_taken_away() -> None:
    done = run("let go", "1000000")
    assert (done.returncode, done.stdout, done.stderr) == (0, "fed\n", "")

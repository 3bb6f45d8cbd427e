"""Servers far away, which the modem reaches: real programs that nobody here wrote."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .journal import PATIENCE
from .processes import Program, free_port


class Far(Program):
    """A server on a port of its own."""

    def __init__(self, *command: str, port: int) -> None:
        super().__init__()
        self.port = port
        # In a group of its own: what it forks for each connection must end with it.
        self.command = ("setsid", *command)

    def start(self) -> None:
        """Return once it takes connections."""
        super().start()
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                assert time.monotonic() < deadline, self.output.since()
                time.sleep(0.02)

    def _end(self, with_signal: signal.Signals | None) -> int:
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        return super()._end(None)


def needs(*programs: str) -> None:
    """Skip the test where one of them is not installed."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


def echo() -> Far:
    """socat, giving back whatever it gets."""
    needs("socat")
    port = free_port()
    address = f"TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr"
    return Far("socat", address, "EXEC:cat", port=port)


def udp_echo() -> Program:
    """socat, giving back each datagram."""
    needs("socat")
    port = free_port()
    server = Far("socat", f"UDP-RECVFROM:{port},bind=127.0.0.1,fork", "EXEC:cat", port=port)
    Program.start(server)
    return server


def web(folder: Path) -> Far:
    """Python's own web server."""
    port = free_port()
    options = ("--bind", "127.0.0.1", "--directory", str(folder))
    return Far(sys.executable, "-m", "http.server", str(port), *options, port=port)


def curl(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """What curl says and gets."""
    needs("curl")
    command = ("curl", "--silent", "--show-error", "--noproxy", "", "--max-time", "60", *arguments)
    return subprocess.run(command, capture_output=True, check=False)

"""The programs under test, each a process of its own."""

import contextlib
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from n11bridge.simulator import Control

from .journal import PATIENCE, Journal


class Program:
    """A process whose output is kept line by line."""

    command: Sequence[str] = ()

    def __init__(self) -> None:
        self.output: Journal[str] = Journal()
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    def start(self) -> None:
        """Start it; AssertionError if it runs already."""
        assert self._process is None
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self.output.add(line.rstrip("\n"))

    @property
    def pid(self) -> int | None:
        """The process's number; None while there is none."""
        return None if self._process is None else self._process.pid

    @property
    def running(self) -> bool:
        """Whether it is there."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> int:
        """SIGTERM; return the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """SIGKILL; return the exit code."""
        return self._end(signal.SIGKILL)

    def wait(self) -> int:
        """Return the exit code once it has ended by itself."""
        return self._end(None)

    def _end(self, with_signal: signal.Signals | None) -> int:
        process, self._process = self._process, None
        assert process is not None
        if with_signal is not None:
            process.send_signal(with_signal)
        try:
            return process.wait(PATIENCE)
        finally:
            process.kill()
            if self._reader is not None:
                self._reader.join(PATIENCE)

    def clean_up(self) -> None:
        """Leave nothing running."""
        if self._process is not None:
            self.kill()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Mosquitto(Program):
    """A real broker; with ``persistent`` it keeps sessions and messages over a stop."""

    def __init__(self, folder: Path, *, persistent: bool = False) -> None:
        super().__init__()
        self.port = free_port()
        self._folder = folder
        conf = folder / "mosquitto.conf"
        lines = [
            "user root",
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous true",
            "max_queued_messages 10000",
            f"persistence {'true' if persistent else 'false'}",
            f"persistence_location {folder}/",
        ]
        conf.write_text("\n".join(lines) + "\n")
        self.command = ["mosquitto", "-c", str(conf)]

    def forget(self) -> None:
        """Lose what it kept; it is not running."""
        (self._folder / "mosquitto.db").unlink(missing_ok=True)

    def start(self) -> None:
        """Return once it takes connections."""
        mark = self.output.mark()
        super().start()
        self.output.wait_for(lambda line: line.endswith(" running"), after=mark)


class Simulator(Program):
    """A modem on a pty; ``control`` reaches into it."""

    def __init__(self, folder: Path, *options: str) -> None:
        super().__init__()
        self.link = folder / "modem"
        self._control_path = folder / "control"
        self.command = [
            *(sys.executable, "-m", "n11bridge.simulator", "--pty", str(self.link)),
            *("--control", str(self._control_path), *options),
        ]
        self._control: Control | None = None

    def start(self) -> None:
        """Return once a client can open the port."""
        super().start()
        self.output.wait_for(lambda line: line.startswith("listening on "))
        self._control = Control(self._control_path)

    @property
    def control(self) -> Control:
        """Where the test plays network and fate."""
        assert self._control is not None
        return self._control

    def clean_up(self) -> None:
        """Leave nothing running."""
        if self._control is not None:
            with contextlib.suppress(OSError):
                self._control.close()
        super().clean_up()


class Daemon(Program):
    """The bridge, serving what a configuration says; ``launcher`` stands before the program."""

    def __init__(self, config: Path, launcher: Sequence[str] = ()) -> None:
        super().__init__()
        self._run = ["run", "-c", str(config)]
        self._python = [sys.executable, *launcher]
        self._plain = [*self._python, "-m", "n11bridge", *self._run]
        self.command = self._plain

    def start_mortal(self, statement: str, moment: str, number: int = 1) -> None:
        """Start one that kills itself at a statement to its store; see `mortal`."""
        mortal = Path(__file__).with_name("mortal.py")
        doom = [str(mortal), statement, str(number), moment]
        self.command = [*self._python, *doom, *self._run]
        try:
            self.start()
        finally:
            self.command = self._plain

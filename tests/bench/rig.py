"""The real parts, each as a process of its own: broker, simulated modem, bridge."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from n11bridge.simulator import Control

from .outcome import NotMeasured
from .watcher import Watcher

BAUD = 115200
DISK = "/var/tmp"
"""Where the store lies: /tmp may be in memory, where a commit takes no time."""
PATIENCE = 60.0
"""Seconds after which something will not happen any more."""
SETTLED = 2.0
"""Seconds after which a bridge has finished what its start began."""


@contextlib.contextmanager
def process(log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block. The terminal's Ctrl-C is for the bench alone."""
    with log.open("ab") as output:
        running = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


class Rig:
    """One broker, one modem, and any number of bridges after each other."""

    def __init__(self, folder: Path, watcher: Watcher, control: Control) -> None:
        self.folder = folder
        self.watcher = watcher
        self.control = control

    def new_store(self) -> None:
        """Forget what bridges before this one stored."""
        for file in self.folder.glob("n11.db*"):
            file.unlink()

    @contextlib.contextmanager
    def bridge(self) -> Iterator[subprocess.Popen[bytes]]:
        """The bridge, while the block runs."""
        command = (sys.executable, "-m", "n11bridge", "run", "-c", str(self.folder / "n11.yaml"))
        with process(self.folder / "bridge.log", *command) as running:
            yield running

    @contextlib.contextmanager
    def ready_bridge(self) -> Iterator[subprocess.Popen[bytes]]:
        """The bridge, once it is announced, the modem is ready and all is quiet."""
        began = time.monotonic()
        with self.bridge() as running:
            self.watcher.wait(lambda m: m.topic.startswith("homeassistant/"), since=began)
            self.watcher.wait(
                lambda m: m.topic == "n11bridge/n11/state/modem" and m.json["status"] == "ready",
                since=began,
            )
            time.sleep(SETTLED)
            yield running


@contextlib.contextmanager
def rig(**settings: Any) -> Iterator[Rig]:
    """A new broker and a new modem, with their files in a folder that goes away again.

    ``settings`` are further sections of the bridge's configuration.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="n11bridge-bench-", dir=DISK)))
        port = free_port()
        _configure(folder, port, settings)
        broker = (_find("mosquitto"), "-c", str(folder / "mosquitto.conf"))
        stack.enter_context(process(folder / "mosquitto.log", *broker))
        watcher = stack.enter_context(Watcher(port, PATIENCE))
        line, reach = str(folder / "modem"), folder / "control"
        words = ("--pty", line, "--control", str(reach), "--pace", "--baud", str(BAUD))
        simulate = (sys.executable, "-m", "n11bridge", "simulate", *words)
        stack.enter_context(process(folder / "simulator.log", *simulate))
        _until(reach.exists, "the simulator does not start")
        control = stack.enter_context(Control(reach, timeout=2 * PATIENCE))
        control.do("wait", starts=1, stat=1)
        yield Rig(folder, watcher, control)


def _find(program: str) -> str:
    """The path of an installed program."""
    path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        raise NotMeasured(f"{program} is not installed")
    return path


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _configure(folder: Path, port: int, more: dict[str, Any]) -> None:
    user = "user root\n" if os.getuid() == 0 else ""
    text = f"{user}listener {port} 127.0.0.1\nallow_anonymous true\n"
    (folder / "mosquitto.conf").write_text(text)
    settings: dict[str, Any] = {
        "modem": {"port": str(folder / "modem"), "baud": BAUD},
        "mqtt": {"host": "127.0.0.1", "port": port},
        "store": str(folder / "n11.db"),
        "sms": {
            "limits": {"minute": 10_000, "hour": 10_000, "day": 10_000},
            "delivery_report": False,
        },
        **more,
    }
    (folder / "n11.yaml").write_text(json.dumps(settings))


def _until(holds: Callable[[], bool], complaint: str) -> None:
    """Wait for another process, which has no better way to say that it is ready."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise NotMeasured(complaint)
        time.sleep(0.02)

"""What the bridge costs: how long it takes to start, memory, and processor time while idle."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from .outcome import Run
from .rig import Rig

LIBRARIES = "asyncio, argparse, json, logging, sqlite3, serial, voluptuous, yaml, paho.mqtt.client"


def start(rig: Rig, count: int, *, cold: bool) -> list[Run]:
    """Seconds from the birth of the process to the arrival of its discovery payload."""
    if not cold:
        with rig.ready_bridge():
            pass
    runs = []
    for _ in range(count):
        if cold:
            rig.new_store()
        began = time.monotonic()
        with rig.bridge():
            (arrival,) = rig.watcher.wait(
                lambda m: m.topic.startswith("homeassistant/"), since=began
            )
        runs.append(Run(arrival.time - began))
    return runs


def memory(process: int) -> list[Run]:
    """Resident memory in MB of 1024 * 1024 bytes, as ps, top and free count them."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"^VmRSS:\s*(\d+) kB", status, re.MULTILINE)
    assert found is not None
    return [Run(int(found[1]) / 1024)]


def libraries() -> float:
    """Resident memory of a process that only imports what the bridge is built on, in MB."""
    program = f"import {LIBRARIES}; print(flush=True); input()"
    with subprocess.Popen(
        (sys.executable, "-c", program), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        (run,) = memory(running.pid)
        running.communicate(b"\n")
    return run.measured


def idle(process: int, seconds: float) -> list[Run]:
    """Processor seconds in a minute, from what ``seconds`` of doing nothing took."""
    before = _processor_time(process)
    time.sleep(seconds)
    return [Run((_processor_time(process) - before) * 60 / seconds)]


def _processor_time(process: int) -> float:
    """User and system time in seconds: fields 14 and 15 of proc(5)'s stat."""
    stat = Path(f"/proc/{process}/stat").read_text()
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

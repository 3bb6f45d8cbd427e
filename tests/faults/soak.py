"""A week in the life of one daemon, in ten minutes or so: polls, messages, faults.

The daemon's clock is advanced minute by minute, so that it polls as often as in a week. Nothing may
be lost or doubled, and in the end it must have no more files open and hardly more memory than at
first. The exit code is 1 if not.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from .accounts import Findings
from .case import STYLES
from .catalogue import FAULTS
from .fault import Fault
from .scene import Scene
from .stillness import rest

HOUR = 3600.0
#: What is filled once and stays: caches, the pools of the allocator.
WARM_UP = 12 * HOUR
MOST_GROWTH = 2.0
#: Signal and registration are looked at as often as by default.
SETTINGS = {"signal": {"interval": 60}}
#: For minutes in which nothing but polls can be under way.
SHORT = 0.008


def eligible() -> list[Fault]:
    """The faults that one daemon and one modem can go through one after the other."""
    return [f for f in FAULTS if not (f.alone or f.options or f.settings) and f.group != KILLED]


KILLED = "daemon killed"


class Soak:
    """One scene, and what it came to."""

    def __init__(self, scene: Scene, seed: int, messages: int, faults: float) -> None:
        self._scene = scene
        self._rng = random.Random(seed)
        self._messages = messages
        self._faults = faults
        self._eligible = eligible()
        self.findings = Findings()
        self.strikes = 0

    @property
    def lived(self) -> float:
        """Seconds since the start, as the daemon has lived them."""
        return self._scene.clock.advanced

    def live(self, until: float) -> bool:
        """Go on for so many hours, and account for each; False when an account is not even."""
        while self.lived < until:
            self._hour()
            if not self._account():
                return False
        return True

    def _hour(self) -> None:
        end = self.lived + HOUR
        due = self._faults + self._rng.random()
        for fault in self._rng.choices(self._eligible, k=int(due)):
            self._suffer(fault)
        for _ in range(self._messages // 2):
            self._scene.order(parts=self._rng.choice((1, 1, 1, 2, 3)))
            self._scene.arrive(parts=self._rng.choice((1, 1, 1, 2)))
        self._scene.settle()
        while self.lived < end:
            self._scene.advance(60.0)
            house = self._scene.house
            rest(house.daemon.pid, house.simulator.pid, gap=SHORT)

    def _suffer(self, fault: Fault) -> None:
        scene = self._scene
        scene.turn = self._rng.randrange(100)
        mending = fault.strike(scene)
        next(mending)
        scene.traffic()
        next(mending, None)
        scene.settle()
        scene.modem.do("clear")
        self.strikes += 1

    def _account(self) -> bool:
        scene = self._scene
        scene.settle()
        found = scene.close_books()
        if not found.good:
            found.wrong += scene.house.daemon.output.since()[-40:]
        self.findings += found
        if found.good:
            scene.new_books()
        return found.good and scene.house.daemon.running


def memory(pid: int | None) -> float:
    """Resident memory in MB of 1024 * 1024 bytes."""
    found = re.search(r"VmRSS:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def files(pid: int | None) -> int:
    """How many files are open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def soak(scene: Scene, days: float, seed: int, messages: int, faults: float) -> int:
    """Live through so many days; print what came of it, and return the exit code."""
    began = time.monotonic()
    scene.house.start()
    daemon = scene.house.daemon
    living = Soak(scene, seed, messages, faults)
    end = days * 24 * HOUR
    good = living.live(min(WARM_UP, end / 4))
    pid, start, open_at_start = daemon.pid, memory(daemon.pid), files(daemon.pid)
    while good and living.lived < end:
        good = living.live(min(end, living.lived + 24 * HOUR))
        _say(
            f"day {living.lived / 24 / HOUR:4.1f}, {time.monotonic() - began:4.0f} s: "
            f"{living.strikes} faults, {living.findings.sent + living.findings.received} messages, "
            f"{memory(daemon.pid):.1f} MB, {files(daemon.pid)} files"
        )
    found, growth = living.findings, memory(pid) - start
    more = files(pid) - open_at_start
    for kind in ("lost", "duplicated", "unanswered", "wrong"):
        for finding in getattr(found, kind):
            _say(f"{kind}: {finding}")
    sys.stdout.write(
        f"{living.lived / 24 / HOUR:.1f} days of one daemon in {time.monotonic() - began:.0f} s "
        f"(seed {seed})\n"
        f"messages sent {found.sent:,}, received {found.received:,}; "
        f"requests answered {found.answered:,}; commands to the modem "
        f"{scene.ledger()['commands']:,}\n"
        f"faults survived {living.strikes:,}\n"
        f"lost {len(found.lost)}, duplicated {len(found.duplicated)}, "
        f"unanswered {len(found.unanswered)}; called unknown {found.unknown}\n"
        f"memory {start:.1f} MB after the warm-up, {start + growth:.1f} MB at the end\n"
        f"open files {open_at_start} after the warm-up, {open_at_start + more} at the end\n"
    )
    return 0 if good and growth <= MOST_GROWTH and more <= 0 else 1


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main() -> int:
    """Soak as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--days", type=float, default=7.0, help="default: %(default)s")
    parser.add_argument("--messages", type=int, default=24, help="an hour (default: %(default)s)")
    parser.add_argument("--faults", type=float, default=3.0, help="an hour (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="where chance begins (default: a new one)")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(10**6)
    style = random.Random(seed).choice(STYLES)
    with TemporaryDirectory(prefix="n11bridge-soak-") as folder:
        options = ("--style", style)
        with Scene(Path(folder), seed, *options, settings=SETTINGS) as scene:
            return soak(scene, arguments.days, seed, arguments.messages, arguments.faults)


if __name__ == "__main__":
    sys.exit(main())

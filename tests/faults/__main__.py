"""Breaks everything that the field breaks, and accounts for every message.

A daemon, a simulated modem, a real mosquitto and a subscriber, each a process of its own; each
fault alone, then pairs of them. The exit code is 1 if anything was lost, doubled or unanswered.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from fnmatch import fnmatchcase

from .case import Case, Result, run
from .catalogue import FAULTS
from .fault import Fault
from .table import table


def singles(faults: Sequence[Fault], seed: int) -> Iterator[Case]:
    """Each fault alone, in as many scenes as it is to have."""
    for fault in faults:
        for scene in range(fault.scenes):
            yield Case((fault,), seed + scene, scene * fault.rounds)


def pairs(faults: Sequence[Fault], seed: int, count: int) -> Iterator[Case]:
    """So many pairs of different groups."""
    rng = random.Random(seed)
    free = [fault for fault in faults if not fault.alone]
    if len({fault.group for fault in free}) < 2:
        return
    while count:
        one, other = rng.sample(free, 2)
        if one.group != other.group:
            count -= 1
            yield Case((one, other), rng.randrange(10**6))


def try_all(cases: Sequence[Case], jobs: int, until: float | None) -> list[Result]:
    """Run cases side by side, and tell of each; those whose time has not come are left out."""

    def within_time(case: Case) -> Result:
        if until is not None and time.monotonic() > until:
            return Result(case, skipped="the time is up")
        return run(case)

    results = []
    with ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(within_time, case) for case in cases]
        for number, future in enumerate(as_completed(running), 1):
            result = future.result()
            results.append(result)
            _tell(result, f"{number}/{len(cases)}")
    order = {case: number for number, case in enumerate(cases)}
    return sorted(results, key=lambda result: order[result.case])


def _tell(result: Result, progress: str) -> None:
    verdict = "ok" if result.good else "FAILED"
    verdict = f"skipped: {result.skipped}" if result.skipped else verdict
    _say(f"{progress:>8} {result.seconds:5.1f} s  {result.case.label}  {verdict}")
    if result.good:
        return
    findings = result.findings
    for kind in ("lost", "duplicated", "unanswered", "wrong"):
        for finding in getattr(findings, kind):
            _say(f"           {kind}: {finding}")
    for line in result.log:
        _say(f"           {line}")
    _say(f"           repeat: python -m tests.faults --repeat '{result.case.label}'")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--list", action="store_true", help="list the faults, and what is expected")
    parser.add_argument(
        "--only",
        metavar="PATTERN",
        action="append",
        help="only faults whose label fits, such as 'broker/*'; may be given again",
    )
    parser.add_argument("--seed", type=int, help="where chance begins (default: a new one)")
    parser.add_argument("--pairs", type=int, default=60, help="pairs to try (default: %(default)s)")
    parser.add_argument("--no-singles", action="store_true", help="pairs alone")
    parser.add_argument("--duration", type=float, metavar="S", help="begin no case later than that")
    parser.add_argument("--jobs", type=int, default=3, help="side by side (default: %(default)s)")
    parser.add_argument("--repeat", metavar="CASE", action="append", help="exactly that case again")
    return parser


def main() -> int:
    """Try what was chosen; print the table."""
    arguments = _parser().parse_args()
    wanted = arguments.only or ["*"]
    faults = [f for f in FAULTS if any(fnmatchcase(f.label, pattern) for pattern in wanted)]
    if arguments.list:
        for fault in faults:
            sys.stdout.write(f"{fault.label}\n    {fault.expected}\n")
        return 0
    seed = arguments.seed if arguments.seed is not None else random.randrange(10**6)
    if arguments.repeat:
        cases = [Case.named(label) for label in arguments.repeat]
    else:
        cases = [] if arguments.no_singles else [*singles(faults, seed)]
        cases += pairs(faults, seed, arguments.pairs)
        _say(f"seed {seed}, {len(faults)} faults, {len(cases)} cases")
    if shutil.which("mosquitto") is None:
        _say("mosquitto is not installed")
        return 1
    began = time.monotonic()
    until = began + arguments.duration if arguments.duration else None
    results = try_all(cases, arguments.jobs, until)
    sys.stdout.write(f"{table(results)}\n")
    failed = [result for result in results if not result.good]
    skipped = {result.skipped for result in results if result.skipped}
    _say(f"{len(cases)} cases, {len(failed)} failed, in {time.monotonic() - began:.0f} s")
    for reason in skipped:
        _say(f"skipped: {reason}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

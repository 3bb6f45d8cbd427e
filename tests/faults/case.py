"""One case: one fault, or two at a time, in a scene of its own, and the account of it."""

import random
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .accounts import Findings
from .catalogue import FAULTS
from .fault import Fault
from .scene import Scene

#: How the modem reads the manual; each scene has one of them.
STYLES = ("default", "manual", "contrary")
LABELS = {fault.label: fault for fault in FAULTS}


@dataclass(frozen=True)
class Case:
    """What is tried: all that happens follows from the faults, the seed and the turn."""

    faults: tuple[Fault, ...]
    seed: int
    turn: int = 0

    @property
    def label(self) -> str:
        """What the command line repeats it by."""
        return f"{'+'.join(fault.label for fault in self.faults)}@{self.seed}:{self.turn}"

    @classmethod
    def named(cls, label: str) -> "Case":
        """The case of a label; ValueError if there is none."""
        try:
            names, _, numbers = label.partition("@")
            seed, _, turn = numbers.partition(":")
            faults = tuple(LABELS[name] for name in names.split("+"))
            return cls(faults, int(seed or 1), int(turn or 0))
        except (KeyError, ValueError):
            raise ValueError(f"no case {label!r}; it is FAULT[+FAULT]@SEED:TURN") from None

    @property
    def group(self) -> str:
        """The row of the table that it belongs to."""
        return self.faults[0].group if len(self.faults) == 1 else "two at a time"


@dataclass
class Result:
    """What came of a case."""

    case: Case
    findings: Findings = field(default_factory=Findings)
    strikes: int = 0
    seconds: float = 0.0
    skipped: str = ""
    log: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether every account is even."""
        return self.findings.good


def run(case: Case, most: int | None = None) -> Result:
    """Try a case, with ``most`` rounds if it has more; whatever breaks is a finding."""
    began = time.monotonic()
    hindrances = [fault.hindrance() for fault in case.faults]
    if any(hindrances):
        return Result(case, skipped=" ".join(filter(None, hindrances)))
    result = Result(case)
    style = random.Random(case.seed).choice(STYLES)
    options = [option for fault in case.faults for option in fault.options]
    options = options if "--style" in options else ["--style", style, *options]
    with TemporaryDirectory(prefix="n11bridge-faults-") as folder:
        place = Path(folder)
        with Scene(place, case.seed, *options, settings=_settings(case.faults)) as scene:
            try:
                # Only who has been there before finds what was asked for meanwhile.
                scene.house.start()
                _play(scene, case, most)
                result.findings = _close(scene)
            except Exception:
                result.findings = _so_far(scene)
                result.findings.wrong.append(traceback.format_exc())
            result.strikes = scene.strikes
            if not result.findings.good:
                result.log = _logs(scene)
    result.seconds = time.monotonic() - began
    return result


def _settings(faults: Sequence[Fault]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for fault in faults:
        for section, values in fault.settings.items():
            merged[section] = {**merged.get(section, {}), **values}
    return merged


def _play(scene: Scene, case: Case, most: int | None) -> None:
    faults = sorted(case.faults, key=lambda fault: not fault.first)
    rounds = faults[0].rounds if len(faults) == 1 else 1
    for round_ in range(min(rounds, most or rounds)):
        scene.turn = case.turn + round_
        if len(faults) > 1:
            scene.turn = scene.rng.randrange(100)
        before = scene.strikes
        mending: list[Iterator[None]] = [fault.strike(scene) for fault in faults]
        for each in mending:
            next(each)
        if not faults[0].alone:
            scene.traffic()
        scene.rng.shuffle(mending)
        for each in mending:
            next(each, None)
        if scene.strikes == before:
            scene.strikes += len(faults)
        assert scene.settle(), "something is owed after hours"
        scene.modem.do("clear")
    scene.traffic()


def _close(scene: Scene) -> Findings:
    settled = scene.settle()
    if not scene.house.daemon.running:
        findings = _so_far(scene)
        findings.wrong.append("the daemon has ended by itself")
        return findings
    findings = scene.close_books()
    if not settled and findings.good:
        findings.wrong.append(f"left with the modem: {scene.house.ledger()['storages']}")
    said = [line for line in scene.house.daemon.output.since() if "Traceback" in line]
    findings.wrong += said[:1]
    return findings


def _so_far(scene: Scene) -> Findings:
    try:
        return scene.audit()
    except Exception:
        return Findings(wrong=[traceback.format_exc()])


def _logs(scene: Scene) -> list[str]:
    said = ["--- the daemon's log", *scene.house.daemon.output.since()[-60:]]
    ledger = scene.house.ledger()
    said += ["--- the modem's last commands", *ledger["recent"][-40:]]
    said += ["--- sent", *(f"{e['number']} {e['header']} {e['text'][:40]}" for e in ledger["sent"])]
    return said

"""What was measured, how it compares with its aim, and how both are shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from textwrap import wrap


class NotMeasured(Exception):
    """Something that a measurement needs did not come about."""


@dataclass(frozen=True)
class Run:
    """One measurement: what it took, and what the wire alone needs for the same bytes."""

    measured: float
    wire: float | None = None

    @property
    def judged(self) -> float:
        """The ratio to the wire's time where there is one, else what was measured."""
        return self.measured if self.wire is None else self.measured / self.wire


@dataclass
class Outcome:
    """All runs of one measurement. ``aim`` limits the ratio, or what was measured."""

    name: str
    unit: str
    aim: float
    how: str
    runs: Sequence[Run] = ()
    failure: str = ""

    @property
    def middle(self) -> Run:
        """The run in the middle."""
        return sorted(self.runs, key=lambda run: run.judged)[len(self.runs) // 2]

    @property
    def verdict(self) -> str:
        """Whether the median keeps to the aim."""
        if not self.runs:
            return "not measured"
        return "ok" if median(run.judged for run in self.runs) <= self.aim else "over"

    def as_json(self) -> dict[str, object]:
        """Everything, for programs."""
        return {
            "name": self.name,
            "unit": self.unit,
            "how": self.how,
            "aim": self.aim,
            "aim_of": "ratio" if self.runs and self.runs[0].wire is not None else "measured",
            "verdict": self.verdict,
            "failure": self.failure or None,
            "runs": [
                {
                    "measured": run.measured,
                    "wire": run.wire,
                    "ratio": None if run.wire is None else run.judged,
                }
                for run in self.runs
            ],
        }


HEADINGS = ("", "runs", "measured", "wire's own", "ratio", "worst", "aim", "")


def table(outcomes: Sequence[Outcome]) -> str:
    """One line for each outcome, and below how each was measured."""
    rows = [HEADINGS, *map(_row, outcomes)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if number in (0, len(row) - 1) else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    lines.append("")
    for how, alike in groupby(outcomes, key=lambda outcome: outcome.how):
        names = "; ".join(outcome.name for outcome in alike)
        lines += wrap(f"{names}: {how}.", 100, subsequent_indent="  ")
    return "\n".join(lines)


def _row(outcome: Outcome) -> tuple[str, ...]:
    if not outcome.runs:
        return (outcome.name, "0", "", "", "", "", _number(outcome.aim), outcome.failure)
    middle, worst = outcome.middle, max(outcome.runs, key=lambda run: run.judged)
    compared = middle.wire is not None
    unit = "" if compared else f" {outcome.unit}"
    return (
        outcome.name,
        str(len(outcome.runs)),
        f"{_number(middle.measured)} {outcome.unit}",
        f"{_number(middle.wire)} {outcome.unit}" if middle.wire is not None else "",
        _number(middle.judged) if compared else "",
        _number(worst.judged) + unit,
        _number(outcome.aim) + unit,
        outcome.verdict,
    )


def _number(value: float) -> str:
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def as_json(outcomes: Sequence[Outcome]) -> str:
    """All outcomes as one JSON array."""
    return json.dumps([outcome.as_json() for outcome in outcomes], indent=2)

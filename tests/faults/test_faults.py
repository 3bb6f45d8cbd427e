"""A sample of the faults: one of each group, and some pairs; `make faults` tries them all."""

import random
import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from .__main__ import pairs
from .case import Case, run
from .catalogue import FAULTS
from .fault import Fault

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("mosquitto") is None, reason="mosquitto is not installed"),
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux tells who sleeps"),
]
#: Whoever wants others gives another one.
SEED = 3
ROUNDS, PAIRS = 2, 8


def sample() -> Iterator[Case]:
    rng = random.Random(SEED)
    for _, group in groupby(FAULTS, key=lambda fault: fault.group):
        faults = [*group]
        short = [fault for fault in faults if not fault.alone]
        fault: Fault = rng.choice(short or faults[-1:])
        yield Case((fault,), SEED, rng.randrange(60))
    yield from pairs(FAULTS, SEED, PAIRS)


@pytest.mark.parametrize("case", [*sample()], ids=lambda case: case.label)
def test_nothing_is_lost_or_doubled(case: Case):
    result = run(case, ROUNDS)
    if result.skipped:
        pytest.skip(result.skipped)
    print(*result.log, sep="\n")
    findings = result.findings
    assert findings.good, f"{findings}\nrepeat: python -m tests.faults --repeat '{case.label}'"
    assert findings.sent + findings.received >= 4


def test_each_case_is_found_by_its_label():
    labels = {fault.label for fault in FAULTS}
    assert len(labels) == len(FAULTS)
    for case in (*sample(), Case(tuple(FAULTS[:2]), 17, 4)):
        assert Case.named(case.label) == case
    with pytest.raises(ValueError, match="no case"):
        Case.named("nothing@1:0")

"""Each target over samples of its corpus, whole and damaged; the long run is ``make fuzz``."""

import random

import pytest

from tests.at.hostile import damaged

from .targets import TARGETS

TIMES = {"chat": 500, "pdu": 3000, "request": 1500, "config": 150, "air": 300}


@pytest.mark.parametrize("name", TARGETS)
def test_whole_samples(name: str) -> None:
    for sample in TARGETS[name].corpus()[:: 5 if name == "chat" else 1]:
        TARGETS[name].feed(sample)


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_samples(name: str) -> None:
    corpus = TARGETS[name].corpus()
    for number in range(TIMES[name]):
        TARGETS[name].feed(damaged(random.Random(number), corpus))

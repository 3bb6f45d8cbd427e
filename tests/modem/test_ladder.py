"""Which cure is next, and when: on a clock of the test's own."""

from itertools import pairwise

import pytest

from n11bridge.modem.ladder import FIRST_PAUSE, LAST_PAUSE, PATIENCE, Ladder

CURES = ("reset", "power")


def steps(ladder: Ladder, until: float, begin: float = 0.0) -> list[tuple[float, str]]:
    """What is done about a modem that is reached for once a second in vain."""
    taken = []
    now = begin
    while now < until:
        step = ladder.climb(now)
        if step is not None:
            taken.append((now, step))
        now += 1
    return taken


def test_each_cure_has_its_time_and_the_pauses_double_up_to_an_hour() -> None:
    ladder = Ladder(CURES)
    ladder.fell(0)
    taken = steps(ladder, 30_000)
    reset = PATIENCE["reopen"]
    power = reset + PATIENCE["reset"]
    pause = power + PATIENCE["power"]
    assert taken[:4] == [
        (reset, "reset"),
        (power, "power"),
        (pause, "back_off"),
        (pause + FIRST_PAUSE, "reset"),
    ]
    cycles = [moment for moment, step in taken if step == "power"]
    gaps = [later - earlier for earlier, later in pairwise(cycles)]
    whole = PATIENCE["reset"] + PATIENCE["power"]
    assert gaps[:6] == [FIRST_PAUSE * 2**n + whole for n in range(6)]
    assert gaps[-1] == LAST_PAUSE + whole
    assert len(cycles) < 14  # in more than eight hours


def test_without_a_hook_only_the_restart_is_tried() -> None:
    ladder = Ladder()
    ladder.fell(0)
    assert [step for _, step in steps(ladder, 250)] == ["reset", "back_off", "reset", "back_off"]


def test_a_modem_that_is_well_begins_from_the_bottom() -> None:
    ladder = Ladder(CURES)
    steps(ladder, 1000)
    ladder.well()
    ladder.fell(2000)
    assert steps(ladder, 2040, begin=2000) == [(2000 + PATIENCE["reopen"], "reset")]


def test_one_that_falls_again_at_once_goes_on_where_it_was() -> None:
    ladder = Ladder(CURES)
    ladder.fell(0)
    assert steps(ladder, 25) == [(PATIENCE["reopen"], "reset")]
    ladder.fell(40)  # it came up in between
    assert steps(ladder, 100, begin=40)[0] == (40 + PATIENCE["reopen"], "power")


def test_one_that_answers_but_hangs_needs_no_reaching_for() -> None:
    ladder = Ladder(CURES)
    ladder.fell(0)
    ladder.rose()
    assert ladder.climb(1) == "reset"
    assert ladder.climb(2) is None
    assert ladder.climb(1 + PATIENCE["reset"]) == "power"


@pytest.mark.parametrize(("elapsed", "wait"), [(0, 120.0), (100, 20.0), (5000, 0.0), (-9e6, 120.0)])
def test_a_program_started_again_does_not_begin_anew(elapsed: float, wait: float) -> None:
    """A clock that went back, as it does without a battery, means that no time has passed."""
    changes: list[str] = []
    ladder = Ladder(CURES, lambda: changes.append("changed"))
    ladder.fell(0)
    rounds = 2 * len((*CURES, "back_off"))
    taken = []
    now = 0.0
    while len(taken) < rounds:
        taken += [step] if (step := ladder.climb(now)) else []
        now += 1
    assert len(changes) == rounds
    text = ladder.remember(now - 1)

    later = Ladder(CURES)
    later.recall(text, elapsed, 50.0)
    assert later.pause(50.0) == pytest.approx(wait)
    assert later.climb(50.0 + wait) == "reset"
    assert later.climb(50.0 + wait + PATIENCE["reset"]) == "power"
    assert later.climb(50.0 + wait + PATIENCE["reset"] + PATIENCE["power"]) == "back_off"
    ahead = 50.0 + wait + PATIENCE["reset"] + PATIENCE["power"]
    assert later.pause(ahead) == FIRST_PAUSE * 4

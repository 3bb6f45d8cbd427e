"""Styles by name."""

from dataclasses import fields

import pytest

from n11bridge.simulator import Style
from n11bridge.simulator.profile import PRESETS


def test_words_add_up_from_left_to_right():
    style = Style.named("contrary", "spacing=single", "creg_at_once=no")
    assert (style.spacing, style.creg_at_once, style.reports) == ("single", False, "anytime")


@pytest.mark.parametrize("word", ["exotic", "spacing=wide", "width=3", "creg_at_once=maybe"])
def test_words_that_mean_nothing_are_refused(word):
    with pytest.raises(ValueError, match=r"no style|style \w+ is one of"):
        Style.named(word)


def test_the_contrary_style_takes_the_other_reading_nearly_everywhere():
    same = {
        field.name
        for field in fields(Style)
        if getattr(PRESETS["contrary"], field.name) == getattr(Style(), field.name)
    }
    assert same == {"trailing", "pbready", "shared_storage"}

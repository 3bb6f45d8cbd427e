import pytest

from n11bridge.topics import below, fault, matches, overlap


@pytest.mark.parametrize(
    ("pattern", "topic", "chosen"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/+", "a/b", True),
        ("a/+", "a", False),
        ("a/+", "a/b/c", False),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("#", "a/b", True),
        ("#", "$SYS/x", False),
        ("+/x", "$SYS/x", False),
        ("$SYS/#", "$SYS/x", True),
        ("+", "", True),
    ],
)
def test_what_a_filter_chooses(pattern: str, topic: str, chosen: bool) -> None:
    assert matches(pattern, topic) is chosen


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("a/+/c", "+/b/+", True),
        ("a/+/c", "+/b", False),
        ("a/#", "+/b/+", True),
        ("a/#", "b/#", False),
        ("a/b/#", "a/b", True),
        ("+", "a/#", True),
        ("+/+", "a", False),
    ],
)
def test_whether_two_filters_can_choose_the_same(one: str, other: str, both: bool) -> None:
    assert overlap(one, other) is both
    assert overlap(other, one) is both


def test_below() -> None:
    assert below("site1", "a/#") == "site1/a/#"
    assert below("", "a") == "a"


@pytest.mark.parametrize("topic", ["", "a" * 129, 'a"b', "ä", "a\nb", "a/+", "#"])
def test_topics_that_the_modem_cannot_have(topic: str) -> None:
    assert fault(topic)


@pytest.mark.parametrize("pattern", ["a/b+", "+a/b", "#/a", "a/#b", "a/b#", "++"])
def test_filters_that_are_none(pattern: str) -> None:
    assert fault(pattern, wildcards=True)


@pytest.mark.parametrize("pattern", ["#", "+", "a/+/b/#", "+/+", "a b/~"])
def test_filters_that_are_good(pattern: str) -> None:
    assert not fault(pattern, wildcards=True)

"""Records are values: equal when their fields are, never changed, and secret where they say so."""

from dataclasses import FrozenInstanceError, field, replace

import pytest

from n11bridge.at.command import Record, Setting


class Place(Record, at="+PLACE", manual="1"):
    """A record with a default."""

    x: int
    y: int = 0


class Elsewhere(Place):
    """The same fields, and yet something else."""


class Lock(Setting[None], at="+LOCK", manual="1"):
    """A record with a secret."""

    facility: str
    pin: str = field(repr=False)


def test_records_are_equal_by_type_and_fields() -> None:
    assert Place(1) == Place(1, 0)
    assert Place(1) != Place(2)
    assert Place(1) != Elsewhere(1)
    assert {Place(1), Place(1, 0), Elsewhere(1)} == {Elsewhere(1), Place(1)}


def test_a_record_cannot_be_changed_but_replaced() -> None:
    place = Place(1)
    with pytest.raises(FrozenInstanceError):
        place.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del place.y
    assert (place, replace(place, x=2)) == (Place(1, 0), Place(2, 0))


def test_a_repr_has_no_secrets() -> None:
    assert repr(Place(1)) == "Place(x=1, y=0)"
    assert repr(Lock("SC", "1234")) == "Lock(facility='SC')"

import hashlib
from collections.abc import Callable

import pytest

from n11bridge.store import PartAdded, Tables, fingerprint

WINDOW = 1000.0


@pytest.fixture
def add(tables: Tables) -> Callable[..., PartAdded]:
    def add(seq: int, pdu: str, now: float = 1, **changes: object) -> PartAdded:
        key: dict[str, object] = {"sender": "+491", "ref": 5, "bits": 8, "total": 3, **changes}
        return tables.inbox.add_part(
            fingerprint(pdu),
            pdu,
            seq=seq,
            now=now,
            window=WINDOW,
            **key,  # type: ignore[arg-type]
        )

    return add


Add = Callable[..., PartAdded]


def single(tables: Tables, name: str, now: float = 1) -> bool:
    return tables.inbox.add_single(fingerprint(name), name, name, "+491", f'"{name}"', now)


def test_a_pdu_is_known_by_its_octets_in_whatever_case() -> None:
    assert fingerprint("07ab") == fingerprint("07AB") == hashlib.sha256(b"07AB").hexdigest()


def test_a_message_read_twice_is_kept_once(tables: Tables) -> None:
    assert tables.inbox.seen(fingerprint("a")) is None
    assert single(tables, "a", now=1)
    assert not single(tables, "a", now=2)
    assert tables.inbox.seen(fingerprint("a")) == "a"
    assert tables.inbox.since(None, 10) == [("a", '"a"')]
    assert tables.inbox.count() == 1
    assert tables.inbox.waiting_parts() == 0


def test_parts_in_any_order_make_one_message(tables: Tables, add: Add) -> None:
    uid = fingerprint("p3")[:20]
    assert add(3, "p3") == PartAdded(uid, True, {3: "p3"}, False, False)
    assert add(1, "p1") == PartAdded(uid, True, {1: "p1", 3: "p3"}, False, False)
    assert tables.inbox.waiting_parts() == 2
    assert tables.inbox.count() == 0
    assert tables.inbox.since(None, 10) == []
    assert tables.inbox.newest() is None
    last = add(2, "p2")
    assert last == PartAdded(uid, True, {1: "p1", 2: "p2", 3: "p3"}, True, False)
    assert list(last.pdus) == [1, 2, 3]
    tables.inbox.set_payload(uid, "whole", True, now=2)
    assert tables.inbox.since(None, 10) == [(uid, "whole")]
    assert tables.inbox.waiting_parts() == 0


def test_a_copy_of_a_part_is_not_new(tables: Tables, add: Add) -> None:
    uid = add(1, "p1").uid
    assert add(1, "p1", now=2) == PartAdded(uid, False, {1: "p1"}, False, False)
    assert tables.inbox.waiting_parts() == 1
    add(2, "p2")
    add(3, "p3")
    tables.inbox.set_payload(uid, "whole", True, now=2)
    # Long after, and of a message long done: still a copy.
    again = add(1, "p1", now=10 * WINDOW)
    assert (again.uid, again.new, again.complete, again.published) == (uid, False, True, True)


@pytest.mark.parametrize(
    "changes", [{"sender": "+492"}, {"ref": 6}, {"bits": 16}, {"total": 4}], ids=str
)
def test_parts_of_different_messages_stay_apart(add: Add, changes: dict[str, object]) -> None:
    assert add(1, "p1").uid != add(2, "p2", **changes).uid


def test_a_reference_that_came_round_begins_a_message(add: Add) -> None:
    first = add(1, "p1", now=0)
    assert add(2, "p2", now=WINDOW).uid == first.uid
    assert add(3, "p3", now=WINDOW + 1).uid != first.uid


def test_the_same_place_with_other_content_begins_a_message(add: Add) -> None:
    old = add(1, "old")
    new = add(1, "new")
    assert new.uid != old.uid
    assert add(2, "p2").uid == new.uid  # the newest that lacks it
    assert add(2, "another p2").uid == old.uid


def test_a_whole_message_takes_no_more_parts(add: Add) -> None:
    done = [add(seq, f"p{seq}", total=2) for seq in (1, 2)][-1]
    assert done.complete
    again = add(2, "q2", total=2)
    assert again.uid != done.uid
    assert again.pdus == {2: "q2"}


@pytest.mark.parametrize("seq", [0, 4, -1])
def test_a_part_that_cannot_be_is_refused(tables: Tables, add: Add, seq: int) -> None:
    with pytest.raises(ValueError, match="of 3 does not exist"):
        add(seq, "p")
    assert tables.inbox.seen(fingerprint("p")) is None


def test_a_part_that_comes_late_joins_the_message_published_without_it(
    tables: Tables, add: Add
) -> None:
    uid = add(1, "p1", total=2).uid
    tables.inbox.set_payload(uid, "half", False, now=2)
    assert add(2, "p2", total=2) == PartAdded(uid, True, {1: "p1", 2: "p2"}, True, True)
    assert tables.inbox.stale(before=100) == []


def test_who_reads_on_from_a_uid_misses_nothing(tables: Tables, add: Add) -> None:
    uid = add(1, "p1", total=2).uid  # begun first, listed second
    single(tables, "a")
    add(2, "p2", total=2)
    tables.inbox.set_payload(uid, "half", False, now=2)
    single(tables, "b")
    assert tables.inbox.since("a", 10) == [(uid, "half"), ("b", '"b"')]
    tables.inbox.set_payload(uid, "whole", True, now=3)  # keeps its place
    assert tables.inbox.since(uid, 10) == [("b", '"b"')]
    assert tables.inbox.since("a", 10) == [(uid, "whole"), ("b", '"b"')]
    assert tables.inbox.since("a", 1) == [(uid, "whole")]
    assert len(tables.inbox.since("no such uid", 10)) == 3
    assert tables.inbox.newest() == '"b"'
    assert tables.inbox.count() == 3


def test_parts_that_waited_long_enough(tables: Tables, add: Add) -> None:
    uid = add(2, "p2", now=10).uid
    add(3, "p3", now=50)
    single(tables, "a", now=10)
    assert tables.inbox.stale(before=10) == []
    assert tables.inbox.stale(before=11) == [(uid, {2: "p2", 3: "p3"}, "+491")]
    tables.inbox.set_payload(uid, "half", False, now=60)
    assert tables.inbox.stale(before=100) == []


def test_what_was_published_long_ago_is_forgotten_what_waits_is_not(
    tables: Tables, add: Add
) -> None:
    single(tables, "old", now=1)
    single(tables, "new", now=50)
    waiting = add(1, "p1", now=1).uid
    tables.inbox.forget(before=50, most=100)
    assert [uid for uid, _ in tables.inbox.since(None, 10)] == ["new"]
    assert tables.inbox.seen(fingerprint("old")) is None
    assert tables.inbox.seen(fingerprint("new")) == "new"
    assert tables.inbox.seen(fingerprint("p1")) == waiting


def test_of_a_flood_the_latest_are_kept_and_what_waits(tables: Tables, add: Add) -> None:
    waiting = add(1, "p1", now=1).uid
    for number in range(10):
        single(tables, f"m{number}", now=50)
    tables.inbox.forget(before=5, most=3)
    assert [uid for uid, _ in tables.inbox.since(None, 100)] == ["m7", "m8", "m9"]
    assert tables.inbox.seen(fingerprint("p1")) == waiting
    single(tables, "m10", now=51)
    assert tables.inbox.since("m9", 100)[0][0] == "m10"

"""Time that runs forward, whatever is done to the system's clock."""

import asyncio
from pathlib import Path

import pytest

from n11bridge.clock import LEARNING, TOLERANCE, Clock, this_boot
from n11bridge.memory import Timekeeper
from n11bridge.message import NewMessage, NewPart
from n11bridge.store import Store, StoreError, Tables

NOON = 1_700_000_000.0
DAY = 86400.0


class Computer:
    """A computer whose clock can be set, which can be switched off and on."""

    def __init__(self) -> None:
        self.wall, self.steady, self.boots = NOON, 5000.0, 1

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.steady, lambda: f"boot {self.boots}")

    def pass_time(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds

    def off_and_on(self, wall: float) -> None:
        self.wall, self.steady, self.boots = wall, 20.0, self.boots + 1


def test_it_runs_with_the_systems_clock_and_does_not_jump_with_it() -> None:
    computer = Computer()
    clock = computer.clock()
    computer.pass_time(60)
    assert (clock.now(), clock.jump()) == (NOON + 60, 0)
    for jump in (365 * DAY, -2 * 365 * DAY):
        computer.wall += jump
        before = clock.now()
        assert clock.jump() == pytest.approx(jump)
        assert clock.moved(jump) == jump
        clock.follow(jump)
        assert clock.now() == pytest.approx(before + jump)
        assert clock.jump() == 0
    computer.wall += TOLERANCE / 2
    assert clock.jump() == 0


def test_a_jump_while_the_program_was_away_is_found() -> None:
    """The computer ran on, so it knows how much time has really passed."""
    computer = Computer()
    text = computer.clock().remember()
    computer.pass_time(600)
    assert computer.clock().begin(text) == 0
    computer.wall -= 3 * DAY
    assert computer.clock().begin(text) == pytest.approx(-3 * DAY)


def test_a_computer_without_a_clock_starts_in_the_past_and_learns_the_time() -> None:
    computer = Computer()
    text = computer.clock().remember()
    computer.off_and_on(NOON - 100 * DAY)
    clock = computer.clock()
    assert clock.begin(text) == -100 * DAY
    computer.pass_time(60)
    computer.wall += 103 * DAY  # it was off for three days
    jump = clock.jump()
    # Back to where they were: the three days have passed.
    assert clock.moved(jump) == 100 * DAY
    clock.follow(jump)
    clock.settled()
    assert clock.moved(DAY) == DAY  # the next one is a correction


def test_what_was_saved_at_the_shutdown_is_behind_by_the_time_it_was_off() -> None:
    computer = Computer()
    text = computer.clock().remember()
    computer.off_and_on(NOON + 5)
    clock = computer.clock()
    assert clock.begin(text) == 0
    assert clock.moved(3 * DAY) == 0


def test_where_nothing_names_the_start_no_time_is_taken_for_granted() -> None:
    """The time since the start may be longer than before a restart of the computer, or shorter."""
    computer = Computer()

    def nameless() -> Clock:
        return Clock(lambda: computer.wall, lambda: computer.steady, lambda: "")

    text = nameless().remember()
    computer.wall, computer.steady = NOON + 3 * DAY, 20.0
    assert nameless().begin(text) == 0
    computer.wall = NOON - DAY
    assert nameless().begin(text) == -DAY


def test_the_start_is_named_alike_by_kernel_and_service_manager(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("BOOT_ID", raising=False)
    by_kernel = this_boot()
    dashed = "-".join((by_kernel[:8], by_kernel[8:]))
    monkeypatch.setenv("BOOT_ID", dashed)
    assert this_boot() == by_kernel


def test_a_jump_long_after_the_start_is_a_correction() -> None:
    computer = Computer()
    text = computer.clock().remember()
    computer.off_and_on(NOON + 5)
    clock = computer.clock()
    clock.begin(text)
    computer.pass_time(LEARNING)
    assert clock.moved(365 * DAY) == 365 * DAY


def new(key: str, expires: float) -> NewMessage:
    return NewMessage(
        key=key,
        request="r",
        to="+491701234567",
        contact=None,
        text="x",
        encoding="gsm7",
        flash=False,
        report=False,
        priority=0,
        on_unknown="keep",
        expires=expires,
        parts=[NewPart("00", 1)],
    )


def test_messages_and_caps_move_with_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("n11bridge.memory.LOOK", 0.001)
    computer = Computer()
    jumps: list[tuple[float, float]] = []
    told = asyncio.Event()

    def on_jump(jump: float, moved: float) -> None:
        jumps.append((jump, moved))
        told.set()

    async def jump(seconds: float) -> None:
        told.clear()
        computer.wall += seconds
        async with asyncio.timeout(10):
            await told.wait()
        assert jumps[-1] == (pytest.approx(seconds), pytest.approx(seconds))

    async def main() -> None:
        store = await Store.open(tmp_path / "n11.db")
        clock = computer.clock()
        keeper = Timekeeper(store, clock, on_jump)
        await keeper.begin()
        watching = asyncio.ensure_future(keeper.watch())
        await store.commit(lambda tables: tables.outbox.accept([new("a", NOON + 60)], clock.now()))

        def look(tables: Tables) -> tuple[int, list[str], float | None]:
            now = clock.now()
            expired = [message.key for message in tables.outbox.expire(now)]
            message = tables.outbox.find("a")
            left = message and message.expires and message.expires - now
            return tables.outbox.parts_accepted_since(now - 3600, now), expired, left

        for seconds in (365 * DAY, -365 * DAY, -30 * DAY, 30 * DAY):
            await jump(seconds)
            spent, expired, left = await store.commit(look)
            assert (spent, expired, left) == (1, [], pytest.approx(60, abs=0.1))
        computer.pass_time(61)
        spent, expired, left = await store.commit(look)
        assert (spent, expired) == (0, ["a"])  # in the end never handed over
        watching.cancel()
        await keeper.end()
        await store.close()

    asyncio.run(main())


def test_a_jump_that_cannot_be_recorded_is_not_taken_over(tmp_path: Path) -> None:
    computer = Computer()

    class Full:
        def __init__(self, store: Store) -> None:
            self._store = store

        async def commit(self, work: object) -> None:
            def whole(tables: Tables) -> None:
                work(tables)  # type: ignore[operator]
                raise StoreError("the disk is full")

            await self._store.commit(whole)

    async def main() -> None:
        store = await Store.open(tmp_path / "n11.db")
        clock = computer.clock()
        await store.commit(lambda tables: tables.outbox.accept([new("a", NOON + 60)], clock.now()))
        keeper = Timekeeper(Full(store), clock, lambda *_: None)
        computer.wall += DAY
        with pytest.raises(StoreError):
            await keeper._take_over(clock.jump())
        assert clock.now() == NOON
        message = await store.read(lambda tables: tables.outbox.find("a"))
        assert message is not None
        assert message.expires == NOON + 60
        await store.close()

    asyncio.run(main())


def test_every_time_on_record_is_moved(tmp_path: Path) -> None:
    async def main() -> None:
        store = await Store.open(tmp_path / "n11.db")

        def fill(tables: Tables) -> None:
            tables.outbox.accept([new("a", 200)], 100)
            tables.outbox.sending("a", 1, 110)
            tables.outbox.part_sent("a", 1, 7, 120)
            tables.inbox.add_single("hash", "pdu", "uid", "+49", "{}", 130)
            tables.requests.begin("id", "sms/send", "digest", 140)
            tables.times.move(1000)

        await store.commit(fill)

        def times(tables: Tables) -> dict[str, list[float | None]]:
            connection = tables.outbox._connection
            found = {}
            for (table,) in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            ).fetchall():
                for column in connection.execute(f"PRAGMA table_info({table})").fetchall():
                    if column["type"] == "REAL":
                        rows = connection.execute(f"SELECT {column['name']} FROM {table}")
                        found[f"{table}.{column['name']}"] = [row[0] for row in rows]
            return found

        assert await store.read(times) == {
            "request.begun": [1140],
            "message.expires": [1200],
            "message.created": [1100],
            "message.updated": [1120],
            "message.not_before": [0],
            "message.due": [None],
            "part.sent": [1120],
            "inbox.received": [1130],
            "inbox.published": [1130],
            "inbox_part.received": [1130],
            "pin.attempted": [],
        }
        await store.close()

    asyncio.run(main())

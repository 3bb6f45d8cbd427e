import asyncio
import contextlib
import resource
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from n11bridge.store import Store, StoreError, Tables, database

BIG = "x" * 50_000


@contextlib.contextmanager
def no_file_grows_beyond(size: int) -> Iterator[None]:
    """The kernel refuses to write past that many bytes, as it does when a disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_when_the_commit_fails_all_its_callers_hear_and_the_store_lives_on(path: Path) -> None:
    async def scenario() -> None:
        store = await Store.open(path)
        told: list[object] = []
        store.on_publications = told.extend
        await store.commit(lambda tables: tables.facts.set("before", "kept"))
        with no_file_grows_beyond(path.with_name("n11.db-wal").stat().st_size + 8192):
            outcomes = await asyncio.gather(
                store.commit(lambda tables: tables.facts.set("big", BIG)),
                store.commit(lambda tables: tables.publications.add("topic", BIG)),
                return_exceptions=True,
            )
        for outcome in outcomes:
            assert isinstance(outcome, StoreError)
            assert "n11.db: " in str(outcome)
            assert "quota" in str(outcome)
        assert told == []
        assert await store.read(lambda tables: tables.facts.get("big")) is None
        assert await store.read(lambda tables: tables.publications.count()) == 0
        assert await store.read(lambda tables: tables.facts.get("before")) == "kept"
        await store.commit(lambda tables: tables.publications.add("topic", BIG))
        assert len(told) == 1
        await store.close()

    asyncio.run(scenario())


def test_when_the_database_is_full_the_message_says_so(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = database.connect

    def small(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 5}")
        return connection

    monkeypatch.setattr(database, "connect", small)

    async def scenario() -> None:
        store = await Store.open(path)
        with pytest.raises(StoreError, match=r"n11\.db: the disk is full: free some space"):
            await store.commit(lambda tables: tables.facts.set("big", BIG))
        await store.commit(lambda tables: tables.facts.set("small", "x"))
        assert await store.read(lambda tables: tables.facts.get("small")) == "x"
        assert await store.read(lambda tables: tables.facts.get("big")) is None
        await store.close()

    asyncio.run(scenario())


def test_a_damaged_page_is_told_to_who_meets_it(path: Path) -> None:
    with contextlib.closing(database.connect(path)) as connection:
        Tables(connection).facts.set("modem", "N11V2")
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'fact'"
        (page,) = connection.execute(query).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)

    async def scenario() -> None:
        store = await Store.open(path)
        with pytest.raises(StoreError, match=r"n11\.db: the database is damaged: stop"):
            await store.read(lambda tables: list(tables.facts.get("modem") or ""))
        await store.commit(lambda tables: tables.counters.add("still counting"))
        await store.close()

    asyncio.run(scenario())


def test_after_a_commit_that_was_refused_the_next_one_starts_afresh(path: Path) -> None:
    def orphan(tables: Tables) -> None:
        # The one thing that SQLite looks at as late as COMMIT, leaving the transaction open.
        connection = tables.outbox._connection
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute("INSERT INTO part (message, seq, pdu, length) VALUES ('none', 1, '', 0)")

    async def scenario() -> None:
        store = await Store.open(path)
        with pytest.raises(StoreError, match="FOREIGN KEY"):
            await store.commit(orphan)
        await store.commit(lambda tables: tables.counters.add("x"))
        assert await store.read(lambda tables: tables.counters.all()) == {"x": 1}
        assert await store.read(lambda tables: tables.outbox.parts("none")) == []
        await store.close()

    asyncio.run(scenario())


def test_what_must_be_recorded_is_tried_until_the_disk_takes_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trouble is told of when it begins and when it ends, whatever changes nothing in between."""
    monkeypatch.setattr("n11bridge.store.store.RETRY", 0.01)

    async def scenario() -> None:
        store = await Store.open(path)
        told: list[StoreError | None] = []
        mended = asyncio.Event()

        def on_trouble(error: StoreError | None) -> None:
            told.append(error)
            if error is None:
                mended.set()

        store.on_trouble = on_trouble
        with no_file_grows_beyond(0):
            kept = asyncio.ensure_future(
                store.persist(lambda tables: tables.counters.add("kept") or "result")
            )
            for _ in range(3):
                with pytest.raises(StoreError):
                    await store.commit(lambda tables: tables.counters.add("lost"))
                assert await store.read(lambda tables: tables.counters.all()) == {}
                await store.commit(lambda tables: None)
            assert len(told) == 1
            assert isinstance(told[0], StoreError)
            assert not kept.done()
        assert await kept == "result"
        await mended.wait()
        assert told[1:] == [None]
        assert await store.read(lambda tables: tables.counters.all()) == {"kept": 1}
        await store.close()

    asyncio.run(scenario())


def test_what_could_not_be_recorded_is_given_up_at_the_end(path: Path) -> None:
    async def scenario() -> None:
        store = await Store.open(path)
        with no_file_grows_beyond(0):
            kept = asyncio.ensure_future(store.persist(lambda tables: tables.counters.add("x")))
            with pytest.raises(StoreError):
                await store.commit(lambda tables: tables.counters.add("x"))
            closing = asyncio.ensure_future(store.close())
            with pytest.raises(StoreError):
                await kept
            await closing

    asyncio.run(scenario())

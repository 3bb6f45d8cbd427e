import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from n11bridge.store import Publication, Store, StoreError, Tables, database


def add(text: str) -> Callable[[Tables], int]:
    return lambda tables: tables.publications.add("topic", text)


def payloads(tables: Tables) -> list[str]:
    return [publication.payload for publication in tables.publications.waiting(100)]


def use(path: Path, scenario: Callable[[Store], Awaitable[None]]) -> None:
    async def main() -> None:
        store = await Store.open(path)
        try:
            await scenario(store)
        finally:
            await store.close()

    asyncio.run(main())


class Gate:
    """Work that keeps the thread busy until it is opened, so that what follows forms one batch."""

    def __init__(self) -> None:
        self._entered = threading.Event()
        self._open = threading.Event()

    async def close(self, store: Store) -> "asyncio.Task[None]":
        task = asyncio.create_task(store.read(self._wait))
        await asyncio.to_thread(self._entered.wait)
        return task

    def open(self) -> None:
        self._open.set()

    def _wait(self, tables: Tables) -> None:
        self._entered.set()
        self._open.wait()


async def queued(*works: Awaitable[object]) -> "list[asyncio.Task[object]]":
    """Start the works, and return once each has been handed to the thread."""
    tasks = [asyncio.ensure_future(work) for work in works]
    await asyncio.sleep(0)  # one turn of the loop, no time
    return tasks


def test_what_is_committed_is_there_after_opening_again(path: Path) -> None:
    async def write(store: Store) -> None:
        assert await store.commit(add("a")) == 1

    async def look(store: Store) -> None:
        assert await store.read(payloads) == ["a"]

    use(path, write)
    use(path, look)


def test_opening_fails_with_words(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        asyncio.run(Store.open(str(tmp_path / "nowhere" / "n11.db")))


def test_works_that_wait_share_one_commit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statements: list[str] = []
    connect = database.connect

    def traced(path: Path) -> object:
        connection = connect(path)
        connection.set_trace_callback(statements.append)
        return connection

    monkeypatch.setattr(database, "connect", traced)

    async def scenario(store: Store) -> None:
        gate = Gate()
        closed = await gate.close(store)
        tasks = await queued(*(store.commit(add(str(number))) for number in range(20)))
        statements.clear()
        gate.open()
        assert await asyncio.gather(*tasks) == list(range(1, 21))
        await closed
        # One COMMIT ends the gate's own batch, one all the others'.
        assert statements.count("COMMIT") == 2

    use(path, scenario)


def test_a_failing_work_undoes_itself_alone(path: Path) -> None:
    def fail(tables: Tables) -> None:
        tables.publications.add("topic", "never")
        tables.counters.add("never")
        raise ValueError("mine")

    async def scenario(store: Store) -> None:
        told: list[str] = []
        store.on_publications = lambda added: told.extend(each.payload for each in added)
        gate = Gate()
        await gate.close(store)
        tasks = await queued(store.commit(add("a")), store.commit(fail), store.commit(add("b")))
        gate.open()
        a, failed, b = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(a, int)
        assert isinstance(b, int)
        assert isinstance(failed, ValueError)
        assert await store.read(payloads) == told == ["a", "b"]
        assert await store.read(lambda tables: tables.counters.all()) == {}

    use(path, scenario)


@pytest.mark.parametrize("error", [StopIteration, SystemExit])
def test_no_exception_of_a_work_stops_the_thread(path: Path, error: type[BaseException]) -> None:
    def fail(tables: Tables) -> None:
        raise error

    async def scenario(store: Store) -> None:
        with pytest.raises((RuntimeError, SystemExit)):
            await store.commit(fail)
        assert await store.commit(add("a")) == 1

    use(path, scenario)


def test_publications_are_told_on_the_loop_before_the_caller_goes_on(path: Path) -> None:
    async def scenario(store: Store) -> None:
        order: list[object] = []

        def told(added: list[Publication]) -> None:
            assert threading.current_thread() is threading.main_thread()
            order.append(added)

        store.on_publications = told
        await store.commit(lambda tables: tables.counters.add("x"))
        assert order == []  # nothing was added

        gate = Gate()
        await gate.close(store)
        tasks = await queued(store.commit(add("a")), store.commit(add("b")))
        for task in tasks:
            task.add_done_callback(lambda done: order.append(done.result()))
        gate.open()
        await asyncio.gather(*tasks)
        a, b = Publication(1, "topic", "a", None), Publication(2, "topic", "b", None)
        assert order == [[a, b], 1, 2]

        await store.commit(add("c"))
        assert order[3:] == [[Publication(3, "topic", "c", None)]]  # each is told once

    use(path, scenario)


def test_a_failing_listener_does_not_keep_callers_waiting(path: Path) -> None:
    async def scenario(store: Store) -> None:
        complaints: list[object] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, context: complaints.append(context["exception"])
        )

        def fail(added: list[Publication]) -> None:
            raise ValueError("listener")

        store.on_publications = fail
        assert await store.commit(add("a")) == 1
        assert [str(complaint) for complaint in complaints] == ["listener"]

    use(path, scenario)


def test_reads_see_the_commits_before_them_and_none_after(path: Path) -> None:
    async def scenario(store: Store) -> None:
        gate = Gate()
        await gate.close(store)
        works = (store.commit(add("a")), store.read(payloads), store.commit(add("b")))
        tasks = await queued(*works, store.read(payloads))
        gate.open()
        assert await asyncio.gather(*tasks) == [1, ["a"], 2, ["a", "b"]]

    use(path, scenario)


def test_a_read_cannot_write(path: Path) -> None:
    async def scenario(store: Store) -> None:
        with pytest.raises(Exception, match=r"^attempt to write a readonly database$"):
            await store.read(add("a"))
        assert await store.commit(add("b")) == 1
        assert await store.read(payloads) == ["b"]

    use(path, scenario)


def test_the_loop_turns_while_the_thread_is_busy(path: Path) -> None:
    async def scenario(store: Store) -> None:
        gate = Gate()
        closed = await gate.close(store)
        (task,) = await queued(store.commit(add("a")))
        assert not task.done()
        assert not closed.done()
        gate.open()
        assert await task == 1

    use(path, scenario)


def test_a_cancelled_caller_does_not_take_its_work_back(path: Path) -> None:
    async def scenario(store: Store) -> None:
        gate = Gate()
        await gate.close(store)
        task, other = await queued(store.commit(add("a")), store.commit(add("b")))
        task.cancel()
        gate.open()
        assert await other == 2
        assert task.cancelled()
        assert await store.read(payloads) == ["a", "b"]

    use(path, scenario)


def test_closing_finishes_what_is_queued(path: Path) -> None:
    async def scenario(store: Store) -> None:
        gate = Gate()
        await gate.close(store)
        (task,) = await queued(store.commit(add("a")))
        (closing,) = await queued(store.close())
        with pytest.raises(StoreError, match=r"n11\.db: the store is closed"):
            await store.commit(add("late"))
        gate.open()
        await closing
        assert task.done()
        assert await task == 1
        await store.close()

    use(path, scenario)

    async def look(store: Store) -> None:
        assert await store.read(payloads) == ["a"]

    use(path, look)
    assert not path.with_name("n11.db-wal").exists()

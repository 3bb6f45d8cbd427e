"""What is on the store's list reaches the broker once it can, in order, and leaves the list."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from n11bridge.broker import BrokerError, Closed
from n11bridge.publisher import HELD, WINDOW, Publisher
from n11bridge.store import Store


class Wire:
    """A broker that acknowledges when the test says so."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, bytes | None]] = []
        self.refusing = False
        self.refusal = BrokerError("not authorised")
        self.refused = 0
        self.open = asyncio.Event()
        self.open.set()
        self.most = 0
        self._under_way = 0
        self._changed = asyncio.Condition()

    async def publish(
        self, topic: str, payload: str, correlation: bytes | None, again: str | None
    ) -> None:
        if self.refusing:
            self.refused += 1
            async with self._changed:
                self._changed.notify_all()
            raise self.refusal
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        self.taken.append((topic, payload, correlation))
        async with self._changed:
            self._changed.notify_all()
        await self.open.wait()
        self._under_way -= 1

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: len(self.taken) >= count)

    async def until_refused(self, count: int) -> None:
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: self.refused >= count)


async def emptied(store: Store) -> None:
    async with asyncio.timeout(10):
        while await store.read(lambda tables: tables.publications.count()):
            pass


def serve(tmp_path: Path, test: Callable[[Store, Wire], Awaitable[None]]) -> None:
    async def whole() -> None:
        store = await Store.open(tmp_path / "n11.db")
        try:
            await test(store, Wire())
        finally:
            await store.close()

    asyncio.run(whole())


async def add(store: Store, count: int, start: int = 0) -> None:
    def work(tables: object) -> None:
        for number in range(start, start + count):
            tables.publications.add("topic", str(number))  # type: ignore[attr-defined]

    await store.commit(work)


async def start(store: Store, wire: Wire) -> Publisher:
    publisher = Publisher(store, wire.publish)
    await publisher.load()
    return publisher


def test_published_in_order_and_struck_off(tmp_path: Path) -> None:
    async def test(store: Store, wire: Wire) -> None:
        publisher = await start(store, wire)
        publisher.set_connected(True)
        await add(store, 50)
        await wire.until(50)
        assert [payload for _, payload, _ in wire.taken] == [str(n) for n in range(50)]
        await emptied(store)
        assert publisher.waiting == 0

    serve(tmp_path, test)


def test_held_back_while_the_broker_is_away(tmp_path: Path) -> None:
    async def test(store: Store, wire: Wire) -> None:
        publisher = await start(store, wire)
        await add(store, 3)
        assert publisher.waiting == 3
        assert wire.taken == []
        publisher.set_connected(True)
        await wire.until(3)
        await emptied(store)

    serve(tmp_path, test)


def test_more_than_memory_holds(tmp_path: Path) -> None:
    async def test(store: Store, wire: Wire) -> None:
        publisher = await start(store, wire)
        await add(store, HELD + 700)
        publisher.set_connected(True)
        await wire.until(HELD + 700)
        assert [payload for _, payload, _ in wire.taken] == [str(n) for n in range(HELD + 700)]
        assert wire.most <= WINDOW
        await emptied(store)

    serve(tmp_path, test)


def test_more_than_memory_holds_and_still_more_coming(tmp_path: Path) -> None:
    async def test(store: Store, wire: Wire) -> None:
        publisher = await start(store, wire)
        await add(store, HELD + 10)
        publisher.set_connected(True)
        await add(store, 10, start=HELD + 10)
        await wire.until(HELD + 20)
        assert [payload for _, payload, _ in wire.taken] == [str(n) for n in range(HELD + 20)]
        await emptied(store)
        assert publisher.waiting == 0

    serve(tmp_path, test)


def test_what_another_process_left_is_published_again_and_says_so(tmp_path: Path) -> None:
    async def test(store: Store, wire: Wire) -> None:
        await store.commit(
            lambda tables: (
                tables.publications.add("received", json.dumps({"uid": "a", "redelivered": False})),
                tables.publications.add(
                    "response", '{"id": 1}', json.dumps({"topic": None, "correlation": "AQI="})
                ),
            )
        )
        publisher = await start(store, wire)
        publisher.set_connected(True)
        await wire.until(2)
        assert json.loads(wire.taken[0][1]) == {"uid": "a", "redelivered": True}
        assert wire.taken[1] == ("response", '{"id": 1}', b"\x01\x02")
        await emptied(store)

    serve(tmp_path, test)


def test_refused_ones_wait_for_another_connection(tmp_path: Path) -> None:
    async def test(store: Store, wire: Wire) -> None:
        publisher = await start(store, wire)
        wire.refusing = True
        publisher.set_connected(True)
        await add(store, 2)
        await wire.until_refused(2)
        assert await store.read(lambda tables: tables.publications.count()) == 2
        wire.refusing = False
        publisher.set_connected(False)
        publisher.set_connected(True)
        await wire.until(2)
        assert [payload for _, payload, _ in wire.taken] == ["0", "1"]
        await emptied(store)

    serve(tmp_path, test)


def test_what_we_left_the_broker_with_stays_on_the_list(tmp_path):
    """A response to a topic of the asker's own as well, which a refusal would end."""

    async def test(store: Store, wire: Wire) -> None:
        publisher = Publisher(store, wire.publish)
        await publisher.load()
        wire.refusing, wire.refusal = True, Closed("stopped")
        properties = json.dumps({"topic": "mine"})
        await store.commit(lambda tables: tables.publications.add("a", "1", properties))
        publisher.set_connected(True)
        await wire.until_refused(1)
        assert await store.read(lambda tables: tables.publications.count()) == 1

    serve(tmp_path, test)


def test_a_crowd_that_comes_while_others_are_struck_off_is_published_once(tmp_path: Path) -> None:
    """More than memory holds comes between the broker's acknowledgements and their record."""
    count = 6 * HELD

    async def test(store: Store, wire: Wire) -> None:
        publisher = Publisher(store, wire.publish)
        await publisher.load()
        publisher.set_connected(True)
        numbers = iter(range(count))
        adding = []
        while len(adding) < count:
            # All in one breath: they reach the publisher one after the other.
            for number in itertools.islice(numbers, 300):
                work = store.commit(lambda tables, n=number: tables.publications.add("a", str(n)))
                adding.append(asyncio.ensure_future(work))
            await asyncio.wait(adding, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)
        await asyncio.gather(*adding)
        await wire.until(count)
        await emptied(store)
        assert Counter(payload for _, payload, _ in wire.taken) == Counter(map(str, range(count)))

    serve(tmp_path, test)

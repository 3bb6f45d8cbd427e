"""The store as the loop sees it: work handed to one thread, which commits it in groups.

An fsync takes milliseconds on an SD card, at times a second; the loop must not wait for it, and
twenty works that came meanwhile need only one.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from n11bridge.store import database
from n11bridge.store.errors import StoreError, explain, is_trouble
from n11bridge.store.publications import Publication
from n11bridge.store.tables import Tables

T = TypeVar("T")

#: What the disk did not take is tried again after so many seconds, where it must not be lost.
RETRY = 5.0


class _Job:
    """Work on its way through the thread, and what came of it."""

    def __init__(
        self, work: Callable[[Tables], Any], reading: bool, settled: asyncio.Future[None]
    ) -> None:
        self.work = work
        self.reading = reading
        self.settled = settled
        self.result: Any = None
        self.error: BaseException | None = None


class Store:
    """The SQLite file that keeps everything that must not be lost. Make one with `open`."""

    on_publications: Callable[[list[Publication]], None] | None = None
    """Called on the loop with what a commit added, before the callers of that commit go on."""

    on_trouble: Callable[[StoreError | None], None] | None = None
    """Called on the loop when the disk begins to refuse changes, and with None when it ends."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._tables = Tables(connection)
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closing = False
        self._troubled = False
        self._loop = asyncio.get_running_loop()
        # A daemon thread: a program that ends without `close` must not hang; it loses nothing
        # that was acknowledged, as with any other sudden death.
        self._thread = threading.Thread(target=self._serve, name="store", daemon=True)
        self._thread.start()

    @classmethod
    async def open(cls, path: str | Path) -> "Store":
        """Open or create the file; StoreError, with the cure, if it cannot be used."""
        path = Path(path)
        return cls(path, await asyncio.to_thread(database.connect, path))

    async def close(self) -> None:
        """Finish all work queued, then close the file. Closing twice is harmless."""
        if not self._closing:
            self._closing = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def commit(self, work: Callable[[Tables], T]) -> Coroutine[Any, Any, T]:
        """Run the work in the thread; return its result once it is safe on the disk.

        What the work raises is raised here and undoes this work alone; StoreError if the disk
        did not take it. Work is done in the order of the calls, whether or not a caller that
        was cancelled still waits for it.
        """
        return self._outcome(self._submit(work, reading=False))

    def read(self, work: Callable[[Tables], T]) -> Coroutine[Any, Any, T]:
        """Like `commit`, and in one order with it, for work that changes nothing."""
        return self._outcome(self._submit(work, reading=True))

    def persist(self, work: Callable[[Tables], T]) -> Coroutine[Any, Any, T]:
        """Like `commit`, for what has happened already: it is tried until the disk takes it."""
        return self._persisted(self._submit(work, reading=False))

    async def _persisted(self, job: _Job) -> Any:
        while True:
            try:
                return await self._outcome(job)
            except StoreError:
                if self._closing:
                    raise
            await asyncio.sleep(RETRY)
            job = self._submit(job.work, reading=False)

    def _submit(self, work: Callable[[Tables], Any], reading: bool) -> _Job:
        # By the call itself, not by the first step of a coroutine: a task that was made for it
        # may begin after another one that came later.
        job = _Job(work, reading, self._loop.create_future())
        if self._closing:
            job.error = StoreError(f"{self._path}: the store is closed")
            job.settled.set_result(None)
        else:
            self._queue.put(job)
        return job

    async def _outcome(self, job: _Job) -> Any:
        await job.settled
        if job.error is not None:
            raise job.error
        return job.result

    def _settle(self, batch: list[_Job], added: list[Publication], changed: bool) -> None:
        try:
            self._note_trouble([j.error for j in batch if isinstance(j.error, StoreError)], changed)
            if added and self.on_publications is not None:
                self.on_publications(added)
        finally:
            for job in batch:
                if not job.settled.done():  # cancelled
                    job.settled.set_result(None)

    def _note_trouble(self, errors: list[StoreError], changed: bool) -> None:
        # To change nothing succeeds on a full disk as well, and so proves nothing.
        if bool(errors) == self._troubled or not (errors or changed):
            return
        self._troubled = bool(errors)
        if self.on_trouble is not None:
            self.on_trouble(errors[0] if errors else None)

    # From here on in the thread.

    def _serve(self) -> None:
        closing = False
        while not closing:
            jobs = [self._queue.get()]
            with contextlib.suppress(queue.Empty):
                while True:
                    jobs.append(self._queue.get_nowait())
            closing = jobs[-1] is None  # nothing is queued after it
            self._transact([job for job in jobs if job is not None])
        self._connection.close()

    def _transact(self, batch: list[_Job]) -> None:
        before, changed = self._connection.total_changes, False
        try:
            self._connection.execute("BEGIN")
            for job in batch:
                self._attempt(job)
            self._connection.execute("COMMIT")
            changed = self._connection.total_changes > before
        except BaseException as error:  # if the thread died, all who wait would wait for ever
            for job in batch:
                if job.error is None:
                    job.error = explain(self._path, error)
                    job.error.__cause__ = error
            self._tables.publications.added = []
            if self._connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
        added, self._tables.publications.added = self._tables.publications.added, []
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(self._settle, batch, added, changed)

    def _attempt(self, job: _Job) -> None:
        """Run one work, undone if it fails. Raises when the whole transaction is gone."""
        added = len(self._tables.publications.added)
        self._connection.execute("SAVEPOINT work")
        try:
            self._connection.execute(f"PRAGMA query_only = {int(job.reading)}")
            job.result = job.work(self._tables)
        except BaseException as error:
            # A full disk can make SQLite roll back everything by itself.
            if not self._connection.in_transaction:
                raise
            self._connection.execute("ROLLBACK TO work")
            del self._tables.publications.added[added:]
            job.error = error
            if is_trouble(error, job.reading):
                job.error = explain(self._path, error)
                job.error.__cause__ = error
        finally:
            self._connection.execute("PRAGMA query_only = 0")
        self._connection.execute("RELEASE work")

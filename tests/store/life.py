"""The life of SMS in the store, acted out by a process that is to be killed.

Arguments: the file, and the number of the SQL statement before which to die (0: live on until
someone kills it). Each line on stdout is a promise: what it says is on the disk.
"""

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path

from n11bridge.store import NewMessage, NewPart, Store, Tables, database, fingerprint


def promise(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def die_before(number: int) -> None:
    """Count the statements of every connection opened from now on; kill -9 at that one."""
    count = 0
    connect = database.connect

    def traced(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.set_trace_callback(step)
        return connection

    def step(statement: str) -> None:
        nonlocal count
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    database.connect = traced


async def live(store: Store, key: str, number: int) -> None:
    """One message from its acceptance to its delivery report, and one received."""
    to = f"+49170{number:07}"
    message = NewMessage(
        key=key,
        request=key,
        to=to,
        contact=None,
        text="hello",
        encoding="gsm7",
        flash=False,
        report=True,
        priority=0,
        on_unknown="keep",
        expires=None,
        parts=[NewPart("00", 1)],
    )

    def accept(tables: Tables) -> None:
        tables.requests.begin(key, "sms/send", "digest", now=1)
        tables.outbox.accept([message], now=1)
        tables.publications.add("status", f"{key} queued")
        tables.requests.answer(key, "accepted")

    def sending(tables: Tables) -> None:
        tables.outbox.sending(key, 1, now=2)
        tables.publications.add("status", f"{key} sending")

    def sent(tables: Tables) -> None:
        tables.outbox.part_sent(key, 1, 7, now=3)
        tables.publications.add("status", f"{key} sent")

    def report(tables: Tables) -> None:
        tables.outbox.report(7, to, 0, "delivered", now=4)
        tables.publications.add("status", f"{key} delivered")

    def receive(tables: Tables) -> None:
        tables.inbox.add_single(fingerprint(key), key, f"uid-{key}", to, f"{key} received", now=5)
        tables.publications.add("received", f"{key} received")

    steps = {
        "queued": accept,
        "sending": sending,
        "sent": sent,
        "delivered": report,
        "received": receive,
    }
    for name, step in steps.items():
        await store.commit(step)
        promise(key, name)


async def main(path: str, number: int) -> None:
    if number:
        die_before(number)
    store = await Store.open(path)
    if number:
        await live(store, "a", 1)
        await store.close()
        return
    for round in range(1_000_000):
        # Several at once, so that death finds groups half done.
        numbers = range(4 * round, 4 * round + 4)
        await asyncio.gather(*(live(store, f"m{number}", number) for number in numbers))


asyncio.run(main(sys.argv[1], int(sys.argv[2])))

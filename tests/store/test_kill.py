"""kill -9: every promise made is kept, and nothing is there by halves."""

import contextlib
import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from n11bridge.store import Tables
from n11bridge.store.database import connect

LIFE = str(Path(__file__).with_name("life.py"))
STATES = ["queued", "sending", "sent", "delivered"]
STEPS = [*STATES, "received"]


def check(path: Path, promises: list[str]) -> None:
    """Compare the file, as the next process finds it, with what was promised."""
    with contextlib.closing(connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = Tables(connection)
        told = {each.payload for each in tables.publications.waiting(1_000_000)}
        assert told.issuperset(promises)
        keys = {payload.split()[0] for payload in told}
        for key in keys:
            reached = [step for step in STEPS if f"{key} {step}" in told]
            # A publication and the change it tells of are there together, in order, no gaps.
            assert reached == STEPS[: len(reached)]
            message = tables.outbox.find(key)
            assert message is not None
            assert message.state == STATES[min(len(reached), len(STATES)) - 1]
            assert len(reached) - sum(f"{key} {step}" in promises for step in STEPS) <= 1
        assert {m.key for m in tables.outbox.list(1_000_000)} == keys
        received = {payload for payload in told if payload.endswith("received")}
        assert {payload for _, payload in tables.inbox.since(None, 1_000_000)} == received
        assert tables.requests.unanswered() == []


@pytest.mark.parametrize("seed", range(5))
def test_killed_at_any_moment(path: Path, seed: int) -> None:
    enough = random.Random(seed).randrange(1, 400)
    with subprocess.Popen([sys.executable, LIFE, path, "0"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        promises = [process.stdout.readline() for _ in range(enough)]
        process.kill()
        promises += process.stdout.readlines()
    assert len(promises) >= enough
    check(path, [line.decode().strip() for line in promises])


@pytest.mark.slow
def test_killed_before_every_single_statement(tmp_path: Path) -> None:
    survived = False
    number = 0
    ends = set()
    while not survived:
        number += 1
        path = tmp_path / f"{number}.db"
        done = subprocess.run(
            [sys.executable, LIFE, path, str(number)], stdout=subprocess.PIPE, check=False
        )
        survived = done.returncode == 0
        promises = done.stdout.decode().splitlines()
        ends.add(len(promises))
        check(path, promises)
    assert ends == set(range(len(STEPS) + 1))  # death came between all the promises
    assert number > 10 * len(STEPS)


def test_a_migration_cut_short_is_begun_anew(path: Path) -> None:
    # What a process leaves that died in the middle of its first start.
    script = (
        "import sys, os, signal, n11bridge.store.database as database\n"
        "database.MIGRATIONS = ('CREATE TABLE a (b)', 'CREATE TABLE c (d); SELECT die()')\n"
        "import sqlite3\n"
        "real = sqlite3.connect\n"
        "def connect(*args, **options):\n"
        "    connection = real(*args, **options)\n"
        "    connection.create_function('die', 0, lambda: os.kill(os.getpid(), signal.SIGKILL))\n"
        "    return connection\n"
        "sqlite3.connect = connect\n"
        "database.connect(database.Path(sys.argv[1]))\n"
    )
    assert subprocess.run([sys.executable, "-c", script, path], check=False).returncode == -9
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("a",)]

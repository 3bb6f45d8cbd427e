import contextlib
import os
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from n11bridge.store import StoreError, Tables, database
from n11bridge.store.database import connect
from n11bridge.store.schema import APPLICATION_ID, MIGRATIONS


def pragma(connection: sqlite3.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextlib.contextmanager
def nobody() -> Iterator[Path]:
    """A directory of one's own, without the powers of root, who may write everywhere."""
    with tempfile.TemporaryDirectory() as name:
        user = os.geteuid()
        if user == 0:
            os.chown(name, 65534, 65534)
            os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            os.chmod(name, 0o700)
            os.seteuid(user)


def test_a_commit_survives_the_loss_of_power(path: Path) -> None:
    with contextlib.closing(connect(path)) as connection:
        assert pragma(connection, "journal_mode") == "wal"
        assert pragma(connection, "synchronous") == 2  # FULL
        assert pragma(connection, "foreign_keys") == 1


def test_the_file_is_private_and_so_is_its_log(path: Path) -> None:
    with contextlib.closing(connect(path)):
        assert mode(path) == 0o600
        assert mode(path.with_name("n11.db-wal")) == 0o600


def test_a_file_restored_with_open_permissions_is_made_private(path: Path) -> None:
    connect(path).close()
    path.chmod(0o644)
    with contextlib.closing(connect(path)):
        assert mode(path) == 0o600
        assert mode(path.with_name("n11.db-wal")) == 0o600


def test_a_second_process_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.0)
    refused = pytest.raises(StoreError, match=r"n11\.db: in use by another process: stop")
    with contextlib.closing(connect(path)), refused:
        connect(path)


def test_a_new_file_goes_through_every_migration(path: Path) -> None:
    with contextlib.closing(connect(path)) as connection:
        assert pragma(connection, "user_version") == len(MIGRATIONS)
        assert pragma(connection, "application_id") == APPLICATION_ID
    with contextlib.closing(connect(path)) as connection:
        assert pragma(connection, "user_version") == len(MIGRATIONS)


def test_an_older_file_is_migrated_and_keeps_its_rows(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.closing(connect(path)) as connection:
        Tables(connection).facts.set("modem", "N11V2")
    later = (
        *MIGRATIONS,
        "CREATE TABLE a (b)",
        "ALTER TABLE a RENAME b TO c",
    )
    monkeypatch.setattr(database, "MIGRATIONS", later)
    with contextlib.closing(connect(path)) as connection:
        assert pragma(connection, "user_version") == len(later)
        assert connection.execute("SELECT c FROM a").fetchall() == []
        assert Tables(connection).facts.get("modem") == "N11V2"


def test_a_migration_is_done_whole_or_not_at_all(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(path).close()
    monkeypatch.setattr(database, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE a (b); SELECT wrong"))
    with pytest.raises(StoreError, match="wrong"):
        connect(path)
    monkeypatch.undo()
    with contextlib.closing(connect(path)) as connection:
        assert pragma(connection, "user_version") == len(MIGRATIONS)
        assert connection.execute("SELECT * FROM sqlite_schema WHERE name = 'a'").fetchall() == []


def test_a_newer_file_is_refused_untouched(path: Path) -> None:
    with contextlib.closing(connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"n11\.db: written by a newer n11bridge .* install"):
        connect(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_refused_untouched(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    path.chmod(0o644)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"n11\.db: this database belongs to another program"):
        connect(path)
    assert path.read_bytes() == before
    assert mode(path) == 0o644


def test_not_a_database(path: Path) -> None:
    path.write_text("modem:\n  name: n11\n" * 100)
    with pytest.raises(StoreError, match=r"n11\.db: this is no SQLite database: move it away"):
        connect(path)


def test_a_damaged_database(path: Path) -> None:
    connect(path).close()
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 4000)
    with pytest.raises(StoreError, match=r"n11\.db: the database is damaged"):
        connect(path)


def test_a_directory_is_not_a_file(tmp_path: Path) -> None:
    before = mode(tmp_path)
    with pytest.raises(StoreError, match="not a file"):
        connect(tmp_path)
    assert mode(tmp_path) == before


def test_the_directory_must_exist(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere/n11\.db: its directory does not exist"):
        connect(tmp_path / "nowhere" / "n11.db")


def test_the_directory_must_be_writable() -> None:
    with nobody() as directory:
        directory.chmod(0o500)
        with pytest.raises(StoreError, match=r"n11\.db: Permission denied: check"):
            connect(directory / "n11.db")


def test_an_old_file_needs_a_writable_directory_too() -> None:
    with nobody() as directory:
        connect(directory / "n11.db").close()
        directory.chmod(0o500)
        with pytest.raises(StoreError, match=r"n11\.db: .*directory"):
            connect(directory / "n11.db")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file of another user's")
def test_the_file_must_be_writable() -> None:
    with nobody() as directory:
        connect(directory / "n11.db").close()
        os.seteuid(0)
        os.chown(directory / "n11.db", 0, 0)
        (directory / "n11.db").chmod(0o644)
        os.seteuid(65534)
        with pytest.raises(StoreError, match=r"n11\.db: Permission denied: check"):
            connect(directory / "n11.db")

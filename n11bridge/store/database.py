"""The SQLite file: opened durably, for one process alone, at the version this program knows."""

import errno
import os
import sqlite3
import stat
from pathlib import Path

from n11bridge.store.errors import StoreError, explain
from n11bridge.store.schema import APPLICATION_ID, MIGRATIONS

_PRIVATE = stat.S_IRUSR | stat.S_IWUSR  # texts, numbers and hashes of PINs are nobody else's
_BUSY_SECONDS = 1.0


def connect(path: Path) -> sqlite3.Connection:
    """Open or create the file and bring it to the current version; StoreError if that cannot be.

    The connection is in autocommit mode; whoever uses it says BEGIN and COMMIT.
    """
    try:
        _create(path)
        connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
    except (OSError, sqlite3.Error) as error:
        raise explain(path, error) from error
    try:
        _prepare(connection, path)
    except (OSError, sqlite3.Error) as error:
        connection.close()
        raise explain(path, error) from error
    except StoreError:
        connection.close()
        raise
    return connection


def _create(path: Path) -> None:
    """Make the file private from its first moment; SQLite gives the WAL the same mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _PRIVATE))
    except FileExistsError:
        if not path.is_file():
            raise StoreError(f"{path}: not a file: configure the path of a file") from None
        # SQLite would open it read-only, and complain of something else much later.
        if not os.access(path, os.W_OK, effective_ids=True):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES)) from None


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.row_factory = sqlite3.Row
    # Two daemons on one outbox would send everything twice: the second one is refused.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    version = _version(connection, path)
    for file in (path, path.with_name(path.name + "-wal")):
        if file.exists() and stat.S_IMODE(file.stat().st_mode) != _PRIVATE:
            file.chmod(_PRIVATE)
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL, not WAL's usual NORMAL: a commit must survive the loss of power, not only our death.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # 256 kB instead of 2 MB: every look-up goes by an index and touches a few pages.
    connection.execute("PRAGMA cache_size = -256")
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(
            f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;"
        )


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the file's schema version; StoreError if it is not ours or from the future."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application != APPLICATION_ID and (application or tables):
        raise StoreError(
            f"{path}: this database belongs to another program: configure another path"
        )
    version: int
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise StoreError(
            f"{path}: written by a newer n11bridge (schema {version}, this one knows "
            f"{len(MIGRATIONS)}): install the newer n11bridge again, or move the file away"
        )
    return version

"""What can go wrong in the store, in words for the person who has to mend it."""

import sqlite3
from pathlib import Path


class StoreError(Exception):
    """The file cannot be used, or a change could not be kept; the message names file and cure."""


class WrongState(Exception):
    """The record is not in a state that allows this step; nothing was changed."""


_CURES = {
    sqlite3.SQLITE_FULL: "the disk is full: free some space",
    sqlite3.SQLITE_NOTADB: "this is no SQLite database: move it away, or configure another path",
    sqlite3.SQLITE_CORRUPT: "the database is damaged: stop the program, keep a copy of the file, "
    "and rebuild it with the .recover command of the sqlite3 shell",
    sqlite3.SQLITE_READONLY: "no permission to write: give the file and its directory to the user "
    "the program runs as",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: its directory must exist, and the user the program "
    "runs as must be allowed to write there",
    sqlite3.SQLITE_BUSY: "in use by another process: stop that one, or configure another path",
    sqlite3.SQLITE_IOERR: "reading or writing failed: look for a full quota or a failing disk",
}


def explain(path: Path, error: BaseException) -> StoreError:
    """Turn an error of SQLite or of the system into words that name the file and the cure."""
    code = _code(error)
    if code in _CURES:
        return StoreError(f"{path}: {_CURES[code]} ({error})")
    if isinstance(error, FileNotFoundError):
        return StoreError(f"{path}: its directory does not exist: create it, or configure another")
    if isinstance(error, OSError):
        return StoreError(f"{path}: {error.strerror}: check the path and its permissions")
    return StoreError(f"{path}: {error}")


def is_trouble(error: BaseException, reading: bool) -> bool:
    """Tell whether the file is at fault, not the work that met the error."""
    if reading and _code(error) == sqlite3.SQLITE_READONLY:
        return False  # the work tried to write where it may only read
    return _code(error) in _CURES


def _code(error: BaseException) -> int:
    # The low byte is the primary result code; the rest tells variants apart (sqlite.org/rescode).
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF

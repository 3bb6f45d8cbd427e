"""All times on record moved together, when the clock they were read from has been set."""

import sqlite3

_COLUMNS = {
    "message": ("created", "updated", "expires", "not_before", "due"),
    "part": ("sent",),
    "inbox": ("received", "published"),
    "inbox_part": ("received",),
    "request": ("begun",),
}


class Times:
    """The times in all tables."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def move(self, seconds: float) -> None:
        """Move them; what is null, or 0 for none, stays so."""
        for table, columns in _COLUMNS.items():
            changes = ", ".join(f"{name} = {name} + ?1 * ({name} != 0)" for name in columns)
            self._connection.execute(f"UPDATE {table} SET {changes}", (seconds,))

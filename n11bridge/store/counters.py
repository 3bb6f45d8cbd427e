"""Counters that survive a restart."""

import sqlite3


class Counters:
    """Named whole numbers that only grow."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, name: str, n: int = 1) -> None:
        """Add to a counter; an unknown one begins at 0."""
        self._connection.execute(
            "INSERT INTO counter (name, value) VALUES (?1, ?2) "
            "ON CONFLICT (name) DO UPDATE SET value = value + ?2",
            (name, n),
        )

    def all(self) -> dict[str, int]:
        """Return every counter, by name."""
        rows = self._connection.execute("SELECT name, value FROM counter ORDER BY name")
        return {row["name"]: row["value"] for row in rows}

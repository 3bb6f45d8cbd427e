"""Small things to remember over a restart: what was last announced, who the modem is."""

import sqlite3


class Facts:
    """Texts by name."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> str | None:
        """Return the text, None if there is none."""
        row = self._connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row["value"])

    def set(self, name: str, value: str) -> None:
        """Remember a text in place of the one before."""
        self._connection.execute(
            "INSERT INTO fact (name, value) VALUES (?1, ?2) "
            "ON CONFLICT (name) DO UPDATE SET value = ?2",
            (name, value),
        )

    def delete(self, name: str) -> None:
        """Forget the text, if there is one."""
        self._connection.execute("DELETE FROM fact WHERE name = ?", (name,))

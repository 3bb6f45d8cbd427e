"""Runs the daemon, which dies by SIGKILL at a chosen point of its work with the store.

    python mortal.py STATEMENT NUMBER before|after run -c FILE

``before``: at the SQL statement that contains STATEMENT, so that its transaction is lost; at the
first of them if NUMBER is 1, at the second if it is 2.
``after``: once that transaction is committed, and before anything else learns of it.
"""

import functools
import os
import signal
import sqlite3
import sys
from typing import Any

from n11bridge import cli

_, STATEMENT, NUMBER, MOMENT, *ARGUMENTS = sys.argv


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Connection(sqlite3.Connection):
    """A connection on which the statement is deadly."""

    _doomed = False
    _before = int(NUMBER) - 1

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        self._approach(sql)
        cursor = super().execute(sql, *parameters)
        if self._doomed and sql == "COMMIT":
            die()
        return cursor

    def executemany(self, sql: str, parameters: Any) -> sqlite3.Cursor:
        self._approach(sql)
        return super().executemany(sql, parameters)

    def _approach(self, sql: str) -> None:
        if STATEMENT not in sql:
            return
        if self._before:
            self._before -= 1
        elif MOMENT == "before":
            die()
        else:
            self._doomed = True


sqlite3.connect = functools.partial(sqlite3.connect, factory=Connection)
sys.argv = ["n11bridge", *ARGUMENTS]
sys.exit(cli.main())

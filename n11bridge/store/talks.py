"""Talks with one number: how often it was answered, which tells two machines from people."""

import re
import sqlite3

from n11bridge.store.report import tail

_NUMBER = re.compile(r"\+?[0-9]+")


class Talks:
    """What came from a number and went to it. All times are Unix seconds."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def answers(self, number: str, since: float) -> tuple[list[float], bool]:
        """Return when messages were accepted that each followed one received from the number.

        And whether one was received after the last of them, so that the next would be another.
        """
        rows = self._connection.execute(
            "SELECT received AS moment, sender AS number, 0 AS ours FROM inbox WHERE received > ?1 "
            "UNION ALL SELECT created, recipient, 1 FROM message WHERE created > ?1 "
            "AND state NOT IN ('cancelled', 'expired') ORDER BY moment",
            (since,),
        )
        answers, asked = [], False
        for row in rows:
            if not _NUMBER.fullmatch(row["number"]) or tail(row["number"]) != tail(number):
                continue
            if row["ours"] and asked:
                answers.append(float(row["moment"]))
            asked = not row["ours"]
        return answers, asked

"""Which part a delivery report speaks of (3GPP TS 23.040, 9.2.2.3).

The report names it by one octet that comes round again, and by the recipient's number.
"""

import sqlite3

MOST_LATE = 8 * 86400.0  # seconds; an older part under the same reference is another story
_SIGNIFICANT = 7  # digits; networks rewrite what stands before them (0170..., +49170...)


def find_reported(
    connection: sqlite3.Connection, reference: int, number: str, now: float
) -> tuple[str, int] | None:
    """Return message key and part number of the latest part sent that awaits such a report."""
    rows = connection.execute(
        "SELECT message, seq, recipient FROM part JOIN message ON message = key "
        "WHERE reference = ? AND part.state = 'sent' AND sent >= ? "
        "ORDER BY sent DESC, message.id DESC, seq DESC",
        (reference, now - MOST_LATE),
    )
    for row in rows:
        if tail(row["recipient"]) == tail(number):
            return row["message"], row["seq"]
    return None


def tail(number: str) -> str:
    """The digits by which a number is known again, however it is written."""
    return "".join(digit for digit in number if digit in "0123456789")[-_SIGNIFICANT:]

"""The table of what was tried and what came of it, in Markdown."""

from collections.abc import Sequence

from .accounts import Findings
from .case import Result

HEAD = (
    "faults",
    "struck",
    "sent",
    "received",
    "requests",
    "lost",
    "duplicated",
    "unanswered",
    "called unknown",
)


def table(results: Sequence[Result]) -> str:
    """One row for each group, and one for all."""
    groups = list(dict.fromkeys(result.case.group for result in results))
    rows = [HEAD]
    for group in groups:
        rows.append(_row(group, [result for result in results if result.case.group == group]))
    rows.append(_row("**all**", results))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, tuple("-" * (width - 1) + ":" for width in widths))
    rows[1] = ("-" * widths[0], *rows[1][1:])
    return "\n".join(
        "| "
        + " | ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in rows
    )


def _row(name: str, results: Sequence[Result]) -> tuple[str, ...]:
    tried = [result for result in results if not result.skipped]
    total = sum((result.findings for result in tried), Findings())
    kinds = len({result.case.faults for result in tried})
    numbers = (
        sum(result.strikes for result in tried),
        total.sent,
        total.received,
        total.answered,
        len(total.lost),
        len(total.duplicated),
        len(total.unanswered),
        total.unknown,
    )
    return (f"{name} ({kinds})", *(f"{number:,}" for number in numbers))

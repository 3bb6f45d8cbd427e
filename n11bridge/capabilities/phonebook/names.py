"""Names and numbers as they stand in the phonebook's commands (manual 6.3, 7)."""

import re
from collections.abc import Iterable

NATIONAL, INTERNATIONAL = 129, 145
_UCS2 = re.compile(r"(?:[0-9A-Fa-f]{4})*")


def spelt(name: str) -> str:
    """Return a name as hexadecimal digits of UCS2; ValueError for half a surrogate pair."""
    return name.encode("utf-16-be").hex().upper()


def are_spelt(names: Iterable[str]) -> bool:
    """Whether these names are hexadecimal digits, all of them: else the modem ignored UCS2."""
    return all(_UCS2.fullmatch(name) for name in names)


def read_name(digits: str) -> str:
    """Return the name that hexadecimal digits stand for, without padding."""
    name = bytes.fromhex(digits).decode("utf-16-be", "replace")
    return name.partition("\uffff")[0].rstrip("\0")


def read_number(number: str, kind: int | None) -> str:
    """Return a number, with its plus where it is international.

    Some modems write numbers in the character set of the names.
    """
    if len(number) >= 4 and _UCS2.fullmatch(number):
        decoded = read_name(number)
        number = decoded if re.fullmatch(r"\+?[0-9*#pPwW]+", decoded) else number
    international = kind == INTERNATIONAL and number.isdecimal()
    return f"+{number}" if international else number


def kind_of(number: str) -> int:
    """Return the type of a number (3GPP TS 24.008, 10.5.4.7)."""
    return INTERNATIONAL if number.startswith("+") else NATIONAL

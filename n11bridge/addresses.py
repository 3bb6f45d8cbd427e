"""Who a message goes to and who it comes from: contacts, groups, and the rules about numbers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""A contact's or group's name: it becomes a topic level and the key of an entity."""

NUMBER = re.compile(r"\+?[0-9]{3,20}")
"""A telephone number once the spaces and dashes are gone; `+` marks the international form."""

PATTERN = re.compile(r"\+?[0-9*?]+")
"""A number in which `*` stands for any digits and `?` for one."""

_SHORT_CODE = re.compile(r"[0-9]{1,6}")
# Fewer digits than these are shared by unrelated subscribers of different areas and countries.
_SIGNIFICANT_DIGITS = 9


class AddressError(ValueError):
    """A recipient that is neither a number nor a known contact or group."""


@dataclass(frozen=True)
class Recipient:
    """One number a message goes to, and the contact it belongs to, if any."""

    number: str
    contact: str | None


def plain_number(text: str) -> str:
    """Return the number without the spaces and dashes that people write into it."""
    return re.sub(r"[\s-]", "", text)


class AddressBook:
    """Contacts (name to number), groups (name to contact names) and the two lists of patterns."""

    def __init__(
        self,
        contacts: Mapping[str, str],
        groups: Mapping[str, Sequence[str]],
        *,
        allow_to: Iterable[str] = ("+*",),
        trusted: Iterable[str] = (),
    ) -> None:
        self._contacts = {name: plain_number(number) for name, number in contacts.items()}
        self._groups = {name: tuple(members) for name, members in groups.items()}
        self._allow_to = tuple(plain_number(pattern) for pattern in allow_to)
        self._trusted = self._spelt_out(trusted)

    def _spelt_out(self, entries: Iterable[str]) -> tuple[str, ...]:
        """Replace contacts and groups by their numbers, so that their names trust nobody."""
        spelt: list[str] = []
        for entry in entries:
            if entry in self._contacts:
                spelt.append(self._contacts[entry])
            elif entry in self._groups:
                spelt.extend(self._contacts[member] for member in self._groups[entry])
            else:
                number = plain_number(entry)
                spelt.append(number if PATTERN.fullmatch(number) else entry)
        return tuple(spelt)

    def resolve(self, to: str) -> list[Recipient]:
        """Return whom a contact, group or number stands for.

        Raises AddressError for anything else.
        """
        if to in self._contacts:
            return [Recipient(self._contacts[to], to)]
        if to in self._groups:
            return [Recipient(self._contacts[name], name) for name in self._groups[to]]
        number = plain_number(to)
        if not NUMBER.fullmatch(number):
            raise AddressError(f"{to!r} is neither a number nor a known contact or group")
        return [Recipient(number, self.name_of(number))]

    def name_of(self, number: str) -> str | None:
        """Return the contact with this number; None if there is none, or no single one."""
        number = plain_number(number)
        exact = [name for name, known in self._contacts.items() if known == number]
        if exact:
            return exact[0]
        similar = [name for name, known in self._contacts.items() if _same(known, number)]
        return similar[0] if len(similar) == 1 else None

    def allowed(self, number: str) -> bool:
        """Tell whether the configuration permits a message to this number.

        A short code may cost any amount: it must be listed digit by digit, or be a contact.
        """
        number = plain_number(number)
        if number in self._allow_to or self.name_of(number) is not None:
            return True
        if _SHORT_CODE.fullmatch(number):
            return False
        return NUMBER.fullmatch(number) is not None and _matches(number, self._allow_to)

    def trusted(self, sender: str, *, alphanumeric: bool = False) -> bool:
        """Tell whether messages of this sender are marked as trusted.

        `alphanumeric` is the type of address (3GPP TS 23.040, 9.1.2.5): anyone may choose such a
        sender, digits included, so no number, pattern or contact ever matches it. Numbers are
        compared whole: the last digits alone would let in a number of another country.
        """
        if alphanumeric or not NUMBER.fullmatch(plain_number(sender)):
            listed = (entry for entry in self._trusted if not PATTERN.fullmatch(entry))
            return sender in listed
        return _matches(plain_number(sender), self._trusted)


def _matches(number: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(number, pattern) for pattern in patterns if PATTERN.fullmatch(pattern))


def _same(one: str, other: str) -> bool:
    """Compare a national with an international form; two international forms must be equal."""
    if not (NUMBER.fullmatch(one) and NUMBER.fullmatch(other)):
        return False
    if one.startswith("+") and other.startswith("+"):
        return False
    shorter, longer = sorted((one.lstrip("+0"), other.lstrip("+0")), key=len)
    return len(shorter) >= _SIGNIFICANT_DIGITS and longer.endswith(shorter)

"""How a value stands on the wire: the words of a line, and one field kind for each sort of value.

A line's information is words between commas (manual 1.3, 3GPP TS 27.007). Modems put blanks where
they like, quote or do not, and leave trailing words out, so reading is lenient in form and strict
in meaning: what does not fit raises `Misfit`, which is how an answer is told from a report of the
same name.
"""

import enum
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

#: A hostile or broken modem must not fill the memory with the values that it claims to support.
MOST_PARAMETERS = 32


class Misfit(ValueError):
    """The words do not have the form of this record."""


@dataclass(frozen=True, slots=True)
class Word:
    """One value between commas, without its quotes."""

    text: str
    quoted: bool = False


def words(text: str) -> list[Word]:
    """Split a line's information into its words."""
    return [_word(part) for part in split(text)] if text.strip() else []


def split(text: str) -> Iterator[str]:
    """Cut at the commas that stand outside quotes and parentheses; the parts stay as they are."""
    start = depth = 0
    quoted = False
    for position, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif character == "," and depth == 0:
            yield text[start:position]
            start = position + 1
    yield text[start:]


def _word(part: str) -> Word:
    part = part.strip()
    if len(part) >= 2 and part[0] == part[-1] == '"':
        return Word(part[1:-1], quoted=True)
    return Word(part)


class Kind:
    """How values of one sort are read and written."""

    def read(self, word: Word) -> Any:
        """The value of a word, or Misfit."""
        raise Misfit(word.text)

    def write(self, value: Any) -> str:
        """The word for a value."""
        return str(value)


class Integer(Kind):
    """A decimal number, unquoted."""

    def read(self, word: Word) -> int:
        """Accept digits with leading zeros and a sign; a quoted number is a string."""
        # Twenty digits hold the 64-bit counters of manual 8.6; int() refuses what is far longer.
        if word.quoted or not re.fullmatch(r"[+-]?[0-9]{1,20}", word.text):
            raise Misfit(word.text)
        return int(word.text)


class Text(Kind):
    """A string: quoted when written, quoted or not when read."""

    def read(self, word: Word) -> str:
        """Take the word as it is."""
        return word.text

    def write(self, value: str) -> str:
        """Quote it; what would end the string cannot be sent."""
        if '"' in value:
            raise ValueError("a quotation mark cannot be sent to the modem")
        return f'"{value}"'


class Bare(Text):
    """A word without quotes."""

    def write(self, value: str) -> str:
        """Write it as it is."""
        if re.search('[",]', value):
            raise ValueError("a comma or quotation mark cannot be sent to the modem here")
        return value


class Hexadecimal(Kind):
    """A location area or cell: hexadecimal digits of either case, quoted or not.

    Strict ones want quotes or at least three digits, so that a small decimal number is not
    mistaken for one. Lenient ones read anything else as absent.
    """

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict

    def read(self, word: Word) -> int | None:
        """The number; None when empty, or when unreadable and lenient."""
        if not word.text:
            return None
        digits = re.fullmatch(r"[0-9A-Fa-f]{1,16}", word.text)
        if digits and (word.quoted or not self.strict or len(word.text) >= 3):
            return int(word.text, 16)
        if self.strict:
            raise Misfit(word.text)
        return None

    def write(self, value: int) -> str:
        """Quote it, as the modem does."""
        return f'"{value:04X}"'


class Member(Kind):
    """A member of an IntEnum or StrEnum."""

    def __init__(self, enumeration: type[enum.Enum]) -> None:
        self.enumeration = enumeration

    def read(self, word: Word) -> Any:
        """The member; Misfit when there is none of that value."""
        try:
            if issubclass(self.enumeration, int):
                return self.enumeration(Integer().read(word))
            return self.enumeration(word.text)
        except ValueError as error:
            raise Misfit(word.text) from error

    def write(self, value: Any) -> str:
        """Write a number bare, a string quoted."""
        raw = value.value
        return str(raw) if isinstance(raw, int) else Text().write(raw)


class Labelled(Bare):
    """A word with its name before it, as ``ClientPort=8000`` (manual 13.1); or without it."""

    def __init__(self, label: str) -> None:
        self.label = label

    def read(self, word: Word) -> str:
        """Take what stands behind the name."""
        name, separator, value = word.text.partition("=")
        if not separator:
            return name
        if name.strip() != self.label:
            raise Misfit(word.text)
        return value.strip().strip('"')


class Remainder(Kind):
    """All that is left of the line, commas included."""


class CountedData(Kind):
    """Raw bytes after the header, as many as the field before says.

    A length that is always of so many ``digits`` may have no comma behind it (manual 14.2).
    """

    def __init__(self, digits: int | None = None) -> None:
        self.digits = digits


class BodyLine(Kind):
    """Hexadecimal digits on the line after the header, as PDUs come."""

    @staticmethod
    def fits(line: str) -> bool:
        """Whether a line can be such a body; anything else between is a report.

        One with a digit lost is still a body: it is for those who decode it to say what is wrong.
        """
        return re.fullmatch(r"[0-9A-Fa-f]+", line) is not None


Keyword = Annotated[str, Bare()]
Hex = Annotated[int, Hexadecimal(strict=False)]
StrictHex = Annotated[int, Hexadecimal(strict=True)]
Rest = Annotated[str, Remainder()]
Counted = Annotated[bytes, CountedData()]
Body = Annotated[str, BodyLine()]


def ranges(text: str) -> tuple[frozenset[int | str], ...]:
    """Read the answer of a test form: ``(0-3), (0,2)`` gives ({0,1,2,3}, {0,2})."""
    return tuple(_range(part) for part in itertools.islice(split(text), MOST_PARAMETERS))


def _range(part: str) -> frozenset[int | str]:
    members: set[int | str] = set()
    for word in words(part.strip().removeprefix("(").removesuffix(")")):
        span = re.fullmatch(r"(\d{1,9}) *- *(\d{1,9})", word.text)
        # Nor count to a billion.
        if span and not word.quoted and int(span[2]) - int(span[1]) <= 65535:
            members.update(range(int(span[1]), int(span[2]) + 1))
        elif re.fullmatch(r"\d{1,20}", word.text) and not word.quoted:
            members.add(int(word.text))
        elif word.text:
            members.add(word.text)
    return frozenset(members)

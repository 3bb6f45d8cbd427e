"""Records: what is said on the line, declared once as facts.

A record is a frozen dataclass whose annotations say how each field is written; one codec reads
and writes them all.
"""

import enum
import functools
import types
import typing
from collections.abc import Iterator
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from typing import Any, ClassVar, Self, dataclass_transform, get_args, get_origin

from n11bridge.at.wire import (
    BodyLine,
    CountedData,
    Integer,
    Kind,
    Member,
    Misfit,
    Remainder,
    Text,
    Word,
    split,
    words,
)


@dataclass(frozen=True, slots=True)
class Slot:
    """One field of a record: its kind, and whether it may be missing.

    What is missing is None when the field is ``nullable``, else the field's default. ``omitted``
    fields may be missing together with their comma; ``repeated`` ones take all words that follow.
    """

    name: str
    kind: Kind
    optional: bool
    nullable: bool
    omitted: bool = False
    repeated: bool = False

    @property
    def tail(self) -> bool:
        """Whether the value stands behind the line's words."""
        return isinstance(self.kind, (BodyLine, CountedData))


def omittable(*, default: None = None, kw_only: bool = True) -> Any:
    """A field in the middle that some modems leave out altogether, its comma included.

    Write ``kw_only=True`` where it is used: type checkers look there, not here.
    """
    return field(default=default, metadata={"omittable": True}, kw_only=kw_only)


@dataclass_transform(frozen_default=True, field_specifiers=(field, omittable))
class Record:
    """Anything said on the line; ``at`` is its name there, ``manual`` the section that has it.

    ``also`` are other names that the manual gives to an answer in another place. ``same``: the
    field of an answer that must hold what the command's holds; else it is no answer to that.
    ``spread``: the string behind its first number, or the object in it, may hold line ends.
    """

    at: ClassVar[str]
    manual: ClassVar[str]
    bare: ClassVar[bool]
    also: ClassVar[tuple[str, ...]]
    same: ClassVar[str | None]
    spread: ClassVar[bool]

    def __init_subclass__(
        cls,
        *,
        at: str | None = None,
        manual: str | None = None,
        bare: bool = False,
        also: tuple[str, ...] = (),
        same: str | None = None,
        spread: bool = False,
        **facts: Any,
    ) -> None:
        super().__init_subclass__(**facts)
        # All but the constructor is written once, below: a hundred generated copies take memory.
        dataclass(eq=False, repr=False)(cls)
        if at is None:
            return
        if not manual:
            raise TypeError(f"{cls.__name__} does not name its section of the manual")
        cls.at, cls.manual, cls.bare, cls.also = at, manual, bare, also
        cls.same, cls.spread = same, spread

    def __setattr__(self, name: str, value: Any) -> None:
        if name in vars(self):
            raise FrozenInstanceError(f"{name} is set already")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"{name} stays")

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))

    def __repr__(self) -> str:
        shown = [f for f in fields(self) if f.repr]  # type: ignore[arg-type]  # as in `slots`
        values = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in shown)
        return f"{type(self).__name__}({values})"

    @classmethod
    @functools.cache
    def slots(cls) -> tuple[Slot, ...]:
        """The fields in their order on the line."""
        hints = typing.get_type_hints(cls, include_extras=True)
        return tuple(_slot(each.name, hints[each.name], each) for each in fields(cls))  # type: ignore[arg-type]  # a dataclass by __init_subclass__

    @classmethod
    def body(cls) -> bool:
        """Whether a line of hexadecimal digits follows the header."""
        return any(isinstance(slot.kind, BodyLine) for slot in cls.slots())

    @classmethod
    def counted(cls) -> int | None:
        """How many words stand before the raw data; None when there are no raw data."""
        for position, slot in enumerate(cls.slots()):
            if isinstance(slot.kind, CountedData):
                return position
        return None

    @classmethod
    def length_digits(cls) -> int | None:
        """How many digits the length of the raw data always has; None when that varies."""
        kinds = [slot.kind for slot in cls.slots() if isinstance(slot.kind, CountedData)]
        return kinds[0].digits if kinds else None

    @classmethod
    def read(cls, text: str, tail: str | bytes | None = None) -> Self:
        """Make the record from a line's information; Misfit when it is not of this form.

        ``tail`` is the body line or the raw data that followed the header.
        """
        values = dict(_read_words([slot for slot in cls.slots() if not slot.tail], text))
        for slot in cls.slots():
            if slot.tail and tail is not None:
                values[slot.name] = tail
            elif slot.tail:
                values |= _absent(slot)
        return cls(**values)

    def write(self) -> str:
        """The record's words as they stand after the equals sign."""
        parts: list[str] = []
        for slot in self.slots():
            value = getattr(self, slot.name)
            if slot.repeated:
                parts += [slot.kind.write(each) for each in value]
            else:
                parts.append("" if value is None else slot.kind.write(value))
        while parts and not parts[-1]:
            parts.pop()
        return ",".join(parts)


def _read_words(slots: list[Slot], text: str) -> Iterator[tuple[str, Any]]:
    given = words(text)
    missing = len([slot for slot in slots if not slot.repeated]) - len(given)
    position = 0
    for slot in slots:
        if slot.repeated:
            yield slot.name, tuple(slot.kind.read(word) for word in given[position:])
            return
        if isinstance(slot.kind, Remainder):
            yield slot.name, ",".join(list(split(text))[position:]).strip()
            return
        if slot.omitted and missing > 0:
            missing -= 1
            yield slot.name, None
            continue
        word = given[position] if position < len(given) else None
        position += 1
        if word is None or (not word.text and _may_be_absent(slot, word)):
            yield from _absent(slot).items()
        else:
            yield slot.name, slot.kind.read(word)
    if any(word.text for word in given[position:]):
        raise Misfit(text)


def _may_be_absent(slot: Slot, word: Word) -> bool:
    """Two quotation marks with nothing between are a value, unless None says the same better."""
    return slot.nullable or (slot.optional and not word.quoted)


def _absent(slot: Slot) -> dict[str, Any]:
    if slot.nullable:
        return {slot.name: None}
    if slot.optional:
        return {}
    raise Misfit(f"no {slot.name}")


def _slot(name: str, hint: Any, declared: Any) -> Slot:
    optional = declared.default is not MISSING or declared.default_factory is not MISSING
    omitted = declared.metadata.get("omittable", False)
    hint, nullable = without_none(hint)
    if get_origin(hint) is tuple:
        return Slot(name, _kind(get_args(hint)[0]), True, nullable, repeated=True)
    return Slot(name, _kind(hint), optional or nullable, nullable, omitted)


def without_none(hint: Any) -> tuple[Any, bool]:
    """Take ``X | None`` apart: X, and whether None was there."""
    if get_origin(hint) in (types.UnionType, typing.Union):
        rest = [each for each in get_args(hint) if each is not type(None)]
        return rest[0], True
    return hint, False


def _kind(hint: Any) -> Kind:
    if get_origin(hint) is typing.Annotated:
        for extra in get_args(hint)[1:]:
            if isinstance(extra, Kind):
                return extra
        hint = get_args(hint)[0]
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return Member(hint)
    if hint is int:
        return Integer()
    if hint is str:
        return Text()
    raise TypeError(f"no field kind for {hint!r}")


class Reply(Record):
    """Information that answers a command."""


class Report(Record):
    """Something the modem says by itself (manual 1.3, unsolicited report)."""

"""What is said in the dialogue, declared once as facts.

A record is a frozen dataclass whose annotations say how each field is written. One codec serves
all four sorts: a `Command` we give, the `Reply` to it, a `Setting` (one record for its Set and its
Query) and a `Report` that comes by itself. An `Exchange` is what the dialogue needs to know of one
command: its line and how it ends.
"""

import enum
import functools
import types
import typing
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, Generic, Self, TypeVar, dataclass_transform, get_args, get_origin

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
    ranges,
    words,
)

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Slot:
    """One field of a record: its kind, whether it may be missing, whether it repeats."""

    name: str
    kind: Kind
    optional: bool
    omitted: bool = False
    repeated: bool = False


#: Marks an optional field in the middle that some modems leave out altogether, comma included.
Omittable = object()


@dataclass_transform(frozen_default=True)
class Record:
    """Anything said on the line; ``at`` is its name there, ``manual`` the section that has it."""

    at: ClassVar[str]
    manual: ClassVar[str]
    bare: ClassVar[bool]

    def __init_subclass__(
        cls,
        *,
        at: str | None = None,
        manual: str | None = None,
        bare: bool = False,
        **facts: Any,
    ) -> None:
        super().__init_subclass__(**facts)
        dataclass(frozen=True)(cls)
        if at is None:
            return
        if not manual:
            raise TypeError(f"{cls.__name__} does not name its section of the manual")
        cls.at, cls.manual, cls.bare = at, manual, bare

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
    def read(cls, text: str, tail: str | bytes | None = None) -> Self:
        """Make the record from a line's information; Misfit when it is not of this form.

        ``tail`` is the body line or the raw data that followed the header.
        """
        slots = [s for s in cls.slots() if not isinstance(s.kind, (BodyLine, CountedData))]
        values = dict(_read_words(slots, text))
        for slot in cls.slots():
            if isinstance(slot.kind, (BodyLine, CountedData)):
                if tail is None and not slot.optional:
                    raise Misfit(text)
                values[slot.name] = tail
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


def _read_words(slots: list[Slot], text: str) -> typing.Iterator[tuple[str, Any]]:
    given = words(text)
    missing = len([s for s in slots if not s.repeated]) - len(given)
    position = 0
    for slot in slots:
        if slot.repeated:
            yield slot.name, tuple(slot.kind.read(word) for word in given[position:])
            return
        if isinstance(slot.kind, Remainder):
            yield slot.name, ",".join(_rest(text, position))
            return
        if slot.omitted and missing > 0:
            missing -= 1
            yield slot.name, None
            continue
        word = given[position] if position < len(given) else Word("")
        position += 1
        if slot.optional and not word.text:
            yield slot.name, None
        else:
            yield slot.name, slot.kind.read(word)
    if position < len(given) and any(word.text for word in given[position:]):
        raise Misfit(text)


def _rest(text: str, skip: int) -> list[str]:
    return [part if i else part.strip() for i, part in enumerate(text.split(",")[skip:])]


def _slot(name: str, hint: Any, declared: Any) -> Slot:
    optional = declared.default is not MISSING or declared.default_factory is not MISSING
    omitted = declared.metadata.get("omittable", False)
    hint, nullable = _without_none(hint)
    optional = optional or nullable
    if get_origin(hint) is tuple:
        return Slot(name, _kind(get_args(hint)[0]), optional=True, repeated=True)
    return Slot(name, _kind(hint), optional, omitted)


def omittable() -> Any:
    """A field in the middle that some modems leave out altogether, its comma included."""
    return field(default=None, metadata={"omittable": True}, kw_only=True)


def _without_none(hint: Any) -> tuple[Any, bool]:
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


class Ends(enum.Enum):
    """How a command ends."""

    OK = "with a final result"
    REPLY = "with its information line alone; an OK may follow all the same"
    OUTCOME = "with a line of its own after the OK, or in its place"


@dataclass(frozen=True, slots=True, eq=False)
class Exchange(Generic[R_co]):
    """One command as the dialogue carries it out: what to write and how the answer ends.

    Times are seconds. ``payload`` follows the prompt, then ``end``; with ``held`` the end waits
    for the dialogue's `release`, so that the caller can commit first.
    """

    line: str
    prefix: str
    timeout: float
    reply: type[Record] | None = None
    many: bool = False
    lines: bool = False
    required: bool = True
    ends: Ends = Ends.OK
    payload: bytes | None = None
    end: bytes = b""
    pause: float = 0.0
    held: bool = False


class Command(Record, Generic[R]):
    """A command; its type argument is the answer.

    ``None`` for OK alone, a record for exactly one, ``record | None``, ``list[record]`` for any
    number, ``list[str]`` for plain lines. ``timeout`` is in seconds; the manual prints 300 ms
    nearly everywhere, which no loaded modem keeps.
    """

    timeout: ClassVar[float] = 2.0
    ends: ClassVar[Ends] = Ends.OK

    def __init_subclass__(
        cls, *, timeout: float | None = None, ends: Ends | None = None, **facts: Any
    ) -> None:
        super().__init_subclass__(**facts)
        if timeout is not None:
            cls.timeout = timeout
        if ends is not None:
            cls.ends = ends

    def exchange(self) -> Exchange[R]:
        """What the dialogue needs to carry this out."""
        written = self.write()
        line = f"AT{self.at}={written}" if written else f"AT{self.at}"
        return Exchange(
            line, self.at, self.timeout, ends=self.ends, **_answer(_argument(type(self), Command))
        )


class PayloadCommand(Command[R]):
    """A command whose data follow a prompt (manual 6.7, 8.2)."""

    end: ClassVar[bytes] = b""
    #: Sockets want 50 to 100 ms between prompt and data (manual 8.2); SMS does not.
    pause: ClassVar[float] = 0.0

    def __init_subclass__(
        cls, *, end: bytes | None = None, pause: float | None = None, **facts: Any
    ) -> None:
        super().__init_subclass__(**facts)
        if end is not None:
            cls.end = end
        if pause is not None:
            cls.pause = pause

    def payload_exchange(self, payload: bytes, *, held: bool = False) -> Exchange[R]:
        """The exchange with its payload; ``held`` keeps the end back until it is released."""
        plain = self.exchange()
        return Exchange(
            plain.line,
            plain.prefix,
            plain.timeout,
            plain.reply,
            plain.many,
            plain.lines,
            plain.required,
            plain.ends,
            payload,
            self.end,
            self.pause,
            held,
        )


class Setting(Record, Generic[R]):
    """One record for a parameter's Set and its Query; the type argument is the Query's answer."""

    timeout: ClassVar[float] = 2.0

    def __init_subclass__(cls, *, timeout: float | None = None, **facts: Any) -> None:
        super().__init_subclass__(**facts)
        if timeout is not None:
            cls.timeout = timeout

    def set(self) -> Exchange[None]:
        """AT+X=..."""
        return Exchange(f"AT{self.at}={self.write()}", self.at, self.timeout)

    @classmethod
    def query(cls) -> Exchange[R]:
        """AT+X?"""
        return Exchange(f"AT{cls.at}?", cls.at, cls.timeout, **_answer(_argument(cls, Setting)))


class Supported(Record):
    """What a test form answers: the values that each parameter may take."""

    text: typing.Annotated[str, Remainder()]

    @property
    def values(self) -> tuple[frozenset[int | str], ...]:
        """One set for each parameter; words stand as they are."""
        return ranges(self.text)


def test(record: type[Command[Any]] | type[Setting[Any]]) -> Exchange[Supported]:
    """AT+X=?"""
    supported = _supported(record.at, record.manual)
    return Exchange(f"AT{record.at}=?", record.at, record.timeout, supported)


@functools.cache
def _supported(at: str, manual: str) -> type[Supported]:
    class Here(Supported, at=at, manual=manual, bare=True):
        """The values of one command."""

    return Here


def _argument(cls: type, generic: type) -> Any:
    """The type argument that a subclass of Command or Setting was declared with."""
    for base in cls.__mro__:
        for declared in getattr(base, "__orig_bases__", ()):
            origin = get_origin(declared)
            if isinstance(origin, type) and issubclass(origin, generic):
                argument = get_args(declared)[0]
                if isinstance(argument, TypeVar):
                    continue
                if isinstance(argument, typing.ForwardRef):
                    return vars(__import__(cls.__module__, fromlist=["*"]))[
                        argument.__forward_arg__
                    ]
                return argument
    raise TypeError(f"{cls.__name__} does not say what answers it")


def _answer(argument: Any) -> dict[str, Any]:
    if argument is None or argument is type(None):
        return {}
    if get_origin(argument) is list:
        inner = get_args(argument)[0]
        return {"lines": True} if inner is str else {"reply": inner, "many": True}
    record, nullable = _without_none(argument)
    return {"reply": record, "required": not nullable}

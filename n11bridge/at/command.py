"""Commands and settings, and the exchange that each of them leads to.

Four sorts of records make a dialogue: a `Command` we give, the `Reply` to it, a `Setting` (one
record for its Set and its Query) and a `Report` that comes by itself. An `Exchange` is what the
dialogue needs to know of one command: its line and how it ends.
"""

import enum
import functools
import re
import typing
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, TypeVar, get_args, get_origin

from n11bridge.at.pouring import Pouring
from n11bridge.at.record import Record, Reply, Report, omittable, without_none
from n11bridge.at.wire import Remainder, ranges

__all__ = [
    "Command",
    "Ends",
    "Exchange",
    "PayloadCommand",
    "Pouring",
    "Record",
    "Reply",
    "Report",
    "Setting",
    "Supported",
    "omittable",
    "spoken",
    "test",
]

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


def spoken(at: str, *words: str) -> tuple[str, ...]:
    """The lines that these words may make behind a name: some firmware leaves the blank out."""
    return tuple(f"{at}:{blank}{word}" for word in words for blank in ("", " "))


class Ends(enum.Enum):
    """How a command ends."""

    OK = "with a final result"
    REPLY = "with its information line alone; an OK may follow all the same"
    OUTCOME = "with a line of its own after the OK, or in its place"


@dataclass(frozen=True, slots=True, eq=False)
class Exchange(Generic[R_co]):
    """One command as the dialogue carries it out: what to write and how the answer ends.

    Times are seconds. ``payload`` follows the prompt, then ``end``; with ``held`` the end waits
    for the dialogue's `release`, so that the caller can commit first. ``refusals`` are lines of
    this command's own that mean no. ``last`` is searched for in the plain lines so far where they,
    and no OK, are the end. ``pouring`` reads raw data of unknown length that follow the OK. With
    ``data_mode`` all that follows a good answer is not for the dialogue (manual 5.4, 12). ``whose``
    is what the reply's field `Record.same` must hold.
    """

    line: str
    prefix: str
    timeout: float
    reply: type[Record] | None = None
    many: bool = False
    lines: bool = False
    last: str | None = None
    required: bool = True
    ends: Ends = Ends.OK
    refusals: tuple[str, ...] = ()
    payload: bytes | None = None
    end: bytes = b""
    pause: float = 0.0
    held: bool = False
    data_mode: bool = False
    pouring: Pouring | None = None
    whose: Any = None
    #: Of the manual; "" for a line that somebody typed.
    section: str = ""

    def __post_init__(self) -> None:
        if re.search(r"[^ -~\xa0-\xff]", self.line):
            raise ValueError("a command line cannot hold control or non-Latin characters")
        ending = self.last or self.pouring or (self.reply and not self.many)
        if self.ends is not Ends.OK and not ending:
            raise ValueError("a command that ends without OK ends with exactly one reply or line")
        if self.held and not self.end:
            raise ValueError("nothing can be held back where the last byte of data is the end")
        if self.end and re.search(rb"[\x1a\x1b]", self.payload or b""):
            raise ValueError("Ctrl-Z or ESC would end the payload early")

    def poured_to(self, pouring: Pouring) -> "Exchange[R_co]":
        """The same with a reader for the raw data that follow the OK."""
        return replace(self, ends=Ends.OUTCOME, pouring=pouring)


class Command(Record, Generic[R]):
    """A command; its type argument is the answer.

    ``None`` for OK alone, a record for exactly one, ``record | None``, ``list[record]`` for any
    number, ``list[str]`` for plain lines; ``last`` is a pattern for the line that ends them where
    no OK does. ``timeout`` is in seconds; the manual prints 300 ms nearly everywhere, which no
    loaded modem keeps.
    """

    timeout: ClassVar[float] = 2.0
    ends: ClassVar[Ends] = Ends.OK
    last: ClassVar[str | None] = None
    #: What it may be refused with besides errors and lines of its own name.
    refusals: ClassVar[tuple[str, ...]] = ()
    #: Whether a good answer begins data mode.
    data_mode: ClassVar[bool] = False

    def __init_subclass__(
        cls,
        *,
        timeout: float | None = None,
        ends: Ends | None = None,
        last: str | None = None,
        refusals: tuple[str, ...] = (),
        data_mode: bool = False,
        **facts: Any,
    ) -> None:
        super().__init_subclass__(**facts)
        if timeout is not None:
            cls.timeout = timeout
        if ends is not None:
            cls.ends = ends
        if last is not None:
            cls.last = last
        if refusals:
            cls.refusals = refusals
        if data_mode:
            cls.data_mode = data_mode

    def exchange(self) -> Exchange[R]:
        """What the dialogue needs to carry this out."""
        written = self.write()
        line = f"AT{self.at}={written}" if written else f"AT{self.at}"
        answer = _answer(_argument(type(self), Command))
        same = answer["reply"].same if "reply" in answer else None
        return Exchange(
            line,
            self.at,
            self.timeout,
            ends=self.ends,
            last=self.last,
            refusals=self.refusals,
            data_mode=self.data_mode,
            whose=getattr(self, same) if same else None,
            section=self.manual,
            **answer,
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

    def payload_exchange(
        self, payload: bytes, *, held: bool = False, pause: float | None = None
    ) -> Exchange[R]:
        """The exchange with its payload; ``held`` keeps the end back until it is released."""
        pause = self.pause if pause is None else pause
        return replace(self.exchange(), payload=payload, end=self.end, pause=pause, held=held)


class Setting(Record, Generic[R]):
    """One record for a parameter's Set and its Query; the type argument is the Query's answer.

    ``ends`` says how the Query ends.
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

    def set(self) -> Exchange[None]:
        """AT+X=..."""
        line = f"AT{self.at}={self.write()}"
        return Exchange(line, self.at, self.timeout, section=self.manual)

    @classmethod
    def query(cls) -> Exchange[R]:
        """AT+X?"""
        answer = _answer(_argument(cls, Setting))
        line, section = f"AT{cls.at}?", cls.manual
        return Exchange(line, cls.at, cls.timeout, ends=cls.ends, section=section, **answer)


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
    section = record.manual
    return Exchange(f"AT{record.at}=?", record.at, record.timeout, supported, section=section)


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
    record, nullable = without_none(argument)
    return {"reply": record, "required": not nullable}

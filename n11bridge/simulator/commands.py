"""Command lines taken apart (manual 1.2, 1.3) and the tables that say who carries them out."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from .errors import INVALID, Refused

if TYPE_CHECKING:
    from .modem import Modem

Lines = Sequence[str]
Handler = Callable[["Modem", "Request"], "Lines | Awaitable[Lines]"]

_EXTENDED = re.compile(r"([+$][A-Za-z0-9]+)(=\?|\?|=(.*))?", re.DOTALL)
_BASIC = re.compile(r"(&?[A-Za-z])(\d*)")
_ARGUMENT = re.compile(r'\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^",]*?))\s*(?:,|\Z)', re.DOTALL)


class Form(Enum):
    """The four types of command of manual 1.3."""

    EXECUTE = "execute"
    QUERY = "query"
    TEST = "test"
    SET = "set"


class Body(str):
    """A line of an answer that is content: no style of spacing may touch it."""

    __slots__ = ()


class Raw(str):
    """A line whose header is followed by content: no style may touch its end."""

    __slots__ = ()


class Bare(list[str]):
    """An answer without OK in the tables and examples of the manual; 1.3 would have one."""


@dataclass(frozen=True)
class Argument:
    """One value as it was typed."""

    text: str
    quoted: bool = False


@dataclass(frozen=True)
class Request:
    """One command of a command line."""

    name: str
    form: Form
    text: str
    arguments: tuple[Argument, ...] = ()

    def has(self, index: int) -> bool:
        """Say whether a value was given at ``index``."""
        return index < len(self.arguments) and bool(
            self.arguments[index].text or self.arguments[index].quoted
        )

    def number(
        self, index: int, allowed: Collection[int] = range(2**31), default: int | None = None
    ) -> int:
        """Return the integer at ``index``; Refused where it is missing or not allowed."""
        if not self.has(index) and default is not None:
            return default
        text = self.arguments[index].text if self.has(index) else ""
        if not (text.isascii() and text.isdigit()) or int(text) not in allowed:
            raise Refused(INVALID)
        return int(text)

    def string(self, index: int, default: str | None = None) -> str:
        """Return the quoted string at ``index``; Refused without quotation marks."""
        if not self.has(index) and default is not None:
            return default
        if not self.has(index) or not self.arguments[index].quoted:
            raise Refused(INVALID)
        return self.arguments[index].text


def parse(text: str) -> Iterator[Request]:
    """Yield the commands after ``AT``: any basic ones, then at most one extended; ``AT`` itself."""
    if not text:
        yield Request("", Form.EXECUTE, "")
    position = 0
    while position < len(text):
        if text[position] in "+$":
            yield _extended(text[position:])
            return
        basic = _BASIC.match(text, position)
        if basic is None:
            yield Request(text[position:], Form.EXECUTE, text[position:])
            return
        value = (Argument(basic[2]),) if basic[2] else ()
        yield Request(basic[1].upper(), Form.EXECUTE, basic[0], value)
        position = basic.end()


def _extended(text: str) -> Request:
    match = _EXTENDED.fullmatch(text)
    if match is None:
        return Request(text, Form.EXECUTE, text)
    name, tail, values = match[1].upper(), match[2], match[3]
    if tail is None:
        return Request(name, Form.EXECUTE, text)
    if tail in ("?", "=?"):
        return Request(name, Form.QUERY if tail == "?" else Form.TEST, text)
    return Request(name, Form.SET, text, _arguments(values))


def _arguments(text: str) -> tuple[Argument, ...]:
    found: list[Argument] = []
    position = 0
    while position <= len(text):
        match = _ARGUMENT.match(text, position)
        if match is None:  # an open quotation mark: nothing can make sense of the rest
            return (*found, Argument(text[position:]))
        quoted = match["quoted"]
        found.append(Argument(match["plain"] or "") if quoted is None else Argument(quoted, True))
        if match.end() == len(text) and not match[0].endswith(","):
            break
        position = match.end()
    return tuple(found)


class Commands(dict[tuple[str, Form], Handler]):
    """The commands of one chapter: who carries out which form of which name."""

    def on(self, name: str, *forms: Form) -> Callable[[Handler], Handler]:
        """Register the decorated function for ``forms`` of the command ``name``."""

        def register(handler: Handler) -> Handler:
            for form in forms:
                self[name, form] = handler
            return handler

        return register

    def setting(
        self, name: str, attribute: str, allowed: Collection[int], test: str | None = None
    ) -> None:
        """Register Set, Query and, where ``test`` says its answer, Test of one integer setting."""

        def change(modem: Modem, request: Request) -> Lines:
            default = 0 if request.text.endswith("=") else None
            setattr(modem.settings, attribute, request.number(0, allowed, default))
            return []

        def query(modem: Modem, _request: Request) -> Lines:
            return [f"{name}: {getattr(modem.settings, attribute)}"]

        self[name, Form.SET] = change
        self[name, Form.QUERY] = query
        if test is not None:
            self[name, Form.TEST] = lambda _modem, _request: [f"{name}: {test}"]

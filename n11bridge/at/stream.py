"""Bytes from the modem become lines, prompts and counted data.

A line reader alone breaks on this modem: raw data may hold line ends, and a prompt has none. So
the stream knows which headers are followed by how many raw bytes, and whether a prompt is due.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from n11bridge.at.command import Record

#: Longer lines than any the manual allows are noise; they are handed on in pieces.
LONGEST_LINE = 8192
#: No header announces more raw data than the largest buffer (manual 15.8).
MOST_DATA = 65536
#: Nor is one longer than this, up to the comma before its data.
LONGEST_HEADER = 1024

_BLANK = b"\r\n\0 \t"
_LINE_END = re.compile(rb"[\r\n]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its ends; bytes outside ASCII read as Latin-1, so that none is lost."""

    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """The `>` that asks for a payload."""


@dataclass(frozen=True, slots=True)
class Data:
    """A header, up to and without the comma before its data, and the raw data."""

    header: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Poured:
    """Raw data of unknown length: whatever came since the last ones."""

    data: bytes


Token = Line | Prompt | Data | Poured


class Stream:
    """Takes bytes in any portions and gives tokens as soon as each is complete.

    ``counted`` are the records whose header ends in a length, a comma and raw data. Set `armed`
    while a prompt is due: a `>` at the start of a line is nothing else then. Set `echo` to a
    payload when it is written: some modems repeat it, whatever line ends and words it holds.
    `pours` is the header behind which everything is raw data, until `dry` is called.
    ``spread`` are the records whose string may hold line ends. `incomplete` says that counted data
    or such a string have begun and more of them is due.
    """

    def __init__(
        self, counted: Iterable[type[Record]] = (), spread: Iterable[type[Record]] = ()
    ) -> None:
        self.armed = False
        self.echo = b""
        self.incomplete = False
        self.pours: re.Pattern[bytes] | None = None
        self.pouring = False
        self._buffer = bytearray()
        #: So many bytes at the front hold no line end: each is looked at once.
        self._searched = 0
        self._line_end = b""
        self._at_echo = False
        self._headers: list[re.Pattern[bytes]] = []
        self._spreading = tuple(spread)
        self._spread = [form(record) for record in self._spreading for form in (_string, _object)]
        self.expect(counted)

    def expect(self, counted: Iterable[type[Record]]) -> None:
        """Know these headers from now on, and no others."""
        known = tuple(counted)
        self._headers = [_header(record) for record in known]
        self._alone = _alone((*known, *self._spreading))

    def feed(self, data: bytes) -> Iterator[Token]:
        """Take bytes; iterate over what they complete before feeding more."""
        self._buffer += data
        while token := self._next():
            yield token

    def give_up(self) -> Iterator[Token]:
        """Read the incomplete data as lines after all: bytes were lost, or the modem restarted."""
        if self.incomplete:
            self.incomplete = False
            end = _LINE_END.search(self._buffer)
            yield self._take(end.start() if end else len(self._buffer))
            yield from self.feed(b"")

    def clear(self) -> None:
        """Forget what is incomplete: the port was opened again or the modem restarted."""
        self._drop(len(self._buffer))
        self.armed = self.incomplete = self._at_echo = False
        self.echo = self._line_end = b""
        self.dry(b"")

    def surrender(self) -> tuple[bytes, bytes]:
        """Give away what was not read yet; and what may still come of the last line's end."""
        self._drop_line_end()
        rest, line_end = bytes(self._buffer), self._line_end
        self.clear()
        return rest, line_end

    def dry(self, rest: bytes) -> None:
        """The raw data are over, or none are due; what came behind them is read as lines."""
        self.pours, self.pouring = None, False
        if rest:
            self._buffer[:0] = rest
            self._searched = 0

    def _next(self) -> Token | None:
        self.incomplete = False
        if self.pouring:
            return self._poured()
        self._drop_line_end()
        if self.echo and self._at_echo and self._echo_may_come():
            return None
        self._drop_blanks()
        if self.armed and self._buffer.startswith(b">"):
            self._drop(1)
            self.armed = False
            self._at_echo = True
            return Prompt()
        if not self._join():
            return None
        for header in self._headers:
            if match := header.match(self._buffer, 0, LONGEST_HEADER):
                return self._data(match)
        if self.pours and (match := self.pours.match(self._buffer)):
            self._drop(match.end())
            self.pouring = True
            return Poured(b"")
        return self._line()

    def _drop(self, length: int) -> None:
        del self._buffer[:length]
        self._searched = 0

    def _poured(self) -> Token | None:
        data = bytes(self._buffer)
        self._drop(len(data))
        self._line_end, self._at_echo = b"", False
        return Poured(data) if data else None

    def _drop_line_end(self) -> None:
        """Drop what ends the line or the data before, and no more than that."""
        while self._line_end and self._buffer:
            if self._buffer.startswith(self._line_end[:1]):
                self._drop(1)
                self._line_end = self._line_end[1:]
            else:
                self._line_end = b""

    def _echo_may_come(self) -> bool:
        """Drop an echoed payload; whether what is here may become one.

        An echo follows the prompt and its blank, or another line's end, at once; an answer begins
        with a line end of its own. So a payload `OK` is told from an answer `OK`.
        """
        # Dropped at once: a modem that sends nothing but blanks must not fill the memory.
        self._drop(len(self._buffer) - len(self._buffer.lstrip(b" ")))
        echo = self.echo.lstrip(b" ")
        if self._buffer.startswith(echo):
            self._drop(len(echo))
            self.echo = b""
            return False
        return echo.startswith(self._buffer)

    def _drop_blanks(self) -> None:
        blanks = len(self._buffer) - len(self._buffer.lstrip(_BLANK))
        if blanks:
            self._at_echo = self._at_echo and not _LINE_END.search(self._buffer, 0, blanks)
            self._drop(blanks)

    def _join(self) -> bool:
        """Have a name that stands alone on its line before its words; False while they may come."""
        match = self._alone.match(self._buffer, 0, LONGEST_HEADER) if self._alone else None
        if match is None:
            return True
        self.incomplete = not match["next"]
        if match["next"].isdigit() or match["next"] == b"{":
            del self._buffer[match.start("gap") : match.end("gap")]
            self._searched = 0
        return not self.incomplete

    def _data(self, match: "re.Match[bytes]") -> Token | None:
        length = min(int(match["length"]), MOST_DATA)
        start = match.end()
        if len(self._buffer) < start + length:
            self.incomplete = True
            return None
        token = Data(match["header"].decode("latin-1"), bytes(self._buffer[start : start + length]))
        self._drop(start + length)
        self._line_end, self._at_echo = b"\r\n", True
        return token

    def _line(self) -> Token | None:
        end = _LINE_END.search(self._buffer, self._searched)
        if end is None and len(self._buffer) < LONGEST_LINE:
            self._searched = len(self._buffer)
            return None
        for string in self._spread:
            match = string.match(self._buffer, 0, LONGEST_HEADER)
            if match is not None and match["rest"] is not None:
                return self._take(match.end("rest"))
            if match is not None and len(self._buffer) < LONGEST_HEADER:
                self.incomplete = True
                return None
        return self._take(end.start() if end else LONGEST_LINE)

    def _take(self, length: int) -> Line:
        length = min(length, LONGEST_LINE)
        text = bytes(self._buffer[:length]).strip(_BLANK).decode("latin-1")
        self._drop(length)
        self._line_end, self._at_echo = b"\r\n", True
        return Line(text)


def _alone(records: Iterable[type[Record]]) -> "re.Pattern[bytes] | None":
    """Match a name on a line of its own, as the examples of manual 5.2, 14.2 and 15.8 have it."""
    names = b"|".join(re.escape(record.at.encode()) for record in records)
    return (
        re.compile(rb"(?:" + names + rb") *+:(?P<gap> *+[\r\n][ \r\n]*+)(?P<next>[^ ]?)")
        if names
        else None
    )


def _string(record: type[Record]) -> "re.Pattern[bytes]":
    """Match a string that is not closed on its own line, and the rest of it once that is there."""
    name = re.escape(record.at.encode())
    begun = rb' *+: *+[0-9]++ *+, *+"[^"\r\n]*+[\r\n]'
    return re.compile(name + begun + rb'(?P<rest>[^"]*+"[^"\r\n]*+(?=[\r\n]))?')


def _object(record: type[Record]) -> "re.Pattern[bytes]":
    """Match a JSON object, in which others may stand, that goes on over its line."""
    name = re.escape(record.at.encode())
    rest = rb"(?P<rest>(?:[^{}]++|\{[^{}]*+\})*+\}[^\r\n]*+(?=[\r\n]))?"
    return re.compile(name + rb" *+: *+\{(?=[^\r\n]*+[\r\n])" + rest)


def _header(record: type[Record]) -> "re.Pattern[bytes]":
    """Match a complete header: the words before the data, the last of them the length.

    Only with a comma after the length do raw data follow: buffered receiving reports a length
    with nothing behind it (manual 8.10); one with a fixed number of digits needs none (manual
    14.2). Nothing is given back once it has matched: it would take a time that grows with the
    square of the blanks in a header.
    """
    before = (record.counted() or 1) - 1
    name = re.escape(record.at.encode())
    word = rb' *+(?:"[^"\r\n]*+" *+|[^",\r\n]*+),'
    length = rb"[0-9]{1,5}+(?= *+,)"
    if digits := record.length_digits():
        length += rb"|[0-9]{%d}(?=[^,])" % digits
    header = (
        rb"(?P<header>" + name + rb" *+:" + word * before + rb" *+(?P<length>" + length + rb"))"
    )
    return re.compile(header + rb"(?: *+,)?+")

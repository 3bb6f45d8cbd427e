"""Data mode: what is on the line belongs to a peer far away, not to the dialogue (manual 5.3, 12).

It ends with `+++` between two silences, which the modem answers with OK. Or the modem ends it by
itself and goes on in lines: the connection was closed, a call or a message came. What looks like
such lines is held back, and `+++` shows what it was: a modem in data mode answers OK, so they were
the peer's; one that speaks in lines again does not. Times are seconds on the caller's clock.
"""

import enum
from collections.abc import Collection
from dataclasses import dataclass

ESCAPE = b"+++"
#: The silence before `+++`; the manual does not say how long.
GUARD = 1.2
#: How long the OK may take: the modem waits for a silence of its own first.
ANSWER = 3.0
#: A line of the modem's has no such gap in it.
GAP = 0.1
#: What the modem says last stands alone for so long.
SILENCE = 0.3
#: Longer than all lines together that the modem may say in a row.
MOST_LINES = 1024

_END = b"\r\n"


@dataclass(frozen=True, slots=True)
class Came:
    """Bytes from the peer."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Left:
    """Data mode is over. ``lines`` is what the modem said since; ``asked``: it said OK to `+++`."""

    lines: bytes
    asked: bool


class Phase(enum.Enum):
    """Where data mode stands."""

    OPEN = "bytes pass"
    GUARD = "we are silent, so that the modem takes what follows for an escape"
    ESCAPED = "`+++` is out, OK is due"
    OVER = "lines again"


class Raw:
    """Data mode, from the line that began it to its end.

    ``names`` are those of the lines that the modem may say; ``line_end`` is what is still to come
    of the line that began it.
    """

    def __init__(self, names: Collection[str], now: float, line_end: bytes = b"") -> None:
        self.phase = Phase.OPEN
        self._names = tuple(name.encode("latin-1") for name in names if name)
        self._line_end = line_end
        #: The last that came, as far as it may be lines of the modem's.
        self._held = bytearray()
        self._out = bytearray()
        self._events: list[Came | Left] = []
        self._wrote = self._heard = now
        self._due: float | None = None

    # -- what the owner of the port calls

    @property
    def deadline(self) -> float | None:
        """When `tick` is due; None when there is nothing to wait for."""
        due = [self._due]
        if self._held and not self._complete:
            due.append(self._heard + GAP)
        elif self._held and (self.phase is Phase.OPEN or self._answered):
            due.append(self._heard + SILENCE)
        return min((each for each in due if each is not None), default=None)

    def write(self, data: bytes, now: float) -> None:
        """Send bytes to the peer; only while the phase is OPEN."""
        if self.phase is not Phase.OPEN:
            raise RuntimeError("data mode is being left")
        self._out += data
        self._wrote = now

    def leave(self, now: float) -> None:
        """Begin to leave; harmless when that has begun."""
        if self.phase is Phase.OPEN:
            self.phase, self._due = Phase.GUARD, max(now, self._wrote + GUARD)

    def receive(self, data: bytes, now: float) -> None:
        """Take bytes from the modem."""
        while self._line_end and data:
            if data.startswith(self._line_end[:1]):
                data = data[1:]
                self._line_end = self._line_end[1:]
            else:
                self._line_end = b""
        self._heard = now
        self._held += data
        self._hand_on(self._first_line())

    def tick(self, now: float) -> None:
        """Act when `deadline` has passed."""
        quiet = now >= self._heard + SILENCE
        if self._held and not self._complete and now >= self._heard + GAP:
            self._hand_on(len(self._held))
        elif self._answered and quiet:
            # It was in data mode until now, so what looked like its lines was the peer's.
            self._hand_on(len(self._held) - len(_END + b"OK" + _END))
            self._end(asked=True)
        elif self.phase is Phase.OPEN and self._complete and quiet:
            self.leave(now)
        if self._due is None or now < self._due:
            return
        if self.phase is Phase.GUARD:
            self._out += ESCAPE
            self.phase, self._due = Phase.ESCAPED, now + ANSWER
        elif self.phase is Phase.ESCAPED:
            self._end(asked=False)

    def to_send(self) -> bytes:
        """The bytes that are due on the wire."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def events(self) -> list[Came | Left]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events

    # -- whose bytes

    @property
    def _complete(self) -> bool:
        """Whether what is held is whole lines, with something in them."""
        held = self._held
        if self.phase is Phase.ESCAPED:
            # A modem that has restarted repeats what it hears, behind lines of its own.
            held = held.removesuffix(ESCAPE)
        return held.endswith(_END) and bool(held.strip(_END))

    @property
    def _answered(self) -> bool:
        return self.phase is Phase.ESCAPED and self._held.endswith(_END + b"OK" + _END)

    def _first_line(self) -> int:
        """Where the lines of the modem's may begin: only they may stand behind that."""
        position = self._held.find(_END[:1], max(0, len(self._held) - MOST_LINES))
        while position >= 0 and not self._may_be_lines(position):
            position = self._held.find(_END[:1], position + 1)
        return position if position >= 0 else len(self._held)

    def _may_be_lines(self, position: int) -> bool:
        """Whether all from here can be lines, each between ends; the last may be unfinished."""
        begun, *lines = bytes(self._held[position:]).split(_END)
        if not lines:
            return begun == _END[:1]
        *whole, last = lines
        return (
            begun == b""
            and (lines[0] != b"" or not whole)  # a blank line before them is the peer's
            and all(not line or line.startswith(self._expected) for line in whole)
            and (not last or self._may_become_one(last))
        )

    def _may_become_one(self, begun: bytes) -> bool:
        begun = begun.removesuffix(_END[:1])
        return begun.startswith(self._expected) or any(
            name.startswith(begun) for name in self._expected
        )

    @property
    def _expected(self) -> tuple[bytes, ...]:
        return (*self._names, b"OK", ESCAPE) if self.phase is Phase.ESCAPED else self._names

    def _hand_on(self, length: int) -> None:
        if length:
            self._events.append(Came(bytes(self._held[:length])))
            del self._held[:length]

    def _end(self, *, asked: bool) -> None:
        lines = b"" if asked else bytes(self._held).replace(ESCAPE, b"", 1)
        self._events.append(Left(lines, asked))
        self._held.clear()
        self.phase, self._due = Phase.OVER, None

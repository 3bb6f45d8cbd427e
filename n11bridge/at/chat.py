"""The dialogue with the modem, without any wire: bytes in, events out.

One exchange at a time is in flight; the modem is never typed ahead. A line is routed in this
order: answer to a probe; exact echo; body that a header waits for; final result of the exchange in
flight, or the last line of its plain answer; reply that it waits for, if the fields fit; report;
plain answer; error line of Neoway's own; unknown. Nothing is dropped. Raw data of unknown length go
to their reader alone. Times are seconds on a monotonic clock that the caller holds.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from n11bridge.at.command import Exchange
from n11bridge.at.events import Done, Event, Failed, Prompted, Reported, Silent, Unknown
from n11bridge.at.flight import REFUSED, Flight, Phase
from n11bridge.at.record import Record, Report
from n11bridge.at.recovery import QUIET, Recovery, Step
from n11bridge.at.stream import Data, Line, Poured, Prompt, Stream, Token
from n11bridge.at.wire import BodyLine, Misfit

__all__ = [
    "QUIET",
    "Chat",
    "Done",
    "Event",
    "Failed",
    "Prompted",
    "Reported",
    "Silent",
    "Unknown",
]

#: Raw data or a body that do not come for so long will not come.
STALL = 1.0

_ESCAPE = b"\x1b"


@dataclass(frozen=True, slots=True)
class _Header:
    """A line whose body is due; ``awaited`` when it answers the exchange in flight."""

    record: type[Record]
    line: str
    information: str
    awaited: bool


class Chat:
    """One dialogue. ``reports`` are the reports that the capabilities understand."""

    def __init__(self, reports: Iterable[type[Report]] = ()) -> None:
        #: Whether the modem has repeated a command since this was last set to False.
        self.echoed = False
        self._reports: dict[str, list[type[Report]]] = {}
        for report in reports:
            self._reports.setdefault(report.at, []).append(report)
        alike = [report for same_name in self._reports.values() for report in same_name]
        self._counted = [report for report in alike if report.counted() is not None]
        self._stream = Stream(self._counted, [report for report in alike if report.spread])
        self._out = bytearray()
        self._events: list[Event] = []
        self._flight: Flight | None = None
        self._recovery: Recovery | None = None
        self._headers: list[_Header] = []
        self._stalled: float | None = None

    # -- what the owner of the port calls

    @property
    def idle(self) -> bool:
        """Whether an exchange may be sent."""
        return self._flight is None and self._recovery is None

    @property
    def deadline(self) -> float | None:
        """When `tick` is due; None when there is nothing to wait for."""
        due = [self._stalled, self._flight.due if self._flight is not None else None]
        if self._recovery is not None:
            due.append(self._recovery.deadline)
        return min((each for each in due if each is not None), default=None)

    def send(self, exchange: Exchange[Any], now: float) -> None:
        """Begin an exchange; only when idle."""
        if not self.idle:
            raise RuntimeError("an exchange is in flight")
        awaited = [reply for reply in (exchange.reply,) if reply and reply.counted() is not None]
        self._stream.expect([*self._counted, *awaited])
        self._flight = Flight(exchange, self._stream, self._out, self._events.append, now)

    def release(self, now: float) -> None:
        """Let the end of a held payload leave: from here on the modem may act."""
        if self._flight is not None:
            self._flight.release(now)

    def abandon(self, now: float) -> None:
        """Take a held payload back: nothing is carried out."""
        if self._flight is not None:
            self._flight.abandon()
            self._after_flight(now)

    def receive(self, data: bytes, now: float) -> None:
        """Take bytes from the modem."""
        if self._recovery is not None:
            self._recovery.byte_came(now)
        self._route(self._stream.feed(data), now)

    def to_send(self) -> bytes:
        """The bytes that are due on the wire; they count as written."""
        out = bytes(self._out)
        self._out.clear()
        if self._flight is not None:
            self._flight.written()
        return out

    def events(self) -> list[Event]:
        """What happened since the last call."""
        events = list(self._events)
        self._events.clear()
        return events

    def tick(self, now: float) -> None:
        """Act when `deadline` has passed."""
        if self._stalled is not None and now >= self._stalled:
            self._forget_headers(True, False)
            self._route(self._stream.give_up(), now)
        if self._flight is not None and now >= self._flight.due:
            self._flight.tick(now)
            self._after_flight(now)
            self._route(self._stream.feed(b""), now)
        elif self._recovery is not None and now >= self._recovery.deadline:
            self._out += self._recovery.tick(now)
            self._after_recovery()

    def surrender(self) -> tuple[bytes, bytes]:
        """Data mode has begun: what came behind the answer, and what may come of its line's end."""
        return self._stream.surrender()

    def resume(self, lines: bytes, now: float, *, in_step: bool) -> None:
        """Data mode is over; ``lines`` came since. If the modem may not be in step, see to it."""
        if not in_step:
            self._recover(now, escape=False)
        self.receive(lines, now)

    @property
    def names(self) -> Collection[str]:
        """The names of all that the modem says by itself."""
        return self._reports.keys()

    def reset(self) -> None:
        """Forget everything: the port was opened anew, or the modem restarted.

        An exchange in flight fails with Lost.
        """
        self._forget_headers(True, False)
        if self._flight is not None:
            self._flight.lost()
        self._stream.clear()
        self._out.clear()
        self._flight = self._recovery = self._stalled = None

    # -- what came

    def _route(self, tokens: Iterator[Token], now: float) -> None:
        for token in tokens:
            match token:
                case Line(text):
                    self._line(text, now)
                case Data():
                    self._data(token, now)
                case Poured(data) if self._flight is not None:
                    self._flight.poured(data, now)
                case Poured(data):
                    self._stream.dry(data)
                case Prompt() if self._flight is not None:
                    self._flight.prompted(now)
                case Prompt():
                    # Too late; what we type next would be taken as data.
                    self._events.append(Unknown(">"))
                    self._recover(now, escape=True)
            connected = self._flight is not None and self._flight.connected
            self._after_flight(now)
            if connected:
                break
        self._stalled = now + STALL if self._stream.incomplete or self._headers else None
        if self._stalled is not None and self._flight is not None:
            # Four kilobytes at 9600 baud take longer than most commands may.
            self._flight.due = max(self._flight.due, now + 2 * STALL)

    def _line(self, text: str, now: float) -> None:
        name, information = self._named(text)
        flight = self._flight
        if self._recovery is not None and self._is_probed(text, name, now):
            return
        if flight is not None and flight.is_echo(text):
            self.echoed = self.echoed or flight.is_repeated(text)
            return
        if self._is_body(text, now):
            return
        if flight is not None:
            if flight.final(text, now) or flight.last(text, now) or flight.instead(text, now):
                return
            awaited = flight.awaits(name)
            if awaited and self._take(awaited, text, information, True, now):
                return
        for report in self._reports.get(name, ()):
            if self._take(report, text, information, False, now):
                return
        if flight is not None:
            bare = flight.awaits_bare
            if bare and not text.startswith("+") and self._take(bare, text, text, True, now):
                return
            reply = flight.exchange.reply
            fits = reply is not None and _fits(reply, information)
            if flight.plain(text, now) or flight.complaint(text, name, fits, now):
                return
        self._events.append(Unknown(text))

    def _named(self, text: str) -> tuple[str, str]:
        """Split a line into its name and its information."""
        if text in self._reports:
            return text, ""
        # Not all that Neoway says begins with a plus: `Connect AcceptSocket=1,...` (manual 13.2).
        separator = re.search(":" if text.startswith("+") else "[:=]", text)
        if separator is None:
            return text, ""
        return text[: separator.start()].rstrip(" "), text[separator.end() :].lstrip(" ")

    def _is_probed(self, text: str, name: str, now: float) -> bool:
        assert self._recovery is not None
        if REFUSED.fullmatch(text):
            self._recovery.refused(now)
            self._after_recovery()
            return False
        return self._recovery.takes(text, name, now)

    def _is_body(self, text: str, now: float) -> bool:
        if not self._headers or not BodyLine.fits(text):
            return False
        header = self._headers.pop()
        said = header.record.read(header.information, text)
        self._taken(said, header.awaited, now, header.line, text)
        return True

    def _take(
        self, record: type[Record], text: str, information: str, awaited: bool, now: float
    ) -> bool:
        """Take a line as this record, or as its header; False when it does not fit."""
        if not record.body():
            if not _fits(record, information):
                return False
            said = record.read(information)
            if awaited and self._flight is not None and not self._flight.is_about(said):
                return False
            self._taken(said, awaited, now, text)
            return True
        # Some firmware puts the body on the header's own line, behind a blank.
        header, _, rest = information.rpartition(" ")
        if len(rest) > 8 and BodyLine.fits(rest) and _fits(record, header, rest):
            self._taken(record.read(header, rest), awaited, now, text)
            return True
        if not _fits(record, information, ""):
            return False
        # A report with a body may come between an answer's header and its body.
        self._forget_headers(awaited)
        self._headers.append(_Header(record, text, information, awaited))
        return True

    def _taken(self, said: Record, awaited: bool, now: float, *lines: str) -> None:
        if awaited and self._flight is not None:
            self._flight.answer(said, now, *lines)
        elif isinstance(said, Report):
            self._events.append(Reported(said))

    def _data(self, token: Data, now: float) -> None:
        name, information = self._named(token.header)
        line = f"{token.header},{token.data.decode('latin-1')}"
        awaited = self._flight.awaits(name) if self._flight is not None else None
        for record in [*([awaited] if awaited else []), *self._reports.get(name, ())]:
            if record.counted() is not None and _fits(record, information, token.data):
                self._taken(record.read(information, token.data), record is awaited, now, line)
                return
        self._events.append(Unknown(line))

    # -- how exchanges end, and what may follow

    def _after_flight(self, now: float) -> None:
        if self._flight is None or not self._flight.answered:
            return
        self._forget_headers(True)
        pouring = self._flight.exchange.pouring
        self._stream.dry(pouring.rest or b"" if pouring is not None else b"")
        match self._flight.phase:
            case Phase.OVER:
                self._finish()
            case Phase.OUT_OF_STEP:
                self._recover(now, escape=False)
            case Phase.IN_PROMPT:
                self._recover(now, escape=True)

    def _recover(self, now: float, *, escape: bool) -> None:
        self._out[:] = _ESCAPE if escape else b""
        self._flight = None
        self._recovery = Recovery(now)

    def _after_recovery(self) -> None:
        step = self._recovery.step if self._recovery is not None else None
        if step in (Step.IN_STEP, Step.SILENT):
            self._finish()
        if step is Step.SILENT:
            self._events.append(Silent())

    def _finish(self) -> None:
        self._flight = self._recovery = None
        self._stream.armed = False
        self._stream.echo = b""

    def _forget_headers(self, *awaited: bool) -> None:
        """Hand on as unknown the headers of this sort whose body did not come."""
        bodyless = [header for header in self._headers if header.awaited in awaited]
        self._events += [Unknown(header.line) for header in bodyless]
        self._headers = [header for header in self._headers if header not in bodyless]


def _fits(record: type[Record], information: str, tail: str | bytes | None = None) -> bool:
    try:
        record.read(information, tail)
    except Misfit:
        return False
    return True

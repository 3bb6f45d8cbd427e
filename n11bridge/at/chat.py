"""The dialogue with the modem, without any wire: bytes in, events out.

One exchange at a time is in flight; the modem is never typed ahead. A line is routed in this
order: answer to a probe; exact echo; body that a header waits for; final result of the exchange in
flight; reply that it waits for, if the fields fit; report; plain answer; error line of Neoway's
own; unknown. Nothing is dropped. Times are seconds on a monotonic clock that the caller holds.
"""

import enum
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from n11bridge.at.command import Ends, Exchange
from n11bridge.at.errors import Abandoned, AtError, Lost, Malformed, Refused, TimedOut
from n11bridge.at.events import Done, Event, Failed, Prompted, Reported, Silent, Unknown
from n11bridge.at.record import Record, Report
from n11bridge.at.recovery import QUIET, Recovery, Step
from n11bridge.at.stream import Data, Line, Prompt, Stream, Token
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

#: How long a prompt may take.
PROMPT_TIMEOUT = 5.0
#: An OK may follow an answer that ends without one; so long we keep the line free for it.
LINGER = 0.3
#: Raw data that stop in the middle for so long will not be completed.
STALL = 1.0

_ESCAPE = b"\x1b"

_REFUSED = re.compile(
    r"ERROR|\+CM[ES] ERROR:.*|MODEM ERROR: *\d+|COMMAND NOT SUPPORT|(?i:buffer not enough).*"
)


class _Phase(enum.Enum):
    IDLE = "nothing in flight"
    PROMPT = "the command is out, a prompt is due"
    PAUSE = "prompted; the data must wait a moment"
    HELD = "the data are out, their end waits to be released"
    FINAL = "everything is out, the final result is due"
    OUTCOME = "the modem said OK, the outcome is due"
    LINGER = "answered; an OK may follow"
    RECOVERY = "getting back in step"


_IN_FLIGHT = {_Phase.PROMPT, _Phase.PAUSE, _Phase.HELD, _Phase.FINAL, _Phase.OUTCOME}


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
        self._reports: dict[str, list[type[Report]]] = {}
        for report in reports:
            self._reports.setdefault(report.at, []).append(report)
        self._counted = [
            report
            for alike in self._reports.values()
            for report in alike
            if report.counted() is not None
        ]
        self._stream = Stream(self._counted)
        self._out = bytearray()
        self._events: list[Event] = []
        self._phase = _Phase.IDLE
        self._due: float | None = None
        self._stalled: float | None = None
        self._exchange: Exchange[Any] | None = None
        self._written = False
        self._answers: list[Any] = []
        self._cause: str | None = None
        self._headers: list[_Header] = []
        self._recovery: Recovery | None = None

    # -- what the owner of the port calls

    @property
    def idle(self) -> bool:
        """Whether an exchange may be sent."""
        return self._phase is _Phase.IDLE

    @property
    def deadline(self) -> float | None:
        """When `tick` is due; None when there is nothing to wait for."""
        due = self._recovery.deadline if self._recovery is not None else self._due
        return min((each for each in (due, self._stalled) if each is not None), default=None)

    def send(self, exchange: Exchange[Any], now: float) -> None:
        """Begin an exchange; only when idle."""
        if not self.idle:
            raise RuntimeError("an exchange is in flight")
        self._exchange = exchange
        self._written = False
        awaited = [reply for reply in (exchange.reply,) if reply and reply.counted() is not None]
        self._stream.expect([*self._counted, *awaited])
        self._out += exchange.line.encode("latin-1") + b"\r"
        if exchange.payload is None:
            self._enter(_Phase.FINAL, now + exchange.timeout)
        else:
            self._stream.armed = True
            self._enter(_Phase.PROMPT, now + PROMPT_TIMEOUT)

    def release(self, now: float) -> None:
        """Let the end of a held payload leave: from here on the modem may act."""
        if self._phase is _Phase.HELD and self._exchange is not None:
            self._out += self._exchange.end
            self._enter(_Phase.FINAL, now + self._exchange.timeout)

    def abandon(self, now: float) -> None:
        """Take a held payload back: nothing is carried out."""
        if self._phase is _Phase.HELD and self._exchange is not None:
            self._conclude(Abandoned(self._exchange.line))
            self._recover(now, escape=True)

    def receive(self, data: bytes, now: float) -> None:
        """Take bytes from the modem."""
        if self._recovery is not None:
            self._recovery.byte_came(now)
        self._route(self._stream.feed(data), now)

    def to_send(self) -> bytes:
        """The bytes that are due on the wire."""
        out = bytes(self._out)
        self._out.clear()
        self._written = True
        return out

    def events(self) -> list[Event]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events

    def tick(self, now: float) -> None:
        """Act when `deadline` has passed."""
        if self._stalled is not None and now >= self._stalled:
            self._route(self._stream.give_up(), now)
        if self._recovery is not None and now >= self._recovery.deadline:
            self._out += self._recovery.tick(now)
            self._after_recovery()
        elif self._due is not None and now >= self._due:
            match self._phase:
                case _Phase.PAUSE:
                    self._pay(now)
                case _Phase.LINGER:
                    self._finish()
                case _:
                    self._timed_out(now)

    def reset(self) -> None:
        """Forget everything: the port was opened anew, or the modem restarted.

        An exchange in flight fails with Lost.
        """
        if self._exchange is not None and self._phase in _IN_FLIGHT:
            self._conclude(Lost(self._exchange.line, acted=self._all_out()))
        self._forget_headers(True, False)
        self._stream.clear()
        self._stalled = None
        self._out.clear()
        self._finish()

    # -- what came: lines, prompts, data

    def _route(self, tokens: Iterator[Token], now: float) -> None:
        for token in tokens:
            match token:
                case Line(text):
                    self._line(text, now)
                case Prompt():
                    self._prompted(now)
                case Data():
                    self._data(token, now)
        self._stalled = now + STALL if self._stream.incomplete else None
        if self._stalled is not None and self._due is not None:
            # Four kilobytes at 9600 baud take longer than most commands may.
            self._due = max(self._due, now + 2 * STALL)

    def _line(self, text: str, now: float) -> None:
        name, information = self._named(text)
        if (
            self._is_probed(text, name, now)
            or self._is_echo(text)
            or self._is_body(text, now)
            or self._is_final(text, now)
            or self._is_reply(text, name, information, now)
            or any(
                self._take(report, text, information, False, now)
                for report in self._reports.get(name, ())
            )
            or self._is_plain_answer(text, now)
            or self._is_complaint(text, name, information, now)
        ):
            return
        self._events.append(Unknown(text))

    def _named(self, text: str) -> tuple[str, str]:
        """Split a line into its name and its information."""
        if text in self._reports:
            return text, ""
        # Not all that Neoway says begins with a plus: `Connect AcceptSocket=1,...` (manual 13.2).
        separator = ":" if text.startswith("+") else "[:=]"
        parts = re.fullmatch(rf"(.*?) *{separator} *(.*)", text)
        return (parts[1], parts[2]) if parts else (text, "")

    def _is_probed(self, text: str, name: str, now: float) -> bool:
        if self._recovery is None:
            return False
        if _REFUSED.fullmatch(text):
            self._recovery.refused(now)
            self._after_recovery()
            return False
        return self._recovery.takes(text, name, now)

    def _is_echo(self, text: str) -> bool:
        exchange = self._exchange
        if exchange is None:
            return False
        return text == exchange.line.strip() or text.encode("latin-1") == exchange.end

    def _is_body(self, text: str, now: float) -> bool:
        if not self._headers or not BodyLine.fits(text):
            return False
        header = self._headers.pop()
        self._taken(header.record.read(header.information, text), header.awaited, now)
        return True

    def _is_final(self, text: str, now: float) -> bool:
        refused = _REFUSED.fullmatch(text) is not None
        if text != "OK" and not refused:
            return False
        if self._phase is _Phase.LINGER:
            self._finish()
            return text in ("OK", "ERROR")
        if self._phase is _Phase.OUTCOME:
            # The cause of a bad outcome can come as an error line after the OK; it must fail
            # neither this command before its outcome nor the next one.
            if not text.startswith("+CM") or self._cause is not None:
                return False
            self._cause = text
            return True
        if not self._waiting():
            return False
        if refused:
            self._refused(Refused(text), now)
        elif self._all_out():
            self._ok(now)
        else:
            return False
        return True

    def _is_reply(self, text: str, name: str, information: str, now: float) -> bool:
        record = self._awaited(name)
        return record is not None and self._take(record, text, information, True, now)

    def _is_plain_answer(self, text: str, now: float) -> bool:
        """Some answers come without their name, as ATI's do (manual 2.1)."""
        exchange = self._exchange
        if exchange is None or exchange.ends is not Ends.OK or not self._all_out():
            return False
        if exchange.lines:
            self._answered(text, now)
            return True
        record = exchange.reply
        if record is None or not record.bare or text.startswith("+"):
            return False
        return self._awaited(record.at) is not None and self._take(record, text, text, True, now)

    def _is_complaint(self, text: str, name: str, information: str, now: float) -> bool:
        """Neoway's own commands may end in an error line of their own, with no ERROR at all."""
        exchange = self._exchange
        if exchange is None or not self._waiting() or name != exchange.prefix:
            return False
        if exchange.ends is Ends.OK and exchange.payload is None:
            return False
        if exchange.reply is not None and _fits(exchange.reply, information):
            return False  # an answer, but not to this: not everything was written yet
        self._refused(Refused(f"{text} after {self._cause}" if self._cause else text), now)
        return True

    def _take(
        self, record: type[Record], text: str, information: str, awaited: bool, now: float
    ) -> bool:
        """Take a line as this record, or as its header; False when it does not fit."""
        if not record.body():
            if _fits(record, information):
                self._taken(record.read(information), awaited, now)
                return True
            return False
        # Some firmware puts the body on the header's own line, behind a blank.
        header, _, rest = information.rpartition(" ")
        if header[-1:].isdigit() and len(rest) > 8 and BodyLine.fits(rest):
            if not _fits(record, header, rest):
                return False
            self._taken(record.read(header, rest), awaited, now)
            return True
        if not _fits(record, information, ""):
            return False
        # A report with a body may come between an answer's header and its body.
        self._forget_headers(awaited)
        self._headers.append(_Header(record, text, information, awaited))
        return True

    def _taken(self, said: Record, awaited: bool, now: float) -> None:
        if awaited:
            self._answered(said, now)
        elif isinstance(said, Report):
            self._events.append(Reported(said))

    def _data(self, token: Data, now: float) -> None:
        name, information = self._named(token.header)
        awaited = self._awaited(name)
        for record in [*([awaited] if awaited else []), *self._reports.get(name, ())]:
            if record.counted() is not None and _fits(record, information, token.data):
                self._taken(record.read(information, token.data), record is awaited, now)
                return
        self._events.append(Unknown(f"{token.header},{token.data.decode('latin-1')}"))

    def _prompted(self, now: float) -> None:
        if self._phase is not _Phase.PROMPT or self._exchange is None:
            # Too late; what we type next would be taken as data.
            self._events.append(Unknown(">"))
            self._recover(now, escape=True)
        elif self._exchange.pause:
            self._enter(_Phase.PAUSE, now + self._exchange.pause)
        else:
            self._pay(now)

    def _pay(self, now: float) -> None:
        exchange = self._exchange
        if exchange is None or exchange.payload is None:
            return
        self._events.append(Prompted(exchange))
        self._out += exchange.payload
        self._stream.echo = exchange.payload
        if exchange.held:
            self._enter(_Phase.HELD, now + exchange.timeout)
        else:
            self._out += exchange.end
            self._enter(_Phase.FINAL, now + exchange.timeout)

    # -- where the exchange stands

    def _waiting(self) -> bool:
        """Whether the modem may say something about the exchange in flight."""
        return self._phase in _IN_FLIGHT and self._written

    def _all_out(self) -> bool:
        """Whether everything was written, so that the modem may answer."""
        return self._phase in (_Phase.FINAL, _Phase.OUTCOME) and self._written and not self._out

    def _awaited(self, name: str) -> type[Record] | None:
        """The reply of this name that the exchange in flight waits for."""
        exchange = self._exchange
        if exchange is None or exchange.reply is None or not self._all_out():
            return None
        if exchange.reply.at != name or (self._answers and not exchange.many):
            return None
        return exchange.reply

    def _enter(self, phase: _Phase, deadline: float) -> None:
        self._phase, self._due = phase, deadline

    # -- how exchanges end

    def _answered(self, answer: Any, now: float) -> None:
        """Information came; without an OK it ends those commands that have none of it after."""
        assert self._exchange is not None
        self._answers.append(answer)
        self._stream.echo = b""
        self._due = now + self._exchange.timeout
        if self._exchange.ends is not Ends.OK:
            self._end_without_ok(None, now)

    def _ok(self, now: float) -> None:
        exchange = self._exchange
        assert exchange is not None
        if exchange.ends is not Ends.OK:
            self._enter(_Phase.OUTCOME, now + exchange.timeout)
        elif exchange.reply and exchange.required and not exchange.many and not self._answers:
            # Perhaps the OK of something earlier: the answer would be taken by the next command.
            self._conclude(Malformed(f"OK to {exchange.line.split('=')[0]} without an answer"))
            self._recover(now)
        else:
            self._conclude(None)
            self._finish()

    def _refused(self, error: Refused, now: float) -> None:
        numbered_or_plain = _REFUSED.fullmatch(error.line) is not None
        # What was not written yet need not be; what was would stand before our next command.
        half_written = self._phase is _Phase.HELD and not self._out
        self._out.clear()
        if half_written:
            self._conclude(error)
            self._recover(now, escape=True)
        elif numbered_or_plain:
            self._conclude(error)
            self._finish()
        else:
            self._end_without_ok(error, now)

    def _end_without_ok(self, error: AtError | None, now: float) -> None:
        """Answered by a line of its own; an OK may or may not follow (manual 8.5 against 1.3)."""
        after_ok = self._phase is _Phase.OUTCOME
        self._conclude(error)
        if after_ok:
            self._finish()
        else:
            self._enter(_Phase.LINGER, now + LINGER)

    def _conclude(self, error: AtError | None) -> None:
        exchange = self._exchange
        assert exchange is not None
        self._forget_headers(True, False)
        if self._cause is not None and self._cause not in str(error):
            self._events.append(Unknown(self._cause))
        if error is not None:
            self._events.append(Failed(exchange, error))
        elif exchange.many or exchange.lines:
            self._events.append(Done(exchange, self._answers))
        else:
            self._events.append(Done(exchange, self._answers[0] if self._answers else None))
        self._answers = []
        self._cause = None

    def _forget_headers(self, *awaited: bool) -> None:
        """Hand on as unknown the headers of this sort whose body did not come."""
        bodyless = [header for header in self._headers if header.awaited in awaited]
        self._events += [Unknown(header.line) for header in bodyless]
        self._headers = [header for header in self._headers if header not in bodyless]

    def _finish(self) -> None:
        self._exchange = None
        self._recovery = None
        self._stream.armed = False
        self._stream.echo = b""
        self._phase = _Phase.IDLE
        self._due = None

    # -- after a timeout

    def _timed_out(self, now: float) -> None:
        exchange = self._exchange
        assert exchange is not None
        escape = exchange.payload is not None and self._phase is not _Phase.OUTCOME
        self._conclude(TimedOut(exchange.line, acted=self._all_out()))
        self._recover(now, escape=escape)

    def _recover(self, now: float, *, escape: bool = False) -> None:
        self._out.clear()
        if escape:
            self._out += _ESCAPE
        self._exchange = None
        self._phase, self._due = _Phase.RECOVERY, None
        self._recovery = Recovery(now)

    def _after_recovery(self) -> None:
        step = self._recovery.step if self._recovery is not None else None
        if step in (Step.IN_STEP, Step.SILENT):
            self._finish()
        if step is Step.SILENT:
            self._events.append(Silent())


def _fits(record: type[Record], information: str, tail: str | bytes | None = None) -> bool:
    try:
        record.read(information, tail)
    except Misfit:
        return False
    return True

"""The dialogue with the modem, without any wire: bytes in, events out.

One exchange at a time is in flight; the modem is never typed ahead. A line is routed in this
order: exact echo; body line that a header waits for; final result of the exchange in flight;
reply that it waits for, if the fields fit; outcome; report; unknown. Nothing is dropped.

After a timeout the line cannot be trusted: a late answer must not be taken by the next command.
So the chat ends an open prompt, drains until the line is quiet, and asks `AT+IPR?`, whose answer
has a prefix of its own; only then is it idle again. Times are seconds on a monotonic clock that
the caller holds.
"""

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from n11bridge.at.command import Ends, Exchange, Record, Report
from n11bridge.at.errors import Abandoned, AtError, Lost, Malformed, Refused, TimedOut
from n11bridge.at.stream import Data, Line, Prompt, Stream
from n11bridge.at.wire import BodyLine, Misfit

#: The line counts as quiet after this long without a byte.
QUIET = 0.3
#: A chattering line is probed all the same after this long.
LONGEST_DRAIN = 5.0
PROBE = "AT+IPR?"
PROBE_TIMEOUT = 2.0
PROBE_TRIES = 3
#: How long a prompt may take.
PROMPT_TIMEOUT = 5.0
#: An OK may follow an answer that ends without one; so long we keep the line free for it.
LINGER = 0.15

ESCAPE = b"\x1b"

_REFUSED = re.compile(r"ERROR|\+CM[ES] ERROR:.*|MODEM ERROR: *\d+|COMMAND NOT SUPPORT")


@dataclass(frozen=True, slots=True)
class Done:
    """An exchange ended well; ``result`` is of the type that its command declares."""

    exchange: Exchange[Any]
    result: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """An exchange ended badly."""

    exchange: Exchange[Any]
    error: AtError


@dataclass(frozen=True, slots=True)
class Prompted:
    """The modem asked for the payload; with a held exchange, `release` or `abandon` it now."""

    exchange: Exchange[Any]


@dataclass(frozen=True, slots=True)
class Reported:
    """The modem said something by itself."""

    report: Report


@dataclass(frozen=True, slots=True)
class Unknown:
    """A line that nothing was declared for, or that came when nothing waited for it."""

    line: str


@dataclass(frozen=True, slots=True)
class Silent:
    """The modem did not come back after a timeout: the line, or the modem, is dead."""


Event = Done | Failed | Prompted | Reported | Unknown | Silent


class _Phase(enum.Enum):
    IDLE = "nothing in flight"
    PROMPT = "the command is out, a prompt is due"
    PAUSE = "prompted; the data must wait a moment"
    HELD = "the data are out, their end waits to be released"
    FINAL = "everything is out, the final result is due"
    OUTCOME = "the modem said OK, the outcome is due"
    LINGER = "answered; an OK may follow"
    DRAIN = "waiting for quiet after a timeout"
    PROBE = "asked whether the modem is in step again"


class Chat:
    """One dialogue. ``reports`` are the reports that the capabilities understand."""

    def __init__(self, reports: Iterable[type[Report]] = ()) -> None:
        self.deadline: float | None = None
        self._reports: dict[str, list[type[Report]]] = {}
        for report in reports:
            self._reports.setdefault(report.at, []).append(report)
        counted = [r for each in self._reports.values() for r in each if r.counted() is not None]
        self._stream = Stream(counted)
        self._counted = counted
        self._out = bytearray()
        self._events: list[Event] = []
        self._phase = _Phase.IDLE
        self._exchange: Exchange[Any] | None = None
        self._answers: list[Any] = []
        self._cause: str | None = None
        self._header: tuple[type[Record], str, str, bool] | None = None
        self._says_ok: dict[str, bool] = {}
        self._drained_by = 0.0
        self._probes = 0
        self._probe_answered = False

    # -- what the owner of the port calls

    @property
    def idle(self) -> bool:
        """Whether an exchange may be sent."""
        return self._phase is _Phase.IDLE

    def send(self, exchange: Exchange[Any], now: float) -> None:
        """Begin an exchange; only when idle."""
        if not self.idle:
            raise RuntimeError("an exchange is in flight")
        self._exchange = exchange
        self._answers = []
        self._cause = None
        self._expect_data(exchange.reply)
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
            self._fail(Abandoned(self._exchange.line))
            self._out += ESCAPE
            self._drain(now)

    def receive(self, data: bytes, now: float) -> None:
        """Take bytes from the modem."""
        if self._phase is _Phase.DRAIN:
            self.deadline = min(now + QUIET, self._drained_by)
        for token in self._stream.feed(data):
            match token:
                case Line(text):
                    if text:
                        self._line(text, now)
                case Prompt():
                    self._prompted(now)
                case Data():
                    self._data(token, now)

    def to_send(self) -> bytes:
        """The bytes that are due on the wire."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def events(self) -> list[Event]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events

    def tick(self, now: float) -> None:
        """Act when `deadline` has passed."""
        if self.deadline is None or now < self.deadline:
            return
        match self._phase:
            case _Phase.PAUSE:
                self._pay(now)
            case _Phase.LINGER:
                if self._exchange is not None:
                    self._says_ok.setdefault(self._exchange.prefix, False)
                self._finish()
            case _Phase.DRAIN:
                self._probe(now)
            case _Phase.PROBE:
                self._probe_failed(now)
            case _:
                self._timed_out(now)

    def reset(self) -> None:
        """Forget everything: the port was opened anew, or the modem restarted.

        An exchange in flight fails with Lost.
        """
        if self._exchange is not None and self._phase not in (_Phase.LINGER, _Phase.IDLE):
            acted = self._phase in (_Phase.FINAL, _Phase.OUTCOME)
            self._events.append(Failed(self._exchange, Lost(self._exchange.line, acted=acted)))
        self._stream.clear()
        self._out.clear()
        self._header = None
        self._finish()

    # -- lines

    def _line(self, text: str, now: float) -> None:
        if self._is_echo(text) or self._is_body(text, now) or self._is_final(text, now):
            return
        name, information = _named(text)
        if self._is_reply(text, name, information, now):
            return
        for report in self._reports.get(name, ()):
            if self._take(report, text, information, False, now):
                return
        if self._is_bare_reply(text, now) or self._is_complaint(text, name, now):
            return
        self._events.append(Unknown(text))

    def _is_echo(self, text: str) -> bool:
        if self._phase is _Phase.PROBE:
            return text == PROBE
        if self._exchange is None:
            return False
        if text == self._exchange.line:
            return True
        payload = self._exchange.payload
        return bool(payload) and text.strip(" \x1a").encode("latin-1") == payload

    def _is_body(self, text: str, now: float) -> bool:
        if self._header is None or not BodyLine.fits(text):
            return False
        record, line, information, awaited = self._header
        self._header = None
        try:
            said = record.read(information, text)
        except Misfit:
            self._events += [Unknown(line), Unknown(text)]
            return True
        self._taken(said, awaited, now)
        return True

    def _is_final(self, text: str, now: float) -> bool:
        if text != "OK" and not _REFUSED.fullmatch(text):
            return False
        match self._phase:
            case _Phase.LINGER:
                if self._exchange is not None and text == "OK":
                    self._says_ok[self._exchange.prefix] = True
                self._finish()
                return True
            case _Phase.PROBE:
                if text != "OK":
                    self._probe_failed(now)
                    return True
                if self._probe_answered:
                    self._finish()
                return self._probe_answered
            case _Phase.DRAIN:
                return False
            case _Phase.OUTCOME:
                # The cause of an outcome can come as an error line after the OK (modem-facts: a
                # late +CME ERROR must fail neither this command's outcome nor the next command).
                if text.startswith("+CM"):
                    self._cause = text
                    return True
                return False
        if self._exchange is None:
            return False
        if text != "OK":
            self._ended(Refused(text), now)
        elif self._phase is _Phase.FINAL:
            self._ok(now)
        else:
            return False
        return True

    def _is_reply(self, text: str, name: str, information: str, now: float) -> bool:
        if self._phase is _Phase.PROBE and name == "+IPR":
            self._probe_answered = True
            return True
        exchange = self._exchange
        if exchange is None or exchange.reply is None or not self._waiting():
            return False
        if exchange.reply.at != name or (self._answers and not exchange.many):
            return False
        return self._take(exchange.reply, text, information, True, now)

    def _is_bare_reply(self, text: str, now: float) -> bool:
        """Some answers come without their name, as ATI's do (manual 2.1)."""
        exchange = self._exchange
        if exchange is None or not self._waiting() or exchange.ends is not Ends.OK:
            return False
        if exchange.lines:
            self._answers.append(text)
            return True
        if exchange.reply is None or not exchange.reply.bare or self._answers:
            return False
        return not text.startswith("+") and self._take(exchange.reply, text, text, True, now)

    def _is_complaint(self, text: str, name: str, now: float) -> bool:
        """Neoway's own commands may end in an error line of their own, with no ERROR at all."""
        exchange = self._exchange
        if exchange is None or not self._waiting() or name != exchange.prefix:
            return False
        if exchange.ends is Ends.OK and exchange.payload is None:
            return False
        self._answered(Refused(text), now)
        return True

    def _take(
        self, record: type[Record], text: str, information: str, awaited: bool, now: float
    ) -> bool:
        try:
            if record.counted() is not None:
                return False
            if record.body():
                # Some firmware puts the body on the header's own line, behind a blank.
                header, _, rest = information.rpartition(" ")
                if header and header[-1].isdigit() and len(rest) > 8 and BodyLine.fits(rest):
                    self._taken(record.read(header, rest), awaited, now)
                    return True
                record.read(information, "")
                if self._header is not None:
                    self._events.append(Unknown(self._header[1]))
                self._header = (record, text, information, awaited)
                return True
            self._taken(record.read(information), awaited, now)
        except Misfit:
            return False
        return True

    def _taken(self, said: Record, awaited: bool, now: float) -> None:
        exchange = self._exchange
        if not awaited or exchange is None:
            if isinstance(said, Report):
                self._events.append(Reported(said))
            return
        self._answers.append(said)
        self.deadline = now + exchange.timeout
        if exchange.ends is not Ends.OK:
            self._answered(None, now)

    # -- prompts and data

    def _prompted(self, now: float) -> None:
        if self._phase is not _Phase.PROMPT or self._exchange is None:
            self._events.append(Unknown(">"))
            return
        self._events.append(Prompted(self._exchange))
        if self._exchange.pause:
            self._enter(_Phase.PAUSE, now + self._exchange.pause)
        else:
            self._pay(now)

    def _pay(self, now: float) -> None:
        exchange = self._exchange
        if exchange is None or exchange.payload is None:
            return
        self._out += exchange.payload
        if exchange.held:
            self._enter(_Phase.HELD, now + exchange.timeout)
        else:
            self._out += exchange.end
            self._enter(_Phase.FINAL, now + exchange.timeout)

    def _expect_data(self, reply: type[Record] | None) -> None:
        """A reply with raw data has its header known to the stream while it is awaited."""
        awaited = [reply] if reply is not None and reply.counted() is not None else []
        self._stream.expect([*self._counted, *awaited])

    def _data(self, token: Data, now: float) -> None:
        name, information = _named(token.header)
        awaited = self._exchange.reply if self._exchange is not None else None
        expected = [awaited] if awaited is not None and awaited.at == name else []
        for record in [*expected, *self._reports.get(name, ())]:
            if record.counted() is None:
                continue
            try:
                said = record.read(information, token.data)
            except Misfit:
                continue
            self._taken(said, record is awaited, now)
            return
        self._events.append(Unknown(token.header + "," + token.data.decode("latin-1")))

    # -- how exchanges end

    def _waiting(self) -> bool:
        return self._phase in (
            _Phase.PROMPT,
            _Phase.PAUSE,
            _Phase.HELD,
            _Phase.FINAL,
            _Phase.OUTCOME,
        )

    def _ok(self, now: float) -> None:
        assert self._exchange is not None
        if self._header is not None:
            self._events.append(Unknown(self._header[1]))
            self._header = None
        if self._exchange.ends is Ends.OUTCOME and not self._answers:
            self._enter(_Phase.OUTCOME, now + self._exchange.timeout)
        elif self._exchange.ends is Ends.REPLY and not self._answers:
            # The OK may come before the line that it announces.
            self._says_ok[self._exchange.prefix] = True
            self._enter(_Phase.OUTCOME, now + self._exchange.timeout)
        else:
            self._ended(None, now)

    def _answered(self, error: AtError | None, now: float) -> None:
        """Answered by a line of its own; an OK may or may not follow (manual 8.5 against 1.3)."""
        exchange = self._exchange
        assert exchange is not None
        if error is not None and self._cause:
            error = Refused(f"{error} after {self._cause}")
        after_ok = self._phase is _Phase.OUTCOME
        self._conclude(error)
        if after_ok or self._says_ok.get(exchange.prefix) is False:
            self._finish()
        else:
            known = self._says_ok.get(exchange.prefix) is True and error is None
            self._enter(_Phase.LINGER, now + (exchange.timeout if known else LINGER))

    def _ended(self, error: AtError | None, now: float) -> None:
        if self._header is not None:
            self._events.append(Unknown(self._header[1]))
            self._header = None
        self._conclude(error)
        self._finish()

    def _conclude(self, error: AtError | None) -> None:
        exchange = self._exchange
        assert exchange is not None
        single = exchange.reply is not None and not exchange.many
        if error is None and single and exchange.required and not self._answers:
            error = Malformed(f"OK to {exchange.line.split('=')[0]} without an answer")
        if error is not None:
            self._events.append(Failed(exchange, error))
        elif exchange.many or exchange.lines:
            self._events.append(Done(exchange, list(self._answers)))
        else:
            self._events.append(Done(exchange, self._answers[0] if self._answers else None))

    def _finish(self) -> None:
        self._exchange = None
        self._answers = []
        self._stream.armed = False
        self._phase = _Phase.IDLE
        self.deadline = None

    def _enter(self, phase: _Phase, deadline: float) -> None:
        self._phase, self.deadline = phase, deadline

    # -- after a timeout

    def _fail(self, error: AtError) -> None:
        assert self._exchange is not None
        self._events.append(Failed(self._exchange, error))
        self._exchange = None

    def _timed_out(self, now: float) -> None:
        assert self._exchange is not None
        acted = self._phase in (_Phase.FINAL, _Phase.OUTCOME)
        prompt = self._exchange.payload is not None
        if self._header is not None:
            self._events.append(Unknown(self._header[1]))
            self._header = None
        self._fail(TimedOut(self._exchange.line, acted=acted))
        if prompt:
            self._out += ESCAPE
        self._drain(now)

    def _drain(self, now: float) -> None:
        self._stream.armed = False
        self._probes = 0
        self._drained_by = now + LONGEST_DRAIN
        self._enter(_Phase.DRAIN, now + QUIET)

    def _probe(self, now: float) -> None:
        self._probes += 1
        self._probe_answered = False
        self._out += PROBE.encode() + b"\r"
        self._enter(_Phase.PROBE, now + PROBE_TIMEOUT)

    def _probe_failed(self, now: float) -> None:
        if self._probes < PROBE_TRIES:
            self._drained_by = now + LONGEST_DRAIN
            self._enter(_Phase.DRAIN, now + QUIET)
        else:
            self._finish()
            self._events.append(Silent())


def _named(text: str) -> tuple[str, str]:
    """Split a line into its name and its information; a line without a colon is all name."""
    if not text.startswith("+"):
        return text, ""
    name, _, information = text.partition(":")
    return name.rstrip(), information.strip()

"""One exchange in flight: from the command's line to its end.

It knows what the modem may say now and what we write next; that a line is meant for it and not a
report is decided by the `Chat`. Times are seconds on the caller's clock.
"""

import enum
import re
from collections.abc import Callable
from typing import Any

from n11bridge.at.command import Ends, Exchange
from n11bridge.at.errors import Abandoned, AtError, Lost, Malformed, Refused, TimedOut
from n11bridge.at.events import Done, Event, Failed, Prompted, Unknown
from n11bridge.at.record import Record
from n11bridge.at.stream import Stream

#: How long a prompt may take.
PROMPT_TIMEOUT = 5.0
#: An OK may follow an answer that ends without one; so long we keep the line free for it.
LINGER = 0.3
#: An answer longer than this (characters) is none: the fullest storage of messages has a tenth.
LONGEST_ANSWER = 1 << 20

#: The final results other than OK.
REFUSED = re.compile(
    r"ERROR|\+CM[ES] ERROR:.*|MODEM ERROR: *\d+|COMMAND NOT SUPPORT|(?i:buffer not enough).*"
)
#: One that an ERROR, or an OK, may follow, as it follows error lines with a name.
NO_ROOM = re.compile(r"buffer not enough.*", re.IGNORECASE)


class Phase(enum.Enum):
    """Where an exchange stands."""

    PROMPT = "the command is out, a prompt is due"
    PAUSE = "prompted; the data must wait a moment"
    HELD = "the data are out, their end waits to be released"
    FINAL = "everything is out, the final result is due"
    OUTCOME = "the modem said OK, the outcome is due"
    POURING = "raw data come; their reader knows the end"
    LINGER = "answered; an OK may follow"
    OVER = "over: the next may be sent"
    OUT_OF_STEP = "over, but the modem may still answer"
    IN_PROMPT = "over, but the modem may be waiting for data"


_OK_BESIDES = {Phase.PROMPT, Phase.PAUSE, Phase.OUTCOME}
_ANSWERED = {Phase.LINGER, Phase.OVER, Phase.OUT_OF_STEP, Phase.IN_PROMPT}


class Flight:
    """An exchange being carried out; ``out`` takes what is to be written, ``tell`` the events."""

    def __init__(
        self,
        exchange: Exchange[Any],
        stream: Stream,
        out: bytearray,
        tell: Callable[[Event], None],
        now: float,
    ) -> None:
        self.exchange = exchange
        self.phase = Phase.FINAL
        self.due = now + exchange.timeout
        #: Whether it has begun data mode.
        self.connected = False
        self._stream = stream
        self._out = out
        self._tell = tell
        self._written = False
        self._answers: list[Any] = []
        self._lines: list[str] = []
        self._length = 0
        self._cause: str | None = None
        self._ok_said = False
        if exchange.pouring is not None:
            self._stream.pours = exchange.pouring.header
        self._out += exchange.line.encode("latin-1") + b"\r"
        if exchange.payload is not None:
            self._stream.armed = True
            self._enter(Phase.PROMPT, now + PROMPT_TIMEOUT)

    def _enter(self, phase: Phase, due: float) -> None:
        self.phase, self.due = phase, due

    # -- what may be said now

    @property
    def answered(self) -> bool:
        """Whether its event was told: it is over, or as good as."""
        return self.phase in _ANSWERED

    @property
    def all_out(self) -> bool:
        """Whether everything was written, so that the modem may answer, and act."""
        return self.phase in (Phase.FINAL, Phase.OUTCOME) and self._written and not self._out

    def awaits(self, name: str) -> type[Record] | None:
        """The reply of this name that is waited for."""
        reply = self.exchange.reply
        if reply is None or name not in self._names or not self.all_out:
            return None
        return reply if self.exchange.many or not self._answers else None

    @property
    def _names(self) -> tuple[str, ...]:
        """What its answers, and the lines that refuse it, may be called."""
        reply = self.exchange.reply
        return (self.exchange.prefix,) if reply is None else (reply.at, *reply.also)

    def is_about(self, said: Record) -> bool:
        """Whether an answer is to this, and not a report about something of the same sort."""
        return said.same is None or getattr(said, said.same) == self.exchange.whose

    @property
    def awaits_bare(self) -> type[Record] | None:
        """The reply that is waited for and may come without its name."""
        reply = self.exchange.reply
        return self.awaits(reply.at) if reply is not None and reply.bare else None

    def is_echo(self, text: str) -> bool:
        """Whether a line repeats what we wrote."""
        return self.is_repeated(text) or text.encode("latin-1") == self.exchange.end

    def is_repeated(self, text: str) -> bool:
        """Whether a line repeats the command."""
        # An ESC that was typed before, to leave a prompt, may stand in front of the command.
        return text.lstrip("\x1b") == self.exchange.line.strip()

    # -- what was said

    def final(self, text: str, now: float) -> bool:
        """Take a final result."""
        own = text in self.exchange.refusals or NO_ROOM.fullmatch(text)
        if own and self._written and not self.answered:
            self._refused(Refused(text), None, now)
            return True
        refused = REFUSED.fullmatch(text) is not None
        if text != "OK" and not refused:
            return False
        if self.phase is Phase.LINGER:
            self.phase = Phase.OVER
            return text in ("OK", "ERROR")
        if self.phase is Phase.OUTCOME and self.exchange.lines:
            return False
        if text == "OK" and self.exchange.pouring and self.phase in _OK_BESIDES:
            # Before the prompt, as the table of manual 16.3 has it; or once more.
            self._ok_said = True
            return True
        if self.phase is Phase.OUTCOME:
            # The cause of a bad outcome can come as an error line after the OK; it must fail
            # neither this command before its outcome nor the next one.
            if not text.startswith("+CM") or self._cause is not None:
                return False
            self._cause = text
            return True
        if not self._written or self.answered:
            return False
        if refused:
            self._refused(Refused(text), Phase.OVER, now)
            return True
        if not self.all_out:
            return False
        self._ok(now)
        return True

    def _ok(self, now: float) -> None:
        exchange = self.exchange
        if exchange.pouring is not None:
            self._enter(Phase.OUTCOME, now + exchange.pouring.patience)
        elif exchange.ends is not Ends.OK:
            self._enter(Phase.OUTCOME, now + exchange.timeout)
        elif exchange.reply and exchange.required and not exchange.many and not self._answers:
            # Perhaps the OK of something earlier: the answer would be taken by the next command.
            error = Malformed(f"OK to {exchange.line.split('=')[0]} without an answer")
            self._conclude(error, Phase.OUT_OF_STEP)
        else:
            self._conclude(None, Phase.OVER)

    def answer(self, answer: Any, now: float, *lines: str) -> None:
        """Take information, made of these lines."""
        self._answers.append(answer)
        self._lines += lines
        self._stream.echo = b""
        self._length += sum(map(len, lines))
        if self._length > LONGEST_ANSWER:
            self._lines.clear()
            error = Malformed(f"an endless answer to {self.exchange.line.split('=')[0]}")
            self._conclude(error, Phase.OUT_OF_STEP)
            return
        self.due = now + self.exchange.timeout
        if self.exchange.ends is not Ends.OK and not self.exchange.last:
            self._end_without_ok(None, now)

    def last(self, text: str, now: float) -> bool:
        """Take the line that ends a plain answer, be it one that could come by itself."""
        last = self.exchange.last
        return last is not None and re.fullmatch(last, text) is not None and self.plain(text, now)

    def plain(self, text: str, now: float) -> bool:
        """Take a line of a plain answer, as ATI's (manual 2.1)."""
        if not self.exchange.lines or not self.all_out:
            return False
        self.answer(text, now, text)
        last = self.exchange.last
        if last and not self.answered and re.search(last, "\n".join(self._lines), re.MULTILINE):
            self._end_without_ok(None, now)
        return True

    def complaint(self, text: str, name: str, fits: bool, now: float) -> bool:
        """Take an error line of Neoway's own, which may come with no ERROR at all.

        ``fits``: it has the form of the reply, and so answers something earlier.
        """
        exchange = self.exchange
        if (
            name not in (exchange.prefix, *self._names)
            or fits
            or not self._written
            or self.answered
        ):
            return False
        if exchange.ends is Ends.OK and exchange.payload is None:
            return False
        error = Refused(f"{text} after {self._cause}" if self._cause else text)
        self._refused(error, None, now)
        return True

    def instead(self, text: str, now: float) -> bool:
        """Take a line that comes instead of raw data; one that is a report is left to others."""
        pouring = self.exchange.pouring
        if pouring is None or not self._written or self.answered:
            return False
        if pouring.refusal.fullmatch(text):
            self._refused(Refused(text), None, now)
            return True
        if self.phase is Phase.OUTCOME and pouring.ends(text):
            self._conclude(None, Phase.OVER)
        return False

    def poured(self, data: bytes, now: float) -> None:
        """Take raw data."""
        if self.exchange.pouring is not None:
            self._pour(self.exchange.pouring.take(data), now)

    def _pour(self, answer: bytes, now: float) -> None:
        pouring = self.exchange.pouring
        assert pouring is not None
        self._out += answer
        if pouring.rest is None:
            self._enter(Phase.POURING, now + pouring.patience)
        else:
            self._conclude(None, Phase.OVER if pouring.in_step else Phase.OUT_OF_STEP)

    def prompted(self, now: float) -> None:
        """Take a prompt."""
        if self.phase is not Phase.PROMPT:
            # What we type next would be taken as data.
            self._tell(Unknown(">"))
            self.phase = Phase.IN_PROMPT
        elif self.exchange.pause:
            self._enter(Phase.PAUSE, now + self.exchange.pause)
        else:
            self._pay(now)

    def _pay(self, now: float) -> None:
        payload = self.exchange.payload or b""
        self._tell(Prompted(self.exchange))
        self._out += payload
        self._stream.echo = payload
        self._enter(Phase.HELD, now + self.exchange.timeout)
        if not self.exchange.held:
            self.release(now)

    # -- what its owner does

    def written(self) -> None:
        """All that was in ``out`` is on the wire."""
        self._written = True

    def release(self, now: float) -> None:
        """Let the end of a held payload leave."""
        if self.phase is Phase.HELD:
            self._out += self.exchange.end
            self._enter(Phase.FINAL, now + self.exchange.timeout)
            if self._ok_said:
                self._ok(now)

    def abandon(self) -> None:
        """Take a held payload back."""
        if self.phase is Phase.HELD:
            self._conclude(Abandoned(self.exchange.line), Phase.IN_PROMPT)

    def tick(self, now: float) -> None:
        """Act when `due` has passed."""
        if self.phase is Phase.PAUSE:
            self._pay(now)
        elif self.phase is Phase.LINGER:
            self.phase = Phase.OVER
        elif self.exchange.pouring is not None and self.phase in (Phase.OUTCOME, Phase.POURING):
            # Should the data begin after all, they must not be read as lines.
            self._stream.pouring = True
            self._pour(self.exchange.pouring.quiet(), now)
        else:
            prompt = self.exchange.payload is not None and self.phase is not Phase.OUTCOME
            end = Phase.IN_PROMPT if prompt else Phase.OUT_OF_STEP
            self._conclude(TimedOut(self.exchange.line, acted=self.all_out), end)

    def lost(self) -> None:
        """The modem went away."""
        if not self.answered:
            self._conclude(Lost(self.exchange.line, acted=self.all_out), Phase.OVER)

    # -- how it ends

    def _refused(self, error: Refused, end: Phase | None, now: float) -> None:
        # What was not written yet need not be; what was would stand before our next command.
        half_written = self.phase is Phase.HELD and not self._out
        self._out.clear()
        if half_written:
            self._conclude(error, Phase.IN_PROMPT)
        elif end is None:
            self._end_without_ok(error, now)
        else:
            self._conclude(error, end)

    def _end_without_ok(self, error: AtError | None, now: float) -> None:
        """Answered by a line of its own; an OK may or may not follow (manual 8.5 against 1.3)."""
        after_ok = self.phase is Phase.OUTCOME
        self.connected = self.exchange.data_mode and error is None
        self._conclude(error, Phase.OVER if after_ok or self.connected else Phase.LINGER)
        self.due = now + LINGER

    def _conclude(self, error: AtError | None, end: Phase) -> None:
        self.phase = end
        if self._cause is not None and self._cause not in str(error):
            self._tell(Unknown(self._cause))
        if error is not None:
            # Data that were read are gone from the modem; so is a list's beginning for its reader.
            for line in self._lines:
                self._tell(Unknown(line))
            self._tell(Failed(self.exchange, error))
        elif self.exchange.many or self.exchange.lines:
            self._tell(Done(self.exchange, self._answers))
        else:
            self._tell(Done(self.exchange, self._answers[0] if self._answers else None))

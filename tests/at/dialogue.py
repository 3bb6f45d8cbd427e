r"""Transcripts, and how they are played.

A transcript has a line for each thing said: `>` is sent by us, `<` received. What is received is
framed in CR LF by the player, in every way that modems do; `< >` is a prompt, and the `>` behind
it our payload. `\r`, `\n`, `\x1a` stand for themselves.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from n11bridge.at.chat import Chat, Done, Failed, Prompted, Reported, Unknown
from n11bridge.at.command import Exchange, Report
from n11bridge.at.errors import Refused

from .records import REPORTS


@dataclass(frozen=True)
class Transcript:
    """``result`` is the answer, or the words of the refusal; the rest is said besides."""

    exchange: Exchange[Any]
    text: str
    result: Any = None
    refused: str | None = None
    reports: tuple[Report, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Framing:
    echo: bool
    blank_after_prompt: bool
    blank_lines: bool

    def __str__(self) -> str:
        names = ("echo", "blank after prompt", "blank lines")
        flags = (self.echo, self.blank_after_prompt, self.blank_lines)
        return ", ".join(n for n, flag in zip(names, flags, strict=True) if flag) or "plain"


FRAMINGS = [Framing(*flags) for flags in itertools.product((True, False), repeat=3)]


@dataclass
class Turn:
    """We say something; the modem answers with these portions, whole lines each."""

    sent: bytes
    portions: list[bytes] = field(default_factory=list)

    @property
    def received(self) -> bytes:
        return b"".join(self.portions)


@dataclass
class Heard:
    """What the dialogue told its owner, by sort."""

    results: list[Any] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def turns(text: str, framing: Framing) -> list[Turn]:
    """Read a transcript."""
    script: list[Turn] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        said = line[2:].encode("latin-1").decode("unicode_escape").encode("latin-1")
        if line[0] == ">":
            payload = bool(script) and script[-1].portions[-1].strip() == b">"
            script.append(Turn(said if payload else said + b"\r"))
            if framing.echo:
                script[-1].portions.append(script[-1].sent)
        elif said == b">":
            script[-1].portions.append(b"\r\n> " if framing.blank_after_prompt else b"\r\n>")
        else:
            first = all(each == script[-1].sent for each in script[-1].portions)
            before = b"\r\n" if first or framing.blank_lines else b""
            script[-1].portions.append(before + said + b"\r\n")
    return script


def play(
    exchange: Exchange[Any],
    script: list[Turn],
    portions: Iterable[list[bytes]],
    reports: Iterable[type[Report]] = REPORTS,
) -> Heard:
    """Carry out an exchange; ``portions`` are the bytes received in each turn, cut anyhow."""
    chat = Chat(reports)
    heard = Heard()
    now = 100.0
    chat.send(exchange, now)
    out = chat.to_send()
    for turn, received in zip(script, portions, strict=True):
        if out != turn.sent and chat.deadline is not None:  # the pause before the payload
            now = chat.deadline
            chat.tick(now)
            out += chat.to_send()
        _sort(chat, heard, now)
        assert out + chat.to_send() == turn.sent
        out = b""
        for portion in received:
            chat.receive(portion, now)
            out += chat.to_send()
            _sort(chat, heard, now)
            out += chat.to_send()
    if chat.deadline is not None:  # an OK might still follow
        chat.tick(chat.deadline)
    _sort(chat, heard, now)
    assert out == b""
    assert chat.idle
    return heard


def _sort(chat: Chat, heard: Heard, now: float) -> None:
    for event in chat.events():
        match event:
            case Done(_, result):
                heard.results.append(result)
            case Failed(_, error):
                heard.results.append((type(error), str(error)))
            case Reported(report):
                heard.reports.append(report)
            case Unknown(line):
                heard.unknown.append(line)
            case Prompted(exchange):
                if exchange.held:
                    chat.release(now)
            case other:
                raise AssertionError(other)


def whole(script: list[Turn]) -> list[list[bytes]]:
    return [[turn.received] for turn in script]


def bytewise(script: list[Turn]) -> list[list[bytes]]:
    return [[turn.received[i : i + 1] for i in range(len(turn.received))] for turn in script]


def cut_in_two(script: list[Turn]) -> Iterator[list[list[bytes]]]:
    """Each way to cut one of the turns in two."""
    for index, turn in enumerate(script):
        for position in range(1, len(turn.received)):
            cut = whole(script)
            cut[index] = [turn.received[:position], turn.received[position:]]
            yield cut


def interrupted(script: list[Turn], report: bytes) -> Iterator[list[list[bytes]]]:
    """The report at each boundary: before, between and behind all that the modem says."""
    for index, turn in enumerate(script):
        for position in range(len(turn.portions) + 1):
            portions = [*turn.portions[:position], report, *turn.portions[position:]]
            interruption = whole(script)
            interruption[index] = [b"".join(portions)]
            yield interruption


def assert_understood(
    transcript: Transcript, framing: Framing, reports: Iterable[type[Report]]
) -> None:
    """It means what it says, whole and when every byte comes by itself."""
    script = turns(transcript.text, framing)
    result: Any = transcript.result
    if transcript.refused is not None:
        result = (Refused, transcript.refused)
    expected = Heard([result], list(transcript.reports), list(transcript.unknown))
    for cut in (whole, bytewise):
        assert play(transcript.exchange, script, cut(script), reports) == expected

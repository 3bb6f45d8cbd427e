"""Sending: data in the command itself or after a prompt, in any format (manual 8.2, 11.2, 13.5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..commands import Bare, Lines, Request

if TYPE_CHECKING:
    from ..modem import Modem

LONGEST = 4096
_LONGEST_ASCII, _LONGEST_HEX = 1024, 512
"""Bytes that a command may bring along."""

_FIELD = re.compile(r'\s*(?:"((?:\\.|[^"\\])*)"|([^,]*?))\s*(,|\Z)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Unsent(Exception):
    """Nothing is sent, for this reason."""


@dataclass(frozen=True)
class Order:
    """What a send command asks for, after the fields that say whereto."""

    length: int | None
    content: bytes | None
    """What the command brought along; None: it comes after the prompt."""
    hexadecimal: bool


def fields(request: Request) -> list[str | None]:
    """Take the values of a command apart, quotes escaped inside; None is an unquoted nothing."""
    text = request.text.partition("=")[2]
    found: list[str | None] = []
    position = 0
    while (match := _FIELD.match(text, position)) is not None:
        found.append(match[1] if match[1] is not None else match[2] or None)
        position = match.end()
        if not match[3]:
            break
    return found


def order(modem: Modem, values: list[str | None], longest: int = LONGEST) -> Order:
    """Read ``[<length>][,[<content>][,<mode>]]``; Unsent."""
    length, content, mode = (*values, None, None, None)[:3]
    if mode not in (None, "0", "1"):
        raise Unsent("MODE ERROR")
    hexadecimal = mode == "1"
    if length is not None and not length.isdecimal():
        raise Unsent("ERROR")
    count = None if length is None else int(length)
    if count is not None and not 1 <= count <= longest:
        raise Unsent("DATA LENGTH ERROR")
    if content is None:
        return Order(count, None, hexadecimal or modem.settings.dataformat[0] == 0)
    plain = _unhex(content) if hexadecimal else _unescape(content)
    most = min(longest, _LONGEST_HEX if hexadecimal else _LONGEST_ASCII)
    if len(plain) > most or (count is not None and count != len(plain)):
        raise Unsent("DATA LENGTH ERROR")
    return Order(len(plain), plain, hexadecimal)


def _unescape(text: str) -> bytes:
    return _ESCAPED.sub(r"\1", text).encode("latin-1")


def _unhex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Unsent("ERROR") from None


async def content(modem: Modem, request: Request, asked: Order, seconds: float) -> bytes:
    """Return the bytes to send, after a prompt where need be; Unsent or TimeoutError."""
    if asked.content is not None:
        return asked.content
    characters = None if asked.length is None else asked.length * (2 if asked.hexadecimal else 1)
    typed = await modem.data(request, characters, seconds)
    data = _unhex(typed.decode("latin-1")) if asked.hexadecimal else typed
    if not 1 <= len(data) <= LONGEST:
        raise Unsent("DATA LENGTH ERROR")
    return data


def complaint(modem: Modem, name: str, what: str) -> Lines:
    """Say why nothing is sent, in the capitals that the style has."""
    if name == "+SSLTCPSEND":  # whose examples differ from the others' (9.4)
        what = what.replace("DATA LENGTH ERROR", "Data length error").replace(",", ", ")
    elif modem.style.words == "mixed" and not what.startswith("GPRS"):
        what = what.capitalize()
    return Bare([f"{name}: {what}"])


async def send(
    modem: Modem,
    request: Request,
    name: str,
    values: list[str | None],
    *,
    label: object,
    free: Callable[[], int],
    deliver: Callable[[bytes], None],
    seconds: float = 30.0,
    longest: int = LONGEST,
    late: str = "{},OPERATION EXPIRED",
    done: str = "{},{}",
) -> Lines:
    """Carry a send command out; ``free`` and ``deliver`` may raise Unsent.

    ``late`` and ``done`` are what is said after a time-out and after success, of the label and
    the length.
    """
    try:
        asked = order(modem, values, longest)
        if not modem.stack.link.active:
            raise Unsent("GPRS DISCONNECTION")
        room = free()
        if room < (asked.length or 1):
            raise Unsent(f"BUFFER NOT ENOUGH,{room}")
        data = await content(modem, request, asked, seconds)
        deliver(data)
    except Unsent as unsent:
        return complaint(modem, name, str(unsent))
    except TimeoutError:
        return Bare([f"{name}: {late.format(label)}"])
    modem.afterwards(lambda: modem.report(f"{name}: {done.format(label, len(data))}"))
    return []

"""Telephone numbers on the card and in the modem (manual 7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import alphabet
from ..commands import Commands, Form, Lines, Request
from ..errors import (
    BAD_CHARACTER_IN_NUMBER,
    BAD_CHARACTER_IN_TEXT,
    BAD_INDEX,
    INVALID,
    NOT_ALLOWED,
    NUMBER_TOO_LONG,
    PIN2_REQUIRED,
    SIM_BUSY,
    TEXT_TOO_LONG,
    Refused,
)
from ..lock import require_sim

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_NUMBER_LENGTH = 20
_NAME_LENGTH = 14
_TYPES = (129, 145, 161)
_SIZES = {"SM": 250, "ON": 2, "FD": 50, "LD": 10, "ME": 500}


@dataclass(frozen=True)
class Entry:
    """One number with its name."""

    number: str
    type: int
    name: str


class Phonebook:
    """All storages; none of them forgets anything without power."""

    def __init__(self, selected: Callable[[], str]) -> None:
        self._selected = selected
        self.entries: dict[str, dict[int, Entry]] = {storage: {} for storage in _SIZES}

    @property
    def here(self) -> dict[int, Entry]:
        """The entries of the storage in use."""
        return self.entries[self._selected()]


def _shown(name: str, charset: str) -> str:
    """Write a name in a character set; what the set has no place for is a question mark."""
    if charset == "UCS2":
        return name.encode("utf-16-be").hex().upper()
    if charset == "PCCP936":
        return name.encode("gbk", "replace").decode("latin-1")
    plain = "".join(c if alphabet.fits_gsm7(c) and c != '"' else "?" for c in name)
    codes = bytes(code for character in alphabet.encode(plain) for code in character)
    return codes.hex().upper() if charset == "HEX" else codes.decode("latin-1")


def _meant(argument: str, charset: str) -> str:
    """Read a name that was typed in a character set; Refused where it cannot be."""
    try:
        if charset == "UCS2":
            return bytes.fromhex(argument).decode("utf-16-be")
        if charset == "PCCP936":
            return argument.encode("latin-1").decode("gbk")
        octets = bytes.fromhex(argument) if charset == "HEX" else argument.encode("latin-1")
    except ValueError:
        raise Refused(BAD_CHARACTER_IN_TEXT) from None
    if any(octet > 0x7F for octet in octets):
        raise Refused(BAD_CHARACTER_IN_TEXT)
    return alphabet.decode(octets)


def _line(command: str, index: int, entry: Entry, charset: str) -> str:
    name = _shown(entry.name, charset)
    return f'{command}: {index},"{entry.number}",{entry.type},"{name}"'


def _require(modem: Modem) -> Phonebook:
    require_sim(modem)
    if not modem.ready:
        raise Refused(SIM_BUSY)
    return modem.phonebook


def _use(modem: Modem) -> str:
    storage = modem.settings.cpbs
    return f'+CPBS: "{storage}",{len(modem.phonebook.here)},{_SIZES[storage]}'


@COMMANDS.on("+CPBS", Form.SET)
def _select(modem: Modem, request: Request) -> Lines:
    storage = request.string(0).upper()  # the example of 7.5 has "on"
    if storage not in _SIZES:
        raise Refused(INVALID)
    _require(modem)
    modem.settings.cpbs = storage
    return [_use(modem)] if modem.style.cpbs == "use" else []


@COMMANDS.on("+CPBS", Form.QUERY)
def _selected(modem: Modem, _request: Request) -> Lines:
    _require(modem)
    return [_use(modem)]


@COMMANDS.on("+CPBS", Form.TEST)
def _storages(_modem: Modem, _request: Request) -> Lines:
    return ["+CPBS: ({})".format(",".join(f'"{storage}"' for storage in _SIZES))]


def _size(modem: Modem) -> int:
    return _SIZES[modem.settings.cpbs]


@COMMANDS.on("+CPBR", Form.SET)
def _read(modem: Modem, request: Request) -> Lines:
    book, places = _require(modem), range(1, _size(modem) + 1)
    first, last = request.number(0), request.number(1, default=request.number(0))
    if first not in places or last not in places:
        raise Refused(BAD_INDEX)
    found = sorted((i, entry) for i, entry in book.here.items() if first <= i <= last)
    return [_line("+CPBR", i, entry, modem.settings.cscs) for i, entry in found]


@COMMANDS.on("+CPBR", Form.TEST)
def _places(modem: Modem, _request: Request) -> Lines:
    return [f"+CPBR: (1-{_size(modem)}), {_NUMBER_LENGTH}, {_NAME_LENGTH}"]


@COMMANDS.on("+CPBF", Form.SET)
def _find(modem: Modem, request: Request) -> Lines:
    book, charset = _require(modem), modem.settings.cscs
    begin = _meant(request.string(0), charset)
    found = sorted((i, e) for i, e in book.here.items() if e.name.startswith(begin))
    return [_line("+CPBF", i, entry, charset) for i, entry in found]


@COMMANDS.on("+CPBF", Form.TEST)
def _lengths(_modem: Modem, _request: Request) -> Lines:
    return [f"+CPBF: {_NUMBER_LENGTH},{_NAME_LENGTH}"]


@COMMANDS.on("+CPBW", Form.SET)
def _write(modem: Modem, request: Request) -> Lines:
    book, index = _require(modem), request.number(0)
    if index not in range(1, _size(modem) + 1):
        raise Refused(BAD_INDEX)
    if modem.settings.cpbs == "FD":
        raise Refused(PIN2_REQUIRED)
    if modem.settings.cpbs == "LD":
        raise Refused(NOT_ALLOWED)
    if len(request.arguments) == 1:
        book.here.pop(index, None)
    else:
        book.here[index] = _entry(request, modem.settings.cscs)
    modem.ledger.touch()
    return []


def _entry(request: Request, charset: str) -> Entry:
    number, kind = request.string(1), request.number(2, _TYPES)
    if not re.fullmatch(r"\+?[0-9*#]+", number):
        raise Refused(BAD_CHARACTER_IN_NUMBER)
    if len(number.removeprefix("+")) > _NUMBER_LENGTH:
        raise Refused(NUMBER_TOO_LONG)
    name = _meant(request.string(3), charset)
    if len(name) > _NAME_LENGTH:
        raise Refused(TEXT_TOO_LONG)
    return Entry(number.removeprefix("+"), kind, name)


@COMMANDS.on("+CPBW", Form.TEST)
def _writable(modem: Modem, _request: Request) -> Lines:
    types = ",".join(map(str, _TYPES))
    return [f"+CPBW: (1-{_size(modem)}),{_NUMBER_LENGTH},({types}),{_NAME_LENGTH}"]


@COMMANDS.on("+CNUM", Form.EXECUTE)
def _own_numbers(modem: Modem, _request: Request) -> Lines:
    entries = sorted(_require(modem).entries["ON"].items())
    charset = modem.settings.cscs
    return [f'+CNUM: "{_shown(e.name, charset)}","{e.number}",{e.type}' for _, e in entries]

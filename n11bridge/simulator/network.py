"""Registration, signal and operators (manual 3.2, 3.3, chapter 4)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .commands import Commands, Form, Lines, Request
from .errors import INVALID, NO_SERVICE, NO_SIM, Refused
from .lock import require_sim

if TYPE_CHECKING:
    from .modem import Modem

COMMANDS = Commands()

_AUTOMATIC, _MANUAL, _OFF, _FORMAT_ONLY, _BOTH = range(5)


def _registration(name: str, attribute: str, test: str) -> None:
    def change(modem: Modem, request: Request) -> Lines:
        n = request.number(0, (0, 1, 2), 0)
        setattr(modem.settings, attribute, n)
        if n and modem.style.creg_at_once:
            modem.afterwards(lambda: modem.report(f"{name}: {modem.radio.fields(n, name)}"))
        return []

    def query(modem: Modem, _request: Request) -> Lines:
        n: int = getattr(modem.settings, attribute)
        shown = n if modem.style.creg_query == "real" else 0
        return [f"{name}: {shown},{modem.radio.fields(n, name)}"]

    COMMANDS[name, Form.SET] = change
    COMMANDS[name, Form.QUERY] = query
    COMMANDS[name, Form.TEST] = lambda _modem, _request: [f"{name}: {test}"]


_registration("+CREG", "creg", "(0-2)")
_registration("+CGREG", "cgreg", "(0,1,2)")


@COMMANDS.on("+CSQ", Form.EXECUTE)
def _signal(modem: Modem, _request: Request) -> Lines:
    coverage = modem.radio.coverage
    return [f"+CSQ: {coverage.rssi},{coverage.ber}" if modem.radio.on else "+CSQ: 99,99"]


@COMMANDS.on("+CSQ", Form.TEST)
def _signal_range(_modem: Modem, _request: Request) -> Lines:
    return ["+CSQ: (0-31,99),(0-7,99)"]


@COMMANDS.on("+COPS", Form.SET)
async def _select(modem: Modem, request: Request) -> Lines:
    if modem.sim.status == "ABSENT":
        raise Refused(NO_SIM)
    mode = request.number(0, range(5), _AUTOMATIC)
    settings = modem.settings
    form = request.number(1, (0, 2), settings.cops_format)
    if mode in (_MANUAL, _BOTH):
        await _select_by_hand(modem, request, form, mode)
    elif mode != _FORMAT_ONLY:
        came_back = settings.cops_mode != _AUTOMATIC and mode == _AUTOMATIC
        settings.cops_mode = mode
        if came_back:
            modem.radio.search()
        modem.radio.refresh()
    settings.cops_format = form
    return []


async def _select_by_hand(modem: Modem, request: Request, form: int, mode: int) -> None:
    require_sim(modem)
    wanted = request.string(2)
    known = {o.plmn if form == 2 else o.long: o.plmn for o in modem.radio.coverage.operators}
    if wanted not in known and form == 2 and not wanted.isdigit():
        raise Refused(INVALID)
    modem.settings.cops_mode = mode
    if modem.radio.select(known.get(wanted, "")):
        await asyncio.sleep(modem.profile.registration_delay)
    elif mode == _BOTH:
        modem.settings.cops_mode = _AUTOMATIC
        modem.radio.search()
    else:
        raise Refused(NO_SERVICE)


@COMMANDS.on("+COPS", Form.QUERY)
def _selected(modem: Modem, _request: Request) -> Lines:
    settings, operator = modem.settings, modem.radio.operator
    if not modem.radio.registered:
        return [f"+COPS: {settings.cops_mode}"]
    name = operator.plmn if settings.cops_format == 2 else operator.long
    return [f'+COPS: {settings.cops_mode},{settings.cops_format},"{name}"']


@COMMANDS.on("+COPS", Form.TEST)
async def _scan(modem: Modem, _request: Request) -> Lines:
    await asyncio.sleep(modem.profile.scan_delay)
    current = modem.radio.operator.plmn if modem.radio.registered else None
    entries = (
        f'({2 if o.plmn == current else o.state},"{o.long}","{o.short}","{o.plmn}")'
        for o in modem.radio.coverage.operators
    )
    return [f"+COPS: {','.join(entries)}"]


@COMMANDS.on("+POSI", Form.SET)
def _cells(modem: Modem, request: Request) -> Lines:
    request.number(0, (1,))
    coverage, plmn = modem.radio.coverage, modem.radio.operator.plmn
    if not modem.radio.on or not coverage.operators:
        return []
    level = max(0, 113 - 2 * min(coverage.rssi, 31))
    cells = (
        f"{plmn[:3]},{plmn[3:]},{coverage.lac:04X},{coverage.ci - number:08X},"
        f"{coverage.bsic:02X},{min(115, level + 9 * number)},"
        f"{int(number == coverage.neighbours)}"
        for number in range(coverage.neighbours + 1)
    )
    return [f"+POSI: 1,{','.join(cells)}"]

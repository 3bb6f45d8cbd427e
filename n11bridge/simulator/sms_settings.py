"""How messages are shown and announced: CMGF, CSCS, CNMI, CSCA, CSMP, CSDH, CSCB (manual 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .commands import Commands, Form, Lines, Request
from .errors import INVALID, Refused
from .lock import require_sim
from .sms_text import CHARSETS

if TYPE_CHECKING:
    from .modem import Modem

COMMANDS = Commands()
COMMANDS.setting("+CMGF", "cmgf", (0, 1), "(0,1)")
COMMANDS.setting("+CSDH", "csdh", (0, 1), "(0,1)")

_BY_TEST = ((0, 1, 2, 3), (0, 1, 2, 3), (0, 2), (0, 1), (0, 1))
_BY_TEXT = ((0, 1, 2, 3), (0, 1, 2, 3), (0, 1, 2, 3), (0, 1, 2), (0, 1))


@COMMANDS.on("+CSCS", Form.SET)
def _set_charset(modem: Modem, request: Request) -> Lines:
    charset = request.string(0, "GSM")
    if charset not in CHARSETS:
        raise Refused(INVALID)
    modem.settings.cscs = charset
    return []


@COMMANDS.on("+CSCS", Form.QUERY)
def _charset(modem: Modem, _request: Request) -> Lines:
    return [f'+CSCS: "{modem.settings.cscs}"']


@COMMANDS.on("+CSCS", Form.TEST)
def _charsets(_modem: Modem, _request: Request) -> Lines:
    quoted = (f'"{charset}"' for charset in CHARSETS)
    return [f"+CSCS: ({','.join(quoted)})"]


@COMMANDS.on("+CNMI", Form.SET)
def _set_indication(modem: Modem, request: Request) -> Lines:
    limits = _BY_TEST if modem.style.cnmi == "test" else _BY_TEXT
    old = modem.settings.cnmi
    if len(request.arguments) > 5:
        raise Refused(INVALID)
    mode, mt, bm, ds, bfr = (request.number(index, limits[index], old[index]) for index in range(5))
    modem.settings.cnmi = mode, mt, bm, ds, bfr
    if mode:
        kept, modem.kept_reports = modem.kept_reports, []
        for lines in [] if bfr else kept:
            modem.report(*lines)
    return []


@COMMANDS.on("+CNMI", Form.QUERY)
def _indication(modem: Modem, _request: Request) -> Lines:
    return [f"+CNMI: {','.join(map(str, modem.settings.cnmi))}"]


@COMMANDS.on("+CNMI", Form.TEST)
def _indications(modem: Modem, _request: Request) -> Lines:
    wide = modem.style.cnmi == "text"
    return [f"+CNMI: (0-3), (0-3), {'(0-3), (0-2)' if wide else '(0,2), (0-1)'}, (0,1)"]


@COMMANDS.on("+CSCA", Form.SET)
def _set_centre(modem: Modem, request: Request) -> Lines:
    number = request.string(0)
    digits = number.removeprefix("+")
    kind = request.number(1, (129, 145), 145 if number.startswith("+") else 129)
    require_sim(modem)
    if not (digits.isascii() and digits.isdigit()):
        raise Refused(INVALID)
    modem.sim.centre = f"+{digits}" if kind == 145 else digits
    return []


@COMMANDS.on("+CSCA", Form.QUERY)
def _centre(modem: Modem, _request: Request) -> Lines:
    require_sim(modem)
    number = modem.sim.centre
    return [f'+CSCA: "{number}",{145 if number.startswith("+") else 129}']


@COMMANDS.on("+CSMP", Form.SET)
def _set_parameters(modem: Modem, request: Request) -> Lines:
    old = modem.settings.csmp
    fo, vp, pid, dcs = (request.number(index, range(256), old[index]) for index in range(4))
    modem.settings.csmp = fo, vp, pid, dcs
    return []


@COMMANDS.on("+CSMP", Form.QUERY)
def _parameters(modem: Modem, _request: Request) -> Lines:
    return [f"+CSMP: {','.join(map(str, modem.settings.csmp))}"]


@COMMANDS.on("+CSCB", Form.SET)
def _set_broadcasts(modem: Modem, request: Request) -> Lines:
    mode, mids, dcss = modem.settings.cscb
    mode = request.number(0, (0, 1), 0)
    modem.settings.cscb = mode, request.string(1, mids), request.string(2, dcss)
    return []


@COMMANDS.on("+CSCB", Form.QUERY)
def _broadcasts(modem: Modem, _request: Request) -> Lines:
    mode, mids, dcss = modem.settings.cscb
    return [f'+CSCB: {mode},"{mids}","{dcss}"']


@COMMANDS.on("+CSCB", Form.TEST)
def _broadcast_range(_modem: Modem, _request: Request) -> Lines:
    return ["+CSCB: (0,1),(0,1,5,320-478,922),(0-3,5)"]

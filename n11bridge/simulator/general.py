"""Who the modem is (manual chapter 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .commands import Commands, Form, Lines, Request
from .errors import INVALID, Refused
from .lock import require_sim

if TYPE_CHECKING:
    from .modem import Modem

COMMANDS = Commands()

_TRANSIENT_SIGNALS = (8, 9, 10)


@COMMANDS.on("", Form.EXECUTE)
def _attention(_modem: Modem, _request: Request) -> Lines:
    return []


@COMMANDS.on("I", Form.EXECUTE)
def _information(_modem: Modem, _request: Request) -> Lines:
    return ["NEOWAY", "N11V2", "REVISION V003"]


@COMMANDS.on("+CGMR", Form.EXECUTE)
@COMMANDS.on("+GMR", Form.EXECUTE)
def _revision(modem: Modem, request: Request) -> Lines:
    return [f"{request.name}: {modem.upgrader.revision}"]


@COMMANDS.on("+CGSN", Form.EXECUTE)
def _serial_number(modem: Modem, _request: Request) -> Lines:
    return [f"+CGSN: {modem.profile.imei}"]


@COMMANDS.on("+CGMM", Form.EXECUTE)
def _model(_modem: Modem, _request: Request) -> Lines:
    return ["+CGMM: N11 V2"]


@COMMANDS.on("+CGMI", Form.EXECUTE)
def _manufacturer(_modem: Modem, _request: Request) -> Lines:
    return ["+CGMI: Neoway Corp Ltd"]


@COMMANDS.on("+CIMI", Form.EXECUTE)
def _subscriber(modem: Modem, _request: Request) -> Lines:
    require_sim(modem)
    return [f"+CIMI: {modem.sim.imsi}"]


@COMMANDS.on("+CCID", Form.EXECUTE)
def _card(modem: Modem, _request: Request) -> Lines:
    modem.sim.require()  # legible without the PIN
    return [f"+CCID: {modem.sim.iccid}"]


@COMMANDS.on("+SIGNAL", Form.SET)
def _set_signal(modem: Modem, request: Request) -> Lines:
    value = request.number(0, range(12))
    times = range(10, 65536)
    if value == 10:
        request.number(1, times)
        request.number(2, times)
    elif len(request.arguments) > 1:
        raise Refused(INVALID)
    modem.settings.signal = value
    if value not in _TRANSIENT_SIGNALS:
        modem.saved["signal"] = value
    return []


@COMMANDS.on("+SIGNAL", Form.QUERY)
def _signal(modem: Modem, _request: Request) -> Lines:
    return [f"+SIGNAL: {modem.settings.signal}"]


@COMMANDS.on("+SIGNAL", Form.TEST)
def _signals(_modem: Modem, _request: Request) -> Lines:
    return ["+SIGNAL: (0-11),(10-65535),(10-65535)"]

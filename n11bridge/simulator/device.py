"""The device and its settings (manual chapter 3, AT+CPWROFF of 24.1, AT+CMEE of 27.007)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from .commands import Commands, Form, Lines, Request
from .errors import INVALID, NOT_SUPPORTED, Refused
from .settings import Settings
from .uart import RATES

if TYPE_CHECKING:
    from .modem import Modem

COMMANDS = Commands()
COMMANDS.setting("+CMEE", "cmee", (0, 1, 2), "(0-2)")
COMMANDS.setting("+ENPWRSAVE", "sleep", (0, 1, 2))


def _switch(name: str, attribute: str) -> None:
    def switch(modem: Modem, request: Request) -> Lines:
        setattr(modem.settings, attribute, request.number(0, (0, 1), 1))
        return []

    COMMANDS[name, Form.EXECUTE] = switch


_switch("E", "echo")
_switch("Q", "quiet")
_switch("V", "verbose")


@COMMANDS.on("Z", Form.EXECUTE)
@COMMANDS.on("&F", Form.EXECUTE)
def _reset(modem: Modem, request: Request) -> Lines:
    request.number(0, (0,), 0)
    modem.saved.clear()
    modem.settings = Settings()
    modem.radio.refresh()
    return []


@COMMANDS.on("&W", Form.EXECUTE)
def _save(modem: Modem, request: Request) -> Lines:
    request.number(0, (0,), 0)
    modem.saved.update(modem.settings.to_save())
    return []


@COMMANDS.on("+CPAS", Form.EXECUTE)
def _activity(modem: Modem, _request: Request) -> Lines:
    return [f"+CPAS: {3 if modem.call.ringing else 0}"]


@COMMANDS.on("+CPAS", Form.TEST)
def _activities(_modem: Modem, _request: Request) -> Lines:
    return ["+CPAS: (0,1,3,4)"]


@COMMANDS.on("+CMUX", Form.SET)
def _multiplex(_modem: Modem, _request: Request) -> Lines:
    raise Refused(NOT_SUPPORTED)  # one channel is all this modem has


@COMMANDS.on("+CFUN", Form.SET)
def _set_functionality(modem: Modem, request: Request) -> Lines:
    level = request.number(0, (0, 1))
    if request.number(1, (0, 1), 0):
        modem.afterwards(modem.start)
    else:
        modem.power_radio(level == 1)
    return []


@COMMANDS.on("+CFUN", Form.QUERY)
def _functionality(modem: Modem, _request: Request) -> Lines:
    return [f"+CFUN: {int(modem.radio.on)}"]


@COMMANDS.on("+CFUN", Form.TEST)
def _functionalities(_modem: Modem, _request: Request) -> Lines:
    return ["+CFUN: (0-1),(0-1)"]


@COMMANDS.on("+IPR", Form.SET)
def _set_rate(modem: Modem, request: Request) -> Lines:
    rate = request.number(0, RATES)
    modem.afterwards(lambda: setattr(modem.uart, "rate", rate))  # the OK still has the old one
    return []


@COMMANDS.on("+IPR", Form.QUERY)
def _rate(modem: Modem, _request: Request) -> Lines:
    return [f"+IPR: {modem.uart.rate}"]


@COMMANDS.on("+IPR", Form.TEST)
def _rates(_modem: Modem, _request: Request) -> Lines:
    return [f"+IPR: {','.join(map(str, RATES))}"]


@COMMANDS.on("+CCLK", Form.SET)
def _set_clock(modem: Modem, request: Request) -> Lines:
    text = request.string(0)
    clock, sign, zone = text, "", ""
    if len(text) == 20 and text[17] in "+-":
        clock, sign, zone = text[:17], text[17], text[18:]
    if len(clock) != 17 or (sign and not zone.isdigit()):
        raise Refused(INVALID)
    try:
        time = datetime.strptime(clock, "%y/%m/%d,%H:%M:%S")
    except ValueError:
        raise Refused(INVALID) from None
    modem.clock_offset = time - datetime.now()
    modem.clock_zone = sign + zone
    return []


@COMMANDS.on("+CCLK", Form.QUERY)
def _clock(modem: Modem, _request: Request) -> Lines:
    time = datetime.now() + modem.clock_offset
    return [f'+CCLK: "{time:%y/%m/%d,%H:%M:%S}{modem.clock_zone}"']


@COMMANDS.on("+CPWROFF", Form.EXECUTE)
def _power_off(modem: Modem, _request: Request) -> Lines:
    modem.afterwards(modem.stop)
    return []

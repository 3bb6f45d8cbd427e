"""PIN and lock commands: CPIN, CLCK, CPWD (manual 3.14, 3.16, 3.17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .commands import Commands, Form, Lines, Request
from .errors import (
    INVALID,
    NO_SIM,
    NOT_SUPPORTED,
    PIN_REQUIRED,
    PUK_REQUIRED,
    SIM_FAILURE,
    Refused,
)

if TYPE_CHECKING:
    from .modem import Modem

COMMANDS = Commands()

_SIM_ERRORS = {
    "ABSENT": NO_SIM,
    "SIM PIN": PIN_REQUIRED,
    "SIM PUK": PUK_REQUIRED,
    "BLOCKED": SIM_FAILURE,
}


def require_sim(modem: Modem) -> None:
    """Return if the SIM is there and open; Refused with what it wants otherwise."""
    if modem.sim.status in _SIM_ERRORS:
        raise Refused(_SIM_ERRORS[modem.sim.status])


@COMMANDS.on("+CPIN", Form.SET)
def _enter(modem: Modem, request: Request) -> Lines:
    sim = modem.sim
    try:
        if request.has(1):
            sim.unblock(request.string(0), request.string(1))
        else:
            counts = modem.style.malformed_pin == "counted"
            sim.enter_pin(request.string(0), malformed_counts=counts)
    finally:
        modem.ledger.touch()
    modem.sim_opened()
    return []


@COMMANDS.on("+CPIN", Form.QUERY)
def _status(modem: Modem, _request: Request) -> Lines:
    modem.sim.require()
    return [f"+CPIN: {modem.sim.status}"]


@COMMANDS.on("+CLCK", Form.SET)
def _lock(modem: Modem, request: Request) -> Lines:
    facility, mode = request.string(0), request.number(1, (0, 1, 2))
    if facility not in ("SC", "FD", "AO", "OX", "OI"):
        raise Refused(INVALID)
    require_sim(modem)
    if mode == 2:
        return [f"+CLCK: {int(facility == 'SC' and modem.sim.locked)}"]
    if facility != "SC":
        raise Refused(NOT_SUPPORTED)
    modem.sim.set_lock(mode == 1, request.string(2))
    return []


@COMMANDS.on("+CLCK", Form.TEST)
def _facilities(_modem: Modem, _request: Request) -> Lines:
    return ['+CLCK: ("SC","FD","AO","OX","OI")']


@COMMANDS.on("+CPWD", Form.SET)
def _change(modem: Modem, request: Request) -> Lines:
    facility, old, new = (request.string(index) for index in range(3))
    if facility not in ("SC", "P2"):
        raise Refused(INVALID)
    require_sim(modem)
    if facility != "SC":
        raise Refused(NOT_SUPPORTED)
    modem.sim.change_pin(old, new)
    return []


@COMMANDS.on("+CPWD", Form.TEST)
def _facility_lengths(_modem: Modem, _request: Request) -> Lines:
    return ['+CPWD: ("SC",8),("P2",8)']

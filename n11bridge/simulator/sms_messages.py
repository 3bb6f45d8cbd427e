"""Stored messages: CPMS, CMGR, CMGL, CMGD (manual 6.1, 6.5, 6.6, 6.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .commands import Body, Commands, Form, Lines, Request
from .errors import (
    CMS_BAD_INDEX,
    CMS_BAD_TEXT_PARAMETER,
    CMS_NO_SIM,
    CMS_NOT_SUPPORTED,
    CMS_PIN_REQUIRED,
    CMS_PUK_REQUIRED,
    CMS_SIM_BUSY,
    CMS_SIM_FAILURE,
    SIM_BUSY,
    Refused,
    SmsRefused,
)
from .octets import split_centre
from .sms_text import show
from .storage import READ, STATES, UNREAD, Stored

if TYPE_CHECKING:
    from .modem import Modem

COMMANDS = Commands()

_SIM_ERRORS = {
    "ABSENT": CMS_NO_SIM,
    "SIM PIN": CMS_PIN_REQUIRED,
    "SIM PUK": CMS_PUK_REQUIRED,
    "BLOCKED": CMS_SIM_FAILURE,
}


def require_ready(modem: Modem) -> None:
    """Return if messages can be reached; SmsRefused without SIM, PIN or before +PBREADY."""
    if modem.sim.status in _SIM_ERRORS:
        raise SmsRefused(_SIM_ERRORS[modem.sim.status])
    if not modem.ready:
        raise SmsRefused(CMS_SIM_BUSY) if modem.style.busy == "cms" else Refused(SIM_BUSY)


@COMMANDS.on("+CPMS", Form.SET)
def _prefer(modem: Modem, request: Request) -> Lines:
    require_ready(modem)
    names = [request.string(index) for index in range(len(request.arguments))]
    storages = modem.storages
    if not 1 <= len(names) <= 3 or any(name not in storages for name in names):
        raise SmsRefused(CMS_NOT_SUPPORTED)
    if len(names) == 1 and modem.style.cpms_one == "all":
        names *= 3
    storages.preferred[: len(names)] = names
    counts = (f"{used},{size}" for used, size in map(storages.counts, (1, 2, 3)))
    modem.centre.flush()  # the new mem3 may have room
    return [f"+CPMS: {','.join(counts)}"]


@COMMANDS.on("+CPMS", Form.QUERY)
def _preferred(modem: Modem, _request: Request) -> Lines:
    require_ready(modem)
    storages = modem.storages
    fields = (
        f'"{name}",{used},{size}'
        for name, (used, size) in zip(
            storages.preferred, map(storages.counts, (1, 2, 3)), strict=True
        )
    )
    return [f"+CPMS: {','.join(fields)}"]


@COMMANDS.on("+CPMS", Form.TEST)
def _stores(_modem: Modem, _request: Request) -> Lines:
    names = '("SM","ME","MT")'
    return [f"+CPMS: {names},{names},{names}"]


@COMMANDS.on("+CMGR", Form.SET)
def _read(modem: Modem, request: Request) -> Lines:
    require_ready(modem)
    stored = dict(modem.storages.memory(1).items()).get(request.number(0))
    if stored is None:
        raise SmsRefused(CMS_BAD_INDEX)
    lines = _entry(modem, stored)
    _mark_read(stored)
    return lines


def _entry(modem: Modem, stored: Stored) -> Lines:
    settings = modem.settings
    if settings.cmgf == 0:
        length = len(split_centre(bytes.fromhex(stored.pdu))[1])
        return [f"+CMGR: {stored.state},,{length}", Body(stored.pdu)]
    shown = show(stored.pdu, settings.cscs, long_stamp=modem.style.stamp == "long")
    state = f'+CMGR: "{STATES[stored.state]}"'
    if shown.report:
        return [f"{state},{shown.report}"]
    time = f",{shown.time}" if shown.time else ""
    details = f",{shown.details}" if settings.csdh else ""
    return [f"{state},{shown.who}{time}{details}", shown.body]


@COMMANDS.on("+CMGL", Form.SET, Form.EXECUTE)
def _list(modem: Modem, request: Request) -> Lines:
    require_ready(modem)
    settings = modem.settings
    if settings.cmgf == 0:
        wanted = request.number(0, range(5), UNREAD)
    else:
        words = (*STATES, "ALL")
        try:
            wanted = words.index(request.string(0, STATES[UNREAD]))
        except ValueError:
            raise SmsRefused(CMS_BAD_TEXT_PARAMETER) from None
    lines: list[str] = []
    for index, stored in modem.storages.memory(1).items():
        if wanted in (4, stored.state):
            lines += _listed(modem, index, stored)
            _mark_read(stored)
    return lines


def _listed(modem: Modem, index: int, stored: Stored) -> Lines:
    settings = modem.settings
    if settings.cmgf == 0:
        length = len(split_centre(bytes.fromhex(stored.pdu))[1])
        return [f"+CMGL: {index},{stored.state},,{length}", Body(stored.pdu)]
    shown = show(stored.pdu, settings.cscs, long_stamp=modem.style.stamp == "long")
    state = f'+CMGL: {index},"{STATES[stored.state]}"'
    if shown.report:
        return [f"{state},{shown.report}"]
    details = f",{shown.number_type},{shown.length}" if settings.csdh else ""
    return [f"{state},{shown.who},{shown.time}{details}", shown.body]


def _mark_read(stored: Stored) -> None:
    if stored.state == UNREAD:
        stored.state = READ


@COMMANDS.on("+CMGL", Form.TEST)
def _list_states(modem: Modem, _request: Request) -> Lines:
    if modem.settings.cmgf == 0:
        return ["+CMGL: (0-4)"]
    quoted = (f'"{state}"' for state in (*STATES, "ALL"))
    return [f"+CMGL: ({', '.join(quoted)})"]


@COMMANDS.on("+CMGD", Form.SET)
def _delete(modem: Modem, request: Request) -> Lines:
    require_ready(modem)
    store = modem.storages.memory(1)
    flag = request.number(1, range(5), 0)
    doomed = {1: (READ,), 2: (READ, 3), 3: (READ, 3, 2), 4: range(4)}
    if flag == 0:
        chosen = {index: s for index, s in store.items() if index == request.number(0)}
        if not chosen:
            raise SmsRefused(CMS_BAD_INDEX)
    else:
        chosen = {index: s for index, s in store.items() if s.state in doomed[flag]}
    for index, stored in chosen.items():
        store.remove(index)
        modem.ledger.deleted.append({"index": index, "pdu": stored.pdu})
    modem.centre.flush()
    return []


@COMMANDS.on("+CMGD", Form.TEST)
def _delete_range(modem: Modem, _request: Request) -> Lines:
    return [f"+CMGD: (1-{modem.storages.memory(1).size}),(0-4)"]

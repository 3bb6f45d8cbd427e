"""Messages of one's own: CMGS, CMGW, CMSS (manual 6.7-6.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .commands import Commands, Form, Lines, Request
from .errors import (
    CMS_BAD_INDEX,
    CMS_BAD_PDU_PARAMETER,
    CMS_BAD_TEXT_PARAMETER,
    CMS_FULL,
    NOT_ALLOWED,
    Refused,
    SmsRefused,
)
from .octets import split_centre, with_centre
from .sms_messages import require_ready
from .sms_text import to_text
from .storage import SENT, STATES, UNSENT, Stored
from .tpdu import Submit, submit

if TYPE_CHECKING:
    from .modem import Modem

COMMANDS = Commands()


@COMMANDS.on("+CMGS", Form.SET)
async def _send(modem: Modem, request: Request) -> Lines:
    require_ready(modem)
    pdu = await _typed(modem, request)
    return await _submit(modem, "+CMGS", pdu)


@COMMANDS.on("+CMGW", Form.SET, Form.EXECUTE)
async def _write(modem: Modem, request: Request) -> Lines:
    require_ready(modem)
    if modem.settings.cmgf == 0 and not request.arguments:
        raise Refused(NOT_ALLOWED)
    pdu = await _typed(modem, request)
    place = modem.storages.memory(2).add(Stored(pdu.hex().upper(), _state(modem, request)))
    if place is None:
        raise SmsRefused(CMS_FULL)
    return [f"+CMGW: {place[1]}"]


def _state(modem: Modem, request: Request) -> int:
    if modem.settings.cmgf == 0:
        return request.number(1, range(4), UNSENT)
    word = request.string(2, STATES[UNSENT])
    if word not in STATES:
        raise SmsRefused(CMS_BAD_TEXT_PARAMETER)
    return STATES.index(word)


@COMMANDS.on("+CMSS", Form.SET)
async def _send_stored(modem: Modem, request: Request) -> Lines:
    require_ready(modem)
    stored = dict(modem.storages.memory(2).items()).get(request.number(0))
    if stored is None or stored.state not in (UNSENT, SENT):
        raise SmsRefused(CMS_BAD_INDEX)
    pdu = bytes.fromhex(stored.pdu)
    if request.has(1):
        pdu = _readdressed(modem, pdu, request.string(1))
    lines = await _submit(modem, "+CMSS", pdu)
    stored.state = SENT
    return lines


def _readdressed(modem: Modem, pdu: bytes, number: str) -> bytes:
    centre, tpdu = split_centre(pdu)
    old = Submit.decode(tpdu)
    user = old.user
    parameters = (old.first, modem.settings.csmp[1], old.pid, user.dcs)
    return with_centre(centre, submit(number, parameters, user.text, user.data))


async def _typed(modem: Modem, request: Request) -> bytes:
    """Prompt for the message and return its PDU; what is wrong shows only after it (6.7)."""
    typed = await modem.payload(request)
    settings = modem.settings
    if settings.cmgf == 0:
        return _typed_pdu(typed, request)
    try:
        number = request.string(0, "" if request.name == "+CMGW" else None)
        text, data = to_text(typed, settings.cscs, settings.csmp[3])
        first = settings.csmp[0] & ~3 | 1  # CMGW may be told the first octet of a DELIVER
        tpdu = submit(number, (first, *settings.csmp[1:]), text, data)
    except (ValueError, Refused):
        raise SmsRefused(CMS_BAD_TEXT_PARAMETER) from None
    return with_centre("", tpdu)


def _typed_pdu(typed: str, request: Request) -> bytes:
    try:
        pdu = bytes.fromhex("".join(typed.split()))
        _, tpdu = split_centre(pdu)
        if len(tpdu) != request.number(0):
            raise ValueError("the length is wrong")
        if request.name == "+CMGS":
            Submit.decode(tpdu)
    except (ValueError, Refused):
        raise SmsRefused(CMS_BAD_PDU_PARAMETER) from None
    return pdu


async def _submit(modem: Modem, command: str, pdu: bytes) -> Lines:
    centre, tpdu = split_centre(pdu)
    try:
        reference = await modem.centre.submit(tpdu, command, centre or modem.sim.centre)
    except ValueError:
        raise SmsRefused(CMS_BAD_PDU_PARAMETER) from None
    return [f"{command}: {reference}"]

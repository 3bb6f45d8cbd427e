"""A message reaches the modem: stored, shown, or sent back to wait (manual 6.4; 27.005, 3.4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .octets import split_centre
from .sms_text import show
from .storage import UNREAD, Stored
from .tpdu import STATUS_REPORT, Deliver, message_class

if TYPE_CHECKING:
    from .modem import Modem


def deliver(modem: Modem, pdu: str) -> bool:
    """Hand a PDU to the modem; False if no storage has room for it."""
    _, tpdu = split_centre(bytes.fromhex(pdu))
    is_report = tpdu[0] & 3 == STATUS_REPORT
    taken = _report(modem, pdu) if is_report else _message(modem, pdu, tpdu)
    if taken:
        modem.ledger.delivered += not is_report
        modem.ledger.reports += is_report
    return taken


def _message(modem: Modem, pdu: str, tpdu: bytes) -> bool:
    try:
        kind = message_class(Deliver.decode(tpdu).dcs)
    except ValueError:  # nonsense from the air is stored like anything else
        kind = None
    mt = modem.settings.cnmi[1]
    shown = {
        0: False,
        1: kind == 0 and modem.style.class0 == "shown",
        2: kind != 2,
        3: kind == 3 or (kind == 0 and modem.style.class0 == "shown"),
    }
    if shown[mt]:
        _show(modem, "+CMT", pdu)
        return True
    return _store(modem, "+CMTI" if mt else None, pdu, {1: "ME", 2: "SM"}.get(kind or 0))


def _report(modem: Modem, pdu: str) -> bool:
    ds = modem.settings.cnmi[3]
    if ds == 2:
        return _store(modem, "+CDSI", pdu, None)
    if ds == 1:
        _show(modem, "+CDS", pdu)
    return True


def _store(modem: Modem, name: str | None, pdu: str, where: str | None) -> bool:
    storages = modem.storages
    place = (storages.named(where) if where else storages.memory(3)).add(Stored(pdu, UNREAD))
    if place is None:
        return False
    if name is not None:
        notify(modem, f'{name}: "{place[0]}",{place[1]}')
    return True


def _show(modem: Modem, name: str, pdu: str) -> None:
    settings = modem.settings
    if settings.cmgf == 0:
        blank = "," if name == "+CMT" else ""
        length = len(split_centre(bytes.fromhex(pdu))[1])
        notify(modem, f"{name}: {blank}{length}", pdu)
        return
    shown = show(pdu, settings.cscs, long_stamp=modem.style.stamp == "long")
    if shown.report:
        notify(modem, f"{name}: {shown.report}")
        return
    details = f",{shown.details}" if settings.csdh else ""
    notify(modem, f"{name}: {shown.who},{shown.time}{details}", shown.body)


def notify(modem: Modem, *lines: str) -> None:
    """Report to the terminal, or keep it while CNMI's mode is 0."""
    if modem.settings.cnmi[0] == 0:
        modem.kept_reports.append(lines)
    else:
        modem.report(*lines)

"""Telling the kinds of TPDU apart (3GPP TS 23.040 9.2.3.1)."""

from .deliver import Deliver
from .envelope import unseal
from .errors import PduError
from .octets import Reader
from .report import StatusReport
from .submit import Submit

_DELIVER, _SUBMIT, _STATUS_REPORT, _RESERVED = range(4)


def decode(pdu: str, *, sent: bool = False, smsc: bool = True) -> Deliver | Submit | StatusReport:
    """Return the message in a PDU as the modem gives it: hex, the service centre first.

    ``sent`` says that it was stored as one to be sent; ``smsc=False`` that no octets of a service
    centre stand before it. PduError for anything else than the three kinds.
    """
    centre, reader = unseal(pdu, smsc=smsc)
    tpdu = reader.rest()
    kind = tpdu[0] & 3 if tpdu else _RESERVED
    if kind == _DELIVER:
        return Deliver.read(Reader(tpdu), centre)
    if kind == _SUBMIT:
        return Submit.read(Reader(tpdu), centre)
    if kind == _STATUS_REPORT and not sent:
        return StatusReport.read(Reader(tpdu), centre)
    raise PduError(f"message type {kind} is not one of DELIVER, SUBMIT and STATUS-REPORT")

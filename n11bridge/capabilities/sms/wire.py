"""The SMS commands and reports of the modem, in PDU mode (manual chapter 6)."""

from enum import IntEnum

from n11bridge.at.command import (
    Command,
    PayloadCommand,
    Reply,
    Report,
    Setting,
    omittable,
)
from n11bridge.at.wire import Body


class Status(IntEnum):
    """Where a stored message stands (manual 6.5)."""

    RECEIVED_UNREAD = 0
    RECEIVED_READ = 1
    STORED_UNSENT = 2
    STORED_SENT = 3


class MessageFormat(Setting["MessageFormat"], at="+CMGF", manual="6.2"):
    """How messages are written: 0 as PDUs, 1 as text. Always PDUs here: text can be ambiguous."""

    mode: int = 0


class StorageUse(Reply, at="+CPMS", manual="6.1"):
    """How full the selected storage is; the figures of the other two follow."""

    used: int
    total: int
    others: tuple[int, ...] = ()


class SelectStorage(Command[StorageUse | None], at="+CPMS", manual="6.1", timeout=5):
    """Choose where messages are read and deleted: SM or ME. The table knows no other parameter."""

    memory: str


class StorageReport(Reply, at="+CPMS", manual="6.1"):
    """How full each of the three preferred storages is."""

    memory: str
    used: int
    total: int
    memory_2: str | None = None
    used_2: int | None = None
    total_2: int | None = None
    memory_3: str | None = None
    used_3: int | None = None
    total_3: int | None = None


class PreferredStorages(Setting[StorageReport], at="+CPMS", manual="6.1", timeout=5):
    """The preferred storages; they are chosen with `SelectStorage`."""


class IndicationsInForce(Reply, at="+CNMI", manual="6.4", bare=True):
    """How new messages are announced now; the manual's table prints it without its name."""

    mode: int
    messages: int
    broadcasts: int
    reports: int
    buffer: int


class Indications(Setting[IndicationsInForce], at="+CNMI", manual="6.4"):
    """How new messages, cell broadcasts and delivery reports are announced; lost at a restart."""

    mode: int
    messages: int
    broadcasts: int
    reports: int
    buffer: int


def whole(pdu: str, length: int) -> bool:
    """Whether a PDU has as many octets, those of the service centre left out, as its header says.

    Its first octet counts those of the service centre.
    """
    try:
        octets = bytes.fromhex(pdu)
    except ValueError:
        return False
    return bool(octets) and len(octets) == 1 + octets[0] + length


class Listed(Reply, at="+CMGL", manual="6.6"):
    """One stored message of a list; ``length`` counts octets without the service centre."""

    index: int
    status: Status
    name: str | None = omittable(kw_only=True)
    length: int
    pdu: Body


class ListMessages(Command[list[Listed]], at="+CMGL", manual="6.6", timeout=30):
    """List the selected storage; status 4 is all."""

    status: int = 4


class Read(Reply, at="+CMGR", manual="6.5"):
    """One stored message."""

    status: Status
    name: str | None = omittable(kw_only=True)
    length: int
    pdu: Body


class ReadMessage(Command[Read], at="+CMGR", manual="6.5", timeout=30):
    """Read one message of the selected storage."""

    index: int


class DeleteMessage(Command[None], at="+CMGD", manual="6.10", timeout=10):
    """Delete one message of the selected storage."""

    index: int


class MessageReference(Reply, at="+CMGS", manual="6.7"):
    """The network took the message; its delivery report will bear this number."""

    reference: int | None = None
    acknowledgement: tuple[str, ...] = ()


class SendPdu(PayloadCommand[MessageReference], at="+CMGS", manual="6.7", timeout=60, end=b"\x1a"):
    """Hand a message to the network; ``length`` counts octets without the service centre."""

    length: int


class MessageStored(Report, at="+CMTI", manual="6.4"):
    """A message came and was stored."""

    memory: str
    index: int


class MessageDirect(Report, at="+CMT", manual="6.4"):
    """A message came and is stored nowhere: class 0, and on some modems class 3."""

    name: str | None = omittable(kw_only=True)
    length: int
    pdu: Body


class ReportStored(Report, at="+CDSI", manual="6.4"):
    """A delivery report came and was stored."""

    memory: str
    index: int


class ReportDirect(Report, at="+CDS", manual="6.4"):
    """A delivery report came and is stored nowhere."""

    length: int
    pdu: Body


class BroadcastDirect(Report, at="+CBM", manual="6.4"):
    """A cell broadcast came and is stored nowhere."""

    length: int
    pdu: Body


class CentreReply(Reply, at="+CSCA", manual="6.11"):
    """The number of the service centre; type 145 is international even without its plus."""

    number: str
    type: int | None = None


class ServiceCentre(Setting[CentreReply], at="+CSCA", manual="6.11", timeout=10):
    """The number of the service centre, kept on the SIM."""

    number: str
    type: int | None = None


class BroadcastsReply(Reply, at="+CSCB", manual="6.14"):
    """Which cell broadcasts are received (mode 0) or not (mode 1)."""

    mode: int
    channels: str | None = None
    codings: str | None = None


class BroadcastChannels(Setting[BroadcastsReply], at="+CSCB", manual="6.14", timeout=5):
    """Choose the cell broadcast channels: ``channels`` as in ``0,50,320-478``."""

    mode: int
    channels: str | None = None
    codings: str | None = None

"""The sorts of sockets, and with which commands each is used."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from n11bridge.at.basic import BACKGROUND
from n11bridge.at.command import Command, Report
from n11bridge.host import ModemLike
from n11bridge.internet import wire
from n11bridge.internet.manners import Manners
from n11bridge.internet.tls_portion import TlsPortion

#: Data never end: with any other priority, what can wait would wait for ever.
BULK = BACKGROUND

Sends = type[wire.Send] | type[wire.SendUdp] | type[wire.SendTls]
Read = Callable[[ModemLike, int, Manners], Awaitable[bytes]]


async def _read_tcp(modem: ModemLike, number: int, _: Manners) -> bytes:
    return (await modem.run(wire.Read(number, wire.BLOCK), priority=BULK)).data


async def _read_udp(modem: ModemLike, number: int, _: Manners) -> bytes:
    return (await modem.run(wire.ReadUdp(number, wire.BLOCK), priority=BULK)).data


async def _read_tls(modem: ModemLike, number: int, manners: Manners) -> bytes:
    async def read(record: type[wire.ReadTls]) -> bytes:
        portion = TlsPortion(wire.TLS_BLOCK, manners)
        await modem.pour(record(number, wire.TLS_BLOCK), portion, priority=BULK)
        return portion.data

    return await manners.spelling(wire.ReadTls, wire.ReadTlsAsPrinted).attempt(read)


@dataclass(frozen=True)
class Kind:
    """One sort of sockets: ``sends`` are spellings, ``block`` is the most that one read gives."""

    name: str
    open: Callable[[int, str, int], Command[Any]]
    sends: tuple[Sends, ...]
    close: Callable[[int], Command[Any]]
    read: Read
    block: int = wire.BLOCK
    datagrams: bool = False


TCP = Kind("tcp", wire.Open, (wire.Send, wire.SendAsTitled), wire.Close, _read_tcp)
UDP = Kind(
    "udp",
    wire.OpenUdp,
    (wire.SendUdp, wire.SendUdpAsTitled),
    wire.CloseUdp,
    _read_udp,
    datagrams=True,
)
TLS = Kind(
    "tls",
    wire.OpenTls,
    (wire.SendTls, wire.SendTlsAsPrinted),
    wire.CloseTls,
    _read_tls,
    wire.TLS_BLOCK,
)
KINDS = {kind.name: kind for kind in (TCP, UDP, TLS)}
#: Whose socket a report is about.
KIND_OF: dict[type[Report], Kind] = {
    wire.Received: TCP,
    wire.Waiting: TCP,
    wire.PeerClosed: TCP,
    wire.ReceivedUdp: UDP,
    wire.WaitingUdp: UDP,
    wire.UdpLost: UDP,
    wire.ReceivedTls: TLS,
    wire.WaitingTls: TLS,
    wire.TlsPeerClosed: TLS,
}

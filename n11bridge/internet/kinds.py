"""The sorts of sockets, and with which commands each is used."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from n11bridge.at.command import Command, PayloadCommand, Report
from n11bridge.internet import wire


@dataclass(frozen=True)
class Kind:
    """One sort of sockets."""

    name: str
    open: Callable[[int, str, int], Command[Any]]
    send: Callable[[int, int], PayloadCommand[Any]]
    close: Callable[[int], Command[Any]]
    #: None where nothing but the modem's own telling brings what came.
    read: Callable[[int, int], Command[Any]] | None
    datagrams: bool = False


TCP = Kind("tcp", wire.Open, wire.Send, wire.Close, wire.Read)
UDP = Kind("udp", wire.OpenUdp, wire.SendUdp, wire.CloseUdp, wire.ReadUdp, datagrams=True)
TLS = Kind("tls", wire.OpenTls, wire.SendTls, wire.CloseTls, None)
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

"""The modem as a UDP server (manual 14)."""

from n11bridge.capabilities.udp_server.capability import UdpServer

__all__ = ["UdpServer"]

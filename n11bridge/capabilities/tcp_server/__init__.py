"""The modem as a TCP server (manual 13)."""

from n11bridge.capabilities.tcp_server.capability import TcpServer

__all__ = ["TcpServer"]

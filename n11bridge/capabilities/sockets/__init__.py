"""Connections that requests open through the modem's five sockets: TCP, TLS and UDP."""

from n11bridge.capabilities.sockets.capability import Tcp, Tls, Udp

__all__ = ["Tcp", "Tls", "Udp"]

"""Where names and addresses of the outside world really lead: as a test says, or to this host."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

Endpoint = tuple[str, int]


class UnknownHost(OSError):
    """No such name."""


@dataclass
class Names:
    """The DNS as the modem sees it, and detours on the way to an endpoint."""

    addresses: dict[str, str] = field(default_factory=dict)
    """Addresses of names; beside them only ``localhost`` is known."""
    routes: dict[str, str] = field(default_factory=dict)
    """HOST:PORT, by name or by address, that really is another HOST:PORT."""
    listeners: dict[int, int] = field(default_factory=dict)
    """Ports to listen at, and the real ports that stand for them; 0 is any free one."""
    pings: dict[str, list[int | None]] = field(default_factory=dict)
    """Round trips to an address in milliseconds, None for one that is lost."""

    def address(self, host: str) -> str:
        """Return the address of ``host``; UnknownHost."""
        if host in self.addresses:
            return self.addresses[host]
        if host == "localhost":
            return "127.0.0.1"
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise UnknownHost(f"no host is called {host}") from None

    def endpoint(self, host: str, port: int) -> Endpoint:
        """Return where a connection to ``host`` and ``port`` really goes; UnknownHost."""
        route = self.routes.get(f"{host}:{port}")
        if route is None:
            address = self.address(host)
            route = self.routes.get(f"{address}:{port}", f"{address}:{port}")
        real_host, _, real_port = route.rpartition(":")
        return real_host, int(real_port)

    def listener(self, port: int) -> int:
        """Return the real port that stands for a ``port`` to listen at."""
        return self.listeners.get(port, port)

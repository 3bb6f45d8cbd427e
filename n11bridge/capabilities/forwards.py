"""Forwards of the configuration: local ports whose connections go through the modem."""

import asyncio
from functools import partial
from typing import Any

import voluptuous as vol

from n11bridge.capability import Capability
from n11bridge.forwards import DatagramPort, Port, Tally
from n11bridge.host import Host
from n11bridge.payload import Field, listed

KINDS = ("tcp", "tls", "udp", "socks")
#: The numbers change with each connection; they are published at most this often (seconds).
PAUSE = 1.0

FORWARD = {
    "listen": Field(str, "127.0.0.1:8883", "the local address"),
    "to": Field(vol.Maybe(str), "broker.example.com:8883", "null for a proxy"),
    "kind": Field(vol.In(KINDS), "tcp", f"{', '.join(KINDS)}"),
    "listening": Field(bool, True, "whether the port is there"),
    "open": Field(int, 1, "connections, or clients that send datagrams"),
    "total": Field(int, 7, "connections since the start"),
    "failures": Field(int, 0, "connections that did not come about, or broke"),
    "sent": Field(int, 1024, "bytes through the modem, of connections that have ended"),
    "received": Field(int, 65536, "bytes through the modem, of connections that have ended"),
    "last_error": Field(vol.Maybe(str), None, "why the last of the failures was one"),
}


class Forwards(Capability):
    """Listens where the configuration says, and tells what goes on there."""

    name = "forwards"
    states = {"forwards": {"forwards": listed(FORWARD, "one for each of the configuration")}}

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._forwards = list(host.config.forwards)
        self._changed = asyncio.Event()
        self._tallies = [
            Tally(str(forward.listen), self._changed.set, host.problem)
            for forward in self._forwards
        ]
        self._ports: list[Port | DatagramPort] = []

    async def started(self) -> None:
        """Listen from the start: who connects before the modem is there waits, or is told."""
        for forward, tally in zip(self._forwards, self._tallies, strict=True):
            kind = DatagramPort if forward.udp else Port
            self._ports.append(kind(forward, self.host.sockets, tally))
            self.host.keep(partial(self._serve, self._ports[-1], tally), f"forward {tally.name}")
        self.host.keep(self._publish, "state/forwards")

    async def stopping(self) -> None:
        """Close the modem's sockets while there is somebody to close them."""
        await asyncio.gather(*(port.close() for port in self._ports))

    async def _serve(self, port: Port | DatagramPort, tally: Tally) -> None:
        try:
            await port.serve()
        except OSError as error:
            why = error.strerror or str(error)
            self.host.problem("forward", f"forward {tally.name} cannot listen: {why}")

    async def _publish(self) -> None:
        while True:
            self._changed.clear()
            self.host.state(self.name, {"forwards": [*map(self._state, range(len(self._ports)))]})
            await self._changed.wait()
            await asyncio.sleep(PAUSE)

    def _state(self, index: int) -> dict[str, Any]:
        forward = self._forwards[index]
        kind = "udp" if forward.udp else "tls" if forward.tls else "tcp" if forward.to else "socks"
        return {
            "listen": str(forward.listen),
            "to": str(forward.to) if forward.to else None,
            "kind": kind,
            **self._tallies[index].state(),
        }

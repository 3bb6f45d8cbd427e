"""The way into the packet network: attach, PPP link, and how well data pass (manual 5.6, 5.7)."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..modem import Modem

NO_ADDRESS = "0.0.0.0"

_LATELY = 0.1


class Air:
    """One direction of the air interface: bytes at a rate, on an absolute schedule."""

    def __init__(self) -> None:
        self.rate: float | None = None
        """Bytes per second; None: any number."""
        self.total = 0
        """Bytes since the link came up or they were last cleared."""
        self._lately: deque[tuple[float, int]] = deque()
        self._free_at = 0.0

    async def carry(self, count: int) -> None:
        """Return once ``count`` bytes have passed."""
        now = asyncio.get_running_loop().time()
        self.total += count
        self._lately.append((now, count))
        self._forget(now)
        if self.rate:
            self._free_at = max(now, self._free_at) + count / self.rate
            await asyncio.sleep(self._free_at - now)

    def recent(self) -> int:
        """Return the bytes of the last 100 ms (24.8)."""
        self._forget(asyncio.get_running_loop().time())
        return sum(count for _, count in self._lately)

    def _forget(self, now: float) -> None:
        while self._lately and self._lately[0][0] < now - _LATELY:
            self._lately.popleft()


class Link:
    """The modem's PPP link, one at most."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self._decided = asyncio.Event()
        """Set while data pass or there is no link, so that waiting for them is over."""
        self._attempt = 0
        self.active = False
        self.detached = False
        """Whether the client asked for it; otherwise the modem attaches by itself (5.7)."""
        self.dead = False
        """Whether nothing passes although the link still says 1."""
        self.refused = False
        """Whether the network lets no link come up."""
        self.access: tuple[str, str, str] | None = None
        """The APN, user name and password that the network wants; None: any."""
        self.own_address = "10.232.165.29"
        self.servers = ("211.95.193.97", NO_ADDRESS)
        """The DNS servers, as the network gave them or AT+DNSSERVER set them."""
        self.up, self.down = Air(), Air()

    @property
    def attached(self) -> bool:
        """Whether the modem is attached to the packet network."""
        return self._modem.radio.registered and not self.detached

    @property
    def address(self) -> str:
        """The address that the network gave us."""
        return self.own_address if self.active else NO_ADDRESS

    def activate(self) -> None:
        """Set the link up; it is there after the profile's delay, if the network agrees."""
        self._attempt += 1
        attempt = self._attempt

        def up() -> None:
            if attempt == self._attempt and self.attached and self._admitted and not self.active:
                self.active = True
                self.up.total = self.down.total = 0
                self.refresh()

        self._modem.later(self._modem.profile.link_delay, up)

    @property
    def _admitted(self) -> bool:
        settings = self._modem.settings
        return not self.refused and self.access in (None, (settings.apn, *settings.apn_login))

    def drop(self, by: str = "power") -> list[str]:
        """Take the link and all that uses it down; return what could be said of it."""
        self._attempt += 1
        self.active = False
        self.dead = False
        self.refresh()
        return self._modem.stack.cut(by)

    def lose(self) -> None:
        """Let the network take the link away, as the modem tells it: first the link (5.6)."""
        if self.active:
            self._modem.report("GPRS DISCONNECTION")
            self.lose_sockets()

    def lose_sockets(self) -> None:
        """Take the link down; every socket that it takes along is told."""
        for report in self.drop("link"):
            self._modem.report(report)
        if self._modem.style.xiic == "m590":
            self._modem.report("SOCKETS: IPR STOPPED")

    def refresh(self) -> None:
        """See whether data pass: registration, SIM card or the link changed."""
        if self.active and self._modem.sim.status != "READY":
            self.lose()
        if self.flowing or not self.active:
            self._decided.set()
        else:
            self._decided.clear()
        self._modem.ledger.touch()

    @property
    def flowing(self) -> bool:
        """Whether data pass just now."""
        return self.active and not self.dead and self._modem.radio.registered

    async def flows(self) -> None:
        """Return once data pass; ConnectionError if there is no link."""
        await self._decided.wait()
        if not self.active:
            raise ConnectionError("the link is gone")

    async def send(self, count: int) -> None:
        """Return once ``count`` bytes have gone up; ConnectionError."""
        await self.flows()
        await self.up.carry(count)

    async def receive(self, count: int) -> None:
        """Return once ``count`` bytes have come down; ConnectionError."""
        await self.flows()
        await self.down.carry(count)

"""The data side of one modem: its link, its sockets, and what happened on them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from .aliyun import Aliyun
from .ftp_link import FtpLink
from .http_client import HttpClient
from .journal import Journal
from .link import Link
from .mqtt import Mqtt
from .names import Names
from .oceanconnect import OceanConnect
from .sockets import Sockets
from .transparent_mode import Transparent

if TYPE_CHECKING:
    from ..modem import Modem


class Stack:
    """The internal protocol stack: everything that a restart ends, and what lies in the flash."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.journal = Journal(modem.ledger.touch)
        self.names = Names()
        self.link = Link(modem)
        self.sockets = Sockets(modem)
        self.transparent = Transparent(modem)
        self.http, self.https = HttpClient(modem, "HTTP"), HttpClient(modem, "HTTPS")
        self.ftp = FtpLink(modem)
        self.mqtt, self.aliyun = Mqtt(modem), Aliyun(modem)
        self.oceanconnect = OceanConnect(modem)
        self.certificates: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {}
        self.datagrams_to_lose = 0
        self.refusals: deque[str] = deque()
        """How the next set-ups end, whatever the world says."""
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something beside the commands, until the modem goes off at the latest."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    @property
    def ftp_in_use(self) -> bool:
        """Whether FTP keeps everyone from opening sockets (15.1)."""
        return self.ftp.busy or self.ftp.logged_in

    def lost_on_air(self) -> bool:
        """Say whether this datagram is one of those that a test wants lost."""
        lost = self.datagrams_to_lose > 0
        self.datagrams_to_lose -= lost
        return lost

    def cut(self, by: str) -> list[str]:
        """End everything that needs the link; return what could be said of it."""
        self.transparent.cut()
        farewells = self.sockets.cut(by)
        users = (self.http, self.https, self.ftp, self.mqtt, self.aliyun, self.oceanconnect)
        services = [service.cut(by) for service in users]
        return farewells + [farewell for farewell in services if farewell is not None]

    def reset(self) -> None:
        """Be as after a start: nothing is open any more, and what was received is forgotten."""
        self.link.drop()
        self.link.detached = False
        self.sockets.forget()
        for client in (self.http, self.https, self.mqtt, self.aliyun, self.oceanconnect):
            client.reset()
        self.ftp.busy = False
        for task in self._tasks:
            task.cancel()

    def summary(self) -> dict[str, Any]:
        """Return what a test may want to know, as JSON has it."""
        link = self.link
        return {
            "link": {
                "active": link.active,
                "attached": link.attached,
                "flowing": link.flowing,
                "address": link.address,
            },
            "buffered": {n: len(data) for n, data in self.sockets.buffers.items() if data},
            **self.journal.summary(),
        }

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            asyncio.get_running_loop().call_exception_handler(
                {"message": "the simulated data side broke", "exception": error}
            )

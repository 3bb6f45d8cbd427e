"""From the air to MQTT: messages through the receiver and a store in memory."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from n11bridge.addresses import AddressBook
from n11bridge.capabilities.sms.receiving import Receiver
from n11bridge.capabilities.sms.reports import Reports
from n11bridge.capabilities.sms.storage import Found
from n11bridge.store.schema import MIGRATIONS
from n11bridge.store.tables import Tables

T = TypeVar("T")

#: One message on the wire has at most this many octets, its service centre included.
LONGEST = 4096


class Air:
    """The host of a receiver, with tables that last for one input."""

    def __init__(self) -> None:
        self.config: Any = self
        self.store: Any = self
        self.modem: Any = None
        self.addresses = AddressBook(
            {"alice": "+491701234567"}, {}, allow_to=["+*"], trusted=["alice", "+4930*"]
        )
        self.clock = 1_700_000_000.0

    def now(self) -> float:
        return self.clock

    def topic(self, *levels: str) -> str:
        return "/".join(("n11bridge", "n11", *levels))

    async def commit(self, work: Callable[[Any], T]) -> T:
        return work(self._tables)

    #: Nothing here is ever full.
    persist = commit

    def feed(self, data: bytes) -> None:
        """The messages are parted by three NULs, an octet before each says how its hex looks."""
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            for script in MIGRATIONS:
                connection.executescript(script)
            self._tables = Tables(connection)
            asyncio.run(self._receive(data.split(b"\0\0\0")))
            self._check(len(data))
        finally:
            connection.close()

    async def _receive(self, messages: list[bytes]) -> None:
        receiver = Receiver(self, None, Reports(self), lambda: None)  # type: ignore[arg-type]
        for message in messages[:20]:
            octets = message[1 : 1 + LONGEST]
            odd = message[:1] > b"\xf0"
            await receiver.keep([Found(octets.hex().upper()[: -1 if odd else None])])
        self.clock += 1000
        await receiver.publish_partial(900)

    def _check(self, length: int) -> None:
        added = self._tables.publications.added
        uids = set()
        for each in added:
            event = json.loads(each.payload)
            each.payload.encode()
            assert len(each.payload) < 20 * length + 1000
            if each.topic.endswith("received"):
                uids.add(event["uid"])
        assert self._tables.inbox.count() == len(uids)
        assert not self._tables.inbox.stale(self.clock)

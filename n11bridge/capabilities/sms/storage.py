"""The storages of the modem: messages are read from their slots, and deleted once they are safe.

Only one thing at a time is done in them, for what is read or deleted depends on which is selected.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from dataclasses import dataclass

from n11bridge.at.basic import BACKGROUND, URGENT
from n11bridge.at.errors import Malformed, Refused
from n11bridge.capabilities.sms.wire import (
    DeleteMessage,
    Listed,
    ListMessages,
    Read,
    ReadMessage,
    SelectStorage,
    Status,
    whole,
)
from n11bridge.host import Host

log = logging.getLogger(__name__)

#: What was received, as against what somebody else wrote there.
RECEIVED = (Status.RECEIVED_UNREAD, Status.RECEIVED_READ)

#: So often a message that comes damaged is read again; then later.
READINGS = 3


@dataclass(frozen=True)
class Place:
    """A slot of a storage."""

    memory: str
    index: int


@dataclass(frozen=True)
class Found:
    """A PDU, and the slot it was read from with its age then; None where nothing stores it."""

    pdu: str
    place: Place | None = None
    age: tuple[int, int] = (0, 0)


class Storage:
    """SM and ME, as the modem names them."""

    #: Seconds between two tries at a modem that does not take messages yet.
    pause = 1.0

    def __init__(self, host: Host) -> None:
        self._modem = host.modem
        self._memory: str | None = None
        self._lock = asyncio.Lock()
        self._starts = 0
        #: How often each slot was emptied. By number alone: where SM and ME are one store under
        #: two names, emptying a slot of the one empties that of the other.
        self._emptied: Counter[int] = Counter()
        #: How full each storage is, as far as known: (used, total).
        self.use: dict[str, tuple[int, int]] = {}

    def forget(self) -> None:
        """The modem restarted: neither the storage selected nor what is in its slots is known."""
        self._memory = None
        self._starts += 1

    async def wait_for(self, memory: str, seconds: float) -> None:
        """Choose a storage as soon as the modem lets us; Refused if it does not in that time.

        Until the SIM is read, some refuse all that has to do with messages with a bare ERROR.
        """
        give_up = asyncio.get_running_loop().time() + seconds
        async with self._lock:
            while True:
                try:
                    return await self._select(memory)
                except Refused:
                    if asyncio.get_running_loop().time() >= give_up:
                        raise
                await asyncio.sleep(self.pause)

    async def read(self, place: Place) -> Found | None:
        """Read one received message; None when there is none."""
        async with self._lock:
            try:
                await self._select(place.memory)
                first = await self._modem.run(ReadMessage(place.index), priority=URGENT)
                read = await self._undamaged(place.index, first)
            except (Refused, Malformed) as error:
                # Gone already, or read as part of a list; the next look at the storage decides.
                log.info("message %d of %s cannot be read: %s", place.index, place.memory, error)
                return None
            if read.status not in RECEIVED:
                return None
            return Found(read.pdu, place, self._age(place.index))

    async def list(self, memory: str) -> list[Found]:
        """Read all received messages of a storage."""
        async with self._lock:
            try:
                await self._select(memory)
                listed = await self._modem.run(ListMessages())
            except Refused as error:
                log.info("storage %s cannot be listed: %s", memory, error)
                return []
            found = []
            for each in listed:
                with contextlib.suppress(Refused, Malformed):
                    read = await self._undamaged(each.index, each)
                    if read.status in RECEIVED:
                        place = Place(memory, each.index)
                        found.append(Found(read.pdu, place, self._age(each.index)))
            return found

    async def _undamaged(self, index: int, read: Read | Listed) -> Read | Listed:
        """A message as the modem has it: noise on the line must not be kept in its place.

        What is not as long as its header says is read again. If it is the same once more, then
        that is how this modem counts.
        """
        for _ in range(READINGS):
            if whole(read.pdu, read.length):
                return read
            before, read = read, await self._modem.run(ReadMessage(index), priority=URGENT)
            if read.pdu == before.pdu:
                return read
        raise Malformed(f"+CMGR: message {index} is damaged at each reading")

    async def delete(self, found: Found) -> None:
        """Empty the slot that a message was read from, if it is still there."""
        place = found.place
        if place is None:
            return
        async with self._lock:
            await self._select(place.memory)
            # A message may be read twice, announced and in a list say. Deleted twice, its slot
            # would lose the one that came into it in between, which nobody has read.
            if self._age(place.index) != found.age and not await self._holds(place, found.pdu):
                return
            self._emptied[place.index] += 1
            # A slot that is empty already answers ERROR (manual 6.10).
            with contextlib.suppress(Refused):
                await self._modem.run(DeleteMessage(place.index), priority=BACKGROUND)
            used, total = self.use.get(place.memory, (0, 0))
            self.use[place.memory] = (max(0, used - 1), total)

    async def _select(self, memory: str) -> None:
        """Choose a storage; what is done in it needs the lock from here on."""
        if self._memory == memory:
            return
        # Until it answers: it may have chosen it though the answer is lost.
        self._memory = None
        use = await self._modem.run(SelectStorage(memory), priority=URGENT, while_busy=30)
        if use is not None:
            self.use[memory] = (use.used, use.total)
        self._memory = memory

    def _age(self, index: int) -> tuple[int, int]:
        """Differs once a slot may hold another message than before."""
        return self._starts, self._emptied[index]

    async def _holds(self, place: Place, text: str) -> bool:
        """Whether a slot still holds this message."""
        try:
            read = await self._modem.run(ReadMessage(place.index), priority=BACKGROUND)
        except (Refused, Malformed):
            return False
        return read.pdu == text

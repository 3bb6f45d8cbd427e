"""The way of an incoming message: from the SIM to the store to MQTT, and only then off the SIM.

A message is read, committed (once, however often it is read), published from the store's list,
and deleted from the SIM beside that. Parts wait in the store for each other.
"""

import asyncio
import base64
import contextlib
import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from n11bridge import pdu
from n11bridge.at.errors import Malformed, Refused
from n11bridge.capabilities.sms.wire import (
    DeleteMessage,
    Listed,
    ListMessages,
    ReadMessage,
    SelectStorage,
    Status,
)
from n11bridge.capability import Host
from n11bridge.message import Message

log = logging.getLogger(__name__)

URGENT, BACKGROUND = 0, 2
#: Parts of one message arrive within this time; afterwards the reference may be used anew.
WINDOW = 86400.0


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


class Receiver:
    """Reads, keeps and publishes what comes in."""

    #: Seconds between two tries at a modem that does not take messages yet.
    pause = 1.0

    def __init__(
        self,
        host: Host,
        tell_status: Callable[[Any, Message, float], None],
        changed: Callable[[], None],
    ) -> None:
        self._host = host
        self._tell_status = tell_status
        self._changed = changed
        self._topic = host.topic("event", "sms", "received")
        self._memory: str | None = None
        self._storage = asyncio.Lock()
        self._starts = 0
        #: How often each slot was emptied. By number alone: where SM and ME are one store under
        #: two names, emptying a slot of the one empties that of the other.
        self._emptied: Counter[int] = Counter()
        #: How full each storage is, as far as known: (used, total).
        self.use: dict[str, tuple[int, int]] = {}

    def forget_memory(self) -> None:
        """The modem restarted: neither the storage selected nor what is in its slots is known."""
        self._memory = None
        self._starts += 1

    def _age(self, index: int) -> tuple[int, int]:
        """Differs once a slot may hold another message than before."""
        return self._starts, self._emptied[index]

    async def wait_for(self, memory: str, seconds: float) -> None:
        """Choose a storage as soon as the modem lets us; Refused if it does not in that time.

        Until the SIM is read, some refuse all that has to do with messages with a bare ERROR.
        """
        give_up = asyncio.get_running_loop().time() + seconds
        async with self._storage:
            while True:
                try:
                    return await self._select(memory)
                except Refused:
                    if asyncio.get_running_loop().time() >= give_up:
                        raise
                await asyncio.sleep(self.pause)

    async def _select(self, memory: str) -> None:
        """Choose a storage; what is done in it needs the storages' lock from here on."""
        if self._memory == memory:
            return
        use = await self._host.modem.run(SelectStorage(memory), priority=URGENT, while_busy=30)
        if use is not None:
            self.use[memory] = (use.used, use.total)
        self._memory = memory

    async def fetch(self, place: Place) -> None:
        """Read one message that was announced."""
        async with self._storage:
            try:
                await self._select(place.memory)
                read = await self._host.modem.run(ReadMessage(place.index), priority=URGENT)
                found = Found(read.pdu, place, self._age(place.index))
            except (Refused, Malformed) as error:
                # Gone already, or read as part of a list; the next look at the storage decides.
                log.info("message %d of %s cannot be read: %s", place.index, place.memory, error)
                return
        if read.status in (Status.STORED_UNSENT, Status.STORED_SENT):
            return
        await self.keep([found])

    async def drain(self, memory: str) -> None:
        """Read all that a storage holds."""
        async with self._storage:
            try:
                await self._select(memory)
                listed: list[Listed] = await self._host.modem.run(ListMessages())
            except Refused as error:
                log.info("storage %s cannot be listed: %s", memory, error)
                return
            received = (Status.RECEIVED_UNREAD, Status.RECEIVED_READ)
            found = [
                Found(m.pdu, Place(memory, m.index), self._age(m.index))
                for m in listed
                if m.status in received
            ]
        if found:
            await self.keep(found)

    async def keep(self, found: Sequence[Found]) -> None:
        """Commit messages, and delete them from where they are once that is done."""
        work = [self._work(each.pdu) for each in found]
        await self._host.store.commit(lambda tables: [each(tables) for each in work])
        self._changed()
        stored = [(each, each.place) for each in found if each.place is not None]
        if stored:
            self._host.start(self._delete(stored), "deletion of messages")

    async def _delete(self, stored: list[tuple[Found, Place]]) -> None:
        for found, place in stored:
            async with self._storage:
                await self._select(place.memory)
                # A message may be read twice, announced and in a list say. Deleted twice, its
                # slot would lose the one that came into it in between, which nobody has read.
                if self._age(place.index) != found.age and not await self._holds(place, found.pdu):
                    continue
                self._emptied[place.index] += 1
                # A slot that is empty already answers ERROR (manual 6.10).
                with contextlib.suppress(Refused):
                    await self._host.modem.run(DeleteMessage(place.index), priority=BACKGROUND)
                used, total = self.use.get(place.memory, (0, 0))
                self.use[place.memory] = (max(0, used - 1), total)
        self._changed()

    async def _holds(self, place: Place, text: str) -> bool:
        """Whether a slot still holds this message."""
        try:
            read = await self._host.modem.run(ReadMessage(place.index), priority=BACKGROUND)
        except (Refused, Malformed):
            return False
        return read.pdu == text

    async def publish_partial(self, after: float) -> None:
        """Publish what has waited longer than ``after`` seconds for its other parts."""
        now = self._host.now()

        def work(tables: Any) -> int:
            stale = tables.inbox.stale(now - after)
            for uid, parts, _ in stale:
                decoded = {seq: pdu.decode(text) for seq, text in parts.items()}
                self._publish(tables, uid, decoded, now)
            return len(stale)

        if await self._host.store.commit(work):
            self._changed()

    # -- transactions

    def _work(self, text: str) -> Callable[[Any], None]:
        """Decode a PDU; return what is to be done with it in the store."""
        try:
            decoded = pdu.decode(text)
        except pdu.PduError as error:
            reason = str(error)
            return lambda tables: self._keep_undecodable(tables, text, reason)
        if isinstance(decoded, pdu.StatusReport):
            report = decoded
            return lambda tables: self._report(tables, report)
        if isinstance(decoded, pdu.Deliver):
            message = decoded
            return lambda tables: self._deliver(tables, text, message)
        return lambda tables: self._keep_undecodable(tables, text, "not a received message")

    def _deliver(self, tables: Any, text: str, message: "pdu.Deliver") -> None:
        now = self._host.now()
        whole = message.concat
        if whole is None or whole.total < 2 or not 1 <= whole.seq <= whole.total:
            uid = _fingerprint(text)[:20]
            payload = self._payload(uid, {1: message}, 1, now)
            if tables.inbox.add_single(_fingerprint(text), text, uid, message.number, payload, now):
                tables.counters.add("sms_received")
                tables.publications.add(self._topic, payload)
            return
        added = tables.inbox.add_part(
            _fingerprint(text),
            text,
            message.number,
            whole.ref,
            whole.bits,
            whole.total,
            whole.seq,
            now,
            WINDOW,
        )
        if added.new and added.complete:
            parts = {seq: pdu.decode(each) for seq, each in added.pdus.items()}
            self._publish(tables, added.uid, parts, now, redelivered=added.published)

    def _publish(
        self,
        tables: Any,
        uid: str,
        parts: Mapping[int, Any],
        now: float,
        *,
        redelivered: bool = False,
    ) -> None:
        total = next(iter(parts.values())).concat.total
        payload = self._payload(uid, parts, total, now, redelivered=redelivered)
        if not redelivered:
            tables.counters.add("sms_received")
        tables.inbox.set_payload(uid, payload, len(parts) == total, now)
        tables.publications.add(self._topic, payload)

    def _payload(
        self,
        uid: str,
        parts: Mapping[int, "pdu.Deliver"],
        total: int,
        now: float,
        *,
        redelivered: bool = False,
    ) -> str:
        first = parts[min(parts)]
        alphanumeric = first.number_type & 0x70 == 0x50  # 3GPP TS 23.040, 9.1.2.5
        joined = pdu.join([parts[seq] for seq in sorted(parts)])
        book = self._host.config.addresses
        trusted = book.trusted(first.number, alphanumeric=alphanumeric)
        return _event(
            uid,
            number=first.number,
            contact=None if alphanumeric else book.name_of(first.number),
            trusted=trusted,
            text=joined.text,
            data=None if joined.data is None else base64.b64encode(joined.data).decode(),
            encoding=joined.encoding,
            message_class=first.message_class,
            time=None if first.timestamp is None else first.timestamp.isoformat(),
            received=now,
            parts=total,
            missing=[seq for seq in range(1, total + 1) if seq not in parts],
            ports=None
            if first.ports is None
            else {"destination": first.ports.destination, "source": first.ports.source},
            redelivered=redelivered,
        )

    def _keep_undecodable(self, tables: Any, text: str, reason: str) -> None:
        """What cannot be decoded is kept and published as the PDU's octets."""
        now = self._host.now()
        log.warning("a message cannot be decoded: %s", reason)
        uid = _fingerprint(text)[:20]
        octets = octets_of(text)
        payload = _event(
            uid,
            number=None,
            contact=None,
            trusted=False,
            text=None,
            data=base64.b64encode(octets).decode(),
            encoding="pdu",
            message_class=None,
            time=None,
            received=now,
            parts=1,
            missing=[],
            ports=None,
            redelivered=False,
        )
        if tables.inbox.add_single(_fingerprint(text), text, uid, "", payload, now):
            tables.counters.add("sms_received")
            tables.publications.add(self._topic, payload)

    def _report(self, tables: Any, report: "pdu.StatusReport") -> None:
        now = self._host.now()
        message = tables.outbox.report(
            report.reference,
            report.number,
            report.status,
            report.outcome,
            now,
            None if report.outcome == "delivered" else f"the network says 0x{report.status:02X}",
        )
        if message is None:
            log.info("a delivery report that changes nothing (reference %d)", report.reference)
            return
        tables.counters.add(f"sms_{message.state}")
        self._tell_status(tables, message, now)


def _event(
    uid: str, *, number: str | None, message_class: int | None, missing: Iterable[int], **rest: Any
) -> str:
    """The payload of ``event/sms/received``, also kept for ``request/sms/inbox``."""
    lacking = list(missing)
    received = rest.pop("received")
    return json.dumps(
        {
            "event_type": "received",
            "uid": uid,
            "from": number,
            **rest,
            "class": message_class,
            "received": datetime.fromtimestamp(received, UTC)
            .astimezone()
            .isoformat(timespec="seconds"),
            "complete": not lacking,
            "missing": lacking,
        },
        ensure_ascii=False,
    )


def octets_of(text: str) -> bytes:
    """The octets of a PDU; of one that is no hexadecimal, the characters that came."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return text.encode("latin-1", "replace")


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.upper().encode()).hexdigest()

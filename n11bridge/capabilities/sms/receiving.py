"""The way of an incoming message: from the SIM to the store to MQTT, and only then off the SIM.

A message is read, committed (once, however often it is read), published from the store's list,
and deleted from the SIM beside that. Parts wait in the store for each other.
"""

import base64
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from n11bridge import pdu
from n11bridge.capabilities.sms.reports import Reports
from n11bridge.capabilities.sms.storage import Found, Place, Storage
from n11bridge.host import Host
from n11bridge.message import fingerprint
from n11bridge.payload import iso

log = logging.getLogger(__name__)

#: Parts of one message arrive within this time; afterwards the reference may be used anew.
WINDOW = 86400.0


class Receiver:
    """Reads, keeps and publishes what comes in."""

    def __init__(
        self, host: Host, storage: Storage, reports: Reports, changed: Callable[[], None]
    ) -> None:
        self._host = host
        self._storage = storage
        self._reports = reports
        self._changed = changed
        self._topic = host.topic("event", "sms", "received")

    async def fetch(self, place: Place) -> None:
        """Take one message that was announced."""
        found = await self._storage.read(place)
        if found is not None:
            await self.keep([found])

    async def drain(self, memory: str) -> None:
        """Take all that a storage holds."""
        found = await self._storage.list(memory)
        if found:
            await self.keep(found)

    async def keep(self, found: Sequence[Found]) -> None:
        """Commit messages, and delete them from where they are once that is done."""
        work = [self._work(each.pdu) for each in found]
        # What is stored nowhere else must wait for a disk that is full; the rest is read again.
        safe = all(each.place for each in found)
        keep = self._host.store.commit if safe else self._host.store.persist
        await keep(lambda tables: [each(tables) for each in work])
        self._changed()
        if any(each.place for each in found):
            self._host.start(self._delete(found), "deletion of messages")

    async def _delete(self, found: Sequence[Found]) -> None:
        for each in found:
            await self._storage.delete(each)
        self._changed()

    async def publish_partial(self, after: float) -> None:
        """Publish what has waited longer than ``after`` seconds for its other parts."""

        def work(tables: Any) -> int:
            now = self._host.now()
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
            return lambda tables: self._reports.apply(tables, report)
        if isinstance(decoded, pdu.Deliver):
            message = decoded
            return lambda tables: self._deliver(tables, text, message)
        return lambda tables: self._keep_undecodable(tables, text, "not a received message")

    def _deliver(self, tables: Any, text: str, message: "pdu.Deliver") -> None:
        now = self._host.now()
        whole = message.concat
        if whole is None or whole.total < 2 or not 1 <= whole.seq <= whole.total:
            uid = fingerprint(text)[:20]
            payload = self._payload(uid, {1: message}, 1, now)
            if tables.inbox.add_single(fingerprint(text), text, uid, message.number, payload, now):
                tables.counters.add("sms_received")
                tables.publications.add(self._topic, payload)
            return
        added = tables.inbox.add_part(
            fingerprint(text),
            text,
            _sender(message),
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
        alphanumeric = _is_name(first)
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
        uid = fingerprint(text)[:20]
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
        if tables.inbox.add_single(fingerprint(text), text, uid, "", payload, now):
            tables.counters.add("sms_received")
            tables.publications.add(self._topic, payload)


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
            "received": iso(received),
            "complete": not lacking,
            "missing": lacking,
        },
        ensure_ascii=False,
    )


def _is_name(message: "pdu.Deliver") -> bool:
    """Whether the sender is a name of its own choice (3GPP TS 23.040, 9.1.2.5)."""
    return message.number_type & 0x70 == 0x50


def _sender(message: "pdu.Deliver") -> str:
    """Whose parts belong together: a name that looks like a number is not that number."""
    return f"name {message.number}" if _is_name(message) else message.number


def octets_of(text: str) -> bytes:
    """The octets of a PDU; of one that is no hexadecimal, the characters that came."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return text.encode("latin-1", "replace")

"""The `sms` capability: requests, state, and how the modem is set up for messages."""

import asyncio
import base64
import contextlib
import json
import logging
import re
from collections.abc import Sequence
from typing import Any

import voluptuous as vol

from n11bridge import pdu
from n11bridge.at.errors import AtError, Refused
from n11bridge.capabilities.sms import asking, entities, published, wire
from n11bridge.capabilities.sms.announcing import Announcing
from n11bridge.capabilities.sms.limits import LoopError
from n11bridge.capabilities.sms.receiving import Receiver, octets_of
from n11bridge.capabilities.sms.reports import Reports
from n11bridge.capabilities.sms.sending import Sender
from n11bridge.capabilities.sms.storage import Found, Place, Storage
from n11bridge.capability import (
    Accepted,
    Capability,
    Kept,
    Request,
    RequestError,
    every,
    on,
    request,
)
from n11bridge.entity import Entity
from n11bridge.host import Host
from n11bridge.payload import Field, listed

log = logging.getLogger(__name__)

#: The storages that a message may be put into, the SIM first (manual 6.1).
MEMORIES = ("SM", "ME")
#: How storages are named (3GPP TS 27.005, 3.1).
MEMORY = re.compile("[A-Z]{2}")
#: How long the SIM may be busy after a start (seconds).
SIM_BUSY = 60.0
#: A message that could not be read is tried again after this long (seconds).
SECOND_TRY = 10.0
#: The modem's status when its SIM can be used.
USABLE = ("ready", "searching", "denied")
#: A message may have been stored unannounced, with the SIM full say: look every so often (s).
LOOK_AGAIN = 300.0
#: A list is cut where its messages take more than this (characters), which no broker might take.
LONGEST_LIST = 500_000
#: Whether the modem still has its settings is looked at every so often (seconds).
VERIFY = 60.0


class Sms(Capability):
    """Messages in both directions."""

    name = "sms"
    states = {"sms": published.STATE}
    events = {
        "received": published.RECEIVED,
        "status": published.STATUS,
        "broadcast": published.BROADCAST,
    }
    entities = entities.ENTITIES

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._settings = host.config.sms
        self._reports = Reports(host)
        self._storage = Storage(host)
        self._announcing = Announcing(host.modem)
        self._sender = Sender(host, self._reports, self._changed, self._doubt)
        self._receiver = Receiver(host, self._storage, self._reports, self._changed)
        self._refreshing = False
        self._set_up = False

    def extra_entities(self) -> Sequence[Entity]:
        """One notify entity for each contact and group."""
        return entities.notify([*self.host.config.contacts, *self.host.config.groups])

    # -- life

    async def started(self) -> None:
        """Begin to serve the outbox; nothing leaves before the modem is ready."""
        self.host.keep(self._sender.run, "the outbox")
        self.host.keep(self._publish_partial, "messages with missing parts")
        self._changed()

    async def stopping(self) -> None:
        """Wait for the modem's answer to what it is sending."""
        await self._sender.stop()

    def status_changed(self, status: str) -> None:
        """Send only while registered, and not before the modem is set up for PDUs."""
        if status not in USABLE:
            self._set_up = False
            self._storage.forget()
        self._release()

    @property
    def _waits_for(self) -> str | None:
        """What keeps messages from being sent; None when nothing does."""
        if not self._set_up or self.modem.status != "ready":
            return "modem"
        return "jamming" if self.modem.jammed else None

    def _release(self) -> None:
        self._sender.set_ready(self._waits_for is None)
        self._changed()

    def store_mended(self) -> None:
        """Take what had to stay on the SIM, and go on sending."""
        self._sender.wake()
        if self._set_up:
            self.host.start(self._look(), "messages that had to wait")

    def gone(self) -> None:
        """Nobody knows how full the storages are."""
        if self._storage.use:
            self._storage.use.clear()
            self._changed()

    async def sim_ready(self) -> None:
        """Set the modem up for PDUs and announcements, then take what is stored already."""
        self._storage.forget()
        # First: a modem that takes this takes the rest, and what it refuses then it cannot do.
        with contextlib.suppress(Refused):
            await self._storage.wait_for(MEMORIES[0], SIM_BUSY)
        await self.modem.write(wire.MessageFormat(0), while_busy=SIM_BUSY)
        if not await self._announcing.choose(SIM_BUSY):
            self.host.problem("sms_not_announced", "the modem does not announce messages (AT+CNMI)")
        self._set_up = True
        self._release()
        self.host.start(self._look(), "messages stored already")

    async def _look(self) -> None:
        # The SIM last: it stays selected, and most messages are announced there.
        for memory in reversed(MEMORIES):
            await self._receiver.drain(memory)
        self._changed()

    @every(LOOK_AGAIN)
    async def look_again(self) -> None:
        """Take messages that no report announced: with the SIM full there is none."""
        if self.modem.status in USABLE:
            await self._look()

    @every(VERIFY)
    async def verify(self) -> None:
        """Set a modem up again that restarted without a word: it would announce nothing more."""
        if self._set_up and await self._announcing.forgotten():
            self.modem.restart("its settings are gone: it must have restarted")

    def _doubt(self) -> None:
        self.host.start(self.verify(), "settings of the modem")

    async def _publish_partial(self) -> None:
        after = self._settings.partial_after
        while True:
            await asyncio.sleep(min(30.0, after / 2))
            await self._receiver.publish_partial(after)

    # -- what the modem reports

    @on(wire.MessageStored)
    async def message_stored(self, report: wire.MessageStored) -> None:
        """Read the message that was announced."""
        await self._fetch(Place(report.memory, report.index))

    @on(wire.ReportStored)
    async def report_stored(self, report: wire.ReportStored) -> None:
        """Read the delivery report that was announced."""
        await self._fetch(Place(report.memory, report.index))

    async def _fetch(self, place: Place) -> None:
        if not MEMORY.fullmatch(place.memory):
            # Noise on the line made the name unreadable; that something came is certain.
            await self._look()
            return
        try:
            await self._receiver.fetch(place)
        except AtError as error:
            # It is still on the SIM. After a restart of the modem all of it is looked through
            # anyway; when the modem only hung for a moment, this is the second try.
            log.warning("a message could not be read: %s", error)
            await asyncio.sleep(SECOND_TRY)
            await self._receiver.drain(place.memory)

    @on(wire.MessageDirect)
    async def message_direct(self, report: wire.MessageDirect) -> None:
        """Keep a message that exists in this line only."""
        await self._receiver.keep([Found(report.pdu)])

    @on(wire.ReportDirect)
    async def report_direct(self, report: wire.ReportDirect) -> None:
        """Apply a delivery report."""
        await self._receiver.keep([Found(report.pdu)])

    @on(wire.BroadcastDirect)
    def broadcast_direct(self, report: wire.BroadcastDirect) -> None:
        """Publish a cell broadcast."""
        try:
            page = pdu.Broadcast.decode(report.pdu)
        except pdu.PduError as error:
            octets = base64.b64encode(octets_of(report.pdu)).decode()
            self.host.event("sms", "broadcast", {"data": octets, "error": str(error)})
            return
        self.host.event(
            "sms",
            "broadcast",
            {
                "channel": page.message_id,
                "serial": page.serial,
                "language": page.language,
                "page": page.page,
                "pages": page.pages,
                "text": page.text,
            },
        )

    # -- requests

    @request(
        "send",
        asking.SEND,
        kept=Kept.TRANSACTION,
        plain="to",
        answer={"messages": listed(published.ACCEPTED)},
        example={"to": "alice", "text": "Water in the pump house"},
    )
    async def send(self, request: Request) -> Accepted:
        """Send a text to numbers, contacts or groups."""
        order = asking.Order(self.host, request)

        def work(tables: Any) -> Accepted:
            accepted, messages = order.accept(tables)
            now = self.host.now()
            for message in messages:
                self._reports.tell(tables, message, now)
            return accepted

        try:
            accepted: Accepted = await request.commit(work)
        except LoopError as error:
            self.host.problem("sms_loop", error.problem)
            raise
        self._sender.wake()
        self._changed()
        return accepted

    @request(
        "status",
        {vol.Required("message"): str},
        kept=Kept.NOTHING,
        answer=published.LISTED,
        example={"message": "c40744e48fb141cf"},
    )
    async def status(self, request: Request) -> dict[str, Any]:
        """Where one message is."""
        key = request["message"]
        message, parts = await self.host.store.read(
            lambda tables: (tables.outbox.find(key), tables.outbox.parts(key))
        )
        if message is None:
            raise RequestError("invalid_request", f"message: there is no {key!r}")
        return asking.describe(message, parts)

    @request(
        "cancel",
        {vol.Required("message"): str},
        answer=published.LISTED,
        example={"message": "c40744e48fb141cf"},
    )
    async def cancel(self, request: Request) -> dict[str, Any]:
        """Take back a message that is still queued."""
        key = request["message"]

        def work(tables: Any) -> Any:
            now = self.host.now()
            message = tables.outbox.cancel(key, now)
            if message is not None:
                self._reports.tell(tables, message, now)
            return message or tables.outbox.find(key)

        message = await self.host.store.commit(work)
        if message is None:
            raise RequestError("invalid_request", f"message: there is no {key!r}")
        if message.state != "cancelled":
            raise RequestError("invalid_request", f"message: it is {message.state} already")
        self._changed()
        return asking.describe(message)

    @request(
        "inbox",
        {
            vol.Optional("since", default=None): vol.Any(str, None),
            vol.Optional("limit", default=100): vol.All(int, vol.Range(min=1, max=1000)),
        },
        kept=Kept.NOTHING,
        answer={"messages": listed(published.IN_INBOX)},
        example={"since": None, "limit": 10},
    )
    async def inbox(self, request: Request) -> dict[str, Any]:
        """List received messages, oldest first, after the one named."""
        rows = await self.host.store.read(
            lambda tables: tables.inbox.since(request["since"], request["limit"])
        )
        size = 0
        messages: list[Any] = []
        for _, payload in rows:
            size += len(payload)
            if messages and size > LONGEST_LIST:
                break
            messages.append(json.loads(payload))
        return {"messages": messages}

    @request(
        "outbox",
        {
            vol.Optional("limit", default=100): vol.All(int, vol.Range(min=1, max=1000)),
            vol.Optional("state", default=None): vol.Any(str, None),
        },
        kept=Kept.NOTHING,
        answer={"messages": listed(published.LISTED)},
        example={"state": "queued"},
    )
    async def outbox(self, request: Request) -> dict[str, Any]:
        """List messages to be sent and sent, the newest last."""
        messages = await self.host.store.read(
            lambda tables: tables.outbox.list(request["limit"], request["state"])
        )
        return {"messages": [asking.describe(message) for message in messages]}

    @request(
        "centre",
        {vol.Optional("number"): str},
        answer={"number": Field(vol.Maybe(str), "+491760000443")},
    )
    async def centre(self, request: Request) -> dict[str, Any]:
        """Read the number of the service centre, or set it when one is given."""
        number = request.get("number")
        if number is not None:
            kind = 145 if number.startswith("+") else 129
            await self.modem.write(wire.ServiceCentre(number, kind))
        answer = await self.modem.read(wire.ServiceCentre)
        plus = "+" if answer.type == 145 and not answer.number.startswith("+") else ""
        return {"number": plus + answer.number if answer.number else None}

    @request("storage", kept=Kept.NOTHING, answer=published.STORAGE)
    async def storage(self, request: Request) -> dict[str, Any]:
        """How full the storages are."""
        answer = await self.modem.read(wire.PreferredStorages)
        use = {answer.memory: (answer.used, answer.total)}
        if answer.memory_2 and answer.used_2 is not None and answer.total_2 is not None:
            use.setdefault(answer.memory_2, (answer.used_2, answer.total_2))
        self._storage.use.update(use)
        self._changed()
        return self._use()

    @request(
        "broadcasts",
        {vol.Optional("channels"): vol.Match(r"^[0-9,-]*$")},
        kept=Kept.NOTHING,
        answer={
            "received": Field(bool, True, "whether those are received, or all but those"),
            "channels": Field(str, "0,50,320-478"),
        },
        example={"channels": "0,50"},
    )
    async def broadcasts(self, request: Request) -> dict[str, Any]:
        """Read which cell broadcasts are received, or choose them: ``0,50,320-478``; "" is none."""
        channels = request.get("channels")
        if channels is not None:
            await self.modem.write(wire.BroadcastChannels(0 if channels else 1, channels, ""))
        answer = await self.modem.read(wire.BroadcastChannels)
        return {"received": answer.mode == 0, "channels": answer.channels or ""}

    # -- state

    def _use(self) -> dict[str, Any]:
        use = sorted(self._storage.use.items())
        return {memory: {"used": used, "total": total} for memory, (used, total) in use}

    def _changed(self) -> None:
        """Publish ``state/sms`` soon: several changes at once make one."""
        if not self._refreshing:
            self._refreshing = True
            self.host.start(self._refresh(), "state/sms")

    async def _refresh(self) -> None:
        self._refreshing = False

        def work(tables: Any) -> dict[str, Any]:
            counters = tables.counters.all()
            newest = tables.inbox.newest()
            kept = ("uid", "from", "contact", "trusted", "text", "encoding", "time", "received")
            message = json.loads(newest) if newest else None
            names = ("sent", "received", "delivered", "undelivered", "failed", "unknown")
            return {
                **{name: counters.get(f"sms_{name}", 0) for name in names},
                "parts_sent": counters.get("sms_parts_sent", 0),
                "queued": tables.outbox.count(("queued", "sending")),
                "queued_parts": tables.outbox.queued_parts(),
                "waiting_parts": tables.inbox.waiting_parts(),
                "last": message and {key: message[key] for key in kept},
            }

        values = await self.host.store.read(work)
        self.host.state("sms", {**values, "waits_for": self._waits_for, "storage": self._use()})

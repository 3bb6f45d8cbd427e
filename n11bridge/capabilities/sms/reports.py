"""What becomes of a message is told: its states, and the network's delivery reports."""

import json
import logging
import time
from typing import Any

from n11bridge import pdu
from n11bridge.host import Host
from n11bridge.message import Message
from n11bridge.payload import iso

log = logging.getLogger(__name__)

#: A report may come before the modem's answer to the message; it waits so long for it (seconds).
EARLY = 60.0
#: More early reports than this are somebody else's.
MOST_EARLY = 20


def status_event(message: Message, now: float) -> str:
    """The payload of ``event/sms/status``."""
    return json.dumps(
        {
            "event_type": "status",
            "id": message.request,
            "message": message.key,
            "to": message.to,
            "contact": message.contact,
            "state": message.state,
            "parts": message.parts,
            "parts_sent": message.parts_sent,
            "error": message.error,
            "time": iso(now),
        },
        ensure_ascii=False,
    )


class Reports:
    """Tells of each change of state; for use in transactions of the store."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._topic = host.topic("event", "sms", "status")
        self._early: list[tuple[float, pdu.StatusReport]] = []

    def tell(self, tables: Any, message: Message, now: float) -> None:
        """Put the message's state on the list of what is to be published."""
        tables.publications.add(self._topic, status_event(message, now))

    def apply(self, tables: Any, report: pdu.StatusReport) -> None:
        """Take note of a delivery report, now or when its message is known to be sent."""
        if not self._apply(tables, report) and tables.outbox.count(("sending",)):
            self._early.append((time.monotonic(), report))
            del self._early[:-MOST_EARLY]

    def apply_early(self, tables: Any) -> None:
        """A message has just been recorded as sent: its report may be here already."""
        now = time.monotonic()
        self._early = [
            (came, report)
            for came, report in self._early
            if now - came < EARLY and not self._apply(tables, report)
        ]

    def _apply(self, tables: Any, report: pdu.StatusReport) -> bool:
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
            log.debug("a delivery report that changes nothing (reference %d)", report.reference)
            return False
        tables.counters.add(f"sms_{message.state}")
        self.tell(tables, message, now)
        return True

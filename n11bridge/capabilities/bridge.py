"""The `bridge` capability: the program itself, its health and its log."""

import asyncio
import logging
import resource
import sys
from collections.abc import Sequence
from typing import Any, Protocol

import voluptuous as vol

from n11bridge.capability import Capability, Kept, Request, request
from n11bridge.entity import Connection, Failure
from n11bridge.host import Host
from n11bridge.payload import Field, iso, moment, nested

#: The contract of the MQTT topics; its major number changes when a name does.
CONTRACT = "1.0"
#: How often ``state/health`` is published, in seconds.
INTERVAL = 60.0
#: Answers are remembered and messages kept no longer than this; looked at once an hour.
TIDY = 3600.0
REQUESTS_KEPT = 7 * 86400.0
#: Nor more of them than this, whoever floods us from the broker or from the air: tens of megabytes.
MOST_REQUESTS = 50_000
MOST_MESSAGES = 20_000

NOON = "2026-11-26T12:00:00+01:00"
LEVELS = ("debug", "info", "warning", "error")


class BridgeHost(Host, Protocol):
    """The host as this capability sees it: it also shows the daemon itself."""

    @property
    def started(self) -> float:
        """When the daemon started, in Unix seconds."""

    @property
    def version(self) -> str:
        """The program's version."""

    @property
    def capability_names(self) -> Sequence[str]:
        """What this bridge can do."""

    @property
    def waiting_publications(self) -> int:
        """How many publications the broker has not acknowledged."""

    def stop(self, again: bool) -> None:
        """End the daemon, and have it started again."""


class Bridge(Capability):
    """The daemon."""

    name = "bridge"
    host: BridgeHost
    states = {
        "bridge": {
            "version": Field(str, "0.1.0", "of the program"),
            "contract": Field(str, CONTRACT, "of these topics"),
            "capabilities": Field([str], ["modem", "sms"], "what this bridge can do"),
        },
        "health": {
            "time": Field(moment, NOON, "when this was said; it comes each minute"),
            "status": Field(str, "ready", "as in state/modem"),
            "started": Field(moment, NOON, "start of the program"),
            "queues": nested(
                {
                    "outbox_parts": Field(int, 0, "parts that wait to be sent"),
                    "inbox_parts": Field(int, 0, "received parts that wait for others"),
                    "to_publish": Field(int, 0, "publications the broker has not acknowledged"),
                }
            ),
            "restarts": Field(int, 0, "of the modem, ever"),
            "liveness": Field(
                {str: {"last_success": vol.Maybe(moment), "timeouts": int}},
                {"sms_send": {"last_success": NOON, "timeouts": 0}},
                "each class of operation of the modem; timeouts are those in a row",
            ),
            "counters": Field({str: int}, {"sms_sent": 12}, "totals that survive restarts"),
            "memory": Field(int, 34603008, "resident, in bytes"),
        },
    }
    events = {
        "problem": {
            "code": Field(str, "pin_refused", "a word for programs"),
            "message": Field(str, "the SIM did not accept modem.pin", "a sentence for people"),
        }
    }
    entities = (
        Connection("connection", name="Bridge"),
        Failure("failure", name="Failed request"),
    )

    async def started(self) -> None:
        """Publish what never changes while it runs, then the health each minute."""
        self.host.state(
            "bridge",
            {
                "version": self.host.version,
                "contract": CONTRACT,
                "capabilities": list(self.host.capability_names),
            },
        )
        self.host.keep(self._health, "state/health")
        self.host.keep(self._tidy, "forgetting what is old")

    def status_changed(self, status: str) -> None:
        """A word in the health changed."""
        self.host.start(self._publish(), "state/health")

    async def _health(self) -> None:
        while True:
            await self._publish()
            await asyncio.sleep(INTERVAL)

    async def _publish(self) -> None:
        counters, outbox, parts = await self.host.store.read(
            lambda tables: (
                tables.counters.all(),
                tables.outbox.queued_parts(),
                tables.inbox.waiting_parts(),
            )
        )
        self.host.state(
            "health",
            {
                "time": iso(self.host.now()),
                "status": self.modem.status,
                "started": iso(self.host.started),
                "queues": {
                    "outbox_parts": outbox,
                    "inbox_parts": parts,
                    "to_publish": self.host.waiting_publications,
                },
                "restarts": counters.get("modem_restarts", 0),
                "liveness": self._liveness(),
                "counters": counters,
                "memory": _memory(),
            },
        )

    def _liveness(self) -> dict[str, Any]:
        now = self.host.now()
        table = self.modem.liveness.table(asyncio.get_running_loop().time())
        return {
            operation: {
                "last_success": None if age is None else iso(now - age),
                "timeouts": timeouts,
            }
            for operation, (age, timeouts) in table.items()
        }

    async def _tidy(self) -> None:
        keep = self.host.config.sms.keep * 86400.0
        while True:

            def work(tables: Any) -> None:
                now = self.host.now()  # in the store, where the clock is taken over as well
                tables.requests.forget(now - REQUESTS_KEPT, MOST_REQUESTS)
                tables.outbox.forget(now - keep)
                tables.inbox.forget(now - keep, MOST_MESSAGES)

            await self.host.store.commit(work)
            await asyncio.sleep(TIDY)

    @request("restart", kept=Kept.FACT)
    async def restart(self, request: Request) -> dict[str, Any]:
        """Stop cleanly and start again."""
        asyncio.get_running_loop().call_later(0.5, self.host.stop, True)
        return {}

    @request(
        "log_level",
        {vol.Required("level"): vol.In(LEVELS)},
        kept=Kept.NOTHING,
        answer={"level": Field(vol.In(LEVELS), "debug")},
        example={"level": "debug"},
    )
    async def log_level(self, request: Request) -> dict[str, Any]:
        """Log more or less until the next start; texts, numbers and PINs at no level."""
        logging.getLogger("n11bridge").setLevel(request["level"].upper())
        return {"level": request["level"]}


def _memory() -> int:
    """Resident memory in bytes now, or at its most where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak * (1 if sys.platform == "darwin" else 1024)

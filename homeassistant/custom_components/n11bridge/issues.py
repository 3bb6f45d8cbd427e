"""What somebody has to mend, among Home Assistant's repairs."""

from datetime import datetime
from typing import Any

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later

from .bridge import Bridge
from .const import CONTRACT, DOMAIN
from .repairs import REQUESTS

#: Seconds without a network after which somebody should look; a cell may be down for a while.
LONG = 1800.0
SEARCHING = frozenset({"searching", "denied"})
KINDS = ("pin_required", "puk_required", "storage_full", "not_registered", "contract")


class Issues:
    """Raises an issue when a state says so, and takes it back when it says so no more."""

    def __init__(self, hass: HomeAssistant, bridge: Bridge, entry_id: str) -> None:
        self._hass = hass
        self._bridge = bridge
        self._entry_id = entry_id
        self._searching: CALLBACK_TYPE | None = None
        self._ends: list[CALLBACK_TYPE] = []

    @callback
    def start(self) -> None:
        """Judge what is known, and each change from now on."""
        self._ends = [self._bridge.listen("state", self._state)]
        for name, payload in self._bridge.states.items():
            self._state(name, payload)

    @callback
    def stop(self) -> None:
        """Take all issues back."""
        while self._ends:
            self._ends.pop()()
        self._stop_searching()
        for kind in KINDS:
            self._set(kind, False)

    @callback
    def _state(self, name: str, payload: dict[str, Any]) -> None:
        if name == "bridge":
            self._set("contract", not self._bridge.understood, contract=payload.get("contract"))
        elif name == "sms":
            self._set("storage_full", full(payload.get("storage")))
        elif name == "modem":
            self._status(str(payload.get("status")))

    def _status(self, status: str) -> None:
        for kind in ("pin_required", "puk_required"):
            self._set(kind, status == kind)
        if status not in SEARCHING:
            self._stop_searching()
            # While it recovers it has no network either: only `ready` shows that it is mended.
            if status == "ready":
                self._set("not_registered", False)
        elif self._searching is None:
            self._searching = async_call_later(self._hass, LONG, self._searched_long)

    @callback
    def _searched_long(self, _: datetime) -> None:
        self._searching = None
        self._set("not_registered", True)

    def _stop_searching(self) -> None:
        if self._searching is not None:
            self._searching()
            self._searching = None

    def _set(self, kind: str, wrong: bool, **said: Any) -> None:
        key = f"{kind}_{self._entry_id}"
        if not wrong:
            ir.async_delete_issue(self._hass, DOMAIN, key)
            return
        placeholders = {"name": self._bridge.name, "expected": str(CONTRACT)}
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            key,
            data={"kind": kind, "entry_id": self._entry_id},
            is_fixable=kind in REQUESTS,
            severity=ir.IssueSeverity.ERROR,
            translation_key=kind,
            translation_placeholders=placeholders | {k: str(v) for k, v in said.items()},
        )


def full(storage: Any) -> bool:
    """Whether a storage of the modem has no place left: then the network keeps the texts."""
    uses = storage.values() if isinstance(storage, dict) else ()
    return any(0 < _count(use, "total") <= _count(use, "used") for use in uses)


def _count(use: Any, key: str) -> float:
    count = use.get(key) if isinstance(use, dict) else None
    return count if isinstance(count, int | float) else 0

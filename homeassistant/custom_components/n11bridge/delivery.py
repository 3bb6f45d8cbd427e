"""Waits until texts that were sent have come as far as somebody wanted."""

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError

from .bridge import Bridge, RequestFailed

#: States that do not change any more, whatever is waited for.
ENDED = frozenset({"delivered", "undelivered", "expired", "cancelled", "failed", "unknown"})
#: What is waited for, and the states that fulfil it.
GOALS = {
    "accepted": frozenset({"queued", "sending", "sent", "delivered"}),
    "sent": frozenset({"sent", "delivered"}),
    "delivered": frozenset({"delivered"}),
}


class Delivery:
    """Follows messages: enter it before they are sent, for they may be quick."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._heard: dict[str, dict[str, Any]] = {}
        self._changed = asyncio.Event()

    def __enter__(self) -> Self:
        self._end = self._bridge.listen("event", self._event)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    @callback
    def _event(self, name: str, payload: dict[str, Any]) -> None:
        if name == "sms/status":
            self._heard[str(payload.get("message"))] = payload
            self._changed.set()

    async def reach(self, keys: Iterable[str], goal: str, seconds: float) -> dict[str, str]:
        """Return each message's state once all have reached the goal, or ended, or time is up."""
        wanted = set(keys)
        settled = GOALS[goal] | ENDED
        try:
            async with asyncio.timeout(seconds):
                while any(self._state(key) not in settled for key in wanted):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            # A change may have been missed while the broker was away.
            for key in wanted:
                if self._state(key) not in settled:
                    await self._look(key)
        return {key: self._state(key) for key in wanted}

    def _state(self, key: str) -> str:
        return str(self._heard.get(key, {}).get("state", "queued"))

    async def _look(self, key: str) -> None:
        try:
            self._heard[key] = await self._bridge.ask("sms/status", {"message": key})
        except (RequestFailed, HomeAssistantError):
            return

"""Waits until texts that were sent have come as far as somebody wanted."""

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.exceptions import HomeAssistantError

from .bridge import Bridge

#: States from which a message comes no further.
LOST = frozenset({"undelivered", "expired", "cancelled", "failed", "unknown"})
#: What is waited for, and the states that fulfil it. A phone that answers has got the message.
GOALS = {
    "accepted": frozenset({"queued", "sending", "sent", "delivered", "answered"}),
    "sent": frozenset({"sent", "delivered", "answered"}),
    "delivered": frozenset({"delivered", "answered"}),
    "answered": frozenset({"answered"}),
}


class Delivery:
    """Follows messages: enter it before they are sent, for they may be quick."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._heard: dict[str, dict[str, Any]] = {}
        self._answers: dict[str, str] = {}
        self._changed = asyncio.Event()
        self._stopped = self._returned = False
        self._ends: list[CALLBACK_TYPE] = []

    def __enter__(self) -> Self:
        self._ends = [
            self._bridge.listen("event", self._event),
            self._bridge.listen("online", self._online),
            self._bridge.listen("stop", self._stop),
        ]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        while self._ends:
            self._ends.pop()()

    @callback
    def _event(self, name: str, payload: dict[str, Any]) -> None:
        if name == "sms/status":
            self._heard[str(payload.get("message"))] = payload
        elif name == "sms/received" and not payload.get("redelivered"):
            self._take_answer(payload)
        self._changed.set()

    @callback
    def _online(self, name: str, _: dict[str, Any]) -> None:
        if name == "online":
            self._returned = True
            self._changed.set()

    @callback
    def _stop(self, _: str, __: dict[str, Any]) -> None:
        self._stopped = True
        self._changed.set()

    def _take_answer(self, received: dict[str, Any]) -> None:
        for key, message in self._heard.items():
            out = message.get("state") in ("sent", "delivered")
            if out and message.get("to") == received.get("from") is not None:
                self._answers.setdefault(key, str(received.get("text") or ""))

    async def reach(self, messages: Iterable[dict[str, Any]], goal: str, seconds: float) -> bool:
        """Write into each message how far it came; return whether that is as far as the goal.

        That is known once all have come so far, or are lost, or time is up. Of several that are to
        be answered, one answer is enough. HomeAssistantError when nobody listens any more.
        """
        wanted = {message["message"]: message for message in messages}
        enough = any if goal == "answered" else all
        try:
            async with asyncio.timeout(seconds):
                while not enough(self._state(key) in GOALS[goal] for key in wanted):
                    if all(self._state(key) in GOALS[goal] | LOST for key in wanted):
                        break
                    self._changed.clear()
                    await self._changed.wait()
                    if self._stopped:
                        raise self._bridge.failure("sms/send", translation_key="no_answer")
                    if self._returned:
                        self._returned = False
                        await self._look(wanted, goal)
        except TimeoutError:
            await self._look(wanted, goal)
        for key, message in wanted.items():
            message["state"] = self._state(key)
            if key in self._answers:
                message["answer"] = self._answers[key]
        return bool(wanted) and enough(self._state(key) in GOALS[goal] for key in wanted)

    def _state(self, key: str) -> str:
        if key in self._answers:
            return "answered"
        return str(self._heard.get(key, {}).get("state", "queued"))

    async def _look(self, keys: Iterable[str], goal: str) -> None:
        """Ask where those are that have not come so far: a change may have been missed."""
        for key in keys:
            if self._state(key) in GOALS[goal] | LOST:
                continue
            try:
                self._heard[key] = await self._bridge.ask("sms/status", {"message": key})
            except HomeAssistantError:
                return

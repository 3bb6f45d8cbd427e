"""Received texts become events of Home Assistant's bus: each once, and none that came is lost."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import voluptuous as vol
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.storage import Store

from .bridge import Bridge
from .const import CONF_LEGACY_EVENT, CONF_REPLAY, DOMAIN, EVENT_LEGACY, EVENT_RECEIVED
from .payloads import text_of

_LOGGER = logging.getLogger(__name__)

#: How many texts are remembered as known; more than ever stand after the last one caught up with.
REMEMBERED = 2000
PAGE = 100
#: Seconds for the list: the modem has no part in it, and texts of now wait behind it.
ANSWER = 10
#: Seconds after which a list that could not be read is asked for again.
RETRY = 60.0
#: Seconds after which what a bridge had to keep for itself comes too late to be news.
LATE = 60.0

#: What is kept on disk.
_KEPT = vol.Schema(
    {
        vol.Required("last"): vol.Maybe(str),
        vol.Required("known"): [str],
        vol.Optional("incomplete", default=list): [str],
    },
    extra=vol.ALLOW_EXTRA,
)

Taker = Callable[[dict[str, Any]], None]


def store_of(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Where an entry's place in the inbox is kept, even when the power fails."""
    return Store(hass, 1, f"{DOMAIN}.{entry_id}", atomic_writes=True)


class Inbox:
    """Follows the inbox of one bridge.

    The place (`last`) moves only along the bridge's own list, which is in order. Whenever something
    may have been missed, texts that come wait until the list has been read from there on.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any], bridge: Bridge) -> None:
        self._hass = hass
        self._entry = entry
        self._bridge = bridge
        self._store = store_of(hass, entry.entry_id)
        #: By uid, and whether it was complete when it was told.
        self._known: dict[str, bool] = {}
        self._last: str | None = None
        self._new = True
        self._running = False
        self._current = False
        #: Since when the bridge is away, and whether it had been away for long.
        self._gone: float | None = None
        self._late = False
        self._again = False
        self._failed = False
        self._retry: CALLBACK_TYPE | None = None
        self._unsaved = self._saving = False
        self._task: Any = None
        self._waiting: list[dict[str, Any]] = []
        self._takers: list[Taker] = []
        self._ends: list[CALLBACK_TYPE] = []

    async def load(self) -> None:
        """Remember what is known; when that cannot be read it is as at the first time."""
        try:
            kept = await self._store.async_load()
            if kept is not None:
                self._recall(_KEPT(kept))
        except (HomeAssistantError, NotImplementedError, KeyError, TypeError, vol.Invalid) as error:
            # Written by a newer version, or by hand. To send is worth more than to catch up.
            _LOGGER.error(
                "What is known of the texts of %s cannot be read, so none is replayed: %r",
                self._bridge.name,
                error,
            )

    def _recall(self, kept: dict[str, Any]) -> None:
        self._last = kept["last"]
        incomplete = {*kept["incomplete"]}
        self._known = {uid: uid not in incomplete for uid in kept["known"]}
        self._new = False

    @callback
    def start(self) -> None:
        """Listen; texts are told once Home Assistant has started."""
        self._ends = [
            self._bridge.listen("event", self._event),
            self._bridge.listen("online", self._online),
            async_at_started(self._hass, self._started),
        ]

    @callback
    def stop(self) -> None:
        """Listen no more."""
        self._running = False
        while self._ends:
            self._ends.pop()()
        self._stop_retry()
        if self._task is not None:
            self._task.cancel()
            self._save()

    @callback
    def listen(self, taker: Taker) -> CALLBACK_TYPE:
        """Hand each text to `taker` as well, as it goes to the bus."""
        self._takers.append(taker)
        return lambda: self._takers.remove(taker)

    @callback
    def _started(self, _: HomeAssistant) -> None:
        # Before this, the automations that wait for the event are not there.
        self._running = True
        self._catch_up()
        if self._task is None:
            self._release()
            self._save()

    @callback
    def _online(self, name: str, _: dict[str, Any]) -> None:
        self._current = False
        now = self._hass.loop.time()
        if name == "online":
            self._late = self._gone is not None and now - self._gone > LATE
            self._gone = None
            self._catch_up()
        elif self._gone is None:
            self._gone = now

    @callback
    def _event(self, name: str, payload: dict[str, Any]) -> None:
        message = text_of(payload) if name == "sms/received" else None
        if message is None:
            return
        self._waiting.append(message)
        if self._running and self._task is None:
            self._release()
            self._save()

    @callback
    def _catch_up(self, _: datetime | None = None) -> None:
        self._stop_retry()
        if not (self._running and self._bridge.online):
            return
        if self._task is not None:
            self._again = True
            return
        self._task = self._entry.async_create_background_task(
            self._hass, self._read(), f"{DOMAIN} inbox", eager_start=False
        )

    @callback
    def _stop_retry(self) -> None:
        if self._retry is not None:
            self._retry()
            self._retry = None

    async def _read(self) -> None:
        """Replay what the list holds after our place, then let go what came meanwhile."""
        try:
            self._again = True
            while self._again:
                self._again = False
                try:
                    await self._read_list()
                    self._current, self._failed = True, False
                except HomeAssistantError as error:
                    level = logging.DEBUG if self._failed else logging.WARNING
                    self._failed = True
                    _LOGGER.log(
                        level, "The inbox of %s could not be read: %s", self._bridge.name, error
                    )
            if not self._current:
                self._retry = async_call_later(self._hass, RETRY, self._catch_up)
        finally:
            self._task = None
            if self._running:
                self._release()
                self._save()

    async def _read_list(self) -> None:
        # At the very first time there is nothing to catch up with, whatever lies there.
        wanted = not self._new and self._entry.options.get(CONF_REPLAY, True)
        read = {self._last}
        while True:
            asked = {"since": self._last, "limit": PAGE, "ttl": ANSWER}
            rows = await self._bridge.rows("sms/inbox", "uid", asked, ANSWER)
            messages = [message for row in rows if (message := text_of(row))]
            # One that was read already: the list does not go on, or two bridges answer in turns.
            if not messages or messages[-1]["uid"] in read:
                break
            if self._hass.is_stopping:
                return
            for message in messages:
                uid = self._last = message["uid"]
                read.add(uid)
                # One that waits came now: it is told in its turn, for the place is behind it.
                # Not so after a long absence: the bridge tells first what it could not tell then.
                now = not self._late and any(each["uid"] == uid for each in self._waiting)
                self._tell(message, replayed=not now, wanted=now or wanted)
                await asyncio.sleep(0)
            if not self._new:
                # Here, so that a crash has no more than one page told again.
                await self._store.async_save(self._kept())
        self._new = self._late = False
        self._save()

    @callback
    def _release(self) -> None:
        if self._hass.is_stopping:
            return  # The automations are stopped already: the next start replays what waits.
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            if self._current and self._news(message):
                self._last = message["uid"]
            self._tell(message, replayed=False, wanted=True)

    def _tell(self, message: dict[str, Any], *, replayed: bool, wanted: bool) -> None:
        if self._news(message):
            self._known[message["uid"]] = message["complete"]
            if wanted:
                self._fire(message, replayed=replayed)

    def _news(self, message: dict[str, Any]) -> bool:
        """Whether it is not told yet; the whole of one that was incomplete is told as well."""
        told_complete = self._known.get(message["uid"])
        return told_complete is None or (not told_complete and message["complete"])

    @callback
    def _fire(self, message: dict[str, Any], *, replayed: bool) -> None:
        told = {
            **message,
            "modem": self._bridge.name,
            "entry_id": self._entry.entry_id,
            "replayed": replayed,
        }
        self._hass.bus.async_fire(EVENT_RECEIVED, told)
        if self._entry.options.get(CONF_LEGACY_EVENT) and told.get("text") is not None:
            self._hass.bus.async_fire(
                EVENT_LEGACY,
                {
                    "phone": told.get("from"),
                    "date": told.get("time") or told.get("received"),
                    "text": told["text"],
                    "replayed": replayed,
                },
            )
        for taker in (*self._takers,):
            taker(told)

    @callback
    def _save(self) -> None:
        while len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]
        self._unsaved = not self._new
        if self._unsaved and not self._saving:
            # At once: what was told is not to be told again after a crash. Unloading waits for it.
            self._entry.async_create_task(self._hass, self._write(), f"{DOMAIN} save")

    async def _write(self) -> None:
        """Save, and once more if there was news meanwhile: many texts may come at once."""
        self._saving = True
        try:
            while self._unsaved:
                self._unsaved = False
                await self._store.async_save(self._kept())
        finally:
            self._saving = False

    def _kept(self) -> dict[str, Any]:
        incomplete = [uid for uid, complete in self._known.items() if not complete]
        return {"last": self._last, "known": [*self._known], "incomplete": incomplete}

"""One bridge as it is seen over MQTT: its states, its events, and requests with their answers."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from homeassistant.components import mqtt
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.json import json_dumps

from .const import CONTRACT, DOMAIN
from .payloads import document_of, major, rows_of

_LOGGER = logging.getLogger(__name__)

#: Seconds that a request may wait for the modem: then it is answered `expired`, and never done.
TTL = 60
#: A text may wait longer, for it is in the outbox as soon as this is answered: `validity` says.
LASTING = "sms/send"
#: Seconds that the work itself takes at most, where the request does not say.
WORK = 60.0

#: The contract's error codes that have a translation; others are told as `request_failed`.
CODES = frozenset(
    {
        *("invalid_request", "unknown_request", "retained", "duplicate", "forbidden"),
        *("rate_limited", "unavailable", "modem_error", "timeout", "unknown_outcome"),
        *("expired", "internal"),
    }
)

Listener = Callable[[str, dict[str, Any]], None]


class RequestFailed(HomeAssistantError):
    """The bridge answered with an error; `code` is one of the contract, `message` its words."""

    def __init__(self, request: str, error: Mapping[str, Any]) -> None:
        self.code = str(error.get("code"))
        self.message, said = str(error.get("message")), str(error.get("modem") or "")
        if said not in self.message:
            self.message += f" ({said})"
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=self.code if self.code in CODES else "request_failed",
            translation_placeholders={
                "request": request,
                "code": self.code,
                "message": self.message,
            },
        )


class RequestInvalid(RequestFailed, ServiceValidationError):
    """The request was wrong by itself: whoever made it has to mend it."""


class Bridge:
    """The topics below one base. `start` subscribes, `stop` ends it."""

    def __init__(self, hass: HomeAssistant, base: str) -> None:
        self.hass = hass
        self.base = base
        self.online = False
        self.states: dict[str, dict[str, Any]] = {}
        #: By id of the request; None when there will be no answer.
        self._answers: dict[str, asyncio.Future[dict[str, Any] | None]] = {}
        self._listeners: dict[str, list[Listener]] = {
            "state": [],
            "event": [],
            "online": [],
            "stop": [],
        }
        self._subscriptions: list[CALLBACK_TYPE] = []
        self._known = asyncio.Event()

    @property
    def name(self) -> str:
        """The modem's name in the bridge's configuration."""
        return self.base.rpartition("/")[2]

    @property
    def understood(self) -> bool:
        """Whether the bridge speaks the contract that this integration knows."""
        return major(self.states.get("bridge", {})) in (None, CONTRACT)

    async def start(self) -> None:
        """Subscribe to everything that the bridge says, until Home Assistant stops."""
        self._subscriptions = [mqtt.async_subscribe_connection_status(self.hass, self._connection)]
        for topic, heard in (
            ("event/#", self._event),
            ("response/#", self._response),
            ("availability", self._availability),
            ("state/#", self._state),
        ):
            subscription = await mqtt.async_subscribe(
                self.hass, f"{self.base}/{topic}", heard, qos=1, encoding="utf-8"
            )
            self._subscriptions.append(subscription)
        # The web server would wait for whoever still waits here.
        self._subscriptions.append(
            self.hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._stopping)
        )

    @callback
    def _stopping(self, _: Event) -> None:
        self.stop()

    @callback
    def stop(self) -> None:
        """Unsubscribe; who waits for an answer or a delivery is told that there is none."""
        self.online = False
        while self._subscriptions:
            self._subscriptions.pop()()
        self._give_up()
        self._tell("stop", "", {})

    @callback
    def _give_up(self) -> None:
        for answer in self._answers.values():
            if not answer.done():
                answer.set_result(None)
        self._answers.clear()

    async def known(self, seconds: float) -> bool:
        """Wait until the bridge has said what it is; False when it does not in time."""
        try:
            async with asyncio.timeout(seconds):
                await self._known.wait()
        except TimeoutError:
            return False
        return True

    @callback
    def listen(self, kind: str, listener: Listener) -> CALLBACK_TYPE:
        """Call `listener(name, payload)` at each `state` or `event`, as it comes, goes or stops."""
        self._listeners[kind].append(listener)
        return lambda: self._listeners[kind].remove(listener)

    async def ask(
        self,
        request: str,
        parameters: Mapping[str, Any] = MappingProxyType({}),
        work: float = WORK,
    ) -> dict[str, Any]:
        """Return the data of the answer to `sms/send` and the like.

        `work` is how many seconds the bridge may need once it has begun. Raises RequestFailed, or
        HomeAssistantError when the bridge is not there or says nothing.
        """
        if not mqtt.is_connected(self.hass):
            # It would be published all the same, as soon as it is, and nobody wait for it.
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="mqtt_unavailable")
        if not self.online:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="offline",
                translation_placeholders={"name": self.name},
            )
        key = uuid.uuid4().hex
        answer: asyncio.Future[dict[str, Any] | None] = self.hass.loop.create_future()
        lasting = {} if request == LASTING else {"ttl": TTL}
        document = {**lasting, **parameters, "id": key}
        ttl = document["ttl"] if lasting and isinstance(document["ttl"], int | float) else TTL
        try:
            payload = json_dumps(document)
        except (ValueError, TypeError) as error:
            wrong = {"code": "invalid_request", "message": str(error)}
            raise RequestInvalid(request, wrong) from error
        self._answers[key] = answer
        try:
            await mqtt.async_publish(
                self.hass, f"{self.base}/request/{request}", payload, qos=1, retain=False
            )
            async with asyncio.timeout(ttl + work):
                said = await answer
        except TimeoutError:
            said = None
        finally:
            self._answers.pop(key, None)
        if said is None:
            raise self.failure(request, translation_key="no_answer")
        if said.get("status") == "error":
            told = said.get("error")
            why = told if isinstance(told, dict) else {}
            wrong_itself = why.get("code") in ("invalid_request", "unknown_request")
            raise (RequestInvalid if wrong_itself else RequestFailed)(request, why)
        data = said.get("data", {})
        if said.get("status") not in ("ok", "accepted") or not isinstance(data, dict):
            raise self.failure(request, translation_key="not_understood")
        return data

    async def rows(
        self, request: str, key: str, parameters: Mapping[str, Any], work: float = WORK
    ) -> list[dict[str, Any]]:
        """Return the messages of an answer, each with its `key`."""
        rows = rows_of(await self.ask(request, parameters, work), key)
        if rows is None:
            raise self.failure(request, translation_key="not_understood")
        return rows

    def failure(self, request: str, *, translation_key: str) -> HomeAssistantError:
        """What to raise when there is no answer, or one that nobody can make sense of."""
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=translation_key,
            translation_placeholders={"name": self.name, "request": request},
        )

    @callback
    def _connection(self, connected: bool) -> None:
        """Lose the broker, and with it what it had for us.

        When it is back nothing is heard before what it retained comes again: until then it makes
        no sense to ask.
        """
        if not connected:
            self._hear(online=False, anew=False)
            self._give_up()

    @callback
    def _availability(self, message: mqtt.ReceiveMessage) -> None:
        # Said anew it has been away, even when its going was not heard.
        self._hear(online=message.payload == "online", anew=not message.retain)

    def _hear(self, *, online: bool, anew: bool) -> None:
        name = "online" if online else "offline"
        if online != self.online:
            _LOGGER.info("The bridge of %s is %s", self.name, name)
        if online != self.online or anew:
            self.online = online
            self._tell("online", name, {})

    @callback
    def _state(self, message: mqtt.ReceiveMessage) -> None:
        name = message.topic.removeprefix(f"{self.base}/state/")
        payload = document_of(message.payload)
        if payload is None:
            return
        self.states[name] = payload
        if name == "bridge":
            self._known.set()
        self._tell("state", name, payload)

    @callback
    def _event(self, message: mqtt.ReceiveMessage) -> None:
        payload = document_of(message.payload)
        # Events are never retained; one that is was put there by a stranger.
        if payload is not None and not message.retain:
            self._tell("event", message.topic.removeprefix(f"{self.base}/event/"), payload)

    @callback
    def _response(self, message: mqtt.ReceiveMessage) -> None:
        payload = document_of(message.payload)
        answer = self._answers.get(str(payload.get("id"))) if payload is not None else None
        if payload is not None and answer is not None and not answer.done():
            answer.set_result(payload)

    def _tell(self, kind: str, name: str, payload: dict[str, Any]) -> None:
        for listener in (*self._listeners[kind],):
            listener(name, payload)

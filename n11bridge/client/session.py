"""A client of the bridge's own broker, for as long as one command runs."""

import argparse
import json
import os
import queue
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from n11bridge.broker.refusal import Refused, tls_context, unreachable
from n11bridge.config import Config, ConfigError, load

#: How long the broker may take to answer (seconds).
ANSWER_TIME = 10.0

#: Exit codes: done; the answer was an error; the call is wrong; no answer came.
DONE, FAILED, WRONG, UNANSWERED = 0, 1, 2, 3


class ClientError(Exception):
    """The command cannot go on; ``code`` is what it exits with."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


class Session:
    """Connected while its ``with`` block runs; ClientError if the broker does not let us."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._messages: queue.Queue[tuple[str, bytes | bytearray]] = queue.Queue()
        #: What came while an answer was waited for, for `heard`.
        self._aside: list[tuple[str, Any]] = []
        self._connected = threading.Event()
        self._granted = threading.Event()
        self._refusal: str | None = None
        self._filters: dict[str, None] = {}
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=f"n11bridge-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        )
        self._client.connect_timeout = ANSWER_TIME
        self._client.username_pw_set(config.mqtt.username, config.mqtt.password)
        self._client.on_connect = self._answered
        self._client.on_subscribe = self._subscribed
        self._client.on_message = lambda _client, _data, message: self._messages.put(
            (message.topic.removeprefix(f"{config.base}/"), message.payload)
        )

    def __enter__(self) -> Self:
        mqtt = self._config.mqtt
        try:
            if (context := tls_context(mqtt)) is not None:
                self._client.tls_set_context(context)
            self._client.connect(mqtt.host, mqtt.port)
        except Refused as refused:
            raise ClientError(str(refused)) from refused
        except (OSError, UnicodeError) as error:
            raise ClientError(str(unreachable(mqtt, error))) from error
        self._client.loop_start()
        try:
            self._await(self._connected, "it does not answer")
        except ClientError:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def listen(self, *topics: str) -> None:
        """Hear what is published below the base, and what is retained there."""
        self._subscribe(*(f"{self._config.base}/{topic}" for topic in topics))

    def _subscribe(self, *filters: str) -> None:
        self._granted.clear()
        self._filters.update(dict.fromkeys(filters))
        self._client.subscribe([(each, 1) for each in filters])
        self._await(self._granted, f"it does not answer when we want {', '.join(filters)}")

    def publish(self, topic: str, payload: str) -> None:
        """Publish below the base."""
        self._client.publish(f"{self._config.base}/{topic}", payload, qos=1)

    def retained(self, filter_: str, seconds: float) -> list[Any]:
        """What is retained on topics anywhere at the broker, as far as it comes in that time."""
        self._subscribe(filter_)
        return [said for _, said in self._coming(seconds)]

    def heard(self, seconds: float) -> Iterator[tuple[str, Any]]:
        """Topics and payloads as they came and come, until so many seconds have passed."""
        while self._aside:
            yield self._aside.pop(0)
        yield from self._coming(seconds)

    def _coming(self, seconds: float) -> Iterator[tuple[str, Any]]:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                topic, payload = self._messages.get(timeout=left)
            except queue.Empty:
                return
            yield topic, _decoded(payload)

    def ask(
        self, name: str, parameters: Mapping[str, Any], seconds: float, *also: str
    ) -> dict[str, Any]:
        """Return the response to a request; ``also`` are topics to listen to from before it.

        ClientError when there is no bridge or no answer.
        """
        self.listen("availability", f"response/{name}", *also)
        id_ = str(parameters.get("id") or uuid.uuid4().hex[:16])
        there = self.first("availability", 2.0)
        if there != "online":
            state = "is offline" if there else "was never seen at this broker"
            raise ClientError(f"the bridge {self._config.base} {state}", UNANSWERED)
        self.publish(f"request/{name}", json.dumps({**parameters, "id": id_}))
        response = self.first(f"response/{name}", seconds, lambda said: said.get("id") == id_)
        if response is None:
            why = f"no answer within {seconds:g} s; it may still be carried out"
            raise ClientError(why, UNANSWERED)
        answer: dict[str, Any] = response
        return answer

    def first(
        self, wanted: str, seconds: float, fits: Callable[[Any], bool] = lambda said: True
    ) -> Any:
        """The first payload on a topic that fits; all else is put aside."""
        for topic, said in self._coming(seconds):
            if topic == wanted and fits(said):
                return said
            self._aside.append((topic, said))
        return None

    def _await(self, event: threading.Event, otherwise: str) -> None:
        if not event.wait(ANSWER_TIME) or self._refusal:
            mqtt = self._config.mqtt
            raise ClientError(f"the broker {mqtt.host}:{mqtt.port}: {self._refusal or otherwise}")

    def _answered(
        self, client: Any, data: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        self._refusal = str(reason) if reason.is_failure else None
        if self._filters and not reason.is_failure:  # the broker was away and has forgotten us
            client.subscribe([(each, 1) for each in self._filters])
        self._connected.set()

    def _subscribed(
        self, client: Any, data: Any, mid: int, reasons: list[ReasonCode], properties: Any
    ) -> None:
        refused = [str(reason) for reason in reasons if reason.is_failure]
        self._refusal = f"it does not let us listen: {refused[0]}" if refused else None
        self._granted.set()


def _decoded(payload: bytes | bytearray) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode("utf-8", "replace")


def visible(text: str) -> str:
    """A text for a terminal: what would move its cursor is made visible."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def good(response: Mapping[str, Any]) -> Any:
    """The data of a response; ClientError with its words when it is an error."""
    if response["status"] != "error":
        return response["data"]
    error = response["error"]
    raise ClientError(f"{error['code']}: {error['message']}")


def add_common(parser: argparse.ArgumentParser, config: Path) -> None:
    """Add the options that every command of a client has."""
    parser.add_argument(
        "-c",
        "--config",
        type=Path,
        default=config,
        metavar="FILE",
        help="the bridge's configuration, which says where the broker is (default: %(default)s)",
    )
    parser.add_argument(
        "-t",
        "--timeout",
        type=float,
        default=30.0,
        metavar="SECONDS",
        help="how long to wait for the answer (default: %(default)g)",
    )


def carry_out(
    arguments: argparse.Namespace, work: Callable[[Session, argparse.Namespace], int]
) -> int:
    """Do a command's work in a session; return its exit code, with words on stderr."""
    try:
        with Session(load(arguments.config)) as session:
            return work(session, arguments)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG
    except ClientError as error:
        sys.stderr.write(f"{error}\n")
        return error.code

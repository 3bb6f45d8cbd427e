"""What the demo plays with: the modem, the bridge's configuration, the listener at the broker."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from n11bridge.discovery import device_topic
from n11bridge.simulator import Profile, Simulator, Style
from n11bridge.simulator.line import PtyLine
from n11bridge.simulator.uart import Uart

from .brokers import Broker
from .child import Child, running
from .errors import DemoError
from .watcher import Watcher, end_session

#: The modem's name: nobody's own modem is called so, least of all at a broker in use.
NAME = "demo"
BASE = f"n11bridge/{NAME}"
CONTACTS = {"alice": "+491701234567", "bob": "+491707654321"}
_CLIENT_ID = f"n11bridge-{NAME}"
_HOME_ASSISTANT = "homeassistant"
_NEVER_RETAINED = tuple(f"{BASE}/{kind}/" for kind in ("event", "request", "response"))


@dataclass(frozen=True)
class Pace:
    """How long things take, in seconds; a real modem takes 15 to start, or longer."""

    boot: float
    network: float
    send: float
    report: float
    pause: float
    """Between two things that happen."""


PACES = {
    "normal": Pace(boot=0.8, network=1.2, send=0.8, report=1.5, pause=2.5),
    "fast": Pace(boot=0.1, network=0.1, send=0.05, report=0.05, pause=0.1),
}


def modem(port: Path, pace: Pace) -> Simulator:
    """Return a modem at ``port`` that starts and answers as the recorded ones do.

    MODEM:STARTUP, then +PBREADY, registration later; its echo is on, one CRLF or two stand before
    OK, and lines may end with a blank.
    """
    profile = Profile(
        boot_delay=pace.boot,
        ready_delay=pace.network / 2,
        registration_delay=pace.network,
        send_delay=pace.send,
        report_delay=pace.report,
    )
    uart = Uart()
    return Simulator(PtyLine(uart, port), profile, Style(spacing="mixed", trailing=" "), uart)


def bridge(
    folder: Path, port: Path, broker: Broker, *, discovery: bool
) -> AbstractAsyncContextManager[Child]:
    """Return the daemon as everyone runs it, with its configuration and store in ``folder``."""
    mqtt: dict[str, Any] = {
        "host": broker.host,
        "port": broker.port,
        "client_id": _CLIENT_ID,
        "protocol": broker.protocol,
        "discovery": _HOME_ASSISTANT if discovery else False,
    }
    environment = {}
    if broker.username:
        mqtt["username"] = broker.username
        if broker.password is not None:
            mqtt["password"] = "${N11_MQTT_PASSWORD}"
            environment["N11_MQTT_PASSWORD"] = broker.password
    settings = {
        "modem": {"name": NAME, "port": str(port)},
        "mqtt": mqtt,
        "store": str(folder / "demo.db"),
        "contacts": CONTACTS,
        "groups": {"family": [*CONTACTS]},
        "sms": {"trusted": ["alice"]},
    }
    file = folder / "n11bridge.yaml"
    file.write_text(yaml.safe_dump(settings, sort_keys=False))
    command = [sys.executable, "-m", "n11bridge", "run", "-c", str(file)]
    return running("the bridge", command, folder / "bridge.log", **environment)


@asynccontextmanager
async def listener(broker: Broker, on_connection: Callable[[bool], None]) -> AsyncIterator[Watcher]:
    """Yield a client that sees the bridge's topics; afterwards a broker in use is clean again.

    DemoError if the broker cannot be used, or what it retained for the demo not be cleared.
    """
    topics = [f"{BASE}/#", device_topic(_HOME_ASSISTANT, Profile().imei)]
    async with Watcher(broker, topics, on_connection) as watcher:
        try:
            yield watcher
        finally:
            if not broker.ours:
                await _clean(broker, watcher)


async def _clean(broker: Broker, watcher: Watcher) -> None:
    """Remove what a broker keeps of the demo: retained messages and the bridge's session."""
    try:
        for topic in sorted(watcher.seen):
            if not topic.startswith(_NEVER_RETAINED):
                await watcher.publish(topic, "", retain=True)
    except DemoError as error:
        raise DemoError(f"messages stay retained below {BASE} at the broker: {error}") from error
    await end_session(broker, _CLIENT_ID)

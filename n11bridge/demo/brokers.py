"""Where the demo's MQTT broker comes from: one that runs, amqtt in this process, mosquitto."""

import asyncio
import contextlib
import importlib.util
import logging
import os
import re
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .child import Child, running
from .errors import DemoError

_STOP_TIME = 3.0


@dataclass(frozen=True)
class Broker:
    """A broker to be used; ``ours`` if it ends with the demo, ``child`` if it is a program."""

    host: str
    port: int
    name: str
    ours: bool = True
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    protocol: str = "auto"
    child: Child | None = None


@asynccontextmanager
async def provide(address: str | None, username: str | None, folder: Path) -> AsyncIterator[Broker]:
    """Yield the broker at ``address`` HOST[:PORT], or else one that ends with the block.

    DemoError if the address is none, or if there is nothing to make a broker of.
    """
    async with AsyncExitStack() as stack:
        if address:
            yield _running_one(address, username)
        elif importlib.util.find_spec("amqtt") is not None:
            yield await stack.enter_async_context(_amqtt())
        elif (program := shutil.which("mosquitto", path=_path())) is not None:
            yield await stack.enter_async_context(_mosquitto(program, folder))
        else:
            raise DemoError(
                "there is no MQTT broker to use. One of these helps:\n"
                f"    {sys.executable} -m pip install amqtt\n"
                "    sudo apt install mosquitto\n"
                "    n11bridge demo --broker HOST:PORT"
            )


def _running_one(address: str, username: str | None) -> Broker:
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s:/]+)(?::([0-9]{1,5}))?", address)
    if found is None:
        raise DemoError(f"{address} is no broker: HOST:PORT is wanted, such as localhost:1883")
    password = os.environ.get("N11_MQTT_PASSWORD") if username else None
    return Broker(
        found[1].strip("[]"),
        int(found[2] or 1883),
        "running already",
        ours=False,
        username=username,
        password=password,
    )


@asynccontextmanager
async def _amqtt() -> AsyncIterator[Broker]:
    from amqtt.broker import Broker as Amqtt

    # It logs every client that comes and goes, and what it thinks of it.
    logger = logging.getLogger("amqtt")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    port = _free_port()
    listener = {"type": "tcp", "bind": f"127.0.0.1:{port}"}
    anonymous = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    broker = Amqtt({"listeners": {"default": listener}, "plugins": anonymous})
    # Cut off in the middle of its start, it would complain.
    starting = asyncio.ensure_future(broker.start())
    try:
        await asyncio.shield(starting)
        # It does not answer a client that speaks MQTT 5.
        yield Broker("127.0.0.1", port, "amqtt, part of this demo", protocol="3.1.1")
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_TIME):  # it waits for clients that stay connected
                await starting
                await broker.shutdown()


@asynccontextmanager
async def _mosquitto(program: str, folder: Path) -> AsyncIterator[Broker]:
    port = _free_port()
    settings = folder / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
    if os.geteuid() == 0:  # it would become a user who may not read the folder
        settings.write_text(f"user root\n{settings.read_text()}")
    command = [program, "-c", str(settings)]
    async with running("mosquitto", command, folder / "mosquitto.log") as child:
        yield Broker("127.0.0.1", port, "mosquitto, part of this demo", child=child)


def _path() -> str:
    """Where programs are; Debian keeps daemons out of a user's PATH."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])

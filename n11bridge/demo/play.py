"""Lets it all happen, and clears everything away."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from n11bridge.simulator import Simulator

from . import paste, stage
from .brokers import Broker, provide
from .narrator import Narrator
from .terminal import RED, Terminal
from .watcher import Message, Watcher

_TO_ALICE = f"{stage.BASE}/request/sms/send/alice"


def play(arguments: argparse.Namespace) -> None:
    """Run the demo until a signal ends it; DemoError if something else does."""
    # What a terminal cannot show must not end the demo.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    asyncio.run(_until_stopped(Demo(arguments, Terminal(sys.stdout))))


async def _until_stopped(demo: "Demo") -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await _first(demo.run(), stopping.wait())
    demo.terminal.write("", "The demo is over; nothing is left of it.")


async def _first(*coroutines: Coroutine[Any, Any, Any]) -> None:
    """Run all until one ends, and end the others; raise what any of them raises."""
    tasks = [asyncio.create_task(each) for each in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        if not task.cancelled():
            task.result()


class Demo:
    """One performance."""

    def __init__(self, arguments: argparse.Namespace, terminal: Terminal) -> None:
        self.terminal = terminal
        self._arguments = arguments
        self._pace = stage.PACES[arguments.speed]
        self._narrator = Narrator(terminal, stage.BASE)
        self._ready = asyncio.Event()
        self._received = asyncio.Event()
        self._answers = 0
        self._answering: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Set the stage and play until cancelled; DemoError if something falls over."""
        arguments = self._arguments
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="n11bridge-demo-")))
            enter = stack.enter_async_context
            broker = await enter(provide(arguments.broker, arguments.username, folder))
            watcher = await enter(stage.listener(broker, self._connection))
            self._introduce(broker, folder)
            port = folder / "modem"
            simulator = await enter(stage.modem(port, self._pace))
            discovery = broker.ours or arguments.discovery
            bridge = await enter(stage.bridge(folder, port, broker, discovery=discovery))
            children = [child for child in (bridge, broker.child) if child is not None]
            await _first(
                self._follow(watcher, simulator),
                self._plot(watcher, simulator, broker),
                *[child.ended() for child in children],
            )

    def _introduce(self, broker: Broker, folder: Path) -> None:
        self.terminal.write(
            "This is n11bridge at work, with a simulated modem. Ctrl-C ends it.",
            f"  broker  {broker.host}:{broker.port} ({broker.name})",
            f"  files   {folder} (configuration, store, log; removed at the end)",
        )

    def _connection(self, there: bool) -> None:
        if there:
            self.terminal.say("broker", "back again")
        else:
            self.terminal.say("broker", "gone; waiting for it", RED)

    async def _follow(self, watcher: Watcher, simulator: Simulator) -> None:
        """Tell what is published; the simulated network answers every text that was delivered."""
        async for message in watcher:
            try:
                self._narrator.tell(message.topic, message.payload)
                self._note(message, simulator)
            except (ValueError, LookupError, TypeError, AttributeError):
                # Anyone may publish there, or delete what is retained.
                what = f"{message.topic} has what the bridge does not publish"
                self.terminal.say("problem", what, RED)

    def _note(self, message: Message, simulator: Simulator) -> None:
        path = message.topic.removeprefix(f"{stage.BASE}/")
        if path == "event/sms/received":
            self._received.set()
        elif path == "state/modem" and json.loads(message.payload)["status"] == "ready":
            self._ready.set()
        elif path == "event/sms/status":
            status = json.loads(message.payload)
            if status["state"] == "delivered":
                task = asyncio.create_task(self._answer(simulator, status["to"]))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)

    async def _answer(self, simulator: Simulator, number: str) -> None:
        await asyncio.sleep(self._pace.pause)
        # Numbered, for a text that says the same within the same second is the same text.
        self._answers += 1
        text = f"Thank you, your text no. {self._answers} has arrived."
        await simulator.do("receive", from_=number, text=text)

    async def _plot(self, watcher: Watcher, simulator: Simulator, broker: Broker) -> None:
        say = self.terminal
        say.heading("The modem gets ready")
        await self._ready.wait()
        await asyncio.sleep(self._pace.pause)
        say.heading("Texts arrive, as networks sent them years ago")
        data = files(__package__).joinpath("texts.yaml").read_text("utf-8")
        for text in yaml.safe_load(data):
            self._received.clear()
            await simulator.do("receive_pdu", pdus=text["pdus"])
            await self._received.wait()
            say.aside(text["about"])
            await asyncio.sleep(self._pace.pause)
        say.heading("One is sent, as any MQTT client can ask for it, and answered")
        self._received.clear()
        await watcher.publish(_TO_ALICE, "Hello from the demo!")
        await self._received.wait()
        await asyncio.sleep(self._pace.pause)
        say.heading("Now send your own: paste one of these into another terminal")
        say.write(
            f"  {paste.send_with_mosquitto(broker, _TO_ALICE, 'Hello')}",
            f"  {paste.send_with_python(broker, _TO_ALICE, 'Hello')}",
        )
        say.heading("And this shows every message as it is")
        say.write(f"  {paste.watch_with_mosquitto(broker, f'{stage.BASE}/#')}", "")
        await asyncio.Event().wait()

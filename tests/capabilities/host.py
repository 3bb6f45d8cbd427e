"""What the bridge is to a capability: a real modem and store, and a peer that plays the modem."""

import asyncio
import contextlib
import inspect
import os
import tty
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import voluptuous as vol

from n11bridge.at.errors import AtError
from n11bridge.capabilities.diagnosis import replies, resolve
from n11bridge.capability import Capability, Request
from n11bridge.config import Config, Mqtt, Signal
from n11bridge.config import Modem as ModemSettings
from n11bridge.entity import GONE
from n11bridge.internet import Link, Sockets
from n11bridge.modem import Modem
from n11bridge.store import Store

#: What any modem answers; the last line of an answer is its final result.
BASIC = {
    "AT": "OK",
    "ATE0": "OK",
    "AT+CMEE=1": "OK",
    "AT+IPR?": "+IPR: 115200\nOK",
}


class Peer:
    """The modem's end of the line: a pseudo-terminal that answers each command from a table.

    A list of answers is given one after the other, the last one for ever. None is silence.
    A callable is called with the peer and returns the answer.
    """

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers: dict[str, Any] = {**BASIC, **answers}
        self.heard: list[str] = []
        self.on_line: Callable[[], None] = lambda: None
        # The modem's side of the line stays open, so that it survives the port being reopened.
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self.unfinished = b""
        asyncio.get_running_loop().add_reader(self._master, self._readable)

    def close(self) -> None:
        """Hang up."""
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)

    def _readable(self) -> None:
        *lines, self.unfinished = (self.unfinished + os.read(self._master, 4096)).split(b"\r")
        for line in lines:
            command = line.decode("latin-1").strip("\x1b")
            if command not in BASIC:
                self.heard.append(command)
            self._answer(command)
        self.on_line()

    def _answer(self, command: str) -> None:
        answer = self.answers.get(command, "ERROR")
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            answer = answer(self)
        if answer is not None:
            self.say(*answer.split("\n"))

    def say(self, *lines: str) -> None:
        """Write lines, each framed by CRLF."""
        self.send("".join(f"\r\n{line}\r\n" for line in lines))

    def send(self, text: str) -> None:
        """Write exactly this."""
        os.write(self._master, text.encode("latin-1"))

    def count(self, command: str) -> int:
        """How often the command came."""
        return self.heard.count(command)


class Bench:
    """The capabilities' `Host` and the modem's `Listener`; records what they publish."""

    def __init__(self, config: Config, store: Store, classes: tuple[type[Capability], ...]) -> None:
        self.config: Any = config
        self.store: Any = store
        self.states: dict[str, dict[str, Any]] = {}
        self.history: list[tuple[str, dict[str, Any]]] = []
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.problems: list[str] = []
        self.counted: list[str] = []
        self.unknown_lines: list[str] = []
        self.clock = 1_700_000_000.0
        self.prepared = 0
        self.ready = 0
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._kept: list[asyncio.Future[Any]] = []
        reports = [report for cls in classes for report, _ in cls.reports()]
        self.modem = Modem(config.modem.port, config.modem.baud, reports, self, self._prepare)
        self.link = Link(self.modem)
        self.sockets = Sockets(self.modem, self.link, resolve, replies)
        #: What was published beside states and events, and who wants what of the broker.
        self.published: list[tuple[str, bytes]] = []
        self.listening: list[tuple[Sequence[str], Callable[[Any], None]]] = []
        self.capabilities = {cls.name: cls(self) for cls in classes}

    def _note(self) -> None:
        self._changed.set()

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until it is true: looked at whenever something happens here or at the peer."""
        async with asyncio.timeout(10):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    # -- Host

    def now(self) -> float:
        return self.clock

    def topic(self, *levels: str) -> str:
        return "/".join(("n11bridge", "n11", *levels))

    def state(self, capability: str, values: Mapping[str, Any]) -> None:
        if self.states.get(capability) != values:
            self.states[capability] = dict(values)
            self.history.append((capability, dict(values)))
            self._note()

    def event(self, capability: str, what: str, values: Mapping[str, Any]) -> None:
        self.events.append((f"{capability}/{what}", dict(values)))
        self._note()

    async def deliver(self, capability: str, what: str, values: Mapping[str, Any]) -> None:
        self.event(capability, what, values)

    def listen(self, filters: Sequence[str], take: Callable[[Any], None]) -> None:
        self.listening.append((filters, take))

    async def publish(self, topic: str, payload: bytes) -> None:
        self.published.append((topic, payload))
        self._note()

    def problem(self, code: str, message: str) -> None:
        assert message
        self.problems.append(code)
        self._note()

    def count(self, counter: str) -> None:
        self.counted.append(counter)
        self.start(self.store.commit(lambda tables: tables.counters.add(counter)), counter)

    def sim_is_ready(self) -> None:
        self.start(self._sim_ready(), "sim")

    def entities_changed(self) -> None:
        self._note()

    def start(self, task: Any, name: str) -> None:
        future = asyncio.ensure_future(task)
        self._tasks.add(future)
        future.add_done_callback(self._tasks.discard)
        future.add_done_callback(lambda _: self._note())

    def keep(self, work: Callable[[], Any], name: str) -> None:
        self._kept.append(asyncio.ensure_future(work()))

    # -- Listener

    async def _prepare(self) -> None:
        for capability in self.capabilities.values():
            await capability.prepare()
        if "sim" not in self.capabilities:
            self.modem.set_sim("ready")
        self.prepared += 1
        if self.modem.sim == "ready":
            await self._sim_ready()
        self._note()

    async def _sim_ready(self) -> None:
        for capability in self.capabilities.values():
            await capability.sim_ready()
        self.ready += 1
        self._note()

    def reported(self, report: Any) -> None:
        for capability in self.capabilities.values():
            for kind, method in capability.reports():
                if type(report) is kind:
                    result = getattr(capability, method)(report)
                    if inspect.isawaitable(result):
                        self.start(result, method)
        self._note()

    def unknown(self, line: str) -> None:
        self.unknown_lines.append(line)
        self._note()

    def status_changed(self) -> None:
        for capability in self.capabilities.values():
            if self.modem.status in GONE:
                capability.gone()
            capability.status_changed(self.modem.status)
        self._note()

    def recovering(self, step: str, reason: str) -> None:
        if "modem" in self.capabilities:
            self.capabilities["modem"].reset(step, reason)  # type: ignore[attr-defined]
        self._note()

    # -- a person

    async def ask(self, name: str, /, **parameters: Any) -> Any:
        """Have a request answered, past its schema, as the bridge does; vol.Invalid if it fails."""
        capability_name, verb_name = name.split("/")
        capability = self.capabilities[capability_name]
        verb = capability.verbs()[verb_name]
        checked = verb.schema(parameters)
        request = Request("id", name, checked, None, self.store.commit)
        return await getattr(capability, verb.method)(request)

    async def refused(self, name: str, /, **parameters: Any) -> Exception:
        """The error that a request ends with."""
        try:
            result = await self.ask(name, **parameters)
        except (AtError, vol.Invalid, Exception) as error:
            return error
        raise AssertionError(f"{name} was answered {result}")


@contextlib.asynccontextmanager
async def bench(
    folder: Path,
    *classes: type[Capability],
    answers: Mapping[str, Any] = {},
    pin: str | None = None,
    wait: bool = True,
    **config: Any,
) -> AsyncIterator[tuple[Bench, Peer]]:
    """A running modem with these capabilities, once they have prepared it."""
    peer = Peer(answers)
    store = await Store.open(folder / "n11.db")
    settings = Config(
        modem=ModemSettings(port=peer.path, pin=pin),
        mqtt=Mqtt(host="localhost"),
        signal=Signal(interval=20),
        **config,
    )
    host = Bench(settings, store, classes)
    peer.on_line = host._note
    for capability in host.capabilities.values():
        await capability.started()
    running = asyncio.create_task(host.modem.supervise())
    try:
        if wait:
            await host.until(lambda: host.prepared and host.modem.status != "starting")
        yield host, peer
    finally:
        for endless in (running, *host._kept):
            endless.cancel()
        await asyncio.gather(running, *host._kept, *host._tasks, return_exceptions=True)
        await store.close()
        peer.close()

"""A real mosquitto, clients nobody here wrote, and a line to the broker that can be cut."""

import asyncio
import contextlib
import queue
import shutil
import signal
import socket
import subprocess
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from n11bridge.broker import Broker, Incoming
from n11bridge.config import Mqtt

AVAILABILITY = "b/availability"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Mosquitto:
    """The broker as a process; it forgets everything at `stop` unless told to keep it."""

    def __init__(self, folder: Path, *lines: str) -> None:
        self.port = free_port()
        self._conf = folder / "mosquitto.conf"
        self._conf.write_text(
            "\n".join(["user root", "log_type all", f"listener {self.port} 127.0.0.1", *lines])
        )
        self._process: subprocess.Popen[str] | None = None
        self._log: queue.Queue[str] = queue.Queue()

    def start(self) -> None:
        command = ["mosquitto", "-c", str(self._conf)]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        # Somebody must read on, or the pipe fills and the broker stands still.
        threading.Thread(target=self._read_log, args=(self._process.stderr,), daemon=True).start()
        self._wait_for_log(" running")

    def _read_log(self, log: IO[str]) -> None:
        with log:
            for line in log:
                self._log.put(line)

    def _wait_for_log(self, words: str) -> None:
        while words not in self._log.get(timeout=10):
            pass

    def reload(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)
        self._wait_for_log("Reloading config")

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Accepts bytes and answers nothing, as a broker whose machine hangs."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process is not None:
            while self._process.poll() is None:
                # Again: one that comes just after "running" is lost on mosquitto 2.0.
                self._process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(timeout=1)
            self._process = None

    def publish(self, topic: str, text: str, *options: str) -> None:
        command = ["mosquitto_pub", "-p", str(self.port), "-q", "1", "-t", topic, "-m", text]
        subprocess.run([*command, *options], check=True)

    @contextlib.asynccontextmanager
    async def watch(self, topic: str, *options: str) -> AsyncIterator["Watch"]:
        """Every message below the topic as lines 'topic retained payload'."""
        command = ["mosquitto_sub", "-p", str(self.port), "-q", "1", "-t", topic, "-d"]
        process = await asyncio.create_subprocess_exec(
            "stdbuf", "-oL", *command, "-F", "= %t %r %p", *options, stdout=subprocess.PIPE
        )
        watch = Watch(process)
        await watch.line("Subscribed")
        try:
            yield watch
        finally:
            process.kill()
            await process.wait()


class Watch:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def line(self, beginning: str) -> str:
        assert self._process.stdout is not None
        async with asyncio.timeout(10):
            async for raw in self._process.stdout:
                if (line := raw.decode().rstrip("\n")).startswith(beginning):
                    return line
        raise AssertionError(f"mosquitto_sub ended before {beginning!r}")

    async def message(self) -> str:
        return (await self.line("= "))[2:]


class Proxy:
    """A TCP line to the broker that can be cut, held, or made to dislike MQTT 5."""

    def __init__(self, target: int, *, answer_to_5: bytes | None = None) -> None:
        self.target = target
        self.port = 0
        self.versions: list[int] = []
        self.sent: list[bytes] = []
        self._answer_to_5 = answer_to_5
        self._lines: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Proxy":
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cut()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Break every connection without a word, and take no new one until `open`."""
        if self._server is not None:
            self._server.close()
        for line in self._lines:
            line.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(writer)
        connect = await reader.read(2048)
        self.versions.append(connect[connect.index(b"MQTT") + 4])
        if self._answer_to_5 is not None and self.versions[-1] == 5:
            writer.write(self._answer_to_5)
            writer.close()
            return
        there, here = await asyncio.open_connection("127.0.0.1", self.target)
        self._lines.add(here)
        here.write(connect)
        await asyncio.gather(
            self._copy(reader, here, self.sent),
            self._copy(there, writer, []),
            return_exceptions=True,
        )

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: list[bytes]
    ) -> None:
        while data := await reader.read(65536):
            seen.append(data)
            writer.write(data)
        writer.close()


class Client:
    """Our side, with everything it calls back kept."""

    def __init__(self, port: int, **settings: Any) -> None:
        self.settings = Mqtt(**{"host": "127.0.0.1", "client_id": "ours", **settings, "port": port})
        self.happened: dict[str, asyncio.Queue[Any]] = defaultdict(asyncio.Queue)
        self.broker = Broker(
            self.settings,
            will_topic=AVAILABILITY,
            on_message=lambda message: self._note("message", message),
            on_connected=lambda *how: self._note("connected", how),
            on_disconnected=lambda why: self._note("disconnected", why),
            on_problem=lambda *what: self._note("problem", what),
            retry=(0.02, 0.1),
        )

    def _note(self, kind: str, what: Any) -> None:
        self.happened[kind].put_nowait(what)

    async def next(self, kind: str) -> Any:
        """The next thing of this kind; each kind keeps its order."""
        async with asyncio.timeout(10):
            return await self.happened[kind].get()

    async def message(self) -> Incoming:
        incoming = await self.next("message")
        assert isinstance(incoming, Incoming)
        return incoming

    async def __aenter__(self) -> "Client":
        await self.broker.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.broker.stop()


@pytest.fixture
def new_mosquitto(tmp_path: Path) -> Iterator[Callable[..., Mosquitto]]:
    if shutil.which("mosquitto") is None or shutil.which("mosquitto_sub") is None:
        pytest.skip("mosquitto or its clients are not installed")
    made: list[Mosquitto] = []

    def make(*lines: str) -> Mosquitto:
        folder = tmp_path / f"mosquitto{len(made)}"
        folder.mkdir()
        made.append(Mosquitto(folder, *lines))
        made[-1].start()
        return made[-1]

    yield make
    for each in made:
        each.stop()


@pytest.fixture
def mosquitto(new_mosquitto: Callable[..., Mosquitto]) -> Mosquitto:
    return new_mosquitto("allow_anonymous true")


@pytest.fixture
def new_client() -> type[Client]:
    return Client


@pytest.fixture
def new_proxy() -> type[Proxy]:
    return Proxy


@pytest.fixture
def closed_port() -> int:
    return free_port()


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    """Two authorities; of the first: a good, an expired and a client's certificate."""
    folder = tmp_path / "tls"
    folder.mkdir()

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    for ca in ("ca", "other-ca"):
        files = ("-keyout", f"{ca}.key", "-out", f"{ca}.pem")
        openssl("req", "-x509", *new_key, "-days", "2", "-subj", f"/CN={ca}", *files)
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1")
    (folder / "other-names").write_text("subjectAltName=DNS:elsewhere.example")
    for name, days in (("good", "2"), ("expired", "-1"), ("client", "2"), ("elsewhere", "2")):
        files = ("-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl("req", *new_key, "-subj", f"/CN={name}", *files)
        names = "other-names" if name == "elsewhere" else "names"
        signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", names)
        openssl("x509", "-req", "-in", f"{name}.csr", *signed, "-days", days, "-out", f"{name}.pem")
    return folder

"""What a capability is handed: the modem, the data link, its sockets, the store, and a voice.

All of it is protocols, so that capabilities depend on none of the rooms that keep them; the
bridge is the host.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from n11bridge.at.command import Command, PayloadCommand, Pouring, Setting, Supported
from n11bridge.data_mode import Talker

T = TypeVar("T")


class LivenessLike(Protocol):
    """See `n11bridge.modem.liveness.Liveness`."""

    def table(self, now: float) -> dict[str, tuple[float | None, int]]:
        """By class of operation: seconds since its last success, timeouts in a row since."""


class ModemLike(Protocol):
    """The modem as capabilities see it; see `n11bridge.modem.Modem`."""

    @property
    def status(self) -> str:
        """The status of ``state/modem``."""

    @property
    def actual_baud(self) -> int | None:
        """The port's rate in bit/s."""

    @property
    def character_set(self) -> asyncio.Lock:
        """Held while the character set is another than GSM, and by who relies on that."""

    @property
    def liveness(self) -> LivenessLike:
        """How each class of operation fares."""

    @property
    def jammed(self) -> bool:
        """Whether the network is drowned in noise, so that sending waits."""

    def set_jammed(self, jammed: bool) -> None:
        """Take note of jamming."""

    def set_sim(self, sim: str) -> None:
        """Take note of the SIM's condition."""

    def set_registration(self, registration: str) -> None:
        """Take note of the registration."""

    async def set_baud(self, rate: int) -> None:
        """Change the rate of the modem and of the port in bit/s; 0 has the modem detect ours."""

    def restart(self, reason: str) -> None:
        """Have everything set up again."""

    async def run(self, command: Command[T], *, priority: int = 1, while_busy: float = 0.0) -> T:
        """Carry out a command."""

    async def send(
        self,
        command: PayloadCommand[T],
        payload: bytes,
        *,
        commit: Callable[[], Awaitable[None]] | None = None,
        priority: int = 1,
        pause: float | None = None,
    ) -> T:
        """Carry out a command with a payload."""

    async def pour(
        self,
        command: Command[None],
        pouring: Pouring,
        payload: bytes | None = None,
        *,
        priority: int = 1,
    ) -> None:
        """Carry out a command that raw data of unknown length follow."""

    async def converse(self, command: Command[T], talker: Talker, *, priority: int = 1) -> T:
        """Carry out a command that begins data mode; the talker has the line from then on."""

    def write_data(self, data: bytes) -> bool:
        """Send bytes in data mode; False when it is not on, or is being left."""

    def leave_data_mode(self) -> None:
        """Have the line back for commands soon."""

    def leave_undisturbed(self, seconds: float) -> None:
        """Leave a modem alone that may be silent for so long while it is upgraded; 0 ends it."""

    async def read(self, setting: type[Setting[T]], *, priority: int = 1) -> T:
        """Query a setting."""

    async def write(
        self, setting: Setting[Any], *, priority: int = 1, while_busy: float = 0.0
    ) -> None:
        """Set a setting."""

    async def test(
        self, record: type[Command[Any]] | type[Setting[Any]], *, priority: int = 1
    ) -> Supported:
        """Ask which values are supported."""


class StoreLike(Protocol):
    """The store as capabilities see it; see `n11bridge.store`."""

    async def commit(self, work: Callable[[Any], T]) -> T:
        """Do work in one durable transaction."""

    async def persist(self, work: Callable[[Any], T]) -> T:
        """Like `commit`, for what has happened already: tried until the disk takes it."""

    async def read(self, work: Callable[[Any], T]) -> T:
        """Look something up."""


class DialError(Exception):
    """A connection did not come about; ``reason`` is a word for programs."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class ByteStream(Protocol):
    """A connection through the modem."""

    async def receive(self) -> bytes:
        """What came next; nothing once the far side has closed. ConnectionError when it broke."""

    async def send(self, data: bytes) -> None:
        """Hand over; returns once the modem has taken it. ConnectionError when it broke."""

    async def close(self) -> None:
        """Close; safe to call again."""


@dataclass(frozen=True)
class Trust:
    """With which of the modem's files a server is verified, and we are; without them, nobody is."""

    ca: str | None = None
    certificate: str | None = None
    key: str | None = None

    @property
    def mode(self) -> int:
        """Whom to verify: nobody, the server, both (manual 9.1, 17.6)."""
        return 2 if self.certificate else 1 if self.ca else 0


class SocketStream(ByteStream, Protocol):
    """A connection through one of the modem's sockets, and what is known of it."""

    @property
    def number(self) -> int:
        """The socket's."""

    @property
    def sent(self) -> int:
        """Bytes that the modem took."""

    @property
    def received(self) -> int:
        """Bytes that were handed on."""

    @property
    def over(self) -> str:
        """Why nothing can be sent any more; "" while it can."""

    async def acknowledged(self) -> int | None:
        """How many bytes the far side has acknowledged; None where the modem does not say."""

    async def arrived(self, patience: float) -> int | None:
        """The same, when all is acknowledged or nothing more was for so many seconds."""


class Dialler(Protocol):
    """Who makes connections through the modem."""

    async def dial(
        self, host: str, port: int, *, tls: bool, wait: float, trust: Trust | None = None
    ) -> ByteStream:
        """Connect; ``wait`` so many seconds for a free socket. DialError."""

    async def dial_udp(self, host: str, port: int, *, wait: float) -> ByteStream:
        """The same for datagrams, each received and sent whole."""


class LinkLike(Protocol):
    """The data link as capabilities see it; see `n11bridge.internet.Link`."""

    @property
    def up(self) -> bool:
        """Whether it is, as far as we know."""

    @property
    def address(self) -> str | None:
        """Ours in the network; None while it is down."""

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call it whenever the link came up or went down."""

    def held(self, by: str) -> AbstractAsyncContextManager[None]:
        """Have it up at the beginning of a block; RequestError `unavailable` when it does not."""

    async def connect(self) -> None:
        """Bring it up unless it is; RequestError `unavailable`."""

    async def disconnect(self) -> None:
        """Take it down, with every socket on it."""

    async def check(self) -> bool:
        """Whether the modem says that it is up."""

    async def clear(self) -> None:
        """End what a daemon before us left open on the modem."""

    def lost(self) -> None:
        """It is down, as the modem said."""

    @property
    def holders(self) -> Sequence[str]:
        """Who relies on it now, apart from those who have sockets."""

    def set_access(self, access: Any) -> None:
        """Use another access point from the next time on; see the configuration's `gprs`."""


class SocketsLike(Dialler, Protocol):
    """The five sockets as capabilities see them; see `n11bridge.internet.Sockets`."""

    @property
    def taken(self) -> Mapping[int, str]:
        """The numbers in use, and by whom."""

    async def open(
        self, kind: str, host: str, port: int, *, wait: float, by: str, trust: Trust | None = None
    ) -> SocketStream:
        """Have a socket of a kind: tcp, tls, udp. DialError."""

    async def sweep(self) -> None:
        """Close what a daemon before us left open."""

    def take(self, number: int, by: str) -> None:
        """A number that the modem chose is in use."""

    def free(self, number: int) -> None:
        """A number is in use no more."""

    def exclusive(self, by: str) -> AbstractContextManager[None]:
        """Have all five in a block; RequestError `unavailable` while others have one."""

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call it whenever a number was taken or freed."""

    def heard(self, report: Any) -> None:
        """The modem told something of one."""

    @property
    def passed(self) -> tuple[int, int]:
        """Bytes sent and received through all of them since the start."""

    def forget(self) -> None:
        """The modem has restarted, or is gone."""


class Arrival(Protocol):
    """A message from our own broker, which delivers it again unless ``ack`` is called."""

    @property
    def topic(self) -> str:
        """Where it was published."""

    @property
    def payload(self) -> bytes:
        """What it says."""

    @property
    def qos(self) -> int:
        """With which quality of service it came."""

    @property
    def packet(self) -> int | None:
        """Its packet identifier."""

    @property
    def duplicate(self) -> bool:
        """Whether it may have been delivered before, under the same packet identifier."""

    @property
    def ack(self) -> Callable[[], None]:
        """Says that we have it."""


class Host(Protocol):
    """What a capability is handed."""

    @property
    def config(self) -> Any:
        """The configuration, frozen."""

    @property
    def modem(self) -> ModemLike:
        """The modem."""

    @property
    def link(self) -> LinkLike:
        """The data link."""

    @property
    def sockets(self) -> SocketsLike:
        """The modem's five sockets, and connections through them."""

    @property
    def store(self) -> StoreLike:
        """The store."""

    def now(self) -> float:
        """The time in Unix seconds."""

    def topic(self, *levels: str) -> str:
        """A topic below the base."""

    def state(self, capability: str, values: Mapping[str, Any]) -> None:
        """Set ``state/<capability>``; it is published when it differs from what was."""

    def event(self, capability: str, what: str, values: Mapping[str, Any]) -> None:
        """Publish an event that need not survive a crash."""

    async def deliver(self, capability: str, what: str, values: Mapping[str, Any]) -> None:
        """Publish an event of which the next one has to wait until the broker has it."""

    def listen(self, filters: Sequence[str], take: Callable[[Arrival], None]) -> None:
        """Have our broker's messages handed on, which ``take`` acknowledges; when starting."""

    async def publish(self, topic: str, payload: bytes) -> None:
        """Publish at our broker what is not ours; it waits, in memory, while that is away."""

    def problem(self, code: str, message: str) -> None:
        """Tell of something that a person should look at: log and ``event/bridge/problem``."""

    def count(self, counter: str) -> None:
        """Add one to a counter that survives restarts."""

    def sim_is_ready(self) -> None:
        """The SIM can be used from now on: capabilities set up what needs it."""

    def entities_changed(self) -> None:
        """Others come from ``extra_entities`` now: Home Assistant is to know."""

    def start(self, task: Awaitable[Any], name: str) -> None:
        """Run something beside, once; a failure is logged, never lost."""

    def keep(self, work: Callable[[], Awaitable[Any]], name: str) -> None:
        """Run something that never ends; after a failure it is begun again."""

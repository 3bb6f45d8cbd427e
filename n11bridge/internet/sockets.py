"""The modem's five sockets: who has which, and how one is had."""

import asyncio
import contextlib
import logging
import re
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from n11bridge.at.errors import AtError, Expired, Refused, TimedOut, Unavailable
from n11bridge.at.spelling import Spelling
from n11bridge.capability import RequestError
from n11bridge.host import DialError, ModemLike, Trust
from n11bridge.internet import wire
from n11bridge.internet.kinds import KIND_OF, KINDS, TCP, TLS, UDP, Kind
from n11bridge.internet.link import Link
from n11bridge.internet.manners import Manners
from n11bridge.internet.stream import Stream

log = logging.getLogger(__name__)

NUMBERS = range(5)
#: After so many connections in a row that did not come about, the link is suspected to be dead;
#: when it did not help to set it up again, after twice as many, up to the second number.
SUSPICIOUS, LEAST_SUSPICIOUS = 3, 48
#: How SSLTCPCFG calls it (manual 9.1).
TLS_1_2 = 3

#: Has the modem ask the network for a host's addresses.
Resolve = Callable[[ModemLike, str], Awaitable[list[str]]]
#: Has the modem find out whether a ping comes back from a host.
Ping = Callable[[ModemLike, str], Awaitable[bool]]


class Sockets:
    """The five of one modem; the numbers that the modem itself gives away count as well."""

    def __init__(self, modem: ModemLike, link: Link, resolve: Resolve, ping: Ping) -> None:
        self._modem = modem
        self._link = link
        self._resolve = resolve
        self._ping = ping
        self._streams: dict[int, Stream] = {}
        self._taken: dict[int, str] = {}
        self._queue: deque[tuple[asyncio.Future[int], str]] = deque()
        self._buffering = False
        self._failures = 0
        self._suspicious = SUSPICIOUS
        self._manners = Manners()
        #: Bytes that had been received at the first of the failures.
        self._received_then = 0
        self._listeners: list[Callable[[], None]] = []
        self._told = False
        #: Held from the setting of whom to trust to the end of the handshake.
        self._securing = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._receive_mode = Spelling(wire.ReceiveMode, wire.ReceiveModeAsTabled)
        link.on_change(self._link_changed)

    # -- who has which

    @property
    def taken(self) -> dict[int, str]:
        """The numbers in use, and by whom."""
        return dict(sorted(self._taken.items()))

    @property
    def passed(self) -> tuple[int, int]:
        """Bytes sent and received through all of them since the start."""
        return self._manners.sent, self._manners.received

    def take(self, number: int, by: str) -> None:
        """A number that the modem chose is in use, whatever we meant it for."""
        self._taken[number] = by
        self._streams.pop(number, None)
        self._changed()

    def free(self, number: int) -> None:
        """A number is in use no more; who has waited longest has it next."""
        self._taken.pop(number, None)
        self._streams.pop(number, None)
        self._changed()
        while self._queue and len(self._taken) < len(NUMBERS):
            waiting, by = self._queue.popleft()
            if not waiting.done():
                waiting.set_result(self._first_free(by))

    @contextlib.contextmanager
    def exclusive(self, by: str) -> Iterator[None]:
        """Have all five in a block; RequestError `unavailable` while others have one."""
        if self._taken:
            message = f"busy: {by} needs all five sockets, and there are some of {self._holders}"
            raise RequestError("unavailable", message, retryable=True)
        for number in NUMBERS:
            self.take(number, by)
        try:
            yield
        finally:
            for number in NUMBERS:
                self.free(number)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call it whenever a number was taken or freed, once for all that happen together."""
        self._listeners.append(listener)

    def _changed(self) -> None:
        if not self._told:
            self._told = True
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        self._told = False
        for listener in self._listeners:
            listener()

    @property
    def _holders(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in Counter(self.taken.values()).items())

    def _drop(self, stream: Stream) -> None:
        if self._streams.get(stream.number) is stream:
            self.free(stream.number)

    def _first_free(self, by: str) -> int:
        number = next(n for n in NUMBERS if n not in self._taken)
        self._taken[number] = by
        self._changed()
        return number

    async def _acquire(self, by: str, wait: float) -> int:
        if not self._queue and len(self._taken) < len(NUMBERS):
            return self._first_free(by)
        waiting: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._queue.append((waiting, by))
        try:
            async with asyncio.timeout(wait):
                return await asyncio.shield(waiting)
        except (TimeoutError, asyncio.CancelledError) as error:
            if waiting.done():
                self.free(waiting.result())  # it came in the same breath
            waiting.cancel()
            if isinstance(error, asyncio.CancelledError):
                raise
            raise DialError("busy", f"all five sockets are in use: {self._holders}") from None

    # -- how one is had (capability.Dialler)

    async def dial(
        self, host: str, port: int, *, tls: bool, wait: float, trust: Trust | None = None
    ) -> Stream:
        """Connect; ``wait`` so many seconds for a free socket. DialError."""
        return await self.open("tls" if tls else "tcp", host, port, wait=wait, trust=trust)

    async def dial_udp(self, host: str, port: int, *, wait: float) -> Stream:
        """The same for datagrams, each received and sent whole."""
        return await self.open("udp", host, port, wait=wait)

    async def open(
        self,
        kind: str,
        host: str,
        port: int,
        *,
        wait: float,
        by: str = "forwards",
        trust: Trust | None = None,
    ) -> Stream:
        """Have a socket of a kind: tcp, tls, udp. DialError."""
        number = await self._acquire(by, wait)
        opening = asyncio.ensure_future(
            self._set_up(KINDS[kind], number, host, port, trust or Trust())
        )
        self._tasks.add(opening)
        opening.add_done_callback(self._tasks.discard)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            # Nobody wants it any more, but the modem may yet open it: the number is in use so long.
            opening.add_done_callback(self._close_unwanted)
            raise

    def _close_unwanted(self, opening: "asyncio.Task[Stream]") -> None:
        if not opening.cancelled() and opening.exception() is None:
            closing = asyncio.ensure_future(opening.result().close())
            self._tasks.add(closing)
            closing.add_done_callback(self._tasks.discard)

    async def _set_up(self, kind: Kind, number: int, host: str, port: int, trust: Trust) -> Stream:
        stream = Stream(self._modem, kind, number, self._manners, lambda: self._drop(stream))
        self._streams[number] = stream
        try:
            await self._connect_link()
            await self._have_received_data_kept()
            if kind is TLS:
                async with self._securing:
                    await self._secure(trust)
                    await self._connect(kind, number, host, port)
            else:
                await self._connect(kind, number, host, port)
        except Refused as error:
            failure = await self._why(error, kind, number, host, port)
            self._drop(stream)
            raise failure from error
        except (AtError, Unavailable, Expired) as error:
            reason = "timeout" if isinstance(error, TimedOut) else "failed"
            await self._clean_up(kind, number)
            self._drop(stream)
            raise DialError(reason, f"{host}:{port} cannot be reached: {error}") from error
        except BaseException:
            self._drop(stream)
            raise
        self._failures, self._suspicious = 0, SUSPICIOUS
        return stream

    async def _secure(self, trust: Trust) -> None:
        with contextlib.suppress(Refused):  # the newest that there is; else what it has
            await self._modem.run(wire.TlsOption("sslversion", TLS_1_2))
        files = {"cacert": trust.ca, "clientcert": trust.certificate, "clientkey": trust.key}
        for name, file in files.items():
            if file is not None:
                await self._modem.run(wire.TlsFile(name, file))
        await self._modem.run(wire.TlsOption("authmode", trust.mode))

    async def _connect(self, kind: Kind, number: int, host: str, port: int) -> None:
        try:
            await self._modem.run(kind.open(number, host, port))
        except Refused as error:
            if "ERROR1" not in error.line.upper():
                raise
            log.warning("socket %d of the modem was still in use: closing it", number)
            for each in KINDS.values():
                await self._clean_up(each, number)
            await self._modem.run(kind.open(number, host, port))

    async def sweep(self) -> None:
        """Close what a daemon before us left open, so that the far side hears of it. AtError."""
        left: list[tuple[Kind, int]] = []
        with contextlib.suppress(Refused):
            left += [(TLS, found.socket) for found in await self._modem.read(wire.TlsTargets)]
        for number in NUMBERS:
            with contextlib.suppress(Refused):
                said = await self._modem.run(wire.AskStatus(number))
                if said.connected and number not in [found for _, found in left]:
                    left.append((UDP if (said.kind or "").upper() == "UDP" else TCP, number))
        for kind, number in left:
            log.info("closing socket %d, which was left open", number)
            await self._clean_up(kind, number)

    async def _connect_link(self) -> None:
        try:
            await self._link.connect()
        except (RequestError, Unavailable) as error:
            raise DialError("link_down", str(error)) from error

    async def _have_received_data_kept(self) -> None:
        """Let the modem keep what comes until it is read: else nobody could slow it down."""
        if self._buffering:
            return
        self._buffering = True  # at once: it clears the buffers of those that are open
        try:
            await self._receive_mode.attempt(lambda mode: self._modem.write(mode(0)))
        except Refused as error:
            log.warning("the modem keeps no received data; slow readers may lose some: %s", error)
        except (AtError, Unavailable, Expired):
            self._buffering = False
            raise

    async def _clean_up(self, kind: Kind, number: int) -> None:
        with contextlib.suppress(AtError, Unavailable, Expired):
            await self._modem.run(kind.close(number))

    async def _why(
        self, error: Refused, kind: Kind, number: int, host: str, port: int
    ) -> DialError:
        """The reason why a connection did not come about, as far as the modem can tell."""
        line = error.line.upper()
        if "GPRS DISCONNECTION" in line or not await self._link.check():
            self._link.lost()
            return DialError("link_down", "the data link is down")
        if "ERROR1" in line:
            return DialError("failed", f"socket {number} of the modem was still in use")
        if "AUTHFAIL" in line:
            return DialError("certificate", f"the certificate of {host}:{port} is not good")
        if await self._is_dead(host):
            await self._link.cycle()
            return DialError(
                "refused", f"{host}:{port} takes no connection, nor does anything else"
            )
        if not re.fullmatch(r"[0-9.]+", host) and not await self._is_known(host):
            return DialError("unknown_host", f"{host} is not known")
        return DialError("refused", f"{host}:{port} takes no connection")

    async def _is_dead(self, host: str) -> bool:
        """Whether the link seems to be, which may say that it is up long after it died."""
        if not self._failures or self._manners.received > self._received_then:
            self._failures, self._received_then = 0, self._manners.received
        self._failures += 1
        if self._failures < self._suspicious:
            return False
        self._failures = 0
        with contextlib.suppress(AtError, Unavailable, Expired):
            if await self._ping(self._modem, host):  # who takes no connection may be there
                return False
        self._suspicious = min(2 * self._suspicious, LEAST_SUSPICIOUS)
        return True

    async def _is_known(self, host: str) -> bool:
        try:
            return bool(await self._resolve(self._modem, host))
        except (AtError, Unavailable, Expired):
            return True  # it could not be found out

    # -- what the modem tells

    def heard(self, report: Any) -> None:
        """Something about one socket."""
        stream = self._streams.get(report.socket)
        if stream is not None and KIND_OF[type(report)] is stream.kind:
            stream.heard(report)

    def forget(self) -> None:
        """The modem has restarted, or is gone: so are its settings."""
        self._buffering = False

    def _link_changed(self) -> None:
        if not self._link.up:
            for stream in list(self._streams.values()):
                stream.lost("the data link is lost")

"""The broker as the daemon knows it: always there or coming back, and saying why it is not."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from n11bridge.config import Mqtt

from .arrivals import Incoming
from .connection import Connection
from .outgoing import BrokerError, Closed, Outgoing, Unacknowledged
from .problems import Problems
from .refusal import Refused, UnknownProtocol
from .subscriptions import Subscriptions

_log = logging.getLogger(__name__)

_STOP_TIME = 2.0
# So many connections in a row that broke soon are no accident.
_MAX_BRIEF = 3


class Broker:
    """Keeps one session at the broker, through every loss of the connection.

    All callbacks are called on the loop: `on_message(incoming)`, possibly before the first
    `on_connected(protocol, session_present)`; `on_disconnected(why)`; and
    `on_problem(code, message)` once for each change of what is wrong, not for every attempt.
    `retry` is the shortest and the longest pause between attempts, in seconds.
    """

    def __init__(
        self,
        settings: Mqtt,
        *,
        will_topic: str,
        on_message: Callable[[Incoming], object],
        on_connected: Callable[[str, bool], object],
        on_disconnected: Callable[[str], object],
        on_problem: Callable[[str, str], object],
        retry: tuple[float, float] = (1.0, 60.0),
    ) -> None:
        self._settings = settings
        self._will_topic = will_topic
        self._on_message = on_message
        self._on_connected = on_connected
        self._on_disconnected = on_disconnected
        self._retry = retry
        self._problems = Problems(on_problem)
        self._unacknowledged = Unacknowledged(self._problems)
        self._subscriptions = Subscriptions(self._problems, retry)
        self._protocol = settings.protocol
        self._connection: Connection | None = None
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether the broker takes messages now."""
        return self._connection is not None and not self._connection.closed.done()

    async def start(self) -> None:
        """Begin to connect, and return at once; a missing broker is a problem, no exception."""
        self._task = asyncio.create_task(self._keep_connected())

    async def stop(self) -> None:
        """Publish `offline`, then disconnect; what still waits raises Closed."""
        self._stopping = True
        if (connection := self._connection) is not None:
            offline = Outgoing(self._will_topic, b"offline", retain=True)
            try:
                async with asyncio.timeout(_STOP_TIME):
                    await self._unacknowledged.deliver(offline, connection)
                    await connection.close()
            except (TimeoutError, BrokerError):
                connection.drop("stopped")  # then the will says it
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._unacknowledged.fail_all("the connection to the broker was closed")

    def subscribe(self, filters: Iterable[str]) -> None:
        """Subscribe with QoS 1, now and after every loss of the session."""
        self._subscriptions.add(filters)
        if self._connection is not None:
            self._subscriptions.keep_asking(self._connection, pause=0)

    async def publish(
        self,
        topic: str,
        payload: str | bytes,
        *,
        retain: bool = False,
        qos: int = 1,
        correlation: bytes | None = None,
        again: str | None = None,
    ) -> None:
        """Publish; returns once the broker has acknowledged it, however long it is away.

        ``again`` takes the payload's place when the connection breaks before that.

        Cancelled, it is not sent any more, unless it is on its way already. Raises BrokerError
        if the broker refuses it, if a thousand wait already, or if the connection is closed for
        good; Unpublishable, which is a ValueError too, if no broker would take it.
        """
        if self._stopping:
            raise Closed("the connection to the broker is being closed")
        payload = payload.encode() if isinstance(payload, str) else payload
        outgoing = Outgoing(
            topic, payload, retain, qos, correlation, again.encode() if again else None
        )
        await self._unacknowledged.deliver(outgoing, self._connection)

    async def _keep_connected(self) -> None:
        shortest, longest = self._retry
        pause, brief = shortest, 0
        clock = asyncio.get_running_loop().time
        while True:
            try:
                connection = await self._connect()
                began = clock()
                why = await self._serve(connection)
                # Only a connection that held ends the longer pauses: two clients with one id,
                # which drive each other out, must not do so every second.
                if clock() - began > max(pause, 10 * shortest):
                    pause, brief = shortest, 0
                    self._problems.mended("stability")
                else:
                    brief += 1
                if brief >= _MAX_BRIEF:
                    self._problems.tell("stability", "connection_unstable", self._unstable(why))
            except Refused as refused:
                self._problems.tell("connection", refused.code, str(refused))
            except Exception:  # a fault of ours must not leave the daemon without its broker
                _log.exception("The connection to the broker failed")
            await asyncio.sleep(pause)
            pause = min(2 * pause, longest)

    def _unstable(self, why: str) -> str:
        return (
            f"The broker ends every connection soon ({why}); perhaps another client uses the "
            f"client id {self._settings.client_id}, too."
        )

    async def _connect(self) -> Connection:
        """Return an open connection; raises Refused.

        The version that worked is kept until the broker says that it speaks it no longer.
        """
        found = self._protocol != "auto"
        for protocol in (self._protocol,) if found else ("5", "3.1.1"):
            connection = Connection(
                self._settings, protocol, will_topic=self._will_topic, on_message=self._on_message
            )
            try:
                await connection.open()
            except UnknownProtocol as unknown:
                refused = unknown
            else:
                self._protocol = protocol
                return connection
        self._protocol = self._settings.protocol
        raise refused

    async def _serve(self, connection: Connection) -> str:
        """Use the connection until it breaks, and return why it did."""
        loop = asyncio.get_running_loop()
        try:
            await self._subscriptions.renew(connection)
            self._problems.mended("connection")
            online = Outgoing(self._will_topic, b"online", retain=True)
            self._unacknowledged.hand_over(online, connection)
            self._connection = connection
            loop.call_soon(self._on_connected, connection.protocol, connection.session_present)
            self._unacknowledged.hand_over_all(connection)
            self._subscriptions.keep_asking(connection, pause=self._retry[0])
            why = await connection.closed
            self._unacknowledged.blame_oldest()
            loop.call_soon(self._on_disconnected, why)
            return why
        finally:
            self._connection = None
            connection.drop("given up")
            self._subscriptions.stop_asking()

"""The data link: up when somebody needs it, and taken down when it only says that it is up."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from n11bridge.at.errors import AtError, Malformed, Refused, TimedOut, Unavailable
from n11bridge.capability import RequestError
from n11bridge.host import ModemLike
from n11bridge.internet import wire

log = logging.getLogger(__name__)

#: How long it may take to come up, and between looks at whether it has (seconds).
PATIENCE, FIRST_LOOK, LOOK = 60.0, 0.1, 0.5
CONTEXT = 1


class Access(Protocol):
    """How the access point is reached; see the configuration."""

    @property
    def apn(self) -> str | None:
        """Its name; None leaves what the modem has."""

    @property
    def username(self) -> str | None:
        """Who we are there."""

    @property
    def password(self) -> str | None:
        """And the proof."""

    @property
    def authentication(self) -> str:
        """How both are told: none, pap, chap."""


_AUTHENTICATIONS = {"none": 0, "pap": 1, "chap": 2}


class Link:
    """The link of one modem. ``changed`` is called when it came up or went down."""

    def __init__(self, modem: ModemLike, access: Access | None = None) -> None:
        self.address: str | None = None
        self.holders: list[str] = []
        self._modem = modem
        self._access = access
        self._lock = asyncio.Lock()
        self._listeners: list[Callable[[], None]] = []

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call it whenever the link came up or went down."""
        self._listeners.append(listener)

    @property
    def up(self) -> bool:
        """Whether it is, as far as we know."""
        return self.address is not None

    @contextlib.asynccontextmanager
    async def held(self, by: str) -> AsyncIterator[None]:
        """Have it up at the beginning of a block; RequestError or Unavailable as from `connect`."""
        await self.connect()
        self.holders.append(by)
        try:
            yield
        finally:
            self.holders.remove(by)

    async def connect(self) -> None:
        """Bring it up unless it is; RequestError when it does not, Unavailable without a modem."""
        async with self._lock:
            if self.up:
                return
            if self._modem.status != "ready":
                # A request with a ttl waits for the modem (contract).
                raise Unavailable(f"it is {self._modem.status}")
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._bring_up()
            except (AtError, Unavailable, TimeoutError) as error:
                why = f": {error}" if str(error) else ""
                message = f"the data link does not come up{why}"
                raise RequestError("unavailable", message, retryable=True) from error

    async def _bring_up(self) -> None:
        if await self._look() is None:
            await self._attach()
            await self._configure()
            await self._modem.write(wire.SwitchLink(1))
        for pause in itertools.chain((FIRST_LOOK,), itertools.repeat(LOOK)):
            if address := await self._look():
                log.info("the data link is up")
                self._become(address)
                return
            await asyncio.sleep(pause)

    async def _attach(self) -> None:
        """The modem attaches by itself as a rule (manual 5.7)."""
        with contextlib.suppress(Refused):
            if not (await self._modem.read(wire.Attachment)).on:
                await self._modem.write(wire.Attachment(1))

    def set_access(self, access: Access) -> None:
        """Use another access point from the next time on."""
        self._access = access

    async def _configure(self) -> None:
        access = self._access
        if access is None or access.apn is None:
            return
        username, password = access.username or "", access.password or ""
        await self._modem.write(wire.Context(CONTEXT, "IP", access.apn))
        kind = _AUTHENTICATIONS[access.authentication] if username else 0
        with contextlib.suppress(Refused):  # not every firmware has both
            await self._modem.write(wire.AccessPoint(access.apn, username, password))
        if kind:
            await self._modem.write(wire.Authentication(CONTEXT, kind, username, password))

    async def _look(self) -> str | None:
        said = await self._modem.read(wire.LookAtLink)
        return next((each.address for each in said if each.address), None)

    async def check(self) -> bool:
        """Whether the modem says that it is up; one answer that got lost says nothing."""
        with contextlib.suppress(AtError, Unavailable):
            try:
                return await self._look() is not None
            except (TimedOut, Malformed):
                return await self._look() is not None
        return False

    async def cycle(self) -> None:
        """Take it down if it does no good; who needs it next brings it up again."""
        log.warning("the data link is taken down: nothing can be reached through it")
        with contextlib.suppress(AtError, Unavailable):
            await self.disconnect()

    async def disconnect(self) -> None:
        """Take it down, with every socket on it; AtError."""
        async with self._lock:
            await self._modem.write(wire.SwitchLink(0))
            self._become(None)

    def lost(self) -> None:
        """The network took it away, or the modem is gone."""
        if self.up:
            log.info("the data link is down")
        self._become(None)

    async def clear(self) -> None:
        """After a start of ours: end what a daemon before us left open on the modem."""
        self._become(None)
        with contextlib.suppress(Refused):
            if await self._look() is not None:
                log.info("taking down the data link of before, with its sockets")
                await self._modem.write(wire.SwitchLink(0))

    def _become(self, address: str | None) -> None:
        changed = address != self.address
        self.address = address
        if changed:
            for listener in self._listeners:
                listener()

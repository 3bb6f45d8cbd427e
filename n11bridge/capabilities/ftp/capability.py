"""The `ftp` capability: one login at a time, during which the modem has no sockets."""

import asyncio
import contextlib
import ipaddress
from collections.abc import AsyncIterator, Callable
from typing import Any

import voluptuous as vol

from n11bridge import content
from n11bridge.at.errors import AtError, Refused, TimedOut, Unavailable
from n11bridge.capabilities.diagnosis import HOST, resolve
from n11bridge.capabilities.ftp import listing, published, wire
from n11bridge.capabilities.ftp.client import Client
from n11bridge.capability import Capability, Kept, Request, RequestError, every, on, request
from n11bridge.host import Host

#: The most that one request carries, in bytes; larger files go in parts.
LARGEST = 1 << 20
#: A login that nobody uses ends after so long (seconds): it keeps others from their sockets.
IDLE = 300.0
#: Progress is told of at most every so many bytes.
STEP = 16384

PATH = vol.All(
    str,
    vol.Match(r"[ !#-+\--~]{1,200}\Z", msg="1 to 200 plain characters, no comma or quotation mark"),
)
NAME = vol.All(
    str,
    vol.Match(r"[ !#-+\--~]{1,100}\Z", msg="1 to 100 plain characters, no comma or quotation mark"),
)


class Ftp(Capability):
    """Files on one server at a time."""

    name = "ftp"
    states = {"ftp": published.STATE}
    events = {"progress": published.PROGRESS}

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._client = Client(self.modem)
        self._turn = asyncio.Lock()
        #: What is held while logged in: the data link, and all sockets.
        self._held = contextlib.AsyncExitStack()
        self._server: tuple[str, int] | None = None
        self._used = 0.0
        host.link.on_change(self._link_changed)

    def _link_changed(self) -> None:
        if self._server is not None and not self.host.link.up:
            self.host.start(self._logged_out(), "ftp")

    def gone(self) -> None:
        """Without a modem there is no login."""
        if self._server is None:
            self._publish()
        else:
            self.host.start(self._logged_out(), "ftp")

    async def prepare(self) -> None:
        """End a login that an earlier run has left."""
        with contextlib.suppress(Refused):
            await self._client.logout()
        await self._logged_out()

    async def stopping(self) -> None:
        """Leave no login behind."""
        if self._server is not None:
            with contextlib.suppress(AtError, Unavailable):
                await self._client.logout()

    async def _logged_out(self) -> None:
        self._server = None
        self._publish()
        held, self._held = self._held, contextlib.AsyncExitStack()
        await held.aclose()

    def _publish(self) -> None:
        host, port = self._server or (None, None)
        self.host.state(self.name, {"login": self._server is not None, "host": host, "port": port})

    @on(wire.Piece)
    def piece(self, said: wire.Piece) -> None:
        """Take a piece of what was asked for."""
        self._client.piece(said.data)

    @on(wire.DownloadStatus)
    def download_status(self, said: wire.DownloadStatus) -> None:
        """Take note when a download is complete."""
        if said.completed:
            self._client.completed()

    @on(wire.Notice)
    async def notice(self, said: wire.Notice) -> None:
        """A link went down; with the control link the login is gone."""
        if said.broken:
            self._client.broken(said.text)
        if said.logged_out and self._server is not None:
            await self._logged_out()

    @every(30)
    async def end_idle_login(self) -> None:
        """Log out when nobody has used the login for a while."""
        loop = asyncio.get_running_loop()
        if self._server is not None and loop.time() - self._used > IDLE and not self._turn.locked():
            async with self._turn:
                await self._end()

    @contextlib.asynccontextmanager
    async def _session(self) -> AsyncIterator[None]:
        """Have the login to oneself; RequestError without one."""
        async with self._turn:
            if self._server is None:
                message = "there is no login; request ftp/login first"
                raise RequestError("unavailable", message)
            try:
                yield
            except (TimedOut, RequestError):
                await self._look()
                raise
            finally:
                self._used = asyncio.get_running_loop().time()

    async def _look(self) -> None:
        """Take note if the login is gone after something went wrong."""
        with contextlib.suppress(AtError, Unavailable):
            if not await self._client.logged_in():
                await self._logged_out()

    async def _end(self) -> None:
        try:
            await self._client.logout()
        finally:
            await self._logged_out()

    @request(
        "login",
        {
            vol.Required("host"): HOST,
            vol.Optional("port", default=21): vol.All(int, vol.Range(min=1, max=65535)),
            vol.Required("user"): NAME,
            vol.Required("password"): NAME,
        },
        kept=Kept.NOTHING,
        secret=True,
        answer=published.STATE,
        example={"host": "ftp.example.com", "user": "n11", "password": "secret"},
    )
    async def login(self, request: Request) -> dict[str, Any]:
        """Log in to a server; until logout the modem's sockets are taken (manual 15.1)."""
        host, port = request["host"], request["port"]
        async with self._turn:
            if self._server is not None:
                await self._end()
            async with contextlib.AsyncExitStack() as held:
                await held.enter_async_context(self.host.link.held(self.name))
                # The modem has none beside FTP (manual 15.1).
                held.enter_context(self.host.sockets.exclusive(self.name))
                address = await self._address(host)
                try:
                    await self._client.login(address, port, request["user"], request["password"])
                except (AtError, RequestError):
                    with contextlib.suppress(AtError, Unavailable):
                        await self._client.logout()
                    raise
                self._held = held.pop_all()
            self._server, self._used = (host, port), asyncio.get_running_loop().time()
            self._publish()
        return {"login": True, "host": host, "port": port}

    async def _address(self, host: str) -> str:
        """The address of a host: the manual has the modem take no name here (15.1)."""
        with contextlib.suppress(ValueError):
            return str(ipaddress.IPv4Address(host))
        addresses = await resolve(self.modem, host)
        if not addresses:
            raise RequestError("modem_error", f"the name {host} could not be resolved")
        return addresses[0]

    @request("logout", kept=Kept.NOTHING, answer=published.STATE)
    async def logout(self, _: Request) -> dict[str, Any]:
        """Log out, so that others have the modem's sockets again (manual 15.2)."""
        async with self._turn:
            await self._end()
        return {"login": False, "host": None, "port": None}

    @request(
        "list",
        {vol.Optional("path", default=""): vol.Any("", PATH)},
        kept=Kept.NOTHING,
        answer=published.LISTING,
        example={"path": "log"},
    )
    async def list(self, request: Request) -> dict[str, Any]:
        """Tell what the server says of a directory or file (manual 15.3)."""
        async with self._session():
            text = await self._client.information(request["path"])
        return {"path": request["path"], "entries": listing.entries(text), "text": text}

    @request(
        "get",
        {
            vol.Required("path"): PATH,
            vol.Optional("offset", default=0): vol.All(int, vol.Range(min=0, max=2**31)),
            vol.Optional("length"): vol.All(int, vol.Range(min=1, max=LARGEST)),
        },
        kept=Kept.NOTHING,
        answer=published.FILE,
        example={"path": "log/today.txt"},
    )
    async def get(self, request: Request) -> dict[str, Any]:
        """Fetch a file, or a part of it, of 1 MiB at most (manual 15.6 to 15.8)."""
        path, offset = request["path"], request["offset"]
        async with self._session():
            size = await self._size(path)
            length = self._length(size, offset, request.get("length"))
            tell = self._progress(path, "get")
            octets = await self._client.get(path, offset, length, tell) if length else b""
            if size is not None and len(octets) < length:
                message = f"the server sent {len(octets)} of {length} bytes"
                raise RequestError("modem_error", message, retryable=True)
        return {
            "path": path,
            "offset": offset,
            "length": len(octets),
            "size": size,
            **content.shown(octets),
        }

    async def _size(self, path: str) -> int | None:
        return listing.size(await self._client.information(path))

    @staticmethod
    def _length(size: int | None, offset: int, length: int | None) -> int:
        """How much to fetch; RequestError if that is too much, or cannot be told."""
        if size is None:
            if length is None:
                message = "the server does not tell the file's size: give offset and length"
                raise RequestError("invalid_request", message)
            return length
        if offset > size:
            raise RequestError("invalid_request", f"offset: the file has only {size} bytes")
        left = size - offset
        if length is None and left > LARGEST:
            message = f"{left} bytes are more than one answer holds: give offset and length, "
            raise RequestError("invalid_request", f"{message}the length {LARGEST} at most")
        return left if length is None else min(left, length)

    def _progress(self, path: str, direction: str) -> Callable[[int, int], None]:
        told = 0

        def tell(done: int, total: int) -> None:
            nonlocal told
            if done - told >= STEP or done == total:
                told = done
                values = {"path": path, "direction": direction, "done": done, "total": total}
                self.host.event(self.name, "progress", values)

        return tell

    @request(
        "put",
        {
            vol.Required("path"): PATH,
            vol.Optional("append", default=False): bool,
            **content.parameters(),
        },
        answer=published.STORED,
        example={"path": "log/today.txt", "text": "all is well"},
    )
    async def put(self, request: Request) -> dict[str, Any]:
        """Store a file of 1 MiB at most, or append to it (manual 15.4)."""
        path = request["path"]
        octets = content.required(request.parameters, least=wire.LEAST_PUT, most=LARGEST)
        async with self._session():
            tell = self._progress(path, "put")
            await self._client.put(path, octets, tell, append=request["append"])
        return {"path": path, "length": len(octets)}

    @request(
        "delete",
        {vol.Required("path"): PATH},
        answer=published.DELETED,
        example={"path": "log/today.txt"},
    )
    async def delete(self, request: Request) -> dict[str, Any]:
        """Delete a file (manual 15.4)."""
        async with self._session():
            await self._client.delete(request["path"])
        return {"path": request["path"]}

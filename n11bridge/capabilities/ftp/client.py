"""The modem as an FTP client: one command after the other, in the modem's portions (manual 15)."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

from n11bridge.at.errors import Refused
from n11bridge.at.spelling import Spelling
from n11bridge.capabilities.ftp import wire
from n11bridge.capability import RequestError
from n11bridge.host import ModemLike

#: A download that does not grow for so long (seconds) is given up; it is looked at in between.
PATIENCE, LOOK = 30.0, 3.0
#: So much of the second that the modem waits for an upload (manual 15.4) may be spent on the wire.
SHARE = 0.6

Progress = Callable[[int, int], None]


class Client:
    """Speaks with one server at a time."""

    def __init__(self, modem: ModemLike) -> None:
        self._modem = modem
        self._login = Spelling(wire.Login, wire.LoginAsPrinted)
        self._logout = Spelling(wire.Logout, wire.LogoutAsPrinted, wire.LogoutAsListed)
        self._pieces: list[bytes] = []
        self._completed = asyncio.Event()
        self._broken: str | None = None
        self._most_put = wire.MORE_PUT

    # -- what the modem says by itself

    def piece(self, data: bytes) -> None:
        """Take a piece of what was asked for."""
        self._pieces.append(data)

    def completed(self) -> None:
        """A download is complete."""
        self._completed.set()

    def broken(self, why: str) -> None:
        """A link went down: what is being downloaded will not be complete."""
        self._broken = why
        self._completed.set()

    # -- the session

    async def login(self, address: str, port: int, user: str, password: str) -> None:
        """Log in; RequestError with what the server or the modem says."""
        lines = await self._try_login(address, port, user, password)
        if "Have Logged In" in lines[-1]:
            await self.logout()  # of whoever that was
            lines = await self._try_login(address, port, user, password)
        said = lines[-1].partition(":")[2].strip() if ":" in lines[-1] else lines[-1]
        if said.lower() != "user logged in":
            code = "unavailable" if "DISCONNECTION" in said else "modem_error"
            cause = f"{said}: {lines[-2]}" if len(lines) > 1 else said
            message = f"not logged in at {address} port {port}: {cause}"
            raise RequestError(code, message, retryable="530" not in said, modem=lines[-1])

    async def _try_login(self, *words: Any) -> list[str]:
        return await self._login.attempt(lambda record: self._modem.run(record(*words)))

    async def logged_in(self) -> bool:
        """Whether the modem has a control link."""
        return (await self._modem.run(wire.ReadConnection())).connected == 1

    async def logout(self) -> None:
        """Log out, if the modem thinks it is logged in; AtError."""
        if await self.logged_in():
            await self._logout.attempt(lambda record: self._modem.run(record()))

    # -- what there is

    async def information(self, path: str) -> str:
        """What the server says of a file or directory."""
        self._pieces.clear()
        said = (await self._modem.run(wire.Get(path)))[-1]
        if not re.search(r": *OK", said):
            raise _failed(f"the server tells nothing of {path or 'its directory'!r}", said)
        return b"".join(self._pieces).decode("utf-8", "replace")

    async def delete(self, path: str) -> None:
        """Delete a file."""
        said = (await self._modem.run(wire.Remove(path)))[-1]
        if not re.search(r"Delete File OK|: *OK", said):
            raise _failed(f"{path!r} was not deleted", said)

    # -- bytes

    async def get(self, path: str, offset: int, length: int, progress: Progress) -> bytes:
        """Download so many bytes from an offset on; fewer when the file ends before."""
        octets = b""
        while len(octets) < length:
            part = await self._part(
                path, offset + len(octets), min(wire.BUFFER, length - len(octets))
            )
            if not part:
                break
            octets += part
            progress(len(octets), length)
        return octets

    async def _part(self, path: str, offset: int, length: int) -> bytes:
        await self._empty()
        self._completed.clear()
        self._broken = None
        await self._modem.run(wire.Download(path, wire.BINARY, offset, length))
        await self._wait(length)
        if self._broken is not None:
            raise _failed(f"{path!r} broke off at {offset} bytes", self._broken)
        # Offset 0 can be read as "the whole file", whatever the length (manual 15.6).
        return (await self._empty())[:length]

    async def _wait(self, length: int) -> None:
        """Return once the download has completed; some modems may not say so."""
        loop = asyncio.get_running_loop()
        there, grown = 0, loop.time()
        while not self._completed.is_set():
            try:
                async with asyncio.timeout(LOOK):
                    await self._completed.wait()
            except TimeoutError:
                use = await self._modem.run(wire.ReadBufferUse())
                if use.length >= length:
                    return
                if use.length > there:
                    there, grown = use.length, loop.time()
                elif loop.time() - grown > PATIENCE:
                    message = f"the download stood still for {PATIENCE:g} s at {there} bytes"
                    raise RequestError("timeout", message, retryable=True) from None

    async def _empty(self) -> bytes:
        """Take all that the modem's buffer holds."""
        octets, left = b"", wire.BUFFER + 1
        while there := (await self._modem.run(wire.ReadBufferUse())).length:
            if there >= left:
                raise RequestError("modem_error", "the modem's buffer for downloads stays full")
            left = there
            octets += (await self._modem.run(wire.ReadBuffer(min(there, wire.MOST_READ)))).data
        return octets

    async def put(self, path: str, octets: bytes, progress: Progress, *, append: bool) -> None:
        """Upload bytes as a file, or behind what it holds."""
        mode = wire.APPEND if append else wire.STORE
        done = 0
        while done < len(octets):
            size = self._portion(len(octets) - done)
            portion = octets[done : done + size]
            try:
                put = wire.Put(path, wire.BINARY, mode, size)
                said = (await self._modem.send(put, portion))[-1]
            except Refused as error:
                # What was refused is not stored; only an append must not come twice.
                if size > wire.MOST_PUT and ("SIZE" in error.line or mode == wire.STORE):
                    self._most_put = wire.MOST_PUT
                    continue
                said = error.line
            if not re.search(r": *OK", said):
                raise _failed(f"{path!r} was not stored beyond {done} bytes", said)
            done += size
            mode = wire.APPEND
            progress(done, len(octets))

    def _portion(self, left: int) -> int:
        """How much to upload at once: what the wire carries in time, and no single byte behind."""
        rate = (self._modem.actual_baud or 115200) / 10
        most = max(min(self._most_put, int(rate * SHARE)), wire.LEAST_PUT + 1)
        size = min(left, most)
        return size - 1 if left - size == 1 else size


def _failed(what: str, said: str) -> RequestError:
    code = (
        "unavailable" if re.search("not login|disconnect", said, re.IGNORECASE) else "modem_error"
    )
    return RequestError(code, f"{what}: {said}", retryable=code == "unavailable", modem=said)

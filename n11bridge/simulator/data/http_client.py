"""The one HTTP, and the one HTTPS, connection of the modem."""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..commands import Body
from .connection import Connection, dial
from .tls_settings import context

if TYPE_CHECKING:
    from ..modem import Modem

_URL = re.compile(r"(?:https?://)?([^/:?]+)(?::(\d+))?([/?].*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """Whom to ask for what."""

    host: str
    port: int
    path: str
    usual: bool
    """Whether the port is the one that goes without saying."""

    @property
    def authority(self) -> str:
        """What the header Host says."""
        return self.host if self.usual else f"{self.host}:{self.port}"


class HttpClient:
    """A connection with its parameters; what comes in is reported as it comes (16.5)."""

    def __init__(self, modem: Modem, kind: Literal["HTTP", "HTTPS"]) -> None:
        self._modem = modem
        self._kind = kind
        self._connection: Connection | None = None
        self._begun = False
        self.url = ""
        self.port: int | None = None

    @property
    def connected(self) -> bool:
        """Whether a request can be sent."""
        return self._connection is not None

    @property
    def target(self) -> Target | None:
        """Whom the parameters name; None where they make no sense."""
        match = _URL.fullmatch(self.url)
        if match is None:
            return None
        usual = 80 if self._kind == "HTTP" else 443
        port = int(match[2]) if match[2] else self.port or usual
        path = match[3] or "/"
        return Target(match[1], port, path if path[0] == "/" else f"/{path}", port == usual)

    async def open(self) -> bool:
        """Connect to the server; False if that fails or a connection is there."""
        stack, target = self._modem.stack, self.target
        if self._connection is not None or target is None:
            return False
        if stack.refusals:
            stack.refusals.popleft()
            return False
        secure = self._kind == "HTTPS"
        settings = self._modem.settings.ssl_http
        try:
            async with asyncio.timeout(self._modem.profile.setup_timeout):
                await stack.link.flows()
                streams = await dial(
                    stack.names.endpoint(target.host, target.port),
                    context=context(settings, stack.certificates) if secure else None,
                    host=target.host,
                )
        except (OSError, ssl.SSLError, TimeoutError):
            return False
        if not stack.link.active:  # it went meanwhile
            streams[1].transport.abort()
            return False
        entry = stack.journal.opened(self._kind, None, f"{target.host}:{target.port}")
        self._begun = False
        self._connection = Connection(stack, entry, streams, self._received, self._ended)
        return True

    def request(self, data: bytes) -> None:
        """Send a request as it stands; its response has a header of its own."""
        if self._connection is not None:
            self._begun = False
            self._connection.send(data)

    def close(self, by: str) -> None:
        """Hang up, without a word."""
        if self._connection is not None:
            self._connection.close(by)
            self._forget()

    def cut(self, by: str) -> str | None:
        """Be gone at once; return what is to be said of it."""
        if self._connection is None:
            return None
        self._connection.abort(by)
        self._forget()
        return self._farewell

    def reset(self) -> None:
        """Forget the parameters as well."""
        self.url, self.port = "", None

    @property
    def _farewell(self) -> str:
        name = "HTTPCLOSED" if self._kind == "HTTP" else self._modem.style.https_closed
        return f"+{name}: {self._kind} Link Closed"

    def _forget(self) -> None:
        self._connection = None
        self._flood(b"", last=True)

    async def _received(self, data: bytes) -> None:
        interpreter, once = self._modem.interpreter, self._modem.style.httprecv == "once"
        if interpreter is None:
            return
        await interpreter.room(flood=once)
        name = f"+{self._kind}RECV:"
        if once:
            self._flood(data if self._begun else f"\r\n{name}\r\n".encode() + data)
        else:
            interpreter.report((Body(name), Body(data.decode("latin-1"))))
        self._begun = True

    def _ended(self) -> None:
        self._connection = None
        if self._modem.style.httprecv == "once":
            self._flood(f"\r\n{self._farewell}\r\n".encode(), last=True)
        else:
            self._modem.report(self._farewell)

    def _flood(self, data: bytes, *, last: bool = False) -> None:
        if self._modem.interpreter is not None:
            self._modem.interpreter.flood(data, last=last)

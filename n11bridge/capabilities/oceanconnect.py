"""A device on the OceanConnect platform (manual 20): bytes up, bytes down."""

import contextlib
from typing import Annotated, Any

import voluptuous as vol

from n11bridge import content
from n11bridge.at.command import Command, Reply, Report, Setting
from n11bridge.at.errors import AtError, Unavailable
from n11bridge.at.spelling import Spelling
from n11bridge.at.wire import Keyword, Kind, Misfit, Word
from n11bridge.capability import Capability, Kept, Request, RequestError, on, request
from n11bridge.host import Host
from n11bridge.payload import Field, Fields

#: No limit is given (20.3); a command line takes no more with certainty.
LARGEST = 512

STATE: Fields = {
    "connected": Field(bool, True, "whether the platform is, as far as the modem told"),
    "server": Field(vol.Maybe(str), "180.101.147.135:5683", "null while there is none"),
}
HOST = vol.All(str, vol.Match(r"[A-Za-z0-9._-]{1,253}\Z", msg="a name or an IPv4 address"))
KEY = vol.All(str, vol.Match(r"[0-9A-Za-z+/=]{1,128}\Z", msg="up to 128 letters and digits"))


class Digits(Kind):
    """Bytes as hexadecimal digits, without quotes."""

    def read(self, word: Word) -> bytes:
        """The bytes; Misfit for anything but pairs of digits."""
        try:
            return bytes.fromhex(word.text)
        except ValueError as error:
            raise Misfit(word.text) from error

    def write(self, value: bytes) -> str:
        """Digits in upper case."""
        return value.hex().upper()


class Open(Command[None], at="+NCDPOPEN", manual="20.1", timeout=30):
    """Connect to the platform."""

    host: Keyword
    port: int | None = None
    key: Keyword | None = None


class OpenQuoted(Command[None], at="+NCDPOPEN", manual="20.5", timeout=30):
    """The same as the examples of 20.5 write it."""

    host: str
    port: int | None = None
    key: str | None = None


class Close(Command[None], at="+NCDPCLOSE", manual="20.2", timeout=10):
    """Disconnect."""


class Send(Command[None], at="+NMGS", manual="20.3", timeout=30):
    """Send so many bytes."""

    length: int
    data: Annotated[bytes, Digits()]


class Portion(Reply, at="+NMGR", manual="20.4"):
    """The oldest message that waits."""

    length: int
    data: Annotated[bytes, Digits()]


class Read(Command[Portion | None], at="+NMGR", manual="20.4", timeout=5):
    """Give the oldest message that waits."""


class ReportingNow(Reply, at="+NNMI", manual="20.5"):
    """How messages are told of, and one of them."""

    mode: int
    data: Keyword | None = None


class Reporting(Setting[ReportingNow], at="+NNMI", manual="20.5"):
    """Messages wait to be read (0), are handed on at once (1), or are announced (2)."""

    mode: int


class Received(Report, at="+NNMI", manual="20.5"):
    """A message came and stands here."""

    length: int
    data: Annotated[bytes, Digits()]


class Waiting(Report, at="+NNMI", manual="20.5"):
    """A message came and waits to be read."""


class OceanConnect(Capability):
    """One connection to the platform."""

    name = "oceanconnect"
    states = {"oceanconnect": STATE}
    events = {"received": content.CONTENT}

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._server: str | None = None
        self._open = Spelling[Open | OpenQuoted](Open, OpenQuoted)
        host.link.on_change(self._link_changed)

    async def prepare(self) -> None:
        """A modem that starts has no connection."""
        self._become(None)

    def gone(self) -> None:
        """Without a modem there is none either."""
        self._become(None)

    def _link_changed(self) -> None:
        if not self.host.link.up:
            self._become(None)

    def _become(self, server: str | None) -> None:
        self._server = server
        self.host.state(self.name, self._values())

    def _values(self) -> dict[str, Any]:
        return {"connected": self._server is not None, "server": self._server}

    @on(Received)
    def received(self, said: Received) -> None:
        """A message came."""
        self.host.event(self.name, "received", content.shown(said.data))

    @on(Waiting)
    async def waiting(self, _: Waiting) -> None:
        """A message waits, although we asked for it to be handed on."""
        if (portion := await self.modem.run(Read())) is not None:
            self.host.event(self.name, "received", content.shown(portion.data))

    @request(
        "open",
        {
            vol.Required("host"): HOST,
            vol.Optional("port"): vol.All(int, vol.Range(min=1, max=65535)),
            vol.Optional("psk"): KEY,
            vol.Optional("buffered", default=False): bool,
        },
        kept=Kept.NOTHING,
        secret=True,
        answer=STATE,
        example={"host": "180.101.147.135"},
    )
    async def open(self, request: Request) -> dict[str, Any]:
        """Connect; messages come as events, or wait for read where they are buffered (20.1)."""
        host, port, key = (request.get(name) for name in ("host", "port", "psk"))
        await self.host.link.connect()
        with contextlib.suppress(AtError, Unavailable):
            await self.modem.run(Close())
        await self._open.attempt(lambda record: self.modem.run(record(str(host), port, key)))
        self._become(f"{host}:{port or 5683}")
        await self.modem.write(Reporting(0 if request["buffered"] else 1))
        return self._values()

    @request("send", content.parameters(), example={"hex": "010548454C4C4F"})
    async def send(self, request: Request) -> dict[str, Any]:
        """Send up to 512 bytes (20.3)."""
        data = content.required(request.parameters, least=1, most=LARGEST)
        if self._server is None:
            message = "there is no connection: ask for oceanconnect/open"
            raise RequestError("unavailable", message)
        await self.modem.run(Send(len(data), data))
        return {}

    @request("read", answer=content.CONTENT)
    async def read(self, _: Request) -> dict[str, Any]:
        """Read the oldest message that waits, once open was asked to buffer them (20.4)."""
        if (portion := await self.modem.run(Read())) is None:
            raise RequestError("modem_error", "no message waits")
        return content.shown(portion.data)

    @request("close", kept=Kept.NOTHING, answer=STATE)
    async def close(self, _: Request) -> dict[str, Any]:
        """Disconnect (20.2)."""
        await self.modem.run(Close())
        self._become(None)
        return self._values()

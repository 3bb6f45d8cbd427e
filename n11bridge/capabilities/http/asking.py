"""What is asked of a server, and how the modem is told: by number, or in HTTP's own words."""

import re
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urljoin, urlsplit

import h11

from n11bridge.capabilities.http import wire
from n11bridge.capability import RequestError

#: Methods that change nothing, so that asking again does no harm (RFC 9110, 9.2.1).
SAFE = ("GET", "HEAD", "OPTIONS")
#: Headers that this end writes by itself.
_OURS = {"content-length", "transfer-encoding"}


@dataclass(frozen=True)
class Place:
    """Where a URL leads; ``target`` is its path and query."""

    secure: bool
    host: str
    port: int
    target: str

    @classmethod
    def of(cls, url: str) -> "Place":
        """Take a URL apart; RequestError when it is none that the modem can go to."""
        if re.search(r"[\x00-\x1f\x7f]", url):
            raise RequestError("invalid_request", "url: it holds control characters")
        try:
            parts = urlsplit(url.strip())
            host = (parts.hostname or "").encode("idna").decode()
            port = parts.port
        except ValueError as error:
            raise RequestError("invalid_request", f"url: {error}") from None
        if parts.scheme not in ("http", "https") or not re.fullmatch(r"[a-z0-9_.-]+", host):
            message = "url: expected http:// or https:// and a host name or IPv4 address"
            raise RequestError("invalid_request", message)
        if parts.username is not None:
            message = "url: it holds a user; give an Authorization header instead"
            raise RequestError("invalid_request", message)
        secure = parts.scheme == "https"
        query = f"?{parts.query}" if parts.query else ""
        # What is percent-encoded stays; what a request line cannot hold becomes so.
        target = quote(f"{parts.path or '/'}{query}", safe="%!$&'()*+,-./:;=?@_~")
        return cls(secure, host, port or (443 if secure else 80), target)

    @property
    def url(self) -> str:
        """The whole URL."""
        return f"http{'s' if self.secure else ''}://{self.authority}{self.target}"

    @property
    def authority(self) -> str:
        """Host and port, without the port where it goes without saying."""
        usual = self.port == (443 if self.secure else 80)
        return self.host if usual else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Asked:
    """One request to a server."""

    method: str
    place: Place
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None

    @property
    def safe(self) -> bool:
        """Whether it may be asked again."""
        return self.method in SAFE

    def with_headers(self, **headers: str) -> "Asked":
        """The same with these headers besides."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **named})

    def redirected(self, status: int, location: str) -> "Asked":
        """The request that follows an answer of this status (RFC 9110, 15.4)."""
        place = Place.of(urljoin(self.place.url, location))
        headers = dict(self.headers)
        if (place.host, place.port) != (self.place.host, self.place.port):
            headers = {n: v for n, v in headers.items() if n.lower() != "authorization"}
        if status == 303 or (status in (301, 302) and self.method == "POST"):
            method = "HEAD" if self.method == "HEAD" else "GET"
            headers = {n: v for n, v in headers.items() if not n.lower().startswith("content-")}
            return Asked(method, place, headers)
        return replace(self, place=place, headers=headers)


@dataclass(frozen=True)
class Told:
    """What the modem is told: URL, mode, and what follows the prompt, with the number of its type.

    ``payload`` None: there is no prompt.
    """

    url: str
    mode: int
    payload: bytes | None = None
    type: int | None = None


def told(asked: Asked) -> Told:
    """Say it with the modem's own modes where they suffice, else word by word.

    RequestError when it is longer than the modem takes, or no HTTP.
    """
    place, body = asked.place, asked.body
    url = f"{place.host}{place.target}"
    plain = len(url) <= wire.LONGEST_URL and "," not in url
    if plain and body is None and not asked.headers and asked.method in ("GET", "HEAD"):
        return Told(url, wire.GET if asked.method == "GET" else wire.HEAD)
    if plain and body and asked.method == "POST" and len(body) <= wire.MOST_SENT:
        named = {name.lower(): value.strip().lower() for name, value in asked.headers.items()}
        kind = wire.TYPES.get(named.pop("content-type", ""))
        if kind is not None and not named:
            return Told(url, wire.POST, body, kind)
    packet = _packet(asked)
    if len(packet) > wire.MOST_SENT:
        message = f"the request is {len(packet)} bytes long; the modem takes {wire.MOST_SENT}"
        raise RequestError("invalid_request", message)
    return Told(f"{place.host}/", wire.CUSTOM, packet)


def _packet(asked: Asked) -> bytes:
    headers = {"Host": asked.place.authority, "Connection": "close"}
    given = {name.lower() for name in asked.headers}
    if ours := given & _OURS:
        raise RequestError("invalid_request", f"headers: {min(ours)} is written by the bridge")
    lines = [(n, v) for n, v in headers.items() if n.lower() not in given]
    lines += asked.headers.items()
    if asked.body is not None:
        lines.append(("Content-Length", str(len(asked.body))))
    connection = h11.Connection(h11.CLIENT)
    try:
        packet = connection.send(
            h11.Request(method=asked.method, target=asked.place.target, headers=lines)
        )
        packet = (packet or b"") + (connection.send(h11.Data(asked.body or b"")) or b"")
        connection.send(h11.EndOfMessage())
    except (h11.LocalProtocolError, UnicodeEncodeError) as error:
        raise RequestError("invalid_request", f"headers: {error}") from None
    return packet

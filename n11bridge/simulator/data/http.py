"""HTTP and HTTPS (manual chapters 16 and 17): the same commands under two names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..commands import Bare, Commands, Form, Lines, Request
from ..errors import INVALID, NO_SERVICE, NOT_ALLOWED, Refused
from . import tls_settings
from .http_client import HttpClient, Target
from .set_up import PORTS

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()
tls_settings.register(COMMANDS, "+HTTPSCFG", "ssl_http")

_GET, _HEAD, _POST, _OPEN = 0, 1, 2, 99
_URL = 128
_LENGTHS = range(1, 2049)
_PATIENCE = 60.0
_TYPES = (
    "application/x-www-form-urlencoded",
    "text/plain",
    "application/json",
    "text/xml",
    "text/html",
    "application/octet-stream",
)


class _Wrong(Exception):
    """The request cannot be made, in these words."""


def _register(kind: Literal["HTTP", "HTTPS"]) -> None:
    def client(modem: Modem) -> HttpClient:
        return modem.stack.http if kind == "HTTP" else modem.stack.https

    def set_parameter(modem: Modem, request: Request) -> Lines:
        name, comma, value = request.text.partition("=")[2].partition(",")
        value = value.strip().strip('"')
        if name == "url" and comma and 1 <= len(value) <= _URL:
            client(modem).url = value
        elif name == "port" and value.isdecimal() and int(value) in PORTS:
            client(modem).port = int(value)
        else:
            raise Refused(INVALID)
        return []

    async def set_up(modem: Modem, _request: Request) -> Lines:
        if not modem.stack.link.active:
            raise Refused(NO_SERVICE)
        if client(modem).target is None or not await client(modem).open():
            raise Refused(NOT_ALLOWED)
        return []

    async def act(modem: Modem, request: Request) -> Lines:
        try:
            await _act(modem, request, client(modem))
        except _Wrong as wrong:
            return Bare([f"+{kind}{wrong}"])
        except TimeoutError:
            return Bare([f"+{kind}ACTION: ERROR"])
        return []

    def close(modem: Modem, _request: Request) -> Lines:
        client(modem).close("client")
        return []

    COMMANDS[f"+{kind}PARA", Form.SET] = set_parameter
    COMMANDS[f"+{kind}SETUP", Form.EXECUTE] = set_up
    COMMANDS[f"+{kind}ACTION", Form.SET] = act
    COMMANDS[f"+{kind}CLOSE", Form.EXECUTE] = close


_register("HTTP")
_register("HTTPS")


async def _act(modem: Modem, request: Request, client: HttpClient) -> None:
    values = [argument.text for argument in request.arguments]
    mode = _number(values, 0, "ACTION: LACK OF PARAMETER")
    if not modem.stack.link.active:
        raise _Wrong("ACTION: GPRS DISCONNECTION")
    target = client.target
    if not client.connected or target is None:
        raise _Wrong("ACTION: NOT LINK")
    if mode == _GET:
        sent = _head(modem, "GET", target, _range(values))
    elif mode == _HEAD:
        sent = _head(modem, "HEAD", target)
    elif mode in (_POST, _OPEN):
        length = _number(values, 1, "ACTION: LACK OF PARAMETER")
        if length not in _LENGTHS:
            raise _Wrong("ACTION: LENGTH ERROR")
        kind = _number(values, 2, "ACTION: TYPE ERROR") if len(values) > 2 else 0
        if kind not in range(len(_TYPES)):
            raise _Wrong("ACTION: TYPE ERROR")
        content = await modem.data(request, length, _PATIENCE)
        headers = (f"Content-Type: {_TYPES[kind]}", f"Content-Length: {length}")
        sent = content
        if mode == _POST:
            sent = _head(modem, "POST", target, headers) + content
    else:
        raise _Wrong("PARA: ERROR MODE")
    if not client.connected:  # the server gave up at the prompt
        raise _Wrong("ACTION: NOT LINK")
    modem.afterwards(lambda: client.request(sent))


def _number(values: list[str], index: int, complaint: str) -> int:
    if index >= len(values) or not values[index].isdecimal():
        raise _Wrong(complaint)
    return int(values[index])


def _range(values: list[str]) -> tuple[str, ...]:
    """Return the header of a segmented GET, offset and size at the end of the command (16.3)."""
    part = values[3:5] if len(values) > 3 else values[1:3] if len(values) == 3 else []
    if not any(part):
        return ()
    offset = _number(part, 0, "PARA: OFFSET ERROR1")
    size = _number(part, 1, "PARA: SIZE ERROR")
    if not size:
        raise _Wrong("PARA: SIZE ERROR")
    return (f"Range: bytes={offset}-{offset + size - 1}",)


def _head(modem: Modem, method: str, target: Target, headers: tuple[str, ...] = ()) -> bytes:
    connection = "keep-alive" if modem.style.http_persistent else "close"
    lines = (
        f"{method} {target.path} HTTP/1.1",
        f"Host: {target.authority}",
        f"Connection: {connection}",
        *headers,
        "",
        "",
    )
    return "\r\n".join(lines).encode("latin-1")

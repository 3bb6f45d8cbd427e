"""SOCKS5 as a server speaks it: CONNECT, with no authentication or by password (RFC 1928, 1929)."""

import asyncio
import hmac
import ipaddress
from dataclasses import dataclass
from enum import IntEnum

VERSION, PASSWORD_VERSION = 5, 1
#: Methods of authentication.
NONE, PASSWORD, NO_ACCEPTABLE = 0, 2, 0xFF
CONNECT = 1
IPV4, NAME, IPV6 = 1, 3, 4


class Answer(IntEnum):
    """What a client is told of its request (RFC 1928, 6)."""

    GRANTED = 0
    FAILED = 1
    NOT_ALLOWED = 2
    NETWORK_UNREACHABLE = 3
    HOST_UNREACHABLE = 4
    REFUSED = 5
    TIMED_OUT = 6
    NO_SUCH_COMMAND = 7
    NO_SUCH_ADDRESS = 8


class Rejected(Exception):
    """The client cannot have what it wants, or speaks something else; it has been told."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who may use the proxy."""

    username: str
    password: str

    def match(self, username: bytes, password: bytes) -> bool:
        """Compare, without telling by the time it takes how much was right."""
        right_name = hmac.compare_digest(username, self.username.encode())
        return hmac.compare_digest(password, self.password.encode()) and right_name


async def accept(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, credentials: Credentials | None
) -> tuple[str, int]:
    """Hear where a client wants to go: host and port; Rejected, or IncompleteReadError."""
    await _authenticate(reader, writer, credentials)
    version, command, _, kind = await reader.readexactly(4)
    if version != VERSION:
        raise Rejected("speaks no SOCKS5")
    if kind not in (IPV4, NAME, IPV6):
        answer(writer, Answer.NO_SUCH_ADDRESS)
        raise Rejected("gives an address of an unknown sort")
    host = await _address(reader, kind)
    port = int.from_bytes(await reader.readexactly(2), "big")
    if command != CONNECT:
        answer(writer, Answer.NO_SUCH_COMMAND)
        raise Rejected("wants something other than CONNECT")
    if host is None:
        answer(writer, Answer.NO_SUCH_ADDRESS)
        raise Rejected("wants an address that the modem does not know")
    return host, port


def answer(writer: asyncio.StreamWriter, what: Answer) -> None:
    """Answer the request. Our address there is the modem's, which no client needs to know."""
    writer.write(bytes([VERSION, what, 0, IPV4]) + bytes(6))


async def _authenticate(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, credentials: Credentials | None
) -> None:
    version, count = await reader.readexactly(2)
    if version != VERSION:
        raise Rejected("speaks no SOCKS5")
    methods = await reader.readexactly(count)
    method = NONE if credentials is None else PASSWORD
    if method not in methods:
        writer.write(bytes([VERSION, NO_ACCEPTABLE]))
        raise Rejected("offers no way of authentication that is taken here")
    writer.write(bytes([VERSION, method]))
    if credentials is None:
        return
    await reader.readexactly(1)
    username = await reader.readexactly((await reader.readexactly(1))[0])
    password = await reader.readexactly((await reader.readexactly(1))[0])
    right = credentials.match(username, password)
    writer.write(bytes([PASSWORD_VERSION, 0 if right else 1]))
    if not right:
        raise Rejected("gave a wrong password")


async def _address(reader: asyncio.StreamReader, kind: int) -> str | None:
    """The address as the modem takes it; None when it cannot."""
    if kind == IPV4:
        return str(ipaddress.IPv4Address(await reader.readexactly(4)))
    if kind == IPV6:
        address = ipaddress.IPv6Address(await reader.readexactly(16))
        return str(address.ipv4_mapped) if address.ipv4_mapped else None
    name = await reader.readexactly((await reader.readexactly(1))[0])
    # What stands in the command unquoted must not be able to end it, or to add to it.
    text = name.decode("ascii", "replace")
    return text if all(letter.isalnum() or letter in "-._" for letter in text) and text else None

"""How a socket is set up: the checks before, OK, and the outcome later (manual 8.1, 9.2, 11.1)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from ..commands import Argument, Bare, Lines, Request
from ..errors import NOT_ALLOWED, Refused
from .sockets import NUMBERS, Peer

if TYPE_CHECKING:
    from ..modem import Modem

PORTS = range(1, 65536)

Connect = Callable[[int, str, int], Awaitable[Peer]]


class Failed(Exception):
    """The set-up comes to nothing, in this word."""


def target(arguments: Sequence[Argument]) -> tuple[str, int] | None:
    """Return the host and port at the front of ``arguments``; None where they make no sense."""
    if len(arguments) < 2 or not arguments[0].text:
        return None
    host, port = arguments[0].text, arguments[1].text
    if not (port.isdecimal() and int(port) in PORTS):
        return None
    return host, int(port)


def number_at(arguments: Sequence[Argument]) -> int | None:
    """Return the socket number at the front of ``arguments``; None where it can be none."""
    text = arguments[0].text if arguments else ""
    return int(text) if text.isdecimal() and int(text) in NUMBERS else None


def refusal(modem: Modem, name: str, what: str, *, after_ok: bool = False) -> Lines:
    """Say that a set-up comes to nothing: at once and alone, or after OK as its outcome."""
    if after_ok or modem.style.setup_ok == "always":
        modem.afterwards(lambda: modem.report(f"{name}: {what}"))
        return []
    return Bare([f"{name}: {what}"])


def without_link(modem: Modem, name: str, number: int | None = None) -> Lines:
    """Answer a set-up that finds no PPP link, in one of the ways seen."""
    if modem.style.no_link == "error":
        raise Refused
    if modem.style.no_link == "words" or number is None:
        return refusal(modem, name, "GPRS DISCONNECTION")
    modem.afterwards(lambda: modem.report("+CME ERROR: NO SIM"))
    modem.afterwards(lambda: modem.report(f"{name}: {number},FAIL"))
    return []


def set_up(
    modem: Modem, request: Request, name: str, kind: str, connect: Connect, *, late: bool = False
) -> Lines:
    """Begin to set a socket up; ``late``: that it is in use is said after OK (9.2)."""
    number, wanted = number_at(request.arguments), target(request.arguments[1:])
    stack = modem.stack
    if number is None or wanted is None:
        return refusal(modem, name, "ERROR")
    if stack.ftp_in_use:
        raise Refused(NOT_ALLOWED)  # the two exclude each other (15.1)
    if not stack.link.active:
        return without_link(modem, name, number)
    if number in stack.sockets.used:
        return refusal(modem, name, f"{number},ERROR1", after_ok=late)
    begin(modem, number, kind, f"{name}: {number},", lambda: connect(number, *wanted))
    stack.sockets.used[number].target = f"{number},{wanted[0]},{wanted[1]}"
    return []


def begin(
    modem: Modem,
    number: int,
    kind: str,
    prefix: str,
    connect: Callable[[], Awaitable[Peer]],
    *,
    success: str = "",
) -> None:
    """Set a socket up once OK is out; the outcome follows ``prefix``, if it is not ``success``."""
    stack = modem.stack
    socket = stack.sockets.take(number, kind)
    socket.failure = f"{prefix}FAIL"

    async def carry_out() -> None:
        try:
            socket.peer = await attempt(modem, connect)
        except Failed as failed:
            stack.sockets.release(number)
            modem.report(f"{prefix}{failed}")
        else:
            modem.report(success or f"{prefix}OK")
            if kind.startswith("TRANSPARENT"):
                stack.transparent.begin(number)
        finally:
            socket.setting_up = None

    def start() -> None:
        if stack.sockets.used.get(number) is socket:  # else the link went meanwhile
            socket.setting_up = stack.spawn(carry_out())

    modem.afterwards(start)


async def attempt(modem: Modem, connect: Callable[[], Awaitable[Peer]]) -> Peer:
    """Connect over the link, in the time that a set-up has; Failed."""
    stack, profile = modem.stack, modem.profile
    await asyncio.sleep(profile.setup_delay)
    if stack.refusals:
        raise Failed(stack.refusals.popleft())
    try:
        async with asyncio.timeout(profile.setup_timeout):
            await stack.link.flows()
            return await connect()
    except ssl.SSLError as error:
        badly = isinstance(error, ssl.SSLCertVerificationError) or "CERT" in str(error).upper()
        raise Failed("AUTHFAIL" if badly else "FAIL") from None
    except (OSError, TimeoutError):
        raise Failed("FAIL") from None

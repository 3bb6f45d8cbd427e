"""DNS, ping and counters (manual 24.3, 24.4, 24.7 to 24.9)."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import TYPE_CHECKING

from ..commands import Bare, Body, Commands, Form, Lines, Request
from ..errors import INVALID, NO_SERVICE, Refused
from .link import NO_ADDRESS
from .names import UnknownHost

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_HOST = 250
_PACKETS = 5
_NEAR = 1
"""Milliseconds to this host, the only one whose answer is known without a table."""
_KILOBYTE = 1024


def _host(request: Request) -> str:
    host = request.arguments[0].text if request.arguments else ""
    if not 1 <= len(host) <= _HOST:
        raise Refused(INVALID)
    return host


@COMMANDS.on("+DNS", Form.SET)
def _resolve(modem: Modem, request: Request) -> Lines:
    host = _host(request)
    if not modem.stack.link.active:
        raise Refused(NO_SERVICE)
    modem.afterwards(lambda: modem.stack.spawn(_answer(modem, host)))
    return []


async def _answer(modem: Modem, host: str) -> None:
    try:
        async with asyncio.timeout(modem.profile.setup_timeout):
            await modem.stack.link.flows()
        address = modem.stack.names.address(host)
    except (OSError, TimeoutError):
        modem.report("+DNS: ERROR")
        return
    modem.report(f"+DNS: {address}")
    modem.report("+DNS: OK")


@COMMANDS.on("+PING", Form.SET)
def _ping(modem: Modem, request: Request) -> Lines:
    host = _host(request)
    if not modem.stack.link.active:
        return Bare(["+PING: No PPP Link"])
    modem.afterwards(lambda: modem.stack.spawn(_echo(modem, host)))
    return []


async def _echo(modem: Modem, host: str) -> None:
    stack = modem.stack
    try:
        address = stack.names.address(host)
    except UnknownHost:
        modem.report("+PING: ERROR")
        return
    times = stack.names.pings.get(host) or stack.names.pings.get(address)
    if times is None:
        here = ipaddress.IPv4Address(address).is_loopback
        times = [_NEAR if here else None] * _PACKETS
    if not stack.link.flowing:
        times = [None] * _PACKETS
    replies = [time for time in times if time is not None]
    for time in times:
        reply = f"Reply from {address}: bytes= 36 time = {time}(ms), TTL = 255"
        modem.report("Request timed out." if time is None else reply)
    lost = len(times) - len(replies)
    counts = f"Packets: Sent = {len(times)}, Received = {len(replies)}, Lose = {lost} "
    counts += f"<{100 * lost // len(times)}%>"
    if replies:
        counts += f", max_delay = {max(replies)} ms, min_delay = {min(replies)} ms,"
        counts += f" average delay = {sum(replies) // len(replies)} ms"
    modem.report(f"Ping statistics for {address}:", counts)


@COMMANDS.on("+FLOWCALC", Form.QUERY)
def _traffic(modem: Modem, _request: Request) -> Lines:
    link = modem.stack.link
    if not link.active:
        return ["+FLOWCALC: 0,0"]
    return [f"+FLOWCALC: {link.down.total // _KILOBYTE},{link.up.total // _KILOBYTE}"]


@COMMANDS.on("+FLOWCALC", Form.SET)
def _clear_traffic(modem: Modem, request: Request) -> Lines:
    request.number(0, (0,))
    modem.stack.link.up.total = modem.stack.link.down.total = 0
    return []


@COMMANDS.on("+RATECALC", Form.QUERY)
def _rate(modem: Modem, _request: Request) -> Lines:
    link = modem.stack.link
    return [f"+RATECALC: {link.down.recent() // _KILOBYTE},{link.up.recent() // _KILOBYTE}"]


@COMMANDS.on("+DNSSERVER", Form.SET)
def _set_servers(modem: Modem, request: Request) -> Lines:
    if not modem.stack.link.active:
        raise Refused(NO_SERVICE)
    texts = [argument.text for argument in request.arguments]
    try:
        servers = [str(ipaddress.IPv4Address(text)) for text in texts]
    except ValueError:
        raise Refused(INVALID) from None
    if len(servers) not in (1, 2):
        raise Refused(INVALID)
    modem.stack.link.servers = (servers[0], servers[1] if len(servers) > 1 else NO_ADDRESS)
    return []


@COMMANDS.on("+DNSSERVER", Form.QUERY)
def _servers(modem: Modem, _request: Request) -> Lines:
    link = modem.stack.link
    first, second = link.servers if link.active else (NO_ADDRESS, NO_ADDRESS)
    return Bare([Body(f"+DNSSERVER: dns1:{first};dns2:{second}")])

"""Where the clock gets its time: a time server, the network (manual 24.2, 24.6)."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ..commands import Bare, Commands, Form, Lines, Request
from ..data.names import UnknownHost
from ..errors import INVALID, Refused

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_NTP_PORT = 123
_NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
_QUERY = b"\x1b" + bytes(47)
"""Version 3, from a client (RFC 4330)."""
_NEVER = "0000-00-00,00:00:00"


class TimeSource:
    """What is known of the last update by a server."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.last = _NEVER
        self.parameters: tuple[str, int, str, int] | None = None

    def set_clock(self, time: datetime, zone: str) -> None:
        """Set the clock to this local time."""
        self._modem.clock_offset = time.replace(tzinfo=None) - datetime.now()
        self._modem.clock_zone = zone

    async def ask(self, host: str, port: int, seconds: int, hours: int) -> None:
        """Ask a server, and report what becomes of it."""
        modem = self._modem
        try:
            async with asyncio.timeout(seconds):
                time = await _time_of(host, port)
        except TimeoutError:
            modem.report("+UPDATETIME: Time Out")
            return
        except OSError:
            modem.report("+UPDATETIME: Send Request Fail")
            return
        local = (time + timedelta(hours=hours)).replace(tzinfo=None)
        self.set_clock(local, "")
        self.last = f"{local:%Y-%m-%d,%H:%M:%S}"
        modem.report(f"+UPDATETIME: Update To {self.last}")


async def _time_of(host: str, port: int) -> datetime:
    """Ask a server for the time; OSError."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        await loop.sock_connect(sock, (host, port))
        await loop.sock_sendall(sock, _QUERY)
        answer = await loop.sock_recv(sock, 512)
    seconds, fraction = struct.unpack_from(">II", answer, 40)
    return _NTP_EPOCH + timedelta(seconds=seconds + fraction / 2**32)


@COMMANDS.on("+UPDATETIME", Form.SET)
def _update(modem: Modem, request: Request) -> Lines:
    source = modem.time_source
    if request.number(0, (0, 1)) == 0:
        return [f"+UPDATETIME: Last Update Time {source.last}"]
    server = request.arguments[1].text if request.has(1) else ""
    seconds = request.number(2, range(1, 31))
    zone = request.string(3, "E8")
    saving = request.number(4, (0, 1), 0)
    hours = _hours(zone)
    if not server:
        raise Refused(INVALID)
    if not modem.stack.link.active:
        return Bare(["+UPDATETIME: No PPP Link"])
    try:
        endpoint = modem.stack.names.endpoint(server, _NTP_PORT)
    except UnknownHost:
        return Bare(["+UPDATETIME: Domain Name Invalid"])
    source.parameters = (server, seconds, zone, saving)

    def begin() -> None:
        modem.report("Time Updating,Please Wait...")
        modem.stack.spawn(source.ask(*endpoint, seconds, hours + saving))

    modem.afterwards(begin)
    return []


def _hours(zone: str) -> int:
    match = re.fullmatch(r"([EW]?)(\d{1,2})", zone)
    if match is None or int(match[2]) > (12 if match[1] == "W" else 13):
        raise Refused(INVALID)
    return -int(match[2]) if match[1] == "W" else int(match[2])


@COMMANDS.on("+UPDATETIME", Form.QUERY)
def _parameters(modem: Modem, _request: Request) -> Lines:
    if modem.time_source.parameters is None:
        return ['+UPDATETIME: ,,"E8",0']
    server, seconds, zone, saving = modem.time_source.parameters
    return [f'+UPDATETIME: {server},{seconds},"{zone}",{saving}']


@COMMANDS.on("+UPDATETIME", Form.TEST)
def _ranges(_modem: Modem, _request: Request) -> Lines:
    return ["+UPDATETIME: (0-1),,(1-30),,(0-1)"]


def network_tells(modem: Modem, time: datetime) -> None:
    """Let the network tell its time, which the clock follows if that is allowed."""
    if not modem.settings.network_time:
        return
    quarters = round((time.utcoffset() or timedelta()) / timedelta(minutes=15))
    modem.time_source.set_clock(time, f"{quarters:+03d}")
    modem.report(f"+GLTS: {time:%y/%m/%d,%H:%M:%S}/GMT{quarters:+03d}")

"""Playing AMR files (manual 21)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..commands import Commands, Form, Lines, Request
from ..errors import NOT_ALLOWED, Refused

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_MAGIC = b"#!AMR"
_SECONDS_PER_BYTE = 1 / 1600
"""AMR at 12.2 kbit/s and a little; a second of it is 1.6 kB."""


class Player:
    """The one file that plays."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self._seconds = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.playing = False

    def play(self, data: bytes) -> None:
        """Begin; the report comes at the end, after the seconds that the bytes last."""
        self.stop()
        self.playing = True
        self._seconds = len(data) * _SECONDS_PER_BYTE
        self.resume()

    def pause(self) -> None:
        """Stand still."""
        if self._timer is not None:
            self._seconds = self._timer.when() - asyncio.get_running_loop().time()
            self._timer.cancel()
            self._timer = None

    def resume(self) -> None:
        """Go on."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, self._seconds), self._end)

    def stop(self) -> None:
        """End without a word."""
        self.pause()
        self.playing = False

    def _end(self) -> None:
        self.stop()
        self._modem.report("+AMRPLAY: Play ok!")


@COMMANDS.on("+AMRPLAY", Form.SET)
def _play(modem: Modem, request: Request) -> Lines:
    name = request.arguments[0].text
    request.number(1, (0,), 0)
    data = modem.stack.files.get(name, b"")
    if not data.startswith(_MAGIC) or modem.call.ringing:
        return ["+AMRPLAY: play faild!"]
    modem.afterwards(lambda: modem.player.play(data))
    return []


@COMMANDS.on("+AMRPLAY", Form.EXECUTE)
def _stop(modem: Modem, _request: Request) -> Lines:
    if not modem.player.playing:
        raise Refused(NOT_ALLOWED)
    modem.player.stop()
    return []


@COMMANDS.on("+AMRPAUSE", Form.EXECUTE)
def _pause(modem: Modem, _request: Request) -> Lines:
    modem.player.pause()
    return []


@COMMANDS.on("+AMRRESUME", Form.EXECUTE)
def _resume(modem: Modem, _request: Request) -> Lines:
    if modem.player.playing:
        modem.player.resume()
    return []

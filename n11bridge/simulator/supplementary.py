"""Incoming calls and USSD (V.250 RING and NO CARRIER, 27.007 +CLIP, manual 5.2)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .commands import Commands, Form, Lines, Request
from .errors import NO_SERVICE, Refused
from .lock import require_sim

if TYPE_CHECKING:
    from .modem import Modem

COMMANDS = Commands()
COMMANDS.setting("+CLIP", "clip", (0, 1), "(0,1)")

_CANCEL = 2
_NOT_SUPPORTED = "4"


class Call:
    """The incoming call, of which there is one at a time."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self._hung_up: asyncio.Event | None = None

    @property
    def ringing(self) -> bool:
        """Whether someone calls just now."""
        return self._hung_up is not None

    async def ring(self, number: str, rings: int, interval: float) -> None:
        """Ring every ``interval`` seconds, then give up with NO CARRIER unless ATH came first."""
        hung_up = self._hung_up = asyncio.Event()
        try:
            for _ in range(rings):
                self._modem.report("RING")
                if self._modem.settings.clip:
                    kind = 145 if number.startswith("+") else 129
                    shown = number.removeprefix("+")
                    self._modem.report(f'+CLIP: "{shown}",{kind},,,"",0')
                try:
                    await asyncio.wait_for(hung_up.wait(), interval)
                except TimeoutError:
                    continue
                return
            self._modem.report("NO CARRIER")
        finally:
            self._hung_up = None

    def hang_up(self) -> None:
        """End the call on this side."""
        if self._hung_up is not None:
            self._hung_up.set()


@COMMANDS.on("H", Form.EXECUTE)
def _hang_up(modem: Modem, _request: Request) -> Lines:
    modem.call.hang_up()
    return []


@COMMANDS.on("+CUSD", Form.SET)
def _ussd(modem: Modem, request: Request) -> Lines:
    n = request.number(0, (0, 1, 2))
    if n != _CANCEL:
        modem.settings.cusd = n
    if n == _CANCEL or not request.has(1):
        return []
    code = request.string(1)
    request.number(2, range(256), 0)
    require_sim(modem)
    if not modem.radio.registered:
        raise Refused(NO_SERVICE)
    answer = modem.ussd_answers.get(code, _NOT_SUPPORTED)
    if n == 1:
        modem.afterwards(lambda: modem.report(f"+CUSD: {answer}"))
    return []


@COMMANDS.on("+CUSD", Form.QUERY)
def _ussd_mode(modem: Modem, _request: Request) -> Lines:
    return [f"+CUSD: {modem.settings.cusd}"]


@COMMANDS.on("+CUSD", Form.TEST)
def _ussd_modes(_modem: Modem, _request: Request) -> Lines:
    return ["+CUSD: (0,1,2)"]

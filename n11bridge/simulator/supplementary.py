"""Incoming calls and USSD (V.250 RING and NO CARRIER, 27.007 +CLIP, manual 5.2)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .commands import Commands, Form, Lines, Request
from .errors import INVALID, NO_SERVICE, Refused
from .lock import require_sim

if TYPE_CHECKING:
    from .modem import Modem

COMMANDS = Commands()
COMMANDS.setting("+CLIP", "clip", (0, 1), "(0,1)")

_CANCEL = 2
_NOT_SUPPORTED = "4"
_FURTHER_ACTION = "1"
_UCS2 = 8
"""The alphabet in bits 2 and 3 of the data coding scheme (23.038, 5)."""


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


class Ussd:
    """The dialogue with the network, of which there is one at a time."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.answers: dict[str, str] = {}
        self.open = False
        """Whether the network waits for a reply."""

    def say(self, answer: str) -> None:
        """Let the network say something; it is shown where <n> asks for that."""
        self.open = answer.partition(",")[0] == _FURTHER_ACTION
        if self._modem.settings.cusd == 1:
            self._modem.report(f"+CUSD: {answer}")

    def ask(self, code: str) -> None:
        """Answer a code, or a reply; an empty answer is none at all."""
        answer = self.answers.get(code, _NOT_SUPPORTED)
        if answer:
            self.say(answer)

    def cancel(self) -> None:
        """End the dialogue on this side."""
        self.open = False


@COMMANDS.on("+CUSD", Form.SET)
def _ussd(modem: Modem, request: Request) -> Lines:
    n = request.number(0, (0, 1, 2))
    if n == _CANCEL:
        modem.ussd.cancel()
        return []
    modem.settings.cusd = n
    if not request.has(1):
        return []
    code = _plain(request.string(1), request.number(2, range(256), 0))
    require_sim(modem)
    if not modem.radio.registered:
        raise Refused(NO_SERVICE)
    modem.afterwards(lambda: modem.ussd.ask(code))
    return []


def _plain(text: str, dcs: int) -> str:
    """The text of a USSD string: UCS2 comes as hexadecimal digits."""
    if dcs & 0x0C != _UCS2:
        return text
    try:
        return bytes.fromhex(text).decode("utf-16-be")
    except ValueError:
        raise Refused(INVALID) from None


@COMMANDS.on("+CUSD", Form.QUERY)
def _ussd_mode(modem: Modem, _request: Request) -> Lines:
    return [f"+CUSD: {modem.settings.cusd}"]


@COMMANDS.on("+CUSD", Form.TEST)
def _ussd_modes(_modem: Modem, _request: Request) -> Lines:
    return ["+CUSD: (0,1,2)"]

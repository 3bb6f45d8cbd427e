"""Jamming and its detection (manual 24.12, 24.13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..commands import Commands, Form, Lines, Request

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()


class Jamming:
    """How much noise there is, and what the modem makes of it."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.level = 0
        """How strong the noise is, from 0 to 100."""
        self._reported = False

    def change(self, level: int) -> None:
        """Let the noise be so strong."""
        self.level = level
        self.look()

    def look(self) -> None:
        """Report jamming that begins or ends, where that is asked for."""
        enabled, threshold = self._modem.settings.jamming
        jammed = bool(enabled) and self.level >= threshold
        if jammed != self._reported and (jammed or enabled) and self._tells(jammed):
            self._modem.report(f"+JAMMINGDTURC: {int(jammed)}")
        self._reported = jammed

    def _tells(self, jammed: bool) -> bool:
        return jammed or self._modem.style.jamming_end == "reported"

    def forget(self) -> None:
        """Be as after a start."""
        self._reported = False


@COMMANDS.on("+JAMMINGDETECT", Form.SET)
def _configure(modem: Modem, request: Request) -> Lines:
    enabled = request.number(0, (0, 1))
    modem.settings.jamming = (enabled, request.number(1, range(101), modem.settings.jamming[1]))
    modem.afterwards(modem.jamming.look)
    return []


@COMMANDS.on("+JAMMINGDETECT", Form.QUERY)
def _configuration(modem: Modem, _request: Request) -> Lines:
    enabled, threshold = modem.settings.jamming
    return [f"+JAMMINGDETECT: {enabled},{threshold}"]

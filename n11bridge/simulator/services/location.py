"""The position, as a server on the internet knows it (manual 24.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..commands import Bare, Commands, Form, Lines, Request

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_AT_ONCE = ("DNS FAILED", "LINK FAIL", "POST FAIL", "INIT FAIL", "LINK NOT FREE")
"""Failures that the examples show without an OK before."""


class Locator:
    """What the server knows, or why it says nothing."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.place = (22.69083, 113.985228, 550.0)
        self.failure = ""
        """A word of the manual's instead of a position; 'silence' for nothing at all."""
        self._asked = 0

    def ask(self) -> None:
        """Ask the server; the answer comes after the profile's delay."""
        self._asked += 1
        asked = self._asked

        def answer() -> None:
            if asked == self._asked and self.failure != "silence":
                self._answer()

        self._modem.later(self._modem.profile.location_delay, answer)

    def give_up(self) -> None:
        """Wait for no answer any more."""
        self._asked += 1

    def _answer(self) -> None:
        if self.failure:
            self._modem.report(f"+CIPGSMLOC: {self.failure}")
            return
        latitude, longitude, accuracy = self.place
        where = f'"lat":{latitude}, "lng":{longitude}'
        json = f'{{ "location": {{{where}}}, "accuracy":{accuracy}}}'
        self._modem.report(f"+CIPGSMLOC: {json}")
        self._modem.report("+CIPGSMLOC: OK")


@COMMANDS.on("+CIPGSMLOC", Form.EXECUTE)
def _locate(modem: Modem, _request: Request) -> Lines:
    if not modem.stack.link.active:
        return Bare(["+CIPGSMLOC: GPRS DISCONNECTION"])
    if modem.locator.failure in _AT_ONCE:
        return Bare([f"+CIPGSMLOC: {modem.locator.failure}"])
    modem.afterwards(modem.locator.ask)
    return []


@COMMANDS.on("+CIPGSMLOC", Form.SET)
def _request_type(modem: Modem, request: Request) -> Lines:
    if request.number(0, (0, 1)) == 0:
        modem.locator.give_up()
    return []

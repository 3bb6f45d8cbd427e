"""Settings that outlive a power cut (manual 24.6, 24.10, 24.11, 24.14, 24.15)."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from ..commands import Commands, Form, Lines, Request

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_OPERATORS = range(3)


def _kept(name: str, attribute: str, allowed: Collection[int], test: str | None = None) -> None:
    """Register a setting of one number that AT&W need not save."""
    COMMANDS.setting(name, attribute, allowed, test)

    def change(modem: Modem, request: Request) -> Lines:
        _keep(modem, attribute, request.number(0, allowed))
        return []

    COMMANDS[name, Form.SET] = change


def _keep(modem: Modem, attribute: str, value: int) -> None:
    setattr(modem.settings, attribute, value)
    modem.saved[attribute] = value


_kept("+SIMORDER", "first_slot", (0, 1))
_kept("+NGPCLASS", "multislot_class", range(1, 13), "(1-12)")
_kept("+SDMBS", "anti_fake_cell", (0, 1), "(0,1)")
_kept("+GLTS", "network_time", (0, 1), "(0-1)")


@COMMANDS.on("+SELFREGISTER", Form.SET)
def _register(modem: Modem, request: Request) -> Lines:
    request.number(0, _OPERATORS)
    _keep(modem, "self_register", request.number(1, (0, 1)))
    return []


@COMMANDS.on("+SELFREGISTER", Form.QUERY)
def _registers(modem: Modem, _request: Request) -> Lines:
    return [f"+SELFREGISTER: {modem.settings.self_register}"]

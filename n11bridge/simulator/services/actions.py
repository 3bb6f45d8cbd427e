"""What the control interface can do to noise, time, place and the rest."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from .clock import network_tells

if TYPE_CHECKING:
    from ..simulation import Simulator

Result = dict[str, Any]


def jam(simulator: Simulator, *, level: int) -> Result:
    """Let the noise be so strong, from 0 to 100."""
    simulator.modem.jamming.change(level)
    return {}


def nitz(simulator: Simulator, *, time: str) -> Result:
    """Let the network tell its time, in ISO 8601 with offset."""
    network_tells(simulator.modem, datetime.fromisoformat(time))
    return {}


def place(
    simulator: Simulator,
    *,
    latitude: float = 22.69083,
    longitude: float = 113.985228,
    accuracy: float = 550.0,
    failure: str = "",
) -> Result:
    """Say where the modem is, or with which word of the manual locating fails; or 'silence'."""
    simulator.modem.locator.place = (latitude, longitude, accuracy)
    simulator.modem.locator.failure = failure
    return {}


def fota(simulator: Simulator, *, version: str | None = None, failure: int = 0) -> Result:
    """Say which firmware the upgrade server has, None for nothing new, or which status fails it."""
    upgrader = simulator.modem.upgrader
    upgrader.offered, upgrader.failure = version, failure
    return {"version": upgrader.revision}


ACTIONS = (jam, nitz, place, fota)

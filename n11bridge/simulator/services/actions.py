"""What the control interface can do to phonebook, noise and the rest of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..simulation import Simulator

Result = dict[str, Any]


def jam(simulator: Simulator, *, level: int) -> Result:
    """Let the noise be so strong, from 0 to 100."""
    simulator.modem.jamming.change(level)
    return {}


ACTIONS = (jam,)

"""The modem: it carries out commands, and is brought back when it does not.

- `modem`: what callers use.
- `link`: found, set up, and brought back step by step.
- `listener`: who is told of it.
- `rate`: in step with a modem at whatever rate it answers.
- `liveness`: how each class of operation fares.
- `ladder`: which cure is next, and when; `power`: the last of them.
"""

from n11bridge.modem.ladder import Ladder
from n11bridge.modem.link import BUSY
from n11bridge.modem.listener import Listener
from n11bridge.modem.modem import Modem
from n11bridge.modem.power import CommandHook, GpioHook, PowerError, PowerHook

__all__ = [
    "BUSY",
    "CommandHook",
    "GpioHook",
    "Ladder",
    "Listener",
    "Modem",
    "PowerError",
    "PowerHook",
]

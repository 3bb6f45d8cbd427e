"""An N11V2 in software, on a pty or a TCP port: an independent reading of the manual.

It shares no code with the rest of n11bridge, so that a misreading there cannot hide here. Bytes run
``line`` -> (``pace``) -> ``modem`` -> ``interpreter`` -> the commands of one chapter each
(``general``, ``device``, ``lock``, ``network``, ``sms_*``, ``supplementary``) and back.
``simulation`` ties a modem to its line, ``control`` and ``actions`` let a test play network,
SIM card and gremlin.
"""

from .control import Control, ControlError
from .profile import Profile, Style
from .simulation import Simulator

__all__ = ["Control", "ControlError", "Profile", "Simulator", "Style"]

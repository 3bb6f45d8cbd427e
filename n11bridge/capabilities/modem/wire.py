"""What is said about the modem itself (manual 2, 3.1, 3.8, 3.9, 3.11, 3.12, 24.1)."""

import re
from enum import IntEnum
from typing import Annotated

from n11bridge.at.command import Command, Reply, Setting
from n11bridge.at.wire import Kind, Misfit, Rest, Word


class Imei(Kind):
    """An equipment identity: 15 digits, 16 with a software version (3GPP TS 23.003, 6.2)."""

    def read(self, word: Word) -> str:
        """The digits."""
        if not re.fullmatch(r"[0-9]{14,16}", word.text):
            raise Misfit(word.text)
        return word.text


class ReadInformation(Command[list[str]], at="I", manual="2.1"):
    """Manufacturer, model and revision, one on each line."""


class SoftwareVersion(Reply, at="+CGMR", manual="2.2", bare=True):
    """The version of the firmware."""

    text: Rest


class ReadSoftwareVersion(Command[SoftwareVersion], at="+CGMR", manual="2.2"):
    """Which firmware is this?"""


class SerialNumber(Reply, at="+CGSN", manual="2.3", bare=True):
    """The IMEI."""

    text: Annotated[str, Imei()]


class ReadSerialNumber(Command[SerialNumber], at="+CGSN", manual="2.3"):
    """Which piece of equipment is this?"""


class Revision(Reply, at="+GMR", manual="2.6", bare=True):
    """The version of the firmware, by V.250's command."""

    text: Rest


class ReadRevision(Command[Revision], at="+GMR", manual="2.6"):
    """Which firmware is this, in V.250's words?"""


class Model(Reply, at="+CGMM", manual="2.7", bare=True):
    """The model."""

    text: Rest


class ReadModel(Command[Model], at="+CGMM", manual="2.7"):
    """Which model is this?"""


class Manufacturer(Reply, at="+CGMI", manual="2.8", bare=True):
    """Who made it."""

    text: Rest


class ReadManufacturer(Command[Manufacturer], at="+CGMI", manual="2.8"):
    """Who made this?"""


class Indicator(Setting["Indicator"], at="+SIGNAL", manual="2.9"):
    """What the network LED shows; times in milliseconds, for mode 10."""

    mode: int
    off: int | None = None
    on: int | None = None


class Activity(IntEnum):
    """What the modem is doing (manual 3.1)."""

    READY = 0
    UNAVAILABLE = 1
    UNKNOWN = 2
    RINGING = 3
    CALL_IN_PROGRESS = 4


class ActivityStatus(Reply, at="+CPAS", manual="3.1"):
    """What it is doing."""

    activity: Activity


class ReadActivity(Command[ActivityStatus], at="+CPAS", manual="3.1"):
    """What are you doing?"""


class SaveSettings(Command[None], at="&W", manual="3.8", timeout=5):
    """Keep the settings over a restart, those that its section names."""


class RestoreFactorySettings(Command[None], at="&F", manual="3.9", timeout=5):
    """Set everything as the factory did."""


class SleepMode(Setting["SleepMode"], at="+ENPWRSAVE", manual="3.12"):
    """Whether the modem may sleep, and at which level of DTR."""

    mode: int


class SwitchOff(Command[None], at="+CPWROFF", manual="24.1", timeout=10):
    """Shut down; only the ON/OFF pin starts it again."""

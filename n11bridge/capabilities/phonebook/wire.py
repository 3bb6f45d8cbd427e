"""What is said about phonebooks (manual 7, 6.3). No number or name shows in a `repr`."""

from dataclasses import field

from n11bridge.at.command import Command, Reply, Setting


class CharacterSet(Setting["CharacterSet"], at="+CSCS", manual="6.3"):
    """How names stand in commands and answers: GSM, or UCS2 as hexadecimal digits."""

    name: str


class Use(Reply, at="+CPBS", manual="7.1"):
    """The storage in use, and how full it is."""

    storage: str
    used: int | None = None
    total: int | None = None


class Select(Command[Use | None], at="+CPBS", manual="7.1", timeout=10):
    """Use this storage; some modems say at once how full it is."""

    storage: str


class Selected(Setting[Use], at="+CPBS", manual="7.1", timeout=10):
    """Which storage is in use?"""


class Entry(Reply, at="+CPBR", manual="7.2"):
    """One entry; an empty place is left out."""

    index: int
    number: str = field(default="", repr=False)
    type: int | None = None
    name: str = field(default="", repr=False)
    hidden: int | None = None


class Read(Command[list[Entry]], at="+CPBR", manual="7.2", timeout=30):
    """What lies in these places?"""

    lowest: int
    highest: int


class Found(Entry, at="+CPBF", manual="7.3"):
    """One entry that was looked for."""


class Find(Command[list[Found]], at="+CPBF", manual="7.3", timeout=30):
    """Which names begin so?"""

    name: str = field(repr=False)


class Write(Command[None], at="+CPBW", manual="7.4", timeout=10):
    """Put an entry into this place."""

    index: int
    number: str = field(repr=False)
    type: int
    name: str = field(repr=False)


class Delete(Command[None], at="+CPBW", manual="7.4", timeout=10):
    """Empty this place."""

    index: int


class OwnNumber(Reply, at="+CNUM", manual="7.5"):
    """A number of the SIM's own."""

    name: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    type: int | None = None
    speed: int | None = None
    service: int | None = None


class ReadOwnNumbers(Command[list[OwnNumber]], at="+CNUM", manual="7.5", timeout=10):
    """Which numbers does this SIM have?"""

"""What is said about the time (manual 3.15, 24.2, 24.6)."""

import re
from typing import Annotated

from n11bridge.at.command import Command, Reply, Report, Setting, spoken
from n11bridge.at.wire import Keyword, Kind, Misfit, Rest, Word


class Day(Kind):
    """A date, with whatever stands behind it; a single number is none."""

    def read(self, word: Word) -> str:
        """Take it as it is."""
        if not re.match(r" *\d{2,4}[/-]\d\d?[/-]\d\d?", word.text):
            raise Misfit(word.text)
        return word.text


class ClockNow(Reply, at="+CCLK", manual="3.15"):
    """What the clock shows, quoted or not."""

    text: Rest


class Clock(Setting[ClockNow], at="+CCLK", manual="3.15"):
    """The clock; it forgets without power."""

    text: str


class LastUpdate(Reply, at="+UPDATETIME", manual="24.2"):
    """When it was last set by a time server; noughts for never."""

    text: Rest


class ReadLastUpdate(Command[LastUpdate], at="+UPDATETIME", manual="24.2"):
    """When was it last set by a time server?"""

    mode: int = 0


class Synchronise(
    Command[None],
    at="+UPDATETIME",
    manual="24.2",
    timeout=10,
    refusals=spoken(
        "+UPDATETIME",
        "No PPP Link",
        "Domain Name Invalid",
        "Send Request Fail",
        "Socket Error",
        "Time Out",
    ),
):
    """Ask a time server; what becomes of it is a report of its own."""

    mode: int
    server: Keyword
    seconds: int
    zone: str
    daylight_saving: int


class Updating(Report, at="Time Updating,Please Wait...", manual="24.2"):
    """The server is being asked."""


class Updated(Report, at="+UPDATETIME", manual="24.2"):
    """What became of it."""

    outcome: Rest


class NetworkTime(Setting["NetworkTime"], at="+GLTS", manual="24.6"):
    """Whether the clock follows the network's; kept without power."""

    enabled: int


class NetworkTimeCame(Report, at="+GLTS", manual="24.6"):
    """The network has told the time."""

    day: Annotated[str, Day()]
    time: Keyword = ""

    @property
    def text(self) -> str:
        """Both together."""
        return f"{self.day},{self.time}" if self.time else self.day

"""What is said with the modem of its transparent connection (manual 5.4, 12)."""

from enum import StrEnum

from n11bridge.at.command import Command, Ends, Reply, Report
from n11bridge.at.wire import Keyword, Rest


class Good(StrEnum):
    """The one good outcome; anything else is a refusal."""

    OK = "OK"


class Ended(StrEnum):
    """The one line of the same name that is no outcome."""

    LINK_CLOSED = "Link Closed"


class Opened(Reply, at="+TCPTRANS", manual="12.1"):
    """Connected: all that follows is the peer's."""

    result: Good


class Open(
    Command[Opened], at="+TCPTRANS", manual="12.1", timeout=60, ends=Ends.OUTCOME, data_mode=True
):
    """Connect, and be in data mode."""

    host: Keyword
    port: int


class Closed(Report, at="+TCPTRANS", manual="12.3"):
    """The connection is closed."""

    what: Ended


class OpenedUdp(Opened, at="+UDPTRANS", manual="12.2"):
    """The socket is there: all that follows is the peer's."""


class OpenUdp(
    Command[OpenedUdp],
    at="+UDPTRANS",
    manual="12.2",
    timeout=60,
    ends=Ends.OUTCOME,
    data_mode=True,
):
    """Have a socket, and be in data mode."""

    host: Keyword
    port: int


class ClosedUdp(Closed, at="+UDPTRANS", manual="12.3"):
    """The socket is gone."""


class Connected(Reply, at="CONNECT", manual="5.4"):
    """In data mode again."""


class GoBack(
    Command[Connected],
    at="O",
    manual="5.4",
    timeout=5,
    ends=Ends.REPLY,
    refusals=("NO CARRIER",),
    data_mode=True,
):
    """Be in data mode again; ERROR if there is no connection any more."""


class CloseAnswer(Reply, at="+TRANSCLOSE", manual="12.3"):
    """Closed."""

    socket: int
    result: Rest


class Close(Command[CloseAnswer], at="+TRANSCLOSE", manual="12.3", timeout=5, ends=Ends.REPLY):
    """Close the connection; ERROR if there is none."""

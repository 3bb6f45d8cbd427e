"""What is said with the modem of its UDP server (manual 14)."""

from typing import Annotated

from n11bridge.at.command import Command, Ends, PayloadCommand, Reply, Report, Setting
from n11bridge.at.wire import CountedData, Keyword, Rest
from n11bridge.capabilities.listening import ALREADY, Good, Status


class Listening(Reply, at="+FUDPLISTEN", manual="14.1"):
    """It listens, on this socket."""

    socket: int
    result: Good


class Listen(
    Command[Listening], at="+FUDPLISTEN", manual="14.1", ends=Ends.REPLY, refusals=(ALREADY,)
):
    """Take datagrams on this port; the data link must be up."""

    port: int


class ListeningNow(Reply, at="+FUDPLISTEN", manual="14.1"):
    """Whether it listens."""

    status: Status


class ReadListening(Setting[ListeningNow], at="+FUDPLISTEN", manual="14.1", ends=Ends.REPLY):
    """Do you listen? An OK follows by the table, and none by the example."""


class Received(Report, at="+FUDPRECV(S)", manual="14.2"):
    """A datagram came. Its length has five digits, and by the table no comma follows it."""

    address: Keyword
    port: int
    length: int
    data: Annotated[bytes, CountedData(digits=5)]


class Sent(Reply, at="+FUDPSENDS", manual="14.3"):
    """So many bytes were taken."""

    socket: int
    length: int


class Send(
    PayloadCommand[Sent],
    at="+FUDPSENDS",
    manual="14.3",
    timeout=30,
    ends=Ends.OUTCOME,
    pause=0.05,
):
    """Send a datagram to a client; the prompt waits 10 s for it."""

    address: Keyword
    port: int
    length: int


class ListenerClosed(Reply, at="+CLOSEFUDPLISTEN", manual="14.4", also=("+CLOSEFUDPCLIENT",)):
    """It listens no more. The example and the table have different names for it."""

    socket: int
    cause: Rest


class CloseListener(Command[ListenerClosed], at="+CLOSEFUDPLISTEN", manual="14.4", ends=Ends.REPLY):
    """Listen no more."""


class ListenerLost(Report, at="+CLOSEFUDPLISTEN", manual="14.4"):
    """It listens no more: the network was lost."""

    socket: int
    cause: Rest


class ListenerLostAsTabled(ListenerLost, at="+CLOSEFUDPCLIENT", manual="14.4"):
    """The same by the name in the table: first `remote`, then `local link closed`."""

"""What is said with the modem of its TCP server (manual 13)."""

from typing import Annotated

from n11bridge.at.command import Command, Ends, PayloadCommand, Reply, Report, Setting
from n11bridge.at.wire import Counted, Integer, Labelled, Rest, Word
from n11bridge.capabilities.listening import ALREADY, Good, Status


class LabelledInteger(Integer):
    """A number with its name before it, as in ``ClientPort=8000``, or without."""

    def __init__(self, label: str) -> None:
        self._word = Labelled(label)

    def read(self, word: Word) -> int:
        """The number behind the name."""
        return super().read(Word(self._word.read(word)))


class Listening(Reply, at="+TCPLISTEN", manual="13.1"):
    """It listens, on this socket."""

    socket: int
    result: Good


class Listen(
    Command[Listening], at="+TCPLISTEN", manual="13.1", ends=Ends.REPLY, refusals=(ALREADY,)
):
    """Take connections on this port."""

    port: int


class ListeningNow(Reply, at="+TCPLISTEN", manual="13.1"):
    """Whether it listens."""

    status: Status


class ReadListening(Setting[ListeningNow], at="+TCPLISTEN", manual="13.1", ends=Ends.REPLY):
    """Do you listen?"""


class Connect(Report, at="Connect", manual="13.1"):
    """A client has connected; which one stands on the next line, where it is one of its own."""


class Accepted(Report, at="Connect AcceptSocket", manual="13.1"):
    """A client has connected, on this socket of the modem."""

    socket: int
    address: Annotated[str, Labelled("ClientAddr")]
    port: Annotated[int, LabelledInteger("ClientPort")]


class AcceptedOnItsOwnLine(Accepted, at="AcceptSocket", manual="13.1"):
    """The same, behind the line `Connect`."""


class ListenerClosed(Reply, at="+CLOSELISTEN", manual="13.2"):
    """The listening socket is closed, or was not open."""

    socket: int
    cause: Rest


class CloseListener(Command[ListenerClosed], at="+CLOSELISTEN", manual="13.2", ends=Ends.REPLY):
    """Listen no more."""


class ListenerLost(Report, at="+CLOSELISTEN", manual="13.2"):
    """A socket was closed from outside: the listening one with the network, or a client's."""

    socket: int
    cause: Rest


class ClientClosed(Reply, at="+CLOSECLIENT", manual="13.3"):
    """A client's connection is closed."""

    socket: int
    cause: Rest


class CloseClient(Command[ClientClosed], at="+CLOSECLIENT", manual="13.3", ends=Ends.REPLY):
    """End a client's connection."""

    socket: int


class ClientLost(Report, at="+CLOSECLIENT", manual="13.3"):
    """A client's connection was closed, by the client or with the listener."""

    socket: int
    cause: Rest


class Received(Report, at="+TCPRECV(S)", manual="13.4"):
    """A client sent data."""

    socket: int
    length: int
    data: Counted


class Sent(Reply, at="+TCPSENDS", manual="13.5"):
    """So many bytes were taken."""

    socket: int
    length: int


class Send(
    PayloadCommand[Sent],
    at="+TCPSENDS",
    manual="13.5",
    timeout=30,
    ends=Ends.OUTCOME,
    pause=0.05,
):
    """Send so many bytes to a client, 4096 at most."""

    socket: int
    length: int


class Acknowledged(Reply, at="+TCPACKS", manual="13.6", also=("+TCPACK",)):
    """How many bytes were sent, and how many of them the client's machine has."""

    socket: int
    sent: int
    acknowledged: int


class ReadAcknowledged(Command[Acknowledged], at="+TCPACKS", manual="13.6", ends=Ends.REPLY):
    """How much of what was sent has arrived?"""

    socket: int

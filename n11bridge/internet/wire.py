"""What is said with the modem of its data link and its five sockets (manual 5.1-5.9, 8, 9, 11)."""

import re
from enum import StrEnum
from typing import Annotated

from n11bridge.at.command import Command, Ends, PayloadCommand, Reply, Report, Setting
from n11bridge.at.wire import Bare, Counted, Keyword, Misfit, Rest, Word

#: The most that one command sends, or is asked for (manual 8.2).
BLOCK = 4096
#: And with TLS, of which the modem keeps no more (manual 9.6).
TLS_BLOCK = 2048
#: The modem waits so long for the data that it asked for, and says then that it gave up (manual
#: 11.2); whatever is written before that is data to it.
PROMPT = 40


class Good(StrEnum):
    """The one good outcome; anything else is a refusal."""

    OK = "OK"


# -- the link


class LinkNow(Reply, at="+XIIC", manual="5.6"):
    """Whether the link is up, and the address; some say no more than the address."""

    words: tuple[Keyword, ...] = ()

    @property
    def address(self) -> str | None:
        """Our address in the network; None while the link is down."""
        address = self.words[-1] if self.words else ""
        up = len(self.words) == 1 or self.words[0] == "1"
        return address if up and address not in ("", "0", "1", "0.0.0.0") else None


class SwitchLink(Setting[None], at="+XIIC", manual="5.6", timeout=60):
    """Set the link up (1) or take it down (0); it comes up after the OK."""

    on: int


class LookAtLink(Setting[list[LinkNow]], at="+XIIC", manual="5.6", timeout=10):
    """How is the link?"""


class LinkLost(Report, at="GPRS DISCONNECTION", manual="5.6"):
    """The network took the link away."""


class Context(Setting[None], at="+CGDCONT", manual="5.1"):
    """The access point of a context."""

    number: int
    kind: str
    access_point: str


class AccessPoint(Setting[None], at="+NETAPN", manual="5.5"):
    """The access point and the login there; the manual does not say which of the two counts."""

    name: str
    username: str
    password: str


class Authentication(Setting[None], at="+XGAUTH", manual="5.9"):
    """How the access point is told who we are: 0 not at all, 1 PAP, 2 CHAP."""

    number: int
    kind: int
    username: str
    password: str


class Attachment(Setting["Attachment"], at="+CGATT", manual="5.7", timeout=30):
    """Whether the modem is attached to the packet network; the link needs that."""

    on: int


class Traffic(Reply, at="+FLOWCALC", manual="24.7"):
    """What passed since the link came up, in kilobytes."""

    received: int
    sent: int


class CountTraffic(Setting[Traffic], at="+FLOWCALC", manual="24.7"):
    """Count from nothing (0)."""

    clear: int = 0


# -- sockets


class SocketStatus(Reply, at="+IPSTATUS", manual="8.5"):
    """Whether a TCP or UDP socket is in use, and how many bytes can be sent now."""

    socket: int
    state: Keyword
    kind: Keyword | None = None
    room: int | None = None

    @property
    def connected(self) -> bool:
        """Whether it is in use."""
        return self.state.upper() == "CONNECT"


class AskStatus(Command[SocketStatus], at="+IPSTATUS", manual="8.5", ends=Ends.REPLY):
    """How is this socket?"""

    socket: int


class Acknowledged(Reply, at="+TCPACK", manual="8.6"):
    """How many bytes went out, and how many of them the far side has."""

    socket: int
    sent: int
    acknowledged: int


class AskAcknowledged(Command[Acknowledged], at="+TCPACK", manual="8.6", ends=Ends.REPLY):
    """How many bytes have arrived?"""

    socket: int


class ReceiveMode(Setting[None], at="+RECVMODE", manual="8.10"):
    """Keep received data until they are read (0), or hand them on at once (1); it clears them."""

    direct: int
    hexadecimal: int = 0


class ReceiveModeAsTabled(ReceiveMode, at="+RCVMODE", manual="8.10"):
    """The same as the table spells it."""


class Opened(Reply, at="+TCPSETUP", manual="8.1"):
    """Connected."""

    socket: int
    result: Good


class Open(Command[Opened], at="+TCPSETUP", manual="8.1", timeout=60, ends=Ends.OUTCOME):
    """Connect."""

    socket: int
    host: Keyword
    port: int


class OpenedUdp(Opened, at="+UDPSETUP", manual="11.1"):
    """The socket is there."""


class OpenUdp(Command[OpenedUdp], at="+UDPSETUP", manual="11.1", timeout=60, ends=Ends.OUTCOME):
    """Have a socket for datagrams."""

    socket: int
    host: Keyword
    port: int


class OpenedTls(Opened, at="+SSLTCPSETUP", manual="9.2"):
    """Connected, and the server is who it should be."""


class OpenTls(Command[OpenedTls], at="+SSLTCPSETUP", manual="9.2", timeout=90, ends=Ends.OUTCOME):
    """Connect with TLS."""

    socket: int
    host: Keyword
    port: int
    mode: int = 0


class Sent(Reply, at="+TCPSEND", manual="8.2", also=("+TCPSSEND",)):
    """So many bytes were taken."""

    socket: int
    length: int


class Send(PayloadCommand[Sent], at="+TCPSEND", manual="8.2", timeout=PROMPT, ends=Ends.OUTCOME):
    """Send so many bytes."""

    socket: int
    length: int


class SendAsTitled(Send, at="+TCPSSEND", manual="8.2"):
    """The same as the section's title and table spell it."""


class SentUdp(Sent, at="+UDPSEND", manual="11.2", also=("+UDPSSEND",)):
    """The datagram was taken."""


class SendUdp(
    PayloadCommand[SentUdp], at="+UDPSEND", manual="11.2", timeout=PROMPT, ends=Ends.OUTCOME
):
    """Send a datagram."""

    socket: int
    length: int


class SendUdpAsTitled(SendUdp, at="+UDPSSEND", manual="11.2"):
    """The same as the section's title, table and examples spell it."""


class Taken(Bare):
    """How many bytes were, or OK; anything else says why none were."""

    def read(self, word: Word) -> str:
        """Accept a number, or OK."""
        if not re.fullmatch(r"[0-9]+|OK", word.text):
            raise Misfit(word.text)
        return word.text


class SentTls(Reply, at="+SSLTCPSEND", manual="9.4", also=("+SSLTCPCSEND",)):
    """The data were taken."""

    socket: int
    taken: Annotated[str, Taken()]


class SendTls(
    PayloadCommand[SentTls],
    at="+SSLTCPSEND",
    manual="9.4",
    timeout=PROMPT,
    ends=Ends.OUTCOME,
):
    """Send so many bytes with TLS."""

    socket: int
    length: int


class SendTlsAsPrinted(SendTls, at="+SSLTCPCSEND", manual="9.4"):
    """The same as the section's examples spell it."""


class Closed(Reply, at="+TCPCLOSE", manual="8.4", same="socket"):
    """Closed."""

    socket: int
    result: Rest


class Close(Command[Closed], at="+TCPCLOSE", manual="8.4", timeout=5, ends=Ends.REPLY):
    """Close."""

    socket: int


class ClosedUdp(Closed, at="+UDPCLOSE", manual="11.5", same="socket"):
    """Closed."""


class CloseUdp(Command[ClosedUdp], at="+UDPCLOSE", manual="11.5", timeout=5, ends=Ends.REPLY):
    """Close."""

    socket: int


class TlsOption(Command[None], at="+SSLTCPCFG", manual="9.1"):
    """How sockets with TLS are secured, by number."""

    name: str
    value: int


class TlsFile(Command[None], at="+SSLTCPCFG", manual="9.1"):
    """Which file of the modem sockets with TLS are secured with."""

    name: str
    file: str


class TlsTarget(Reply, at="+SSLTCPSETUP", manual="9.2"):
    """A socket with TLS, and whom it is connected with."""

    socket: int
    target: Rest


class TlsTargets(Setting[list[TlsTarget]], at="+SSLTCPSETUP", manual="9.2"):
    """Which sockets are in use with TLS."""


class ReadTls(Command[None], at="+SSLTCPREAD", manual="9.6", timeout=5):
    """Give what came, so many bytes at most; the answer names no length."""

    socket: int
    length: int


class ReadTlsAsPrinted(ReadTls, at="+SSLTCPSREAD", manual="9.6"):
    """The same as the section's example spells it."""


class ClosedTls(Closed, at="+SSLTCPCLOSE", manual="9.3", same="socket"):
    """Closed."""


class CloseTls(Command[ClosedTls], at="+SSLTCPCLOSE", manual="9.3", timeout=5, ends=Ends.REPLY):
    """Close."""

    socket: int


class PeerClosed(Report, at="+TCPCLOSE", manual="8.4"):
    """The far side closed, or the network failed."""

    socket: int
    cause: Rest


class UdpLost(PeerClosed, at="+UDPCLOSE", manual="11.5"):
    """The socket is gone."""


class TlsPeerClosed(PeerClosed, at="+SSLTCPCLOSE", manual="9.3"):
    """The far side closed, or the network failed."""


class Received(Report, at="+TCPRECV", manual="8.3"):
    """Data came, and stand here."""

    socket: int
    length: int
    data: Counted


class Waiting(Report, at="+TCPRECV", manual="8.11"):
    """Data came, and wait to be read."""

    socket: int
    length: int | None = None


class ReceivedUdp(Received, at="+UDPRECV", manual="11.3"):
    """A datagram came, and stands here."""


class WaitingUdp(Waiting, at="+UDPRECV", manual="11.4"):
    """A datagram came, and waits to be read."""


class ReceivedTls(Received, at="+SSLTCPRECV", manual="9.5"):
    """Data came, and stand here."""


class WaitingTls(Waiting, at="+SSLTCPRECV", manual="9.6"):
    """Data came, and wait to be read."""


class Portion(Reply, at="+TCPREAD", manual="8.11"):
    """What was read; nothing when nothing waits."""

    socket: int
    length: int
    data: Counted = b""


class Read(Command[Portion], at="+TCPREAD", manual="8.11", timeout=5):
    """Give what came, so many bytes at most."""

    socket: int
    length: int


class PortionUdp(Portion, at="+UDPREAD", manual="11.4"):
    """What was read."""


class ReadUdp(Command[PortionUdp], at="+UDPREAD", manual="11.4", timeout=5):
    """Give what came."""

    socket: int
    length: int

"""The manual's own examples of the servers (chapters 13 and 14), and the readings they leave."""

from typing import Any

import pytest

from n11bridge.at.command import Report
from n11bridge.at.errors import Refused
from n11bridge.capabilities.listening import Good, Status
from n11bridge.capabilities.tcp_server import wire as tcp
from n11bridge.capabilities.udp_server import wire as udp

from .dialogue import FRAMINGS, Framing, Heard, Transcript, bytewise, play, turns, whole

REPORTS: list[type[Report]] = [
    record
    for wire in (tcp, udp)
    for record in vars(wire).values()
    if isinstance(record, type) and issubclass(record, Report) and hasattr(record, "at")
]
LISTEN = tcp.Listen(6800).exchange()
UDP_LISTEN = udp.Listen(6000).exchange()
LISTENING = tcp.Listening(0, Good.OK)
CLOSED = "local link closed"
SEND = tcp.Send(1, 5).payload_exchange(b"hello")
UDP_SEND = udp.Send("10.230.214.106", 44416, 10).payload_exchange(b"0123456789")

TRANSCRIPTS = {
    "13.1 the listening function is started": Transcript(
        LISTEN, "> AT+TCPLISTEN=6800\n< +TCPLISTEN: 0,OK", LISTENING
    ),
    "13.1 an OK follows after all": Transcript(
        LISTEN, "> AT+TCPLISTEN=6800\n< +TCPLISTEN:0,OK\n< OK", LISTENING
    ),
    "13.1 an OK first": Transcript(
        LISTEN, "> AT+TCPLISTEN=6800\n< OK\n< +TCPLISTEN:0,OK", LISTENING
    ),
    "13.1 fail to bind": Transcript(
        LISTEN,
        "> AT+TCPLISTEN=6800\n< +TCPLISTEN: bind error",
        refused="+TCPLISTEN: bind error",
    ),
    "13.1 it listens already": Transcript(
        LISTEN, "> AT+TCPLISTEN=6800\n< Listening...", refused="Listening..."
    ),
    "13.1 it listens already, and an OK": Transcript(
        LISTEN, "> AT+TCPLISTEN=6800\n< Listening...\n< OK", refused="Listening..."
    ),
    "13.1 the port is invalid": Transcript(
        tcp.Listen(0).exchange(),
        "> AT+TCPLISTEN=0\n< +TCPLISTEN: ERROR",
        refused="+TCPLISTEN: ERROR",
    ),
    "13.1 listening": Transcript(
        tcp.ReadListening.query(),
        "> AT+TCPLISTEN?\n< +TCPLISTEN: listening status",
        tcp.ListeningNow(Status.LISTENING_STATUS),
    ),
    "13.1 not listening": Transcript(
        tcp.ReadListening.query(),
        "> AT+TCPLISTEN?\n< +TCPLISTEN:not listening\n< OK",
        tcp.ListeningNow(Status.NOT_LISTENING),
    ),
    "13.1 a client connects": Transcript(
        LISTEN,
        """
        > AT+TCPLISTEN=6800
        < +TCPLISTEN: 0,OK
        < Connect AcceptSocket=1,ClientAddr=119.123.77.133,ClientPort=8000
        """,
        LISTENING,
        reports=(tcp.Accepted(1, "119.123.77.133", 8000),),
    ),
    "13.1 a client connects, on two lines": Transcript(
        LISTEN,
        """
        > AT+TCPLISTEN=6800
        < +TCPLISTEN: 0,OK
        < Connect
        < AcceptSocket=1,ClientAddr=119.123.77.133,ClientPort=8000
        """,
        LISTENING,
        reports=(tcp.Connect(), tcp.AcceptedOnItsOwnLine(1, "119.123.77.133", 8000)),
    ),
    "13.2 the local socket is closed": Transcript(
        tcp.CloseListener().exchange(),
        "> AT+CLOSELISTEN\n< +CLOSELISTEN: 0,local link closed",
        tcp.ListenerClosed(0, CLOSED),
    ),
    "13.2 the clients first": Transcript(
        tcp.CloseListener().exchange(),
        """
        > AT+CLOSELISTEN
        < +CLOSECLIENT: 1,remote link closed
        < +CLOSELISTEN: 0,local link closed
        < OK
        """,
        tcp.ListenerClosed(0, CLOSED),
        reports=(tcp.ClientLost(1, "remote link closed"),),
    ),
    "13.2 by itself": Transcript(
        SEND,
        """
        > AT+TCPSENDS=1,5
        < +CLOSELISTEN: 0,local link closed
        < +TCPSENDS: 1 is not link
        """,
        refused="+TCPSENDS: 1 is not link",
        reports=(tcp.ListenerLost(0, CLOSED),),
    ),
    "13.3 close socket 1": Transcript(
        tcp.CloseClient(1).exchange(),
        "> AT+CLOSECLIENT=1\n< +CLOSECLIENT: 1,remote link closed",
        tcp.ClientClosed(1, "remote link closed"),
    ),
    "13.3 no connection on socket 1": Transcript(
        tcp.CloseClient(1).exchange(), "> AT+CLOSECLIENT=1\n< ERROR", refused="ERROR"
    ),
    "13.5 sent": Transcript(
        SEND,
        "> AT+TCPSENDS=1,5\n< >\n> hello\n< OK\n< +TCPSENDS: 1,5",
        tcp.Sent(1, 5),
    ),
    "13.4 and 13.5 data arrive meanwhile": Transcript(
        SEND,
        """
        > AT+TCPSENDS=1,5
        < >
        > hello
        < +TCPRECV(S): 1,10,1234567899
        < OK
        < +TCPSENDS: 1,5
        """,
        tcp.Sent(1, 5),
        reports=(tcp.Received(1, 10, b"1234567899"),),
    ),
    "13.5 too long": Transcript(
        tcp.Send(1, 4097).payload_exchange(bytes(4097)),
        "> AT+TCPSENDS=1,4097\n< +TCPSENDS: DATA LENGTH ERROR",
        refused="+TCPSENDS: DATA LENGTH ERROR",
    ),
    "13.5 congestion": Transcript(
        SEND,
        "> AT+TCPSENDS=1,5\n< >\n> hello\n< +TCPSENDS: ERROR",
        refused="+TCPSENDS: ERROR",
    ),
    "13.5 no connection": Transcript(
        tcp.Send(0, 5).payload_exchange(b"hello"),
        "> AT+TCPSENDS=0,5\n< +TCPSENDS: 0 is not link",
        refused="+TCPSENDS: 0 is not link",
    ),
    "13.6 acknowledged": Transcript(
        tcp.ReadAcknowledged(0).exchange(),
        "> AT+TCPACKS=0\n< +TCPACKS: 0,20,20",
        tcp.Acknowledged(0, 20, 20),
    ),
    "13.6 no connection": Transcript(
        tcp.ReadAcknowledged(1).exchange(),
        "> AT+TCPACKS=1\n< +TCPACKS: 1,DISCONNECT",
        refused="+TCPACKS: 1,DISCONNECT",
    ),
    "13.6 a wrong number": Transcript(
        tcp.ReadAcknowledged(5).exchange(), "> AT+TCPACKS=5\n< ERROR", refused="ERROR"
    ),
    "14.1 started": Transcript(
        UDP_LISTEN,
        "> AT+FUDPLISTEN=6000\n< +FUDPLISTEN:0,OK",
        udp.Listening(0, Good.OK),
    ),
    "14.1 fail to bind": Transcript(
        UDP_LISTEN,
        "> AT+FUDPLISTEN=6000\n< +FUDPLISTEN:bind error",
        refused="+FUDPLISTEN:bind error",
    ),
    "14.1 before the data link": Transcript(
        UDP_LISTEN,
        "> AT+FUDPLISTEN=6000\n< +FUDPLISTEN: GPRS DISCONNECTION",
        refused="+FUDPLISTEN: GPRS DISCONNECTION",
    ),
    "14.1 it listens already": Transcript(
        UDP_LISTEN, "> AT+FUDPLISTEN=6000\n< Listening...", refused="Listening..."
    ),
    "14.1 the state, without an OK": Transcript(
        udp.ReadListening.query(),
        "> AT+FUDPLISTEN?\n< +FUDPLISTEN: listening status",
        udp.ListeningNow(Status.LISTENING_STATUS),
    ),
    "14.1 the state, with an OK": Transcript(
        udp.ReadListening.query(),
        "> AT+FUDPLISTEN?\n< +FUDPLISTEN: not listening\n< OK",
        udp.ListeningNow(Status.NOT_LISTENING),
    ),
    "14.3 sent; a datagram arrives meanwhile": Transcript(
        UDP_SEND,
        """
        > AT+FUDPSENDS=10.230.214.106,44416,10
        < >
        > 0123456789
        < +FUDPRECV(S): 10.72.170.156,38061,00010,1234567890
        < OK
        < +FUDPSENDS: 0,10
        """,
        udp.Sent(0, 10),
        reports=(udp.Received("10.72.170.156", 38061, 10, b"1234567890"),),
    ),
    "14.2 without a comma, as the table has it": Transcript(
        UDP_SEND,
        """
        > AT+FUDPSENDS=10.230.214.106,44416,10
        < +FUDPRECV(S):10.72.170.156,38061,0001012345\\r\\nOK\\r
        < >
        > 0123456789
        < OK
        < +FUDPSENDS: 0,10
        """,
        udp.Sent(0, 10),
        reports=(udp.Received("10.72.170.156", 38061, 10, b"12345\r\nOK\r"),),
    ),
    "14.3 it does not listen": Transcript(
        UDP_SEND,
        "> AT+FUDPSENDS=10.230.214.106,44416,10\n< +FUDPSENDS:ERROR",
        refused="+FUDPSENDS:ERROR",
    ),
    "14.3 a wrong address": Transcript(
        udp.Send("10.74.2222.173", 41287, 10).payload_exchange(b"0123456789"),
        "> AT+FUDPSENDS=10.74.2222.173,41287,10\n< +FUDPSENDS: IP OR PORT ERROR",
        refused="+FUDPSENDS: IP OR PORT ERROR",
    ),
    "14.4 closed, as the example has it": Transcript(
        udp.CloseListener().exchange(),
        "> AT+CLOSEFUDPLISTEN\n< +CLOSEFUDPLISTEN:0,closed",
        udp.ListenerClosed(0, "closed"),
    ),
    "14.4 closed, as the table has it": Transcript(
        udp.CloseListener().exchange(),
        """
        > AT+CLOSEFUDPLISTEN
        < +CLOSEFUDPCLIENT:0,remote link closed
        < +CLOSEFUDPCLIENT:0,local link closed
        """,
        udp.ListenerClosed(0, "remote link closed"),
        reports=(udp.ListenerLostAsTabled(0, CLOSED),),
    ),
}


@pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS)
@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_what_the_manual_shows_is_understood(transcript: Transcript, framing: Framing) -> None:
    script = turns(transcript.text, framing)
    result: Any = transcript.result
    if transcript.refused is not None:
        result = (Refused, transcript.refused)
    expected = Heard([result], list(transcript.reports), list(transcript.unknown))
    for cut in (whole, bytewise):
        assert play(transcript.exchange, script, cut(script), REPORTS) == expected

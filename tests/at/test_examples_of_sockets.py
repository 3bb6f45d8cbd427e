"""The manual's own examples of sockets and of what https adds (chapters 8, 9, 11, 16, 17)."""

import pytest

from n11bridge.capabilities import CAPABILITIES
from n11bridge.capabilities.http import wire as http
from n11bridge.internet import wire

from .dialogue import FRAMINGS, Framing, Transcript, assert_understood

REPORTS = {report for capability in CAPABILITIES for report, _ in capability.reports()}

TWENTY = b"12345678901234567890"
OPEN = wire.Open(1, "220.199.66.56", 7000).exchange()
OPEN_UDP = wire.OpenUdp(1, "220.199.66.56", 7000).exchange()
OPEN_TLS = wire.OpenTls(1, "58.60.184.213", 12009).exchange()
SETUP_TLS = "> AT+SSLTCPSETUP=1,58.60.184.213,12009,0\n< OK\n"
SEND = wire.Send(0, 10).payload_exchange(b"1234567890")
SEND_UDP = wire.SendUdp(0, 10).payload_exchange(b"1234567890")
SEND_TLS = wire.SendTls(1, 20).payload_exchange(TWENTY)

EXAMPLES = {
    "8.1 connected": Transcript(
        OPEN,
        "> AT+TCPSETUP=1,220.199.66.56,7000\n< OK\n< +TCPSETUP:1,OK",
        wire.Opened(1, wire.Good.OK),
    ),
    "8.1 not connected": Transcript(
        OPEN,
        "> AT+TCPSETUP=1,220.199.66.56,7000\n< OK\n< +TCPSETUP: 1,FAIL",
        refused="+TCPSETUP: 1,FAIL",
    ),
    "8.2 sent": Transcript(
        SEND, "> AT+TCPSEND=0,10\n< >\n> 1234567890\n< OK\n< +TCPSEND: 0,10", wire.Sent(0, 10)
    ),
    "8.2 no room": Transcript(
        SEND,
        "> AT+TCPSEND=0,10\n< +TCPSEND:BUFFER NOT ENOUGH,439",
        refused="+TCPSEND:BUFFER NOT ENOUGH,439",
    ),
    "8.3 and 8.5 data come, and the status": Transcript(
        wire.AskStatus(0).exchange(),
        "> AT+IPSTATUS=0\n< +TCPRECV: 0,10,1234567890\n< +IPSTATUS: 0,CONNECT,TCP,4096",
        wire.SocketStatus(0, "CONNECT", "TCP", 4096),
        reports=(wire.Received(0, 10, b"1234567890"),),
    ),
    "8.4 closed": Transcript(
        wire.Close(1).exchange(), "> AT+TCPCLOSE=1\n< +TCPCLOSE: 1,OK", wire.Closed(1, "OK")
    ),
    "8.5": Transcript(
        wire.AskStatus(0).exchange(),
        "> AT+IPSTATUS=0\n< +IPSTATUS: 0,DISCONNECT",
        wire.SocketStatus(0, "DISCONNECT"),
    ),
    "8.6 all of it": Transcript(
        wire.AskAcknowledged(0).exchange(),
        "> AT+TCPACK=0\n< +TCPACK: 0,20,20",
        wire.Acknowledged(0, 20, 20),
    ),
    "8.6 not connected": Transcript(
        wire.AskAcknowledged(1).exchange(),
        "> AT+TCPACK=1\n< +TCPACK:1,DISCONNECT",
        refused="+TCPACK:1,DISCONNECT",
    ),
    "8.6 of a datagram": Transcript(
        wire.AskAcknowledged(2).exchange(),
        "> AT+TCPACK=2\n< +TCPACK: NO TCP LINK",
        refused="+TCPACK: NO TCP LINK",
    ),
    "8.6 a wrong number": Transcript(
        wire.AskAcknowledged(5).exchange(), "> AT+TCPACK=5\n< ERROR", refused="ERROR"
    ),
    "8.10": Transcript(wire.ReceiveMode(0, 0).set(), "> AT+RECVMODE=0,0\n< OK"),
    "8.10 as tabled": Transcript(wire.ReceiveModeAsTabled(1, 1).set(), "> AT+RCVMODE=1,1\n< OK"),
    "8.11": Transcript(
        wire.Read(0, 100).exchange(),
        "> AT+TCPREAD=0,100\n< +TCPREAD: 0,10,1234567890\n< OK\n< +TCPRECV: 0",
        wire.Portion(0, 10, b"1234567890"),
        reports=(wire.Waiting(0),),
    ),
    "9.1 a number": Transcript(
        wire.TlsOption("sslversion", 0).exchange(), '> AT+SSLTCPCFG="sslversion",0\n< OK'
    ),
    "9.1 a certificate": Transcript(
        wire.TlsFile("cacert", "ca.pem").exchange(), '> AT+SSLTCPCFG="cacert","ca.pem"\n< OK'
    ),
    "9.2 connected": Transcript(
        OPEN_TLS, SETUP_TLS + "< +SSLTCPSETUP: 1,OK", wire.OpenedTls(1, wire.Good.OK)
    ),
    "9.2 in use": Transcript(
        OPEN_TLS, SETUP_TLS + "< +SSLTCPSETUP: 1,ERROR1", refused="+SSLTCPSETUP: 1,ERROR1"
    ),
    "9.2 not who it should be": Transcript(
        OPEN_TLS, SETUP_TLS + "< +SSLTCPSETUP: 1,AUTHFAIL", refused="+SSLTCPSETUP: 1,AUTHFAIL"
    ),
    "9.3 closed": Transcript(
        wire.CloseTls(0).exchange(),
        "> AT+SSLTCPCLOSE=0\n< +SSLTCPCLOSE: 0,OK",
        wire.ClosedTls(0, "OK"),
    ),
    "9.3 closed already": Transcript(
        wire.CloseTls(0).exchange(),
        "> AT+SSLTCPCLOSE=0\n< +SSLTCPCLOSE: ERROR",
        refused="+SSLTCPCLOSE: ERROR",
    ),
    "9.3 and 9.5 closed by the other side behind its data": Transcript(
        SEND_TLS,
        """
        > AT+SSLTCPSEND=1,20
        < +SSLTCPRECV: 1,20,12345678901234567890
        < +SSLTCPCLOSE: 0,Link Closed
        < >
        > 12345678901234567890
        < OK
        < +SSLTCPSEND: 1,20
        """,
        wire.SentTls(1, "20"),
        reports=(wire.ReceivedTls(1, 20, TWENTY), wire.TlsPeerClosed(0, "Link Closed")),
    ),
    "9.4 too long": Transcript(
        wire.SendTls(1, 4097).payload_exchange(bytes(4097)),
        "> AT+SSLTCPSEND=1,4097\n< +SSLTCPSEND: Data length error",
        refused="+SSLTCPSEND: Data length error",
    ),
    "9.5 data": Transcript(
        wire.CloseTls(0).exchange(),
        "> AT+SSLTCPCLOSE=0\n< +SSLTCPRECV: 1,5,\\r\\nOK\\r\n< +SSLTCPCLOSE: 0,OK",
        wire.ClosedTls(0, "OK"),
        reports=(wire.ReceivedTls(1, 5, b"\r\nOK\r"),),
    ),
    "11.1 there": Transcript(
        OPEN_UDP,
        "> AT+UDPSETUP=1,220.199.66.56,7000\n< OK\n< +UDPSETUP: 1,OK",
        wire.OpenedUdp(1, wire.Good.OK),
    ),
    "11.1 in use": Transcript(
        OPEN_UDP,
        "> AT+UDPSETUP=1,220.199.66.56,7000\n< +UDPSETUP: 1, ERROR1",
        refused="+UDPSETUP: 1, ERROR1",
    ),
    "11.1 not there": Transcript(
        OPEN_UDP,
        "> AT+UDPSETUP=1,220.199.66.56,7000\n< OK\n< +UDPSETUP: 1,FAIL",
        refused="+UDPSETUP: 1,FAIL",
    ),
    "11.2 sent": Transcript(
        SEND_UDP,
        "> AT+UDPSEND=0,10\n< >\n> 1234567890\n< OK\n< +UDPSEND: 0,10",
        wire.SentUdp(0, 10),
    ),
    "11.2 too late": Transcript(
        SEND_UDP,
        "> AT+UDPSEND=0,10\n< >\n> 1234567890\n< +UDPSEND:0,OPERATION EXPIRED",
        refused="+UDPSEND:0,OPERATION EXPIRED",
    ),
    "11.3 and 11.4 data, and more": Transcript(
        wire.ReadUdp(0, 100).exchange(),
        """
        > AT+UDPREAD=0,100
        < +UDPRECV: 0,10,1234567890
        < +UDPREAD: 0,10,1234567890
        < OK
        < +UDPRECV: 0,10
        """,
        wire.PortionUdp(0, 10, b"1234567890"),
        reports=(wire.ReceivedUdp(0, 10, b"1234567890"), wire.WaitingUdp(0, 10)),
    ),
    "11.4 read": Transcript(
        wire.ReadUdp(0, 100).exchange(),
        "> AT+UDPREAD=0,100\n< +UDPREAD: 0,10,1234567890\n< OK",
        wire.PortionUdp(0, 10, b"1234567890"),
    ),
    "11.5 closed": Transcript(
        wire.CloseUdp(1).exchange(),
        "> AT+UDPCLOSE=1\n< +UDPCLOSE: 1,OK",
        wire.ClosedUdp(1, "OK"),
    ),
    "11.5 a wrong number": Transcript(
        wire.CloseUdp(5).exchange(), "> AT+UDPCLOSE=5\n< +UDPCLOSE:ERROR", refused="+UDPCLOSE:ERROR"
    ),
    "16.3 not connected": Transcript(
        http.ActAsPrinted(0).exchange(), "> AT+HTTTPACTION=0\n< ERROR", refused="ERROR"
    ),
    "16.6 closed": Transcript(
        http.Connect().exchange(),
        "> AT+HTTPSETUP\n< OK\n< +HTTPCLOSED: HTTP Link Closed",
        reports=(http.Closed("HTTP Link Closed"),),
    ),
    "17.1": Transcript(
        http.SecureParameter("url", "www.neoway.com.cn/en/index.aspx").exchange(),
        "> AT+HTTPSPARA=url,www.neoway.com.cn/en/index.aspx\n< OK",
    ),
    "17.2 connected": Transcript(http.SecureConnect().exchange(), "> AT+HTTPSSETUP\n< OK"),
    "17.2 not connected": Transcript(
        http.SecureConnect().exchange(), "> AT+HTTPSSETUP\n< ERROR", refused="ERROR"
    ),
    "17.3 not connected": Transcript(
        http.SecureAct(0).exchange(), "> AT+HTTPSACTION=0\n< ERROR", refused="ERROR"
    ),
    "17.4 closed": Transcript(http.SecureClose().exchange(), "> AT+HTTPSCLOSE\n< OK"),
}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_the_example_means_what_the_manual_says(example: Transcript, framing: Framing) -> None:
    assert_understood(example, framing, REPORTS)

"""The manual's own examples of data link and sockets (chapters 5, 8, 9, 11, 24), and readings."""

from typing import Any

import pytest

from n11bridge.at.command import Report
from n11bridge.at.command import test as try_out
from n11bridge.at.errors import Refused
from n11bridge.capabilities.diagnosis import DnsServers, DnsServersNow
from n11bridge.internet import wire
from n11bridge.internet.manners import Manners
from n11bridge.internet.tls_portion import TlsPortion

from .dialogue import FRAMINGS, Framing, Heard, Transcript, bytewise, cut_in_two, play, turns, whole

REPORTS: list[type[Report]] = [
    record
    for record in vars(wire).values()
    if isinstance(record, type) and issubclass(record, Report) and hasattr(record, "at")
]

#: Written as transcripts spell them: behind a length, nothing of this means anything.
NASTY = b"a\r\nOK\r\n+TCPCLOSE: 0,Link Closed\r\n>"
SPELT = r"a\r\nOK\r\n+TCPCLOSE: 0,Link Closed\r\n>"

OK = wire.Good.OK
LINK_UP = "10.232.165.29"

LINK = {
    "5.1 the access point": Transcript(
        wire.Context(1, "IP", "CMNET").set(), '> AT+CGDCONT=1,"IP","CMNET"\n< OK'
    ),
    "5.1 refused": Transcript(
        wire.Context(1, "IP", "CMNET").set(),
        '> AT+CGDCONT=1,"IP","CMNET"\n< ERROR',
        refused="ERROR",
    ),
    "5.5 the access point": Transcript(
        wire.AccessPoint("CMNET", "", "").set(), '> AT+NETAPN="CMNET","",""\n< OK'
    ),
    "5.6 up": Transcript(wire.SwitchLink(1).set(), "> AT+XIIC=1\n< OK"),
    "5.6 down": Transcript(wire.SwitchLink(0).set(), "> AT+XIIC=0\n< OK"),
    "5.6 down, and it says so": Transcript(
        wire.SwitchLink(0).set(),
        "> AT+XIIC=0\n< GPRS DISCONNECTION\n< +TCPCLOSE: 0,Link Closed\n< OK",
        reports=(wire.LinkLost(), wire.PeerClosed(0, "Link Closed")),
    ),
    "5.6 it is up": Transcript(
        wire.LookAtLink.query(),
        f"> AT+XIIC?\n< +XIIC:    1,{LINK_UP}\n< OK",
        [wire.LinkNow(("1", LINK_UP))],
    ),
    "5.6 it is down": Transcript(
        wire.LookAtLink.query(),
        "> AT+XIIC?\n< +XIIC:    0,0.0.0.0\n< OK",
        [wire.LinkNow(("0", "0.0.0.0"))],
    ),
    "5.6 it goes down meanwhile": Transcript(
        wire.LookAtLink.query(),
        "> AT+XIIC?\n< GPRS DISCONNECTION\n< +XIIC:0,0.0.0.0\n< OK",
        [wire.LinkNow(("0", "0.0.0.0"))],
        reports=(wire.LinkLost(),),
    ),
    "5.7 attach": Transcript(wire.Attachment(1).set(), "> AT+CGATT=1\n< OK"),
    "5.7 detach, with a link": Transcript(
        wire.Attachment(0).set(),
        "> AT+CGATT=0\n< GPRS DISCONNECTION\n< OK",
        reports=(wire.LinkLost(),),
    ),
    "5.7 without a SIM": Transcript(
        wire.Attachment(0).set(), "> AT+CGATT=0\n< ERROR", refused="ERROR"
    ),
    "5.7 detached": Transcript(
        wire.Attachment.query(), "> AT+CGATT?\n< +CGATT: 0\n< OK", wire.Attachment(0)
    ),
    "5.9 the login": Transcript(
        wire.Authentication(1, 1, "gsm", "1234").set(), '> AT+XGAUTH=1,1,"gsm","1234"\n< OK'
    ),
    "24.7 the traffic": Transcript(
        wire.CountTraffic.query(),
        "> AT+FLOWCALC?\n< +FLOWCALC: 1355,1260\n< OK",
        wire.Traffic(1355, 1260),
    ),
    "24.7 from nothing": Transcript(wire.CountTraffic().set(), "> AT+FLOWCALC=0\n< OK"),
    "24.8 no link": Transcript(
        wire.CountTraffic.query(), "> AT+FLOWCALC?\n< +FLOWCALC: 0,0\n< OK", wire.Traffic(0, 0)
    ),
    "24.9 who resolves names": Transcript(
        DnsServers.query(),
        "> AT+DNSSERVER?\n< +DNSSERVER: dns1:211.95.193.97;dns2:0.0.0.0",
        DnsServersNow("dns1:211.95.193.97;dns2:0.0.0.0"),
    ),
    "24.9 and an OK": Transcript(
        DnsServers.query(),
        "> AT+DNSSERVER?\n< +DNSSERVER: dns1:211.65.24.123;dns2:0.0.0.0\n< OK",
        DnsServersNow("dns1:211.65.24.123;dns2:0.0.0.0"),
    ),
    "24.9 another": Transcript(
        DnsServers("211.65.24.123").set(), "> AT+DNSSERVER=211.65.24.123\n< OK"
    ),
}

OPEN = wire.Open(0, "neowayjsr.oicp.net", 60010).exchange()
OPENING = "> AT+TCPSETUP=0,neowayjsr.oicp.net,60010\n"
SEND = wire.Send(0, 5).payload_exchange(b"hello")
SENDING = "> AT+TCPSEND=0,5\n"

TCP = {
    "8.1 connected": Transcript(OPEN, OPENING + "< OK\n< +TCPSETUP:0,OK", wire.Opened(0, OK)),
    "8.1 and 8.3 connected, and data at once": Transcript(
        OPEN,
        OPENING + f"< OK\n< +TCPSETUP: 0,OK\n< +TCPRECV: 0,{len(NASTY)},{SPELT}",
        wire.Opened(0, OK),
        reports=(wire.Received(0, len(NASTY), NASTY),),
    ),
    "8.1 it fails": Transcript(
        wire.Open(1, "192.168.20.6", 7000).exchange(),
        "> AT+TCPSETUP=1,192.168.20.6,7000\n< OK\n< +TCPSETUP: 1,FAIL",
        refused="+TCPSETUP: 1,FAIL",
    ),
    "8.1 it is in use": Transcript(
        OPEN, OPENING + "< +TCPSETUP:0,ERROR1", refused="+TCPSETUP:0,ERROR1"
    ),
    "8.1 a wrong number": Transcript(
        OPEN, OPENING + "< +TCPSETUP:ERROR", refused="+TCPSETUP:ERROR"
    ),
    "8.1 an unknown command": Transcript(OPEN, OPENING + "< ERROR", refused="ERROR"),
    "8.1 no link": Transcript(
        OPEN,
        OPENING + "< +TCPSETUP:GPRS DISCONNECTION",
        refused="+TCPSETUP:GPRS DISCONNECTION",
    ),
    "8.2 sent": Transcript(SEND, SENDING + "< >\n> hello\n< OK\n< +TCPSEND:0,5", wire.Sent(0, 5)),
    "8.2 sent, while another closes": Transcript(
        SEND,
        SENDING + "< >\n> hello\n< OK\n< +TCPCLOSE:1,Link Closed\n< +TCPSEND: 0,5",
        wire.Sent(0, 5),
        reports=(wire.PeerClosed(1, "Link Closed"),),
    ),
    "8.2 too long": Transcript(
        wire.Send(0, 4097).payload_exchange(bytes(4097)),
        "> AT+TCPSEND=0,4097\n< +TCPSEND: DATA LENGTH ERROR",
        refused="+TCPSEND: DATA LENGTH ERROR",
    ),
    "8.2 not open": Transcript(
        SEND,
        SENDING + "< +TCPSEND: SOCKET ID OPEN FAILED",
        refused="+TCPSEND: SOCKET ID OPEN FAILED",
    ),
    "8.2 full": Transcript(
        SEND, SENDING + "< +TCPSEND:BUFFER NOT ENOUGH,3", refused="+TCPSEND:BUFFER NOT ENOUGH,3"
    ),
    "8.2 too late": Transcript(
        SEND,
        SENDING + "< >\n> hello\n< +TCPSEND: 0, OPERATION EXPIRED",
        refused="+TCPSEND: 0, OPERATION EXPIRED",
    ),
    "8.4 closed": Transcript(
        wire.Close(1).exchange(), "> AT+TCPCLOSE=1\n< +TCPCLOSE:1,OK", wire.Closed(1, "OK")
    ),
    "8.4 closed, as the table has it": Transcript(
        wire.Close(1).exchange(), "> AT+TCPCLOSE=1\n< +TCPCLOSE:1,OK\n< OK", wire.Closed(1, "OK")
    ),
    "8.4 closed, while another closes": Transcript(
        wire.Close(1).exchange(),
        "> AT+TCPCLOSE=1\n< +TCPCLOSE:0,Link Closed\n< +TCPCLOSE:1,OK",
        wire.Closed(1, "OK"),
        reports=(wire.PeerClosed(0, "Link Closed"),),
    ),
    "8.4 a wrong number": Transcript(
        wire.Close(5).exchange(), "> AT+TCPCLOSE=5\n< +TCPCLOSE:ERROR", refused="+TCPCLOSE:ERROR"
    ),
    "8.5 in use": Transcript(
        wire.AskStatus(0).exchange(),
        "> AT+IPSTATUS=0\n< +IPSTATUS: 0,CONNECT,TCP,4096",
        wire.SocketStatus(0, "CONNECT", "TCP", 4096),
    ),
    "8.5 in use for datagrams": Transcript(
        wire.AskStatus(0).exchange(),
        "> AT+IPSTATUS=0\n< +IPSTATUS:0,CONNECT,UDP,4096",
        wire.SocketStatus(0, "CONNECT", "UDP", 4096),
    ),
    "8.5 free": Transcript(
        wire.AskStatus(1).exchange(),
        "> AT+IPSTATUS=1\n< +IPSTATUS:1,DISCONNECT\n< OK",
        wire.SocketStatus(1, "DISCONNECT"),
    ),
    "8.5 a wrong number": Transcript(
        wire.AskStatus(5).exchange(),
        "> AT+IPSTATUS=5\n< +IPSTATUS: ERROR",
        refused="+IPSTATUS: ERROR",
    ),
    "8.6 acknowledged": Transcript(
        wire.AskAcknowledged(0).exchange(),
        "> AT+TCPACK=0\n< +TCPACK:0,128,120",
        wire.Acknowledged(0, 128, 120),
    ),
    "8.6 of 64 bits": Transcript(
        wire.AskAcknowledged(0).exchange(),
        "> AT+TCPACK=0\n< +TCPACK: 0,18446744073709551615,20\n< OK",
        wire.Acknowledged(0, 18446744073709551615, 20),
    ),
    "8.6 not open": Transcript(
        wire.AskAcknowledged(1).exchange(),
        "> AT+TCPACK=1\n< +TCPACK:1,DISCONNECT",
        refused="+TCPACK:1,DISCONNECT",
    ),
    "8.6 for datagrams": Transcript(
        wire.AskAcknowledged(2).exchange(),
        "> AT+TCPACK=2\n< +TCPACK: NO TCP LINK",
        refused="+TCPACK: NO TCP LINK",
    ),
    "8.6 a wrong number": Transcript(
        wire.AskAcknowledged(5).exchange(), "> AT+TCPACK=5\n< ERROR", refused="ERROR"
    ),
    "8.10 kept": Transcript(wire.ReceiveMode(0, 0).set(), "> AT+RECVMODE=0,0\n< OK"),
    "8.10 kept, as the table spells it": Transcript(
        wire.ReceiveModeAsTabled(0, 0).set(), "> AT+RCVMODE=0,0\n< OK"
    ),
    "8.11 read": Transcript(
        wire.Read(0, 100).exchange(),
        "> AT+TCPREAD=0,100\n< +TCPREAD:0,10,1234567890\n< OK",
        wire.Portion(0, 10, b"1234567890"),
    ),
    "8.11 read, and more waits": Transcript(
        wire.Read(0, 100).exchange(),
        f"> AT+TCPREAD=0,100\n< +TCPREAD: 0,{len(NASTY)},{SPELT}\n< OK\n< +TCPRECV: 0",
        wire.Portion(0, len(NASTY), NASTY),
        reports=(wire.Waiting(0),),
    ),
    "8.11 nothing": Transcript(
        wire.Read(0, 100).exchange(),
        "> AT+TCPREAD=0,100\n< +TCPREAD: 0,0\n< OK",
        wire.Portion(0, 0),
    ),
}

SECURED = wire.OpenTls(1, "58.60.184.213", 12009).exchange()
SECURING = "> AT+SSLTCPSETUP=1,58.60.184.213,12009,0\n"
SEND_TLS = wire.SendTls(1, 5).payload_exchange(b"hello")
SENDING_TLS = "> AT+SSLTCPSEND=1,5\n"

TLS = {
    "9.1 the version": Transcript(
        wire.TlsOption("sslversion", 0).exchange(), '> AT+SSLTCPCFG="sslversion",0\n< OK'
    ),
    "9.1 a certificate": Transcript(
        wire.TlsFile("cacert", "ca.pem").exchange(), '> AT+SSLTCPCFG="cacert","ca.pem"\n< OK'
    ),
    "9.2 connected": Transcript(
        SECURED, SECURING + "< OK\n< +SSLTCPSETUP: 1,OK", wire.OpenedTls(1, OK)
    ),
    "9.2 in use": Transcript(
        SECURED, SECURING + "< OK\n< +SSLTCPSETUP: 1,ERROR1", refused="+SSLTCPSETUP: 1,ERROR1"
    ),
    "9.2 not trusted": Transcript(
        SECURED, SECURING + "< OK\n< +SSLTCPSETUP: 1,AUTHFAIL", refused="+SSLTCPSETUP: 1,AUTHFAIL"
    ),
    "9.2 incomplete": Transcript(
        SECURED, SECURING + "< +SSLTCPSETUP: ERROR", refused="+SSLTCPSETUP: ERROR"
    ),
    "9.2 no link": Transcript(
        SECURED,
        SECURING + "< +SSLTCPSETUP: GPRS DISCONNECTION",
        refused="+SSLTCPSETUP: GPRS DISCONNECTION",
    ),
    "9.2 which there are": Transcript(
        wire.TlsTargets.query(),
        "> AT+SSLTCPSETUP?\n< +SSLTCPSETUP: 1,58.60.184.213,12009,0\n< OK",
        [wire.TlsTarget(1, "58.60.184.213,12009,0")],
    ),
    "9.3 closed": Transcript(
        wire.CloseTls(0).exchange(),
        "> AT+SSLTCPCLOSE=0\n< +SSLTCPCLOSE: 0,OK",
        wire.ClosedTls(0, "OK"),
    ),
    "9.3 closed, while another closes": Transcript(
        wire.CloseTls(0).exchange(),
        "> AT+SSLTCPCLOSE=0\n< +SSLTCPCLOSE: 3,Link Closed\n< +SSLTCPCLOSE: 0,OK",
        wire.ClosedTls(0, "OK"),
        reports=(wire.TlsPeerClosed(3, "Link Closed"),),
    ),
    "9.3 closed already": Transcript(
        wire.CloseTls(0).exchange(),
        "> AT+SSLTCPCLOSE=0\n< +SSLTCPCLOSE: ERROR",
        refused="+SSLTCPCLOSE: ERROR",
    ),
    "9.4 sent": Transcript(
        SEND_TLS,
        SENDING_TLS + "< >\n> hello\n< OK\n< +SSLTCPSEND: 1,5",
        wire.SentTls(1, "5"),
    ),
    "9.4 sent, as the table has it": Transcript(
        SEND_TLS,
        SENDING_TLS + "< >\n> hello\n< OK\n< +SSLTCPSEND: 1,OK",
        wire.SentTls(1, "OK"),
    ),
    "9.4 sent, as the example spells it": Transcript(
        SEND_TLS,
        SENDING_TLS + "< >\n> hello\n< OK\n< +SSLTCPCSEND: 1,5",
        wire.SentTls(1, "5"),
    ),
    "9.4 too late": Transcript(
        SEND_TLS,
        SENDING_TLS + "< >\n> hello\n< +SSLTCPSEND: 1,OPERATION EXPIRED",
        refused="+SSLTCPSEND: 1,OPERATION EXPIRED",
    ),
    "9.4 too long": Transcript(
        wire.SendTls(1, 4097).payload_exchange(bytes(4097)),
        "> AT+SSLTCPSEND=1,4097\n< +SSLTCPCSEND: Data length error",
        refused="+SSLTCPCSEND: Data length error",
    ),
    "9.4 full": Transcript(
        SEND_TLS,
        SENDING_TLS + "< +SSLTCPCSEND:BUFFER NOT ENOUGH, 439",
        refused="+SSLTCPCSEND:BUFFER NOT ENOUGH, 439",
    ),
}

SEND_UDP = wire.SendUdp(0, 10).payload_exchange(b"0123456789")
SENDING_UDP = "> AT+UDPSEND=0,10\n"

UDP = {
    "11.1 there": Transcript(
        wire.OpenUdp(0, "neowayjsr.oicp.net", 60010).exchange(),
        "> AT+UDPSETUP=0,neowayjsr.oicp.net,60010\n< OK\n< +UDPSETUP: 0,OK",
        wire.OpenedUdp(0, OK),
    ),
    "11.1 in use": Transcript(
        wire.OpenUdp(0, "58.60.184.213", 11008).exchange(),
        "> AT+UDPSETUP=0,58.60.184.213,11008\n< +UDPSETUP: 0, ERROR1",
        refused="+UDPSETUP: 0, ERROR1",
    ),
    "11.1 it fails": Transcript(
        wire.OpenUdp(1, "192.168.20.6", 7000).exchange(),
        "> AT+UDPSETUP=1,192.168.20.6,7000\n< OK\n< +UDPSETUP: 1,FAIL",
        refused="+UDPSETUP: 1,FAIL",
    ),
    "11.2 sent": Transcript(
        SEND_UDP,
        SENDING_UDP + "< >\n> 0123456789\n< OK\n< +UDPSEND: 0,10",
        wire.SentUdp(0, 10),
    ),
    "11.2 sent, as the manual spells it": Transcript(
        SEND_UDP,
        SENDING_UDP + "< >\n> 0123456789\n< OK\n< +UDPSSEND: 0,10",
        wire.SentUdp(0, 10),
    ),
    "11.2 too late": Transcript(
        SEND_UDP,
        SENDING_UDP + "< >\n> 0123456789\n< +UDPSSEND:0,OPERATION EXPIRED",
        refused="+UDPSSEND:0,OPERATION EXPIRED",
    ),
    "11.2 not open": Transcript(
        SEND_UDP,
        SENDING_UDP + "< +UDPSSEND: SOCKET ID OPEN FAILED",
        refused="+UDPSSEND: SOCKET ID OPEN FAILED",
    ),
    "11.3 a datagram comes meanwhile": Transcript(
        SEND_UDP,
        SENDING_UDP + "< >\n> 0123456789\n< +UDPRECV: 0,4,\\r\\nOK\n< OK\n< +UDPSEND: 0,10",
        wire.SentUdp(0, 10),
        reports=(wire.ReceivedUdp(0, 4, b"\r\nOK"),),
    ),
    "11.4 read": Transcript(
        wire.ReadUdp(0, 100).exchange(),
        "> AT+UDPREAD=0,100\n< +UDPREAD: 0,10,1234567890\n< OK\n< +UDPRECV: 0,10",
        wire.PortionUdp(0, 10, b"1234567890"),
        reports=(wire.WaitingUdp(0, 10),),
    ),
    "11.5 closed": Transcript(
        wire.CloseUdp(1).exchange(),
        "> AT+UDPCLOSE=1\n< +UDPCLOSE: 1,OK",
        wire.ClosedUdp(1, "OK"),
    ),
    "11.5 a wrong number": Transcript(
        wire.CloseUdp(5).exchange(), "> AT+UDPCLOSE=5\n< +UDPCLOSE:ERROR", refused="+UDPCLOSE:ERROR"
    ),
}

TRANSCRIPTS = LINK | TCP | TLS | UDP


@pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS)
@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_what_the_manual_shows_is_understood(transcript: Transcript, framing: Framing) -> None:
    script = turns(transcript.text, framing)
    result: Any = transcript.result
    if transcript.refused is not None:
        result = (Refused, transcript.refused)
    expected = Heard([result], list(transcript.reports), list(transcript.unknown))
    for portions in (whole(script), bytewise(script), *cut_in_two(script)):
        assert play(transcript.exchange, script, portions, REPORTS) == expected, portions


@pytest.mark.parametrize(
    "answer", ["+SSLTCPREAD:0,", "+SSLTCPSREAD: 0,", "0,", "+SSLTCPREAD: 0,10,"]
)
@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_data_without_a_length_are_understood(answer: str, framing: Framing) -> None:
    text = f"> AT+SSLTCPREAD=0,10\n< {answer}1234567890\n< OK\n< +SSLTCPRECV: 0"
    script = turns(text, framing)
    for portions in (whole(script), bytewise(script), *cut_in_two(script)):
        portion = TlsPortion(10, Manners())
        exchange = wire.ReadTls(0, 10).exchange().poured_to(portion)
        heard = play(exchange, script, portions, REPORTS)
        assert (heard.results, heard.reports) == ([None], [wire.WaitingTls(0)])
        assert portion.data == b"1234567890"


def test_the_ranges_of_the_link_are_understood() -> None:
    script = turns("> AT+CGATT=?\n< +CGATT: (0,1)\n< OK", FRAMINGS[0])
    for portions in (whole(script), bytewise(script), *cut_in_two(script)):
        (supported,) = play(try_out(wire.Attachment), script, portions, REPORTS).results
        assert supported.values == (frozenset({0, 1}),)

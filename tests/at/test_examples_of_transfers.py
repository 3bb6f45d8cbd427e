"""The manual's own examples of certificates, FTP, HTTP and diagnosis, and their readings."""

from typing import Any

import pytest

from n11bridge.at.command import Report
from n11bridge.at.errors import Refused
from n11bridge.capabilities import certificates, diagnosis
from n11bridge.capabilities.ftp import wire as ftp
from n11bridge.capabilities.http import wire as http

from .dialogue import FRAMINGS, Framing, Heard, Transcript, bytewise, cut_in_two, play, turns, whole

REPORTS: list[type[Report]] = [
    record
    for wire in (ftp, http)
    for record in vars(wire).values()
    if isinstance(record, type) and issubclass(record, Report) and hasattr(record, "at")
]

ADD = certificates.Add("alipay.crt", 5).payload_exchange(b"a\r\nOK")
CHECK = certificates.Check("ca.pem").exchange()
DELETE = certificates.Delete("ck.pem").exchange()
DELETING = '> AT+CERTDEL="ck.pem"\n'
ADDING = '> AT+CERTADD="alipay.crt",5\n< >\n> a\\r\\nOK\n'

CERTIFICATES = {
    "10.1 added": Transcript(ADD, ADDING + "< +CERTADD: 5,OK", certificates.Added(5, "OK")),
    "10.1 added, and an OK": Transcript(
        ADD, ADDING + "< +CERTADD: 5,OK\n< OK", certificates.Added(5, "OK")
    ),
    "10.1 refused": Transcript(ADD, '> AT+CERTADD="alipay.crt",5\n< ERROR', refused="ERROR"),
    "10.2 it is there": Transcript(
        CHECK,
        '> AT+CERTCHECK="ca.pem"\n< +CERTCHECK: ca.pem,OK',
        certificates.Checked("ca.pem", "OK"),
    ),
    "10.2 it is there, and an OK": Transcript(
        CHECK,
        '> AT+CERTCHECK="ca.pem"\n< +CERTCHECK:"ca.pem",OK\n< OK',
        certificates.Checked("ca.pem", "OK"),
    ),
    "10.2 it does not exist": Transcript(
        certificates.Check("ck.pem").exchange(),
        '> AT+CERTCHECK="ck.pem"\n< +CERTCHECK: ERROR',
        refused="+CERTCHECK: ERROR",
    ),
    "10.2 it does not exist, and an ERROR": Transcript(
        certificates.Check("ck.pem").exchange(),
        '> AT+CERTCHECK="ck.pem"\n< +CERTCHECK: ERROR\n< ERROR',
        refused="+CERTCHECK: ERROR",
    ),
    "10.3 deleted": Transcript(
        DELETE, DELETING + "< +CERTDEL: ck.pem,OK", certificates.Deleted("ck.pem", "OK")
    ),
    "10.3 it does not exist": Transcript(
        DELETE, DELETING + "< +CERTDEL: ERROR", refused="+CERTDEL: ERROR"
    ),
}

STATISTICS = (
    "Packets: Sent = 5, Received = 5, Lose = 0 <0%>, max_delay = 780 ms, "
    "min_delay = 299 ms, average delay = 570 ms"
)
REPLIES = [
    f"Reply from 183.232.231.172: bytes= 36 time = {time}(ms), TTL = 255"
    for time in (780, 299, 719, 755, 299)
]
HEADING = "Ping statistics for 183.232.231.172"
LOST = ["Request timed out."] * 5 + ["Ping statistics for 192.168.2.61:"]
PING = diagnosis.Ping("www.baidu.com").exchange()
PING_IN_VAIN = diagnosis.Ping("192.168.2.61").exchange()


def said(*lines: str) -> str:
    return "".join(f"< {line}\n" for line in lines)


DIAGNOSIS = {
    "24.3 resolved": Transcript(
        diagnosis.Resolve("www.china.com").exchange(),
        '> AT+DNS="www.china.com"\n< OK\n< +DNS:124.238.253.103\n< +DNS:OK',
        ["+DNS:124.238.253.103", "+DNS:OK"],
    ),
    "24.3 two addresses": Transcript(
        diagnosis.Resolve("www.china.com").exchange(),
        '> AT+DNS="www.china.com"\n< OK\n< +DNS: 124.238.253.103\n< +DNS: 1.2.3.4\n< +DNS: OK',
        ["+DNS: 124.238.253.103", "+DNS: 1.2.3.4", "+DNS: OK"],
    ),
    "24.3 unknown, with a line of its own": Transcript(
        diagnosis.Resolve("nowhere").exchange(),
        '> AT+DNS="nowhere"\n< OK\n< +DNS:ERROR',
        ["+DNS:ERROR"],
    ),
    "24.3 unknown": Transcript(
        diagnosis.Resolve("nowhere").exchange(), '> AT+DNS="nowhere"\n< ERROR', refused="ERROR"
    ),
    "24.4 five replies": Transcript(
        PING,
        "> AT+PING=www.baidu.com\n< OK\n" + said(*REPLIES, HEADING, STATISTICS),
        [*REPLIES, HEADING, STATISTICS],
    ),
    "24.4 none": Transcript(
        PING_IN_VAIN,
        "> AT+PING=192.168.2.61\n< OK\n"
        + said(*LOST, "Packets: Sent = 5, Received = 0, Lose = 5<100% >"),
        [*LOST, "Packets: Sent = 5, Received = 0, Lose = 5<100% >"],
    ),
    "24.4 none, on two lines": Transcript(
        PING_IN_VAIN,
        "> AT+PING=192.168.2.61\n< OK\n"
        + said(*LOST, "Packets: Sent = 5, Received = 0, Lose =", "5<100% >"),
        [*LOST, "Packets: Sent = 5, Received = 0, Lose =", "5<100% >"],
    ),
    "24.4 no link": Transcript(
        PING, "> AT+PING=www.baidu.com\n< +PING: No PPP Link", ["+PING: No PPP Link"]
    ),
    "24.4 no link, after an OK": Transcript(
        PING, "> AT+PING=www.baidu.com\n< OK\n< +PING: No PPP Link", ["+PING: No PPP Link"]
    ),
    "24.9 queried": Transcript(
        diagnosis.DnsServers.query(),
        "> AT+DNSSERVER?\n< +DNSSERVER: dns1:211.95.193.97;dns2:0.0.0.0",
        diagnosis.DnsServersNow("dns1:211.95.193.97;dns2:0.0.0.0"),
    ),
    "24.9 queried, and an OK": Transcript(
        diagnosis.DnsServers.query(),
        "> AT+DNSSERVER?\n< +DNSSERVER: dns1:211.65.24.123;dns2:0.0.0.0\n< OK",
        diagnosis.DnsServersNow("dns1:211.65.24.123;dns2:0.0.0.0"),
    ),
    "24.9 set": Transcript(
        diagnosis.DnsServers("211.65.24.123").set(), "> AT+DNSSERVER=211.65.24.123\n< OK"
    ),
}

LOGIN = ftp.Login("219.134.179.52", 21, "user1", "pwd2009").exchange()
LOGGING_IN = "> AT+FTPLOGIN=219.134.179.52,21,user1,pwd2009,0\n"
LISTING = (
    r"drw-rw-rw- 1 user  group      0 Apr 14 15:55 .\r\n"
    r"-rw-rw-rw- 1 user  group     10 Jan 15 15:01 test.txt\r\n"
)
LISTED = LISTING.encode().decode("unicode_escape").encode()
INFORMATION = ftp.Get("").exchange()
INFORMING = "> AT+FTPGET=,2,2\n"
GONE = "Server Data Link Disconnect"
PIECE = f"< +FTPGET:{len(LISTED)},{LISTING}\n"
PUT = ftp.Put("test.txt", 2, ftp.STORE, 5).payload_exchange(b"a\r\nOK")
PUTTING = "> AT+FTPPUT=test.txt,2,1,5\n"
DOWNLOAD = ftp.Download("TEXT.TXT", 2, 0, 20480).exchange()
DOWNLOADING = '> AT+FTPGETBUFF="TEXT.TXT",2,0,20480\n'

FTP = {
    "15.1 logged in": Transcript(
        LOGIN, LOGGING_IN + "< OK\n< +FTPLOGIN: User logged in", ["+FTPLOGIN: User logged in"]
    ),
    "15.1 as the examples spell it": Transcript(
        ftp.LoginAsPrinted("219.134.179.52", 21, "user1", "pwd2009").exchange(),
        "> AT+FTPLLOGIN=219.134.179.52,21,user1,pwd2009,0\n< OK\n< +FTPLLOGIN: User logged in",
        ["+FTPLLOGIN: User logged in"],
    ),
    "15.1 the connection times out": Transcript(
        LOGIN,
        LOGGING_IN
        + "< OK\n< +Connection timed out - Auto closed link to server!\n< +FTPLOGIN: ERROR",
        ["+Connection timed out - Auto closed link to server!", "+FTPLOGIN: ERROR"],
    ),
    "15.1 a wrong address": Transcript(
        LOGIN,
        LOGGING_IN + "< OK\n< +CME ERROR: OTHER ERROR\n< +FTPLOGIN: ERROR",
        ["+CME ERROR: OTHER ERROR", "+FTPLOGIN: ERROR"],
    ),
    "15.1 it fails": Transcript(
        LOGIN,
        LOGGING_IN + "< OK\n< +FTP:Server Control Link Disconnect\n< +FTPLOGIN:ERROR",
        ["+FTPLOGIN:ERROR"],
        reports=(ftp.Notice("Server Control Link Disconnect"),),
    ),
    "15.1 it fails, as the table has it": Transcript(
        LOGIN,
        LOGGING_IN + "< OK\n< +FTP:Server Ctrl Link Disconnect\n< ERROR",
        ["ERROR"],
        reports=(ftp.Notice("Server Ctrl Link Disconnect"),),
    ),
    "15.1 no link": Transcript(
        LOGIN,
        LOGGING_IN + "< +FTPLOGIN: GPRS DISCONNECTION",
        ["+FTPLOGIN: GPRS DISCONNECTION"],
    ),
    "15.2 logged out": Transcript(
        ftp.Logout().exchange(),
        "> AT+FTPLOGOUT\n< +FTPLOGOUT: User logged out\n< OK",
        ["+FTPLOGOUT: User logged out"],
    ),
    "15.3 a listing": Transcript(
        INFORMATION,
        INFORMING + PIECE + f"< +FTP:{GONE}\n< +FTPGET:OK.total length is {len(LISTED)}",
        [f"+FTPGET:OK.total length is {len(LISTED)}"],
        reports=(ftp.Piece(len(LISTED), LISTED), ftp.Notice(GONE)),
    ),
    "15.3 no data link": Transcript(
        INFORMATION,
        INFORMING + "< +FTP:Create data link Error",
        ["+FTP:Create data link Error"],
    ),
    "15.3 an error": Transcript(
        INFORMATION, INFORMING + "< +FTPGET: Error Not Login", ["+FTPGET: Error Not Login"]
    ),
    "15.4 stored": Transcript(PUT, PUTTING + "< >\n> a\\r\\nOK\n< +FTPPUT:OK,5", ["+FTPPUT:OK,5"]),
    "15.4 stored, and an OK": Transcript(
        PUT, PUTTING + "< >\n> a\\r\\nOK\n< +FTPPUT: OK,5\n< OK", ["+FTPPUT: OK,5"]
    ),
    "15.4 it expires": Transcript(
        PUT,
        PUTTING + "< >\n> a\\r\\nOK\n< +FTPPUT:OPERATION EXPIRED",
        ["+FTPPUT:OPERATION EXPIRED"],
    ),
    "15.4 it fails": Transcript(PUT, PUTTING + "< +FTPPUT:Send Fail", refused="+FTPPUT:Send Fail"),
    "15.4 deleted": Transcript(
        ftp.Remove("test.txt").exchange(),
        "> AT+FTPPUT=test.txt,2,3,0\n< +FTPPUT>Delete File OK",
        ["+FTPPUT>Delete File OK"],
    ),
    "15.4 deleted, in the table's form": Transcript(
        ftp.Remove("test.txt").exchange(),
        "> AT+FTPPUT=test.txt,2,3,0\n< +FTPPUT: Delete File OK\n< OK",
        ["+FTPPUT: Delete File OK"],
    ),
    "15.5 connected": Transcript(
        ftp.ReadConnection().exchange(),
        "> AT+FTPSTATUS\n< +FTPSTATUS: 1,119.139.221.66,21",
        ftp.Connection(1, "119.139.221.66", 21),
    ),
    "15.5 not connected": Transcript(
        ftp.ReadConnection().exchange(),
        "> AT+FTPSTATUS\n< +FTPSTATUS:0,0.0.0.0,0\n< OK",
        ftp.Connection(0, "0.0.0.0", 0),
    ),
    "15.5 not connected, in the table's short form": Transcript(
        ftp.ReadConnection().exchange(), "> AT+FTPSTATUS\n< +FTPSTATUS: 0", ftp.Connection(0)
    ),
    "15.6 a download begins and completes": Transcript(
        DOWNLOAD,
        DOWNLOADING + "< OK\n< +FTPBUFFSTAT: 0\n< +FTPBUFFSTAT: 1",
        reports=(ftp.DownloadStatus(0), ftp.DownloadStatus(1)),
    ),
    "15.6 it begins before the OK": Transcript(
        DOWNLOAD, DOWNLOADING + "< +FTPBUFFSTAT: 0\n< OK", reports=(ftp.DownloadStatus(0),)
    ),
    "15.6 no link": Transcript(
        DOWNLOAD, DOWNLOADING + "< +CME ERROR: 1001", refused="+CME ERROR: 1001"
    ),
    "15.6 no room": Transcript(
        DOWNLOAD, DOWNLOADING + "< +CME ERROR: MEMORY FULL", refused="+CME ERROR: MEMORY FULL"
    ),
    "15.7 queried while it completes": Transcript(
        ftp.ReadBufferUse().exchange(),
        "> AT+FTPBUFFSTAT\n< +FTPBUFFSTAT: 1\n< +FTPBUFFSTAT: 0,1024\n< OK",
        ftp.BufferUse(0, 1024),
        reports=(ftp.DownloadStatus(1),),
    ),
    "15.8 read": Transcript(
        ftp.ReadBuffer(12).exchange(),
        "> AT+FTPBUFFREAD=12\n< +FTPBUFFREAD: 12,a\\r\\nOK\\r\\n+CMTI\n< OK",
        ftp.FromBuffer(12, b"a\r\nOK\r\n+CMTI"),
    ),
    "15.8 nothing to read": Transcript(
        ftp.ReadBuffer(12).exchange(), "> AT+FTPBUFFREAD=12\n< ERROR", refused="ERROR"
    ),
}

HTTP = {
    "16.1 the URL": Transcript(
        http.Parameter("url", "121.15.200.97/Service1.asmx/GetNote").exchange(),
        "> AT+HTTPPARA=url,121.15.200.97/Service1.asmx/GetNote\n< OK",
    ),
    "16.1 as the manual spells it": Transcript(
        http.ParameterAsPrinted("port", "8080").exchange(), "> AT+HTTTPARA=port,8080\n< OK"
    ),
    "16.2 connected": Transcript(http.Connect().exchange(), "> AT+HTTPSETUP\n< OK"),
    "16.2 failed": Transcript(
        http.Connect().exchange(), "> AT+HTTPSETUP\n< ERROR", refused="ERROR"
    ),
    "16.4 closed": Transcript(
        http.Close().exchange(),
        "> AT+HTTPCLOSE\n< OK\n< +HTTPCLOSED: HTTP Link Closed",
        reports=(http.Closed("HTTP Link Closed"),),
    ),
    "17.5 closed by the server": Transcript(
        http.SecureClose().exchange(),
        "> AT+HTTPSCLOSE\n< +HTTSCLOSED: HTTPS Link Closed\n< OK",
        reports=(http.SecureClosedAsPrinted("HTTPS Link Closed"),),
    ),
    "17.6 the version of TLS": Transcript(
        http.Option("sslversion", http.TLS_1_2).exchange(), '> AT+HTTPSCFG="sslversion",3\n< OK'
    ),
    "17.6 a certificate": Transcript(
        http.FileOption("cacert", "ca.pem").exchange(), '> AT+HTTPSCFG="cacert","ca.pem"\n< OK'
    ),
}

TRANSCRIPTS = CERTIFICATES | DIAGNOSIS | FTP | HTTP


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

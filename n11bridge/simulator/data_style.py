"""How the data side reads the manual where it leaves two readings open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class DataStyle:
    """Which of the readings of chapters 5, 8 to 20 and 22 the modem takes."""

    ending: Literal["bare", "table", "ok"] = "bare"
    """Whether an OK follows where no example has one: never, after TCPCLOSE's success, always."""
    setup_ok: Literal["shown", "always"] = "shown"
    """Whether every outcome of a set-up comes after OK, or only those shown so (8.1, 9.2)."""
    no_link: Literal["error", "words", "late"] = "error"
    """A set-up without PPP: ERROR, GPRS DISCONNECTION, or OK and then NO SIM and FAIL (9.2)."""
    words: Literal["upper", "mixed"] = "upper"
    """BUFFER NOT ENOUGH and ERROR, or Buffer not enough and Error."""
    xiic: Literal["n11", "m590", "n706"] = "n11"
    """XIIC? as real modules write it: plain, a blank before the address, IPv6 as well (5.6)."""
    deactivation: Literal["silent", "loud"] = "silent"
    """Whether XIIC=0 reports the sockets that it closes."""
    prompt: Literal["seen", "bare", "blank"] = "seen"
    """The prompt for data: > alone, with a blank as for messages, or as real modules mix them."""
    data_echo: bool = False
    """Whether the data after a prompt are echoed while ATE1 holds."""
    notice: Literal["arrival", "first"] = "arrival"
    """RECVMODE 0 tells of every arrival, or only of the first one until all is read (8.10)."""
    notice_length: Literal["shown", "always"] = "shown"
    """The length in a notice: with UDP only, as the examples have it, or always (8.11, 11.3)."""
    empty_read: Literal["comma", "plain", "error"] = "comma"
    """Reading where nothing is: "0,0,", "0,0" or ERROR (8.11)."""
    ssl_read: Literal["example", "table", "counted"] = "example"
    """SSLTCPREAD's answer: with its name, without it, or with a length as TCPREAD's (9.6)."""
    ssl_sent: Literal["length", "ok"] = "length"
    """SSLTCPSEND's outcome names the length, or says OK (9.4)."""
    ssl_transparent: bool = False
    """Whether SSLTCPSETUP knows a transparent mode, which is "not supported now" (9.2)."""
    accepted: Literal["one", "two"] = "one"
    """Lines of the report of a client that connects (13.1)."""
    client_gone: Literal["client", "listen"] = "client"
    """A client that hangs up is told as +CLOSECLIENT, or as +CLOSELISTEN (13.2, 13.3)."""
    close_all: Literal["each", "all"] = "each"
    """CLOSECLIENT without a socket names each that it closed, or says all (13.3)."""
    close_listen: Literal["alone", "clients"] = "alone"
    """What CLOSELISTEN closes: the listener, or those who called as well (13.2)."""
    fudp: Literal["example", "table"] = "example"
    """FUDPRECV's length with a comma behind it or none, CLOSEFUDPLISTEN's words (14.2, 14.4)."""
    fswf: Literal["replace", "overlay"] = "replace"
    """Mode 0 of FSWF: the old file is gone, or its end outlives shorter data (22.1)."""
    httprecv: Literal["once", "each"] = "once"
    """+HTTPRECV: before a whole response, or before every piece of it (16.5)."""
    http_gaps: Literal["held", "open"] = "held"
    """Whether other reports wait until a response is through, or come between its pieces."""
    http_persistent: bool = False
    """Whether requests ask the server to keep the connection."""
    https_closed: Literal["HTTPSCLOSED", "HTTSCLOSED", "HTTPCLOSED"] = "HTTPSCLOSED"
    """The name in the report of a closed HTTPS connection: all three are printed (17.5)."""
    ftp_part: Literal["told", "bare"] = "told"
    """Whether the end of a download of limited length is told, or just there (15.3)."""
    ftp_put: Literal["8192", "1024"] = "8192"
    """The most that one FTPPUT takes: its parameter and its error differ (15.4)."""
    ftp_deleted: Literal["arrow", "colon"] = "arrow"
    """What stands before "Delete File OK": > as printed, or the usual colon (15.4)."""
    mqtt_long: bool = True
    """Whether MQTTPUBS is known (18.8)."""
    aliyun_quoted: bool = True
    """Whether what comes from Ali's cloud stands in quotation marks, as in the example (19.8)."""
    spelling: Literal["both", "right", "printed"] = "both"
    """Which command names are known where the manual prints a name of its own."""

    def meant(self, name: str) -> str:
        """Return the usual name of a command; one that this style does not know stays odd."""
        if self.spelling == "printed" and name in _DOUBTFUL:
            return f"{name} is printed otherwise"
        return name if self.spelling == "right" else _PRINTED.get(name, name)

    def printed(self, name: str) -> str:
        """Return the name of an answer or report as this style spells it."""
        return _DOUBTFUL.get(name, name) if self.spelling == "printed" else name


_PRINTED = {
    "+CUUSD": "+CUSD",
    "+XIIIC": "+XIIC",
    "+TCPSSEND": "+TCPSEND",
    "+UDPSSEND": "+UDPSEND",
    "+RCVMODE": "+RECVMODE",
    "+SSLTCPCSEND": "+SSLTCPSEND",
    "+SSLTCPSREAD": "+SSLTCPREAD",
    "+TRANCLOSE": "+TRANSCLOSE",
    "+FTPLLOGIN": "+FTPLOGIN",
    "+FTPLLOGOUT": "+FTPLOGOUT",
    "+FTPLGOUT": "+FTPLOGOUT",
    "+HTTTPARA": "+HTTPPARA",
    "+HTTTPSETUP": "+HTTPSETUP",
    "+HTTTPACTION": "+HTTPACTION",
    "+HTTSPARA": "+HTTPSPARA",
    "+HTTSPSETUP": "+HTTPSSETUP",
    "+HTTSCLOSE": "+HTTPSCLOSE",
    "+HTTSCFG": "+HTTPSCFG",
    "+IMQTTTPARA": "+IMQTTPARA",
}
"""Names as the manual prints them in places, and the names that are meant."""

_DOUBTFUL = {
    "+RECVMODE": "+RCVMODE",
    "+FTPLOGIN": "+FTPLLOGIN",
    "+FTPLOGOUT": "+FTPLLOGOUT",
    "+HTTPPARA": "+HTTTPARA",
}
"""Names that the examples or tables never have, and what they have instead."""

CONTRARY_DATA: dict[str, Any] = {
    "ending": "ok",
    "setup_ok": "always",
    "no_link": "words",
    "words": "mixed",
    "xiic": "m590",
    "deactivation": "loud",
    "prompt": "blank",
    "data_echo": True,
    "notice": "first",
    "notice_length": "always",
    "empty_read": "plain",
    "ssl_read": "table",
    "ssl_sent": "ok",
    "ssl_transparent": True,
    "accepted": "two",
    "client_gone": "listen",
    "close_all": "all",
    "close_listen": "clients",
    "fudp": "table",
    "fswf": "overlay",
    "httprecv": "each",
    "http_gaps": "open",
    "http_persistent": True,
    "https_closed": "HTTPCLOSED",
    "ftp_part": "bare",
    "ftp_put": "1024",
    "ftp_deleted": "colon",
    "mqtt_long": False,
    "aliyun_quoted": False,
    "spelling": "right",
}
"""The other reading, nearly everywhere."""

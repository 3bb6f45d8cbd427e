"""What is particular about one modem: its identity and delays, and how it reads the manual."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal, get_args, get_type_hints


@dataclass(frozen=True)
class Profile:
    """Identity, SIM card, storages and delays of one simulated modem; times in seconds."""

    imei: str = "355910044336974"
    imsi: str = "262011234567890"
    iccid: str = "89490200001234567890"
    sim: bool = True
    pin: str | None = None
    puk: str = "12345678"
    centre: str = "+491710760000"
    storage: int = 50
    boot_delay: float = 0.0
    ready_delay: float = 0.0
    registration_delay: float = 0.0
    send_delay: float = 0.0
    report_delay: float = 0.0
    scan_delay: float = 0.0
    location_delay: float = 0.0
    link_delay: float = 0.0
    setup_delay: float = 0.0
    setup_timeout: float = 18.0
    guard: float = 1.0
    patience: float = 1.0
    """What the time-outs of prompts are multiplied with."""
    settling: float = 0.0
    """How long after a prompt for data the modem is still deaf."""


@dataclass(frozen=True)
class Style:
    """Which of two readings the modem takes wherever the manual leaves both open."""

    spacing: Literal["double", "single", "mixed"] = "double"
    """CRLFs between information and OK: two, one, or now this and now that (manual 1.2)."""
    colon: str = ": "
    """What stands between the name and the values of an answer."""
    trailing: str = ""
    """Blanks at the end of an information line."""
    reports: Literal["after", "anytime"] = "after"
    """Whether a report waits for the end of a running command."""
    typeahead: Literal["kept", "dropped"] = "kept"
    """What becomes of bytes that arrive while a command runs."""
    unknown: Literal["error", "cme"] = "error"
    """An unknown command ends with ERROR, or with +CME ERROR: 49 where CMEE asks for it."""
    cms: Literal["cmee", "always"] = "cmee"
    """+CMS ERROR only with CMEE > 0 (the examples), or always (27.005)."""
    creg_at_once: bool = False
    """Whether AT+CREG=1 or 2 reports the present state directly after its OK (3.2)."""
    creg_query: Literal["real", "zero"] = "real"
    """Whether CREG? and CGREG? show the real <n>, or 0 as the examples do (3.2, 3.3)."""
    pbready: Literal["once", "never"] = "once"
    """Whether +PBREADY comes after the start."""
    busy: Literal["cms", "cme"] = "cms"
    """SMS commands before +PBREADY: +CMS ERROR: 314 or +CME ERROR: 14."""
    malformed_pin: Literal["free", "counted"] = "free"
    """Whether a PIN that can be none costs one of the tries (3.14)."""
    cpms_one: Literal["mem1", "all"] = "mem1"
    """What AT+CPMS with one parameter changes (6.1)."""
    shared_storage: bool = False
    """Whether SM and ME are one store under two names, as on the M590."""
    class0: Literal["shown", "stored"] = "shown"
    """A class 0 message with mt=1: +CMT and stored nowhere, or stored with +CMTI (6.4)."""
    cnmi: Literal["test", "text"] = "test"
    """Limits of CNMI: by its test form (bm 0,2, ds 0,1), or by its text and 27.005 (6.4)."""
    jamming_end: Literal["reported", "silent"] = "reported"
    """Whether the end of jamming is reported as its beginning is (24.13)."""
    cpbs: Literal["use", "bare"] = "use"
    """Whether choosing a phonebook tells how full it is, or is but OK (7.1)."""
    cmgl_gap: Literal["one", "two"] = "one"
    """CRLFs between the entries of a list (6.6)."""
    escape: Literal["ok", "nothing"] = "ok"
    """What the modem says to ESC at the prompt (6.7)."""
    stamp: Literal["short", "long"] = "short"
    """Time stamps of text mode: "22/09/05,17:46:53+32" or "2022/09/05 17:46:53+32" (6.5)."""
    wrong_rate: Literal["garbage", "nothing"] = "garbage"
    """What comes back at a wrong baud rate where one is enforced."""

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

    @classmethod
    def named(cls, *words: str) -> Style:
        """Return the style of ``words``, each a preset or KEY=VALUE; ValueError otherwise."""
        style = cls()
        for word in words:
            key, equals, value = word.partition("=")
            style = style._with(key, value) if equals else _preset(word)
        return style

    def _with(self, key: str, value: str) -> Style:
        hint = get_type_hints(Style).get(key) if key in _KEYS else None
        if hint is None:
            raise ValueError(f"no style {key!r}; there are {', '.join(sorted(_KEYS))}")
        choices = ("yes", "no") if hint is bool else get_args(hint)
        if choices and value not in choices:
            raise ValueError(f"style {key} is one of {', '.join(choices)}")
        chosen = {key: value == "yes" if hint is bool else value}
        return replace(self, **chosen)  # type: ignore[arg-type]


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
}
"""Names as the manual prints them in places, and the names that are meant."""

_DOUBTFUL = {
    "+RECVMODE": "+RCVMODE",
    "+FTPLOGIN": "+FTPLLOGIN",
    "+FTPLOGOUT": "+FTPLLOGOUT",
    "+HTTPPARA": "+HTTTPARA",
}
"""Names that the examples or tables never have, and what they have instead."""

_KEYS = {field.name for field in fields(Style)}

PRESETS = {
    "default": Style(),
    "manual": Style(spacing="single", trailing=" ", creg_query="zero", creg_at_once=True),
    "contrary": Style(
        spacing="mixed",
        colon=":",
        reports="anytime",
        typeahead="dropped",
        unknown="cme",
        cms="always",
        creg_at_once=True,
        creg_query="zero",
        busy="cme",
        malformed_pin="counted",
        cpms_one="all",
        jamming_end="silent",
        cpbs="bare",
        class0="stored",
        cnmi="text",
        cmgl_gap="two",
        escape="nothing",
        stamp="long",
        wrong_rate="nothing",
        ending="ok",
        setup_ok="always",
        no_link="words",
        words="mixed",
        xiic="m590",
        deactivation="loud",
        prompt="blank",
        data_echo=True,
        notice="first",
        notice_length="always",
        empty_read="plain",
        ssl_read="table",
        ssl_sent="ok",
        ssl_transparent=True,
        accepted="two",
        client_gone="listen",
        close_all="all",
        close_listen="clients",
        fudp="table",
        fswf="overlay",
        httprecv="each",
        http_gaps="open",
        http_persistent=True,
        https_closed="HTTPCLOSED",
        ftp_part="bare",
        ftp_put="1024",
        ftp_deleted="colon",
        spelling="right",
    ),
}


def _preset(name: str) -> Style:
    if name not in PRESETS:
        raise ValueError(f"no style {name!r}; there are {', '.join(PRESETS)} and KEY=VALUE")
    return PRESETS[name]

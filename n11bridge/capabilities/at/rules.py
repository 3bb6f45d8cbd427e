"""Raw command lines: taken apart, and judged by what the bridge relies on (ITU-T V.250, 5.2)."""

import re
from collections.abc import Iterator, Sequence

#: An extended command and what shows whether it is a query; nothing is hidden by a semicolon that
#: is missing. Its values go up to the next one.
_EXTENDED = re.compile(r"(?P<name>[+$*%^#][A-Z][A-Z0-9]*)(?P<form>=\?|\?)?")
_UP_TO_NEXT = re.compile(r"[+$*%^#][^;]*;?")
_BASIC = re.compile(r"D|S\d+|&?[A-Z]")

#: Commands whose execution or setting has a request of its own, which keeps what a raw command
#: would not, such as the caps on cost and the one attempt for each PIN; queries are harmless.
GUARDED = {
    "sms/send": ("+CMGS", "+CMSS", "+CMGC"),
    "sms, which reads, keeps and deletes messages,": ("+CMGD", "+CMGR", "+CMGL", "+CPMS", "+CNMI"),
    "sms/centre": ("+CSCA",),
    "sms/broadcasts": ("+CSCB",),
    "sim/enter_pin or sim/unblock": ("+CPIN",),
    "sim/change_pin": ("+CPWD",),
    "sim/lock": ("+CLCK",),
    "network/select": ("+COPS",),
    "modem/functionality or modem/restart": ("+CFUN",),
    "modem/baud_rate": ("+IPR",),
    "modem/power_off": ("+CPWROFF",),
    "modem/factory_reset": ("Z", "&F"),
    "firmware": ("+NEOFOTA", "+UPDATE"),
    "ussd": ("+CUSD",),
    "phonebook": ("+CPBS", "+CSCS"),
    "gprs": ("+CGDCONT", "+CGATT", "+NETAPN", "+XGAUTH", "+XIIC", "+XIIIC"),
}
#: What the bridge sets itself, or could not understand or undo: in text mode, say, the length of
#: a PDU would be taken for a number to send to.
RELIED_ON = (
    *("E", "Q", "V", "X", "D", "A", "O", "&D", "&C", "&K", "S3", "S4", "S5"),
    *("+CMEE", "+CMGF", "+CSDH", "+CREG", "+CGREG", "+CLIP", "+CMUX", "+IFC", "+ICF"),
)
#: Sockets, clients and servers, each of which the bridge opens and closes itself.
_DATA = re.compile(
    r"\+(TCP|UDP|SSL|FUDP|FTP|HTT|I?MQTT|CERT|CLOSE|TRANS?CLOSE|RE?CV?MODE|DATAFORMAT|NCDP|NMGS|NMGR"
    r"|NNMI|CLOUDPARA).*"
)


def changed(line: str) -> Iterator[str]:
    """The names of the commands of a line that are more than queries and tests."""
    # Blanks mean nothing in a command line (ITU-T V.250, 5.2.1), so they hide nothing here.
    text = re.sub(r'"[^"]*"', '""', line.replace(" ", "")).upper().removeprefix("AT")
    for extended in _EXTENDED.finditer(text):
        if extended["form"] is None:
            yield extended["name"]
    for basic in _UP_TO_NEXT.sub(";", text).split(";"):
        yield from _BASIC.findall(basic)


def objection(line: str) -> str | None:
    """Why a line is not sent; None when nothing relies on what it changes."""
    if line.count('"') % 2:
        return "a quotation mark is open at its end"
    for name in changed(line):
        for instead, names in GUARDED.items():
            if name in names:
                return f"AT{name} goes through {instead} only"
        if name in RELIED_ON:
            return f"the bridge itself relies on AT{name}"
        if _DATA.fullmatch(name):
            return f"AT{name} has requests of its own"
    return None


def permitted(line: str, patterns: Sequence[str]) -> bool:
    """Whether a pattern stands for this line; an asterisk is anything within one command."""
    bare = line.replace(" ", "").upper()
    return any(
        re.fullmatch("[^;]*".join(map(re.escape, each.replace(" ", "").upper().split("*"))), bare)
        for each in patterns
    )

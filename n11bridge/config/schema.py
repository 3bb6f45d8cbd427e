"""The keys of the file and what each may hold, as a voluptuous schema."""

import re
import shlex
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import voluptuous as vol

from n11bridge import topics
from n11bridge.addresses import NUMBER, plain_number

from .settings import DANGEROUS_REQUESTS, Endpoint

Validator = Callable[[Any], Any]

#: No path, name or topic that a configuration needs is longer (characters).
_LONGEST_TEXT = 1000


class Misfit(vol.Invalid):
    """A value that does not fit its key, and the cure; never quotes the value, a secret maybe."""

    def __init__(self, message: str, cure: str) -> None:
        super().__init__(message)
        self.cure = cure


def nearest(word: str, known: list[str], otherwise: str) -> str:
    """Return a cure that names the known word most like this one."""
    from difflib import get_close_matches  # only a mistake needs it, the daemon does not

    if len(word) > _LONGEST_TEXT:
        return otherwise
    spellings = {each.lower(): each for each in known}
    close = get_close_matches(word.lower(), spellings, n=1)
    return f"did you mean {spellings[close[0]]}?" if close else otherwise


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Misfit("must be a text", "put it in quotes")
    if not value.strip() or re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", value):
        raise Misfit("is empty or has control characters in it", "give a text of one line")
    if len(value) > _LONGEST_TEXT:
        raise Misfit(f"is longer than {_LONGEST_TEXT} characters", "shorten it")
    return value


def _integer(low: int, high: int) -> Validator:
    def integer(value: Any) -> int:
        # Digits as text come from ${ENV}.
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Misfit("is no possible value", f"give a whole number from {low} to {high}")
        return value

    return integer


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Misfit("must be true or false", "write true or false, without quotes")
    return value


def _one_of(*words: str) -> Validator:
    def choice(value: Any) -> str:
        if str(value) not in words:
            choices = f"choose one of {', '.join(words)}"
            raise Misfit("is not among the choices", nearest(str(value), [*words], choices))
        return str(value)

    return choice


def _baud(value: Any) -> int:
    rates = (9600, 19200, 38400, 57600, 115200)  # AT+IPR, section 3.13 of the manual
    if str(value) not in map(str, rates):
        raise Misfit("is no speed of this modem", f"choose one of {', '.join(map(str, rates))}")
    return int(value)


def _port(value: Any) -> str:
    if not re.match(r"/|socket://.|rfc2217://.", _text(value)):
        cure = "give a full path such as /dev/ttyUSB0, or socket://host:port, rfc2217://host:port"
        raise Misfit("is neither a full path nor a known kind of URL", cure)
    return str(value)


def pin(value: Any) -> str:
    """Return the PIN; raises Misfit, without the PIN in its words."""
    if isinstance(value, int):
        raise Misfit("is read as a number, and a leading zero as octal", 'quote it: pin: "..."')
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4,8}", value):
        raise Misfit("is no PIN", "a PIN has 4 to 8 digits")
    return value


def _secret(value: Any) -> str:
    if not isinstance(value, str):
        raise Misfit("is not read as a text", "put it in quotes")
    if re.search(r"[\ud800-\udfff]", value) or len(value.encode()) > 65535:
        raise Misfit("cannot be sent in MQTT", "give up to 65535 bytes of whole characters")
    return value


def _number(value: Any) -> str:
    if not isinstance(value, str):
        raise Misfit("is not read as a text", 'quote the number: "+49..."')
    if not NUMBER.fullmatch(plain_number(value)):
        cure = "write 3 to 20 digits, + first if international"
        raise Misfit("is no telephone number", cure)
    return plain_number(value)


def _command(value: Any) -> list[str]:
    """Return the words of a command, which is run without a shell."""
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        return [_text(word) for word in value]
    if isinstance(value, list):
        raise Misfit("is no command", 'give its words as texts: [/usr/bin/program, "1"]')
    try:
        return shlex.split(_text(value))
    except ValueError as error:
        raise Misfit("has a quotation mark without its partner", "close it") from error


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 60:
        raise Misfit("is no possible time", "give seconds, more than 0 and at most 60")
    return float(value)


def _host(value: Any) -> str:
    host = _text(value)
    if not re.fullmatch(r"[^\s/]+", host) or (":" in host and not _is_ipv6(host)):
        raise Misfit("is no host", "give a name or address alone; tls and port have their own keys")
    return host


def _is_ipv6(host: str) -> bool:
    try:
        return ip_address(host).version == 6
    except ValueError:
        return False


def _level(value: Any) -> str:
    if re.search(r"[+#/]", _text(value)) or value.startswith("$"):
        raise Misfit("is no level of a topic", "leave out + # / and a leading $")
    return str(value)


def _topic(value: Any) -> str:
    for level in _text(value).split("/"):
        if not level or re.search(r"[+#]", level) or value.startswith("$"):
            raise Misfit("is no topic", "leave out + # // a leading $ and slashes at the ends")
    return str(value)


def local(value: Any) -> Endpoint:
    """Return an address of this machine and a port; raises Misfit."""
    endpoint = _endpoint(value)
    try:
        ip_address(endpoint.host)
    except ValueError:
        cure = "write 127.0.0.1:PORT, or [::1]:PORT; other addresses need public: true"
        raise Misfit("begins with no address of this machine", cure) from None
    return endpoint


def _file(value: Any) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", _text(value)):
        cure = "give the name under which request certificates/add put it into the modem"
        raise Misfit("is no name of a file in the modem", cure)
    return str(value)


def _remote(value: Any) -> Endpoint:
    endpoint = _endpoint(value)
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,253}", endpoint.host):
        cure = "write a name or an IPv4 address; the modem knows no IPv6"
        raise Misfit("names no host that the modem can reach", cure)
    return endpoint


def _endpoint(value: Any) -> Endpoint:
    match = re.fullmatch(r"(?:\[([^\s\[\]]+)\]|([^\s:/\[\]]+)):([0-9]{1,5})", _text(value))
    if match is None or not 1 <= int(match[3]) <= 65535:
        raise Misfit("is no HOST:PORT", "write host:port, and an IPv6 address in [brackets]")
    return Endpoint(match[1] or match[2], int(match[3]))


def _spoken(pattern: str, message: str, cure: str) -> Validator:
    def spoken(value: Any) -> str:
        if not re.fullmatch(pattern, _text(value)):
            raise Misfit(message, cure)
        return str(value)

    return spoken


#: What the modem takes between quotation marks, and where it has none.
_word = _spoken(r"[ !#-~]{1,512}", "cannot be told the modem", "use ASCII without quotation marks")
_plain = _spoken(
    r"[ !#-+\--~]{1,128}", "cannot be told the modem", "use ASCII without quote or comma"
)
_server = _spoken(r"[A-Za-z0-9._-]{1,253}", "is no host", "give a name or an IPv4 address alone")


def _uplink_topic(*, wildcards: bool) -> Validator:
    def topic(value: Any) -> str:
        if why := topics.fault(_text(value), wildcards=wildcards):
            raise Misfit(why, "write it as the modem takes it, or leave it out")
        return str(value)

    return topic


def _discovery(value: Any) -> str | None:
    if value is True:
        raise Misfit("is neither a topic nor false", "write homeassistant, or false for none")
    return None if value is False else _topic(value)


def _interval(value: Any) -> int:
    """Return seconds; 0 is never. A location takes two minutes (manual 24.5)."""
    return 0 if value == 0 and value is not False else _integer(300, 10**7)(value)


def _number_from(low: float) -> Validator:
    def number(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= low:
            raise Misfit("is no possible value", f"give a number from {low:g} on, without quotes")
        return float(value)

    return number


def _ussd_code(value: Any) -> str:
    if not re.fullmatch(r"[*#0-9]{1,40}", _text(value)):
        raise Misfit("is no USSD code", 'write it as "*100#", in quotes')
    return str(value)


def _pattern(value: Any) -> str:
    try:
        groups = re.compile(_text(value)).groups
    except re.error as error:
        raise Misfit("is no regular expression", f"mend it: {error}") from None
    if groups != 1:
        raise Misfit("must have one group", "put what is to be read in parentheses: (...)")
    return str(value)


def _command_pattern(value: Any) -> str:
    if not re.fullmatch(r"AT[ -~]*", _text(value)):
        raise Misfit("is no AT command", "write it as AT+CSQ; * stands for anything")
    return str(value)


def _dangerous(value: Any) -> str:
    if not isinstance(value, str) or value not in DANGEROUS_REQUESTS:
        known = sorted(DANGEROUS_REQUESTS)
        choices = f"the dangerous requests are {', '.join(known)}"
        raise Misfit("is no dangerous request", nearest(str(value), known, choices))
    return str(value)


_ROUTE: dict[Any, Any] = {
    vol.Required("topic"): _uplink_topic(wildcards=True),
    "to": _uplink_topic(wildcards=False),
    "qos": _integer(0, 1),
}
SECTIONS: dict[Any, Any] = {
    vol.Required("modem"): {
        "name": _level,
        vol.Required("port"): _port,
        "baud": _baud,
        "flow_control": _one_of("none", "hardware"),
        "pin": pin,
        "pin_file": _text,
        "power_command": _command,
        "power_gpio": {
            vol.Required("chip"): _text,
            vol.Required("line"): _integer(0, 1023),
            "seconds": _seconds,
            "active_low": _flag,
        },
    },
    vol.Required("mqtt"): {
        vol.Required("host"): _host,
        "port": _integer(1, 65535),
        "username": _text,
        "password": _secret,
        "password_file": _text,
        "client_id": _text,
        "prefix": _topic,
        "discovery": _discovery,
        "protocol": _one_of("auto", "5", "3.1.1"),
        "keepalive": _integer(5, 65535),
        "tls": {"ca": _text, "certificate": _text, "key": _text, "insecure": _flag},
    },
    "store": _text,
    "contacts": {str: _number},
    "groups": {str: [_text]},
    "sms": {
        "allow_to": [_text],
        "trusted": [_text],
        "limits": {
            "minute": _integer(1, 10**6),
            "hour": _integer(1, 10**6),
            "day": _integer(1, 10**6),
        },
        "partial_after": _integer(1, 10**7),
        # The longest validity that a message can carry is 63 weeks (TS 23.040, 9.2.3.12.1).
        "validity": _integer(300, 63 * 7 * 86400),
        "keep": _integer(1, 36500),
        "encoding": _one_of("auto", "gsm7", "ucs2"),
        "delivery_report": _flag,
        "collapse": _integer(0, 86400),
        "loop_limit": _integer(0, 10**6),
    },
    "signal": {"interval": _integer(5, 86400)},
    "gprs": {
        "apn": _text,
        "username": _text,
        "password": _secret,
        "password_file": _text,
        "authentication": vol.In(("none", "pap", "chap")),
        "keep_up": _flag,
        "idle": _integer(0, 86400),
        "socket_idle": _integer(0, 86400),
    },
    "transparent": {"yield": _flag},
    "forwards": [
        {
            "listen": local,
            "to": _remote,
            "socks": local,
            "tls": _flag,
            "ca": _file,
            "certificate": _file,
            "key": _file,
            "insecure": _flag,
            "udp": _flag,
            "username": _text,
            "password": _secret,
            "password_file": _text,
            "public": _flag,
            "wait": _integer(0, 3600),
            "idle": _integer(1, 10**7),
        }
    ],
    "uplink": {
        vol.Required("host"): _server,
        "port": _integer(1, 65535),
        "client_id": _word,
        "username": _word,
        "password": _word,
        "password_file": _text,
        "keepalive": _integer(10, 65535),
        "tls": {"ca": _plain, "certificate": _plain, "key": _plain},
        "will": {
            vol.Required("topic"): _uplink_topic(wildcards=False),
            vol.Required("message"): _plain,
            "qos": _integer(0, 1),
            "retain": _flag,
        },
        "forward": [_ROUTE],
        "back": [_ROUTE],
        "queue": _integer(1, 10**7),
    },
    "balance": {
        vol.Required("code"): _ussd_code,
        vol.Required("pattern"): _pattern,
        "interval": _integer(300, 10**7),
        "low": _number_from(0),
    },
    "location": {"interval": _interval},
    "jamming": {"detection": _flag, "threshold": _integer(0, 100)},
    "at": {"allow": [_command_pattern]},
    "log": {"level": _one_of("debug", "info", "warning", "error")},
    "allow_dangerous": [_dangerous],
}
"""Every key there is; a plain one is optional."""


def keys_of(section: tuple[str | int, ...] = ()) -> list[str]:
    """Return the keys known in a section; none where the names are the owner's to choose."""
    schema: Any = SECTIONS
    for part in section:
        if isinstance(part, int):
            continue
        schema = next((schema[key] for key in schema if key == part), None)
        if isinstance(schema, list):
            schema = schema[0]
        if not isinstance(schema, dict):
            return []
    return [str(key) for key in schema if key is not str]

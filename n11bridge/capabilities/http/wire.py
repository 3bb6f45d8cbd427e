"""What is said about HTTP and HTTPS (manual 16, 17), in every spelling that the manual has."""

from n11bridge.at.command import Command, PayloadCommand, Report
from n11bridge.at.wire import Keyword, Rest

GET, HEAD, POST, CUSTOM = 0, 1, 2, 99
#: The longest body, and the longest request of our own making, in bytes (manual 16.3).
MOST_SENT = 2048
#: The longest URL (manual 16.1).
LONGEST_URL = 128

#: The types of content that the modem knows by number (manual 16.3).
TYPES = {
    "application/x-www-form-urlencoded": 0,
    "text/plain": 1,
    "application/json": 2,
    "application/xml": 3,
    "text/xml": 3,
    "text/html": 4,
    "application/octet-stream": 5,
}


class Parameter(Command[None], at="+HTTPPARA", manual="16.1", timeout=5):
    """Where the next request goes: ``url`` is host and path without a scheme, or ``port``."""

    name: Keyword
    value: Keyword


class ParameterAsPrinted(Parameter, at="+HTTTPARA", manual="16.1"):
    """The same as the manual spells it."""


class Connect(Command[None], at="+HTTPSETUP", manual="16.2", timeout=75):
    """Connect to the server."""


class ConnectAsPrinted(Connect, at="+HTTTPSETUP", manual="16.3"):
    """The same as the manual's examples spell it."""


class Act(Command[None], at="+HTTPACTION", manual="16.3", timeout=75):
    """Send a request without a body; what the server answers is poured out."""

    mode: int


class ActAsPrinted(Act, at="+HTTTPACTION", manual="16.3"):
    """The same as the manual's examples spell it."""


class ActWith(PayloadCommand[None], at="+HTTPACTION", manual="16.3", timeout=75, pause=0.1):
    """Send a body, or a request of our own making, that follows the prompt."""

    mode: int
    length: int
    type: int | None = None


class ActWithAsPrinted(ActWith, at="+HTTTPACTION", manual="16.3"):
    """The same as the manual's examples spell it."""


class Close(Command[None], at="+HTTPCLOSE", manual="16.4", timeout=5):
    """Close the connection."""


class Closed(Report, at="+HTTPCLOSED", manual="16.6"):
    """The connection was closed."""

    text: Rest


class SecureParameter(Parameter, at="+HTTPSPARA", manual="17.1"):
    """The same for https."""


class SecureParameterAsPrinted(Parameter, at="+HTTSPARA", manual="17.1"):
    """The same as the manual's examples spell it."""


class SecureConnect(Connect, at="+HTTPSSETUP", manual="17.2"):
    """The same for https."""


class SecureConnectAsPrinted(Connect, at="+HTTSPSETUP", manual="17.3"):
    """The same as the manual's examples spell it."""


class SecureAct(Act, at="+HTTPSACTION", manual="17.3"):
    """The same for https."""


class SecureActWith(ActWith, at="+HTTPSACTION", manual="17.3"):
    """The same for https."""


class SecureClose(Close, at="+HTTPSCLOSE", manual="17.4"):
    """The same for https; the chapter's examples have the name without the S."""


class SecureCloseAsPrinted(Close, at="+HTTSCLOSE", manual="17.4"):
    """The same as the manual's contents spell it."""


class SecureClosed(Closed, at="+HTTPSCLOSED", manual="17.5"):
    """The connection was closed."""


class SecureClosedAsPrinted(Closed, at="+HTTSCLOSED", manual="17.5"):
    """The same as the manual spells it."""


class Option(Command[None], at="+HTTPSCFG", manual="17.6"):
    """How https is secured, by number."""

    name: str
    value: int


class OptionAsPrinted(Option, at="+HTTSCFG", manual="17.6"):
    """The same as the manual's headings spell it."""


class FileOption(Command[None], at="+HTTPSCFG", manual="17.6"):
    """Which file of the modem https is secured with."""

    name: str
    file: str


class FileOptionAsPrinted(FileOption, at="+HTTSCFG", manual="17.6"):
    """The same as the manual's headings spell it."""


TLS_1_2 = 3

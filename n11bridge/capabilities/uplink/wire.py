"""What is said with the modem of its own MQTT client (manual 18)."""

from n11bridge.at.command import Command, PayloadCommand, Reply, Report, Setting
from n11bridge.at.wire import Counted, Keyword, Rest

#: Bytes that one message may have (manual 18.8, 18.7).
LONGEST, LONGEST_HEX = 4096, 512
#: What the modem wants in place of nothing.
NOTHING = " "


class Login(Command[None], at="+MQTTCONNPARAM", manual="18.1"):
    """Who we are at the broker; neither name nor password may be empty."""

    client_id: str
    username: str
    password: str


class Will(Command[None], at="+MQTTWILLPARAM", manual="18.2"):
    """What the broker says of us when we are gone."""

    retain: int
    qos: int
    topic: str
    message: Keyword


class Connect(Command[None], at="+MQTTCONN", manual="18.3", timeout=65):
    """Connect; the server is HOST:PORT, the keepalive in seconds."""

    server: str
    clean: int
    keepalive: int


class Subscribe(Command[None], at="+MQTTSUB", manual="18.4", timeout=35):
    """Subscribe."""

    topic: str
    qos: int


class Unsubscribe(Command[None], at="+MQTTUNSUB", manual="18.5", timeout=35):
    """End a subscription."""

    topic: str


class PublishText(Command[None], at="+MQTTPUB", manual="18.6", timeout=35):
    """Publish a message that the command brings along: one without quotes, or two of them alone."""

    retain: int
    qos: int
    topic: str
    message: Rest


class PublishHex(PayloadCommand[None], at="+MQTTPUBIN", manual="18.7", timeout=35, pause=0.1):
    """Publish so many bytes, which follow as twice as many hexadecimal digits."""

    retain: int
    qos: int
    topic: str
    length: int


class Publish(PayloadCommand[None], at="+MQTTPUBS", manual="18.8", timeout=35, pause=0.1):
    """Publish so many bytes, which follow as they are; OK once the broker has them."""

    retain: int
    qos: int
    topic: str
    length: int


class PublishNothing(Command[None], at="+MQTTPUBS", manual="18.8", timeout=35):
    """Publish an empty message: where nothing is to follow there may be no prompt."""

    retain: int
    qos: int
    topic: str
    length: int = 0


class Disconnect(Command[None], at="+MQTTDISCONN", manual="18.9", timeout=35):
    """Disconnect and release what the connection held; an error when there is none."""


class Received(Report, at="+MQTTSUB", manual="18.10"):
    """A message came; it can be one of our own."""

    number: int
    topic: str
    length: int
    data: Counted = b""


class StateNow(Reply, at="+MQTTSTATE", manual="18.11"):
    """0 closed, 1 connected, 2 being connected."""

    state: int


class State(Setting[StateNow], at="+MQTTSTATE", manual="18.11"):
    """Whether changes are reported; the query tells how the connection is."""

    reports: int


class StateChanged(Report, at="+MQTTSTATEURC", manual="18.11"):
    """The connection is another one."""

    state: int


class Mode(Setting[None], at="+MQTTMODE", manual="18.12"):
    """Plain (0), or over TLS (1); to be said before who we are."""

    tls: int


class Tls(Setting[None], at="+MQTTCFG", manual="18.13"):
    """One setting of TLS by its name, a number."""

    kind: str
    value: int


class TlsFile(Setting[None], at="+MQTTCFG", manual="18.13"):
    """One of the files that TLS uses."""

    kind: str
    name: str


class AutomaticNow(Reply, at="+MQTTAUTORECON", manual="18.14"):
    """Whether the modem connects again by itself."""

    on: int


class Automatic(Setting[AutomaticNow], at="+MQTTAUTORECON", manual="18.14"):
    """Whether the modem connects again by itself; to be said before who we are."""

    on: int


class Disconnected(Report, at="+MQTTDISCONNECTED", manual="18.14"):
    """The connection broke, and the modem has let go of it."""

    cause: Rest

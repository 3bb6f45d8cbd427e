"""What is said with the modem of Ali's cloud (manual 19).

What is sent, and what is subscribed to, is answered three times: with the packet's number, with
OK, and later with the number and what became of it.
"""

import re
from typing import Annotated

from n11bridge.at.command import Command, Ends, Reply, Report, Setting
from n11bridge.at.wire import Keyword, Rest, Text
from n11bridge.capabilities.listening import Good


class Escaped(Text):
    """A string in which quotation marks and backslashes are escaped (19.5)."""

    def write(self, value: str) -> str:
        """Quote it."""
        return '"{}"'.format(re.sub(r'(["\\])', r"\\\1", value))


class Mode(Setting[None], at="+IMQTTMODE", manual="19.1"):
    """Plain (0), or over TLS (1)."""

    tls: int


class Authenticated(Reply, at="+IMQTTAUTH", manual="19.2"):
    """The device is known."""

    result: Good


class Authenticate(
    Command[Authenticated], at="+IMQTTAUTH", manual="19.2", ends=Ends.OUTCOME, timeout=60
):
    """Show who the device is."""

    product_key: str
    device_name: str
    device_secret: str


class Parameter(Setting[None], at="+IMQTTPARA", manual="19.3"):
    """One parameter of the connection."""

    tag: str
    value: int


class ParameterAsTabled(Parameter, at="+IMQTTTPARA", manual="19.3"):
    """The same as the table spells it."""


class Connect(Command[None], at="+IMQTTCONN", manual="19.4", timeout=65):
    """Connect."""


class Published(Reply, at="+IMQTTPUB", manual="19.5"):
    """What became of a message: 0 sent, 1 no answer, 2 something else."""

    packet: int
    status: int


class Publish(Command[Published], at="+IMQTTPUB", manual="19.5", ends=Ends.OUTCOME, timeout=40):
    """Publish."""

    topic: str
    qos: int
    message: Annotated[str, Escaped()]


class Publishing(Report, at="+IMQTTPUB", manual="19.5"):
    """The number of the packet."""

    packet: int


class Subscribed(Reply, at="+IMQTTSUB", manual="19.6"):
    """The quality of service that was granted; 128 is none."""

    packet: int
    status: int


class Subscribe(Command[Subscribed], at="+IMQTTSUB", manual="19.6", ends=Ends.OUTCOME, timeout=40):
    """Subscribe."""

    topic: str
    qos: int


class Subscribing(Report, at="+IMQTTSUB", manual="19.6"):
    """The number of the packet."""

    packet: int


class Unsubscribed(Reply, at="+IMQTTUNSUB", manual="19.7"):
    """What became of it: 0 done, 1 no answer, 2 something else."""

    packet: int
    status: int


class Unsubscribe(
    Command[Unsubscribed], at="+IMQTTUNSUB", manual="19.7", ends=Ends.OUTCOME, timeout=40
):
    """End a subscription."""

    topic: str


class Unsubscribing(Report, at="+IMQTTUNSUB", manual="19.7"):
    """The number of the packet."""

    packet: int


class Received(Report, at="+IMQTTTRCVPUB", manual="19.8"):
    """A message came; it stands in quotation marks or not, its form and fragment may follow."""

    packet: int
    topic: str
    length: int
    rest: Rest

    @property
    def content(self) -> tuple[bytes, bool]:
        """The message, and whether it is whole: one with line ends in it is cut at the first."""
        for quote in ('"', ""):
            for count in (self.length, 2 * self.length):
                form = rf"{quote}(.{{{count}}}){quote} *(?:, *([01])?)?(?:, *\d*)? *"
                match = re.fullmatch(form, self.rest)
                if match is None or (count > self.length and match[2] != "1"):
                    continue
                if match[2] == "1" and re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", match[1]):
                    return bytes.fromhex(match[1]), True
                return match[1].encode("latin-1"), True
        return self.rest.removeprefix('"').encode("latin-1"), False


class ReceivedWithOneT(Received, at="+IMQTTRCVPUB", manual="19.8"):
    """The same, spelled as the other names are."""


class StateNow(Reply, at="+IMQTTSTATE", manual="19.9"):
    """0 disconnected, 2 connected."""

    state: int


class State(Setting[StateNow], at="+IMQTTSTATE", manual="19.9"):
    """How the connection is."""


class Disconnect(Command[None], at="+IMQTTDISCONN", manual="19.10", timeout=35):
    """Disconnect."""


class KeysNow(Reply, at="+CLOUDPARA", manual="19.12"):
    """Who the device is."""

    product_key: Keyword
    device_name: Keyword
    device_secret: Keyword


class Keys(Setting[KeysNow], at="+CLOUDPARA", manual="19.12"):
    """Who the device is, as the modem was told."""

    product_key: Keyword
    device_name: Keyword
    device_secret: Keyword

"""The records that these tests speak with; they need not be those of the capabilities."""

import re
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from typing import Annotated

from n11bridge.at.command import (
    Command,
    Ends,
    PayloadCommand,
    Reply,
    Report,
    Setting,
    omittable,
)
from n11bridge.at.wire import (
    Body,
    Counted,
    Hex,
    Keyword,
    Misfit,
    Rest,
    StrictHex,
    Text,
    Word,
    words,
)

# -- the modem itself


class Attention(Command[None], at="", manual="1.2"):
    pass


class Identify(Command[list[str]], at="I", manual="2.1"):
    pass


class Imei(Reply, at="+CGSN", manual="2.3", bare=True):
    imei: Keyword


class ReadImei(Command[Imei], at="+CGSN", manual="2.3"):
    pass


class Signal(Reply, at="+CSQ", manual="4.1"):
    rssi: int
    ber: int


class ReadSignal(Command[Signal], at="+CSQ", manual="4.1"):
    pass


class BaudRate(Setting["BaudRate"], at="+IPR", manual="3.13"):
    rate: int


class PinState(StrEnum):
    READY = "READY"
    PIN = "SIM PIN"


class Pin(Reply, at="+CPIN", manual="2.4"):
    state: PinState


class EnterPin(Setting[Pin], at="+CPIN", manual="2.4"):
    pin: str


class Clock(Reply, at="+CCLK", manual="3.15"):
    text: Rest

    @property
    def time(self) -> datetime:
        """Quoted or not, the year in two or four digits, the zone in quarter hours or missing."""
        match = re.fullmatch(r'"?([0-9/]+[, ][0-9:]+)([+-][0-9]+)?"?', self.text)
        assert match
        text = match[1].replace(" ", ",")
        plain = datetime.strptime(
            text if text.index("/") == 4 else f"20{text}", "%Y/%m/%d,%H:%M:%S"
        )
        zone = UTC if match[2] is None else timezone(timedelta(minutes=15 * int(match[2])))
        return plain.replace(tzinfo=zone)


class ReadClock(Setting[Clock], at="+CCLK", manual="3.15"):
    pass


class Ping(
    Command[list[str]],
    at="+PING",
    manual="24.4",
    ends=Ends.OUTCOME,
    last=r"average delay *=|Received *= *0\b[^%]*%|^\+PING: *No.*|^ERROR$",
):
    host: Keyword


# -- the network


class Stat(IntEnum):
    IDLE = 0
    HOME = 1
    SEARCHING = 2
    DENIED = 3
    UNKNOWN = 4
    ROAMING = 5
    SMS_ONLY = 6
    SMS_ONLY_ROAMING = 7
    EMERGENCY = 8
    NO_CSFB = 9
    NO_CSFB_ROAMING = 10
    RLOS = 11


class Registration(Reply, at="+CREG", manual="4.2"):
    n: int
    stat: Stat
    lac: Hex | None = None
    ci: Hex | None = None
    act: int | None = None


class Registered(Report, at="+CREG", manual="4.2"):
    stat: Stat
    lac: StrictHex | None = None
    ci: StrictHex | None = None
    act: int | None = None


class RegistrationReports(Setting[Registration], at="+CREG", manual="4.2"):
    n: int


class GprsRegistration(Registration, at="+CGREG", manual="4.3"):
    pass


class GprsRegistered(Registered, at="+CGREG", manual="4.3"):
    pass


class GprsRegistrationReports(Setting[GprsRegistration], at="+CGREG", manual="4.3"):
    n: int


class EpsRegistration(Reply, at="+CEREG", manual="3GPP TS 27.007, 10.1.22"):
    n: int
    stat: Stat
    lac: Hex | None = None
    rac: Hex | None = omittable()
    ci: Hex | None = None
    act: int | None = None


class EpsRegistered(Registered, at="+CEREG", manual="3GPP TS 27.007, 10.1.22"):
    pass


class EpsRegistrationReports(Setting[EpsRegistration], at="+CEREG", manual="10.1.22"):
    n: int


class Operator(Reply, at="+COPS", manual="3.2"):
    mode: int
    format: int | None = None
    name: str | None = None
    act: int | None = None


class SelectOperator(Setting[Operator], at="+COPS", manual="3.2"):
    mode: int


class Quoted(Text):
    """A string that is no string without its quotes."""

    def read(self, word: Word) -> str:
        if not word.quoted:
            raise Misfit(word.text)
        return word.text


class Network(Reply, at="+COPS", manual="3.2"):
    stat: int
    long: str | None
    short: str | None
    oper: Annotated[str, Quoted()]
    act: int | None = None


class Networks(Reply, at="+COPS", manual="3.2", bare=True):
    """The answer of the test form: networks in parentheses, then what the parameters may be."""

    text: Rest

    @property
    def networks(self) -> list[Network]:
        found = []
        for word in words(self.text):
            if not word.text:  # two commas: the lists of the parameters follow
                break
            try:
                found.append(Network.read(word.text.removeprefix("(").removesuffix(")")))
            except Misfit:
                break
        return found


class OwnNumber(Reply, at="+CNUM", manual="7.4"):
    name: str | None
    number: str
    type: int | None = None


class ReadOwnNumbers(Command[list[OwnNumber]], at="+CNUM", manual="7.4"):
    pass


class Entry(Reply, at="+CPBR", manual="7.2"):
    index: int
    number: str
    type: int | None
    text: str


class ReadEntry(Command[Entry | None], at="+CPBR", manual="7.2"):
    index: int


class Ussd(Report, at="+CUSD", manual="5.2"):
    m: int
    text: str | None = None
    dcs: int | None = None


# -- messages


class Centre(Reply, at="+CSCA", manual="6.11"):
    number: str
    type: int | None = None


class ServiceCentre(Setting[Centre], at="+CSCA", manual="6.11"):
    number: str


class Indications(Setting[None], at="+CNMI", manual="6.4"):
    mode: int = 2
    messages: int = 1
    broadcasts: int = 0
    reports: int = 1


class Storage(Setting[None], at="+CPMS", manual="6.1"):
    memory: str


class Stored(Reply, at="+CMGR", manual="6.5"):
    stat: int
    alpha: str | None = omittable()
    length: int
    pdu: Body


class ReadMessage(Command[Stored | None], at="+CMGR", manual="6.5"):
    index: int


class Listed(Reply, at="+CMGL", manual="6.6"):
    index: int
    stat: int
    alpha: str | None = omittable()
    length: int
    pdu: Body


class ListMessages(Command[list[Listed]], at="+CMGL", manual="6.6"):
    stat: int = 4


class Reference(Reply, at="+CMGS", manual="6.7"):
    mr: int
    ackpdu: str | None = None


class SendMessage(PayloadCommand[Reference], at="+CMGS", manual="6.7", timeout=60, end=b"\x1a"):
    length: int


class MessageStored(Report, at="+CMTI", manual="6.4"):
    memory: str
    index: int


class MessageDirect(Report, at="+CMT", manual="6.4"):
    alpha: str | None = omittable()
    length: int
    pdu: Body


class TextDirect(Report, at="+CMT", manual="6.4"):
    """As in text mode, which is never asked for."""

    sender: str
    alpha: str | None
    time: str


class ReportDirect(Report, at="+CDS", manual="6.4"):
    length: int
    pdu: Body


# -- sockets and data


class DataLink(Reply, at="+XIIC", manual="5.1"):
    active: int
    address: Keyword


class ReadDataLink(Setting[list[DataLink]], at="+XIIC", manual="5.1"):
    active: int


class SocketResult(StrEnum):
    OK = "OK"
    FAIL = "FAIL"
    ERROR1 = "ERROR1"


class Opened(Reply, at="+TCPSETUP", manual="8.1"):
    socket: int
    result: SocketResult


class Open(Command[Opened], at="+TCPSETUP", manual="8.1", timeout=60, ends=Ends.OUTCOME):
    socket: int
    host: Keyword
    port: int


class Sent(Reply, at="+TCPSEND", manual="8.2"):
    socket: int
    length: int


class Send(
    PayloadCommand[Sent], at="+TCPSEND", manual="8.2", timeout=30, ends=Ends.OUTCOME, pause=0.05
):
    socket: int
    length: int


class Closed(Reply, at="+TCPCLOSE", manual="8.4"):
    socket: int
    result: SocketResult


class Close(Command[Closed], at="+TCPCLOSE", manual="8.4", timeout=5, ends=Ends.REPLY):
    socket: int


class LinkClosed(Report, at="+TCPCLOSE", manual="8.4"):
    socket: int
    cause: Keyword


class SocketStatus(Reply, at="+IPSTATUS", manual="8.5"):
    socket: int
    state: Keyword
    protocol: Keyword | None = None
    buffer: int | None = None


class ReadSocketStatus(Command[SocketStatus], at="+IPSTATUS", manual="8.5", ends=Ends.REPLY):
    socket: int


class Received(Report, at="+TCPRECV", manual="8.3"):
    socket: int
    length: int
    data: Counted


class DataWaiting(Report, at="+TCPRECV", manual="8.10"):
    socket: int


class DatagramWaiting(Report, at="+UDPRECV", manual="11.3"):
    socket: int
    length: int
    data: Counted | None = None


class DatagramFromClient(Report, at="+FUDPRECV(S)", manual="14.2"):
    host: Keyword
    port: int
    length: int
    data: Counted


class Portion(Reply, at="+TCPREAD", manual="8.11"):
    socket: int
    length: int
    data: Counted = b""


class ReadData(Command[Portion], at="+TCPREAD", manual="8.11"):
    socket: int
    length: int


class FileData(Reply, at="+FSRF", manual="22.2"):
    length: int
    data: Counted


class ReadFile(Command[FileData], at="+FSRF", manual="22.2"):
    name: str
    mode: int
    size: int


class WriteFile(PayloadCommand[None], at="+FSWF", manual="22.1", pause=0.05):
    name: str
    mode: int
    size: int
    timeout_seconds: int


class Publish(Command[None], at="+MQTTPUB", manual="18.7"):
    topic: str
    message: str


class Published(Report, at="+MQTTSUB", manual="18.10"):
    id: int
    topic: str
    length: int
    data: Counted


class MqttState(Reply, at="+MQTTSTATE", manual="18.11"):
    state: int


class ReadMqttState(Setting[MqttState], at="+MQTTSTATE", manual="18.11"):
    mode: int


# -- what the modem says by itself, with no name of its own


class Startup(Report, at="MODEM:STARTUP", manual="B.2"):
    pass


class PhonebookReady(Report, at="+PBREADY", manual="B.2"):
    pass


class Ring(Report, at="RING", manual="V.250"):
    pass


class Caller(Report, at="+CLIP", manual="V.250"):
    number: str
    rest: Rest


class NoCarrier(Report, at="NO CARRIER", manual="V.250"):
    pass


class LinkLost(Report, at="GPRS DISCONNECTION", manual="5.1"):
    pass


class Accepted(Report, at="Connect AcceptSocket", manual="13.2"):
    socket: int
    address: Keyword
    port: Keyword


REPORTS: list[type[Report]] = [
    Registered,
    GprsRegistered,
    EpsRegistered,
    Ussd,
    MessageStored,
    MessageDirect,
    ReportDirect,
    LinkClosed,
    Received,
    DataWaiting,
    DatagramWaiting,
    DatagramFromClient,
    Published,
    Startup,
    PhonebookReady,
    Ring,
    Caller,
    NoCarrier,
    LinkLost,
    Accepted,
]

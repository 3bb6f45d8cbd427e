"""The settings as the daemon sees them: frozen, complete, every default in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from n11bridge.addresses import AddressBook

DANGEROUS_REQUESTS = frozenset(
    {
        "at/send",
        "firmware/upgrade",
        "firmware/upgrade_from_file",
        "modem/baud_rate",
        "modem/factory_reset",
        "modem/functionality",
        "modem/power_off",
    }
)
"""Requests that could cost money, brick or cut off the modem: refused unless listed."""


@dataclass(frozen=True)
class Gpio:
    """A line of a GPIO chip that is made active for some seconds."""

    chip: str
    line: int
    seconds: float = 1.0
    active_low: bool = False


@dataclass(frozen=True)
class Modem:
    """The modem and the line to it."""

    port: str
    name: str = "n11"
    baud: int = 115200
    flow_control: str = "none"
    pin: str | None = field(default=None, repr=False)
    power_command: tuple[str, ...] = ()
    power_gpio: Gpio | None = None


@dataclass(frozen=True)
class Tls:
    """How the broker proves who it is, and we to it; `ca` None means the system's authorities."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    insecure: bool = False


@dataclass(frozen=True)
class Mqtt:
    """The broker, and what we are called there; `keepalive` in seconds."""

    host: str
    port: int = 1883
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    client_id: str = "n11bridge-n11"
    prefix: str = "n11bridge"
    discovery: str | None = "homeassistant"
    protocol: str = "auto"
    keepalive: int = 60
    tls: Tls | None = None


@dataclass(frozen=True)
class Limits:
    """How many parts may be sent within any minute, hour and day."""

    minute: int = 10
    hour: int = 60
    day: int = 200


@dataclass(frozen=True)
class Sms:
    """Messages: who may get them, how many, how; times in seconds, `keep` in days."""

    allow_to: tuple[str, ...] = ("+*",)
    trusted: tuple[str, ...] = ()
    limits: Limits = Limits()
    partial_after: int = 900
    validity: int = 259200
    keep: int = 90
    encoding: str = "auto"
    delivery_report: bool = True
    collapse: int = 0
    loop_limit: int = 20


@dataclass(frozen=True)
class Signal:
    """How often the signal strength is read, in seconds."""

    interval: int = 60


@dataclass(frozen=True)
class Gprs:
    """How the packet network is reached; `apn` None leaves what the modem has.

    The link is kept up, or taken down when nobody has used it for `idle` seconds, 0 for never; so
    is a socket that a request opened, after `socket_idle` seconds.
    """

    apn: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    authentication: str = "pap"
    keep_up: bool = False
    idle: int = 120
    socket_idle: int = 600


@dataclass(frozen=True)
class Transparent:
    """Whether transparent mode is left for a while when there is something else to do."""

    yields: bool = True


@dataclass(frozen=True)
class Endpoint:
    """A host, by name or address, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True)
class Forward:
    """A local port whose connections go through the modem; a SOCKS5 proxy if `to` is None.

    `ca`, `certificate` and `key` are names of files in the modem. `wait` is for a free socket,
    `idle` how long a connection may be silent; in seconds.
    """

    listen: Endpoint
    to: Endpoint | None = None
    tls: bool = False
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    insecure: bool = False
    udp: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    public: bool = False
    wait: int = 30
    idle: int = 3600


@dataclass(frozen=True)
class UplinkTls:
    """TLS by the modem, with files that lie in it; without a `ca` no server is distrusted."""

    ca: str | None = None
    certificate: str | None = None
    key: str | None = None


@dataclass(frozen=True)
class Will:
    """What the remote broker says of us when we are gone."""

    topic: str
    message: str
    qos: int = 1
    retain: bool = False


@dataclass(frozen=True)
class Route:
    """Messages that this filter chooses go on below `to`, with this quality of service at most."""

    topic: str
    to: str = ""
    qos: int = 1


@dataclass(frozen=True)
class Uplink:
    """A remote broker that the modem reaches by itself; `keepalive` in seconds.

    `queue` is how many messages may wait before those with QoS 0 are dropped.
    """

    host: str
    port: int = 1883
    client_id: str = "n11bridge-n11"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    keepalive: int = 60
    tls: UplinkTls | None = None
    will: Will | None = None
    forward: tuple[Route, ...] = ()
    back: tuple[Route, ...] = ()
    queue: int = 10000


@dataclass(frozen=True)
class Balance:
    """How the credit is asked for, every `interval` seconds; `low` is the mark to warn below."""

    code: str
    pattern: str
    interval: int = 86400
    low: float | None = None


@dataclass(frozen=True)
class Location:
    """How often the modem is located, in seconds; 0 is on request only."""

    interval: int = 0


@dataclass(frozen=True)
class Jamming:
    """Whether jamming is looked for, and from which level on (0-100); None leaves the modem's."""

    detection: bool | None = None
    threshold: int | None = None


@dataclass(frozen=True)
class At:
    """Which raw commands `at/send` takes, as patterns; None takes what nothing relies on."""

    allow: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Log:
    """The least severity that is logged."""

    level: str = "info"


@dataclass(frozen=True)
class Config:
    """Everything the file says, and the defaults for what it does not."""

    modem: Modem
    mqtt: Mqtt
    store: Path = Path("/var/lib/n11bridge/n11.db")
    contacts: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sms: Sms = Sms()
    signal: Signal = Signal()
    gprs: Gprs = Gprs()
    transparent: Transparent = Transparent()
    forwards: tuple[Forward, ...] = ()
    uplink: Uplink | None = None
    balance: Balance | None = None
    location: Location = Location()
    jamming: Jamming = Jamming()
    at: At = At()
    log: Log = Log()
    allow_dangerous: frozenset[str] = frozenset()

    @property
    def base(self) -> str:
        """The topic above all topics of this modem."""
        return f"{self.mqtt.prefix}/{self.modem.name}"

    @cached_property
    def addresses(self) -> AddressBook:
        """Contacts, groups and the rules about numbers."""
        return AddressBook(
            self.contacts, self.groups, allow_to=self.sms.allow_to, trusted=self.sms.trusted
        )

"""The settings of the AT commands, with the values they have after a start."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class SslSettings:
    """How TLS is to be done, in the words of 9.1 and 17.6."""

    sslversion: int = 3
    authmode: int = 0
    ciphersuite: str = ""
    cacert: str = ""
    clientcert: str = ""
    clientkey: str = ""


@dataclass
class Settings:
    """What a restart forgets, unless AT&W saved it."""

    echo: int = 1
    quiet: int = 0
    verbose: int = 1
    cmee: int = 0
    creg: int = 0
    cgreg: int = 0
    clip: int = 0
    cusd: int = 0
    cops_mode: int = 0
    cops_format: int = 2
    sleep: int = 0
    cscs: str = "GSM"
    cpbs: str = "SM"
    jamming: tuple[int, int] = (0, 75)
    first_slot: int = 0
    self_register: int = 0
    multislot_class: int = 12
    anti_fake_cell: int = 0
    network_time: int = 0
    cmgf: int = 0
    cnmi: tuple[int, int, int, int, int] = (2, 1, 0, 0, 0)
    csmp: tuple[int, int, int, int] = (17, 167, 0, 0)
    signal: int = 7
    csdh: int = 0
    cscb: tuple[int, str, str] = (0, "", "")
    contexts: dict[int, tuple[str, str, str, int, int]] = field(default_factory=dict)
    apn: str = ""
    apn_login: tuple[str, str] = ("", "")
    dtr: int = 0
    dataformat: tuple[int, int] = (1, 1)
    recvmode: tuple[int, int] = (1, 0)
    tcp_ports: dict[int, int] = field(default_factory=dict)
    udp_ports: dict[int, int] = field(default_factory=dict)
    ssl_tcp: SslSettings = field(default_factory=SslSettings)
    ssl_http: SslSettings = field(default_factory=SslSettings)
    ssl_mqtt: SslSettings = field(default_factory=SslSettings)
    keepalive: tuple[int, int, int] = (0, 120, 75)

    def to_save(self) -> dict[str, Any]:
        """Return what AT&W saves: only what its section names (3.8)."""
        return {name: getattr(self, name) for name in _SAVED}


_SAVED = (
    "echo",
    "quiet",
    "verbose",
    "cmee",
    "creg",
    "clip",
    "cops_mode",
    "cops_format",
    "sleep",
    "cscs",
)

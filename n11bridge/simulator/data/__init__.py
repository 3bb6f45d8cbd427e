"""The internal protocol stack: what the modem does on the internet, done with real sockets.

``stack`` holds it together. ``link`` is the way into the network, ``names`` says where a name or
an address really leads, ``sockets`` are the five of manual chapter 8, each a ``connection`` or
``datagrams``. The commands stand in one file per chapter; ``actions`` lets tests play the network.
"""

from ..commands import Commands
from . import (
    aliyun,
    certificates,
    diagnosis,
    files,
    ftp,
    ftp_buffer,
    gprs,
    http,
    mqtt,
    oceanconnect,
    tcp,
    tcp_server,
    tls,
    transparent,
    udp,
    udp_server,
)

COMMANDS = Commands()
for _chapter in (
    gprs,
    tcp,
    tls,
    certificates,
    udp,
    transparent,
    tcp_server,
    udp_server,
    ftp,
    ftp_buffer,
    http,
    mqtt,
    aliyun,
    oceanconnect,
    files,
    diagnosis,
):
    COMMANDS.update(_chapter.COMMANDS)

_STANDARD = {"+CGDCONT", "+CGATT", "O", "&D"}

NEOWAYS_OWN = {name for name, _ in COMMANDS} - _STANDARD
"""Commands that ATQ and ATV do not reach (3.5, 3.6)."""

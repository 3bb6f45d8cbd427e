"""Local ports whose connections go through the modem.

- `ports`: for connections, to one place or as a SOCKS5 proxy (`socks`); `relay` carries the bytes.
- `datagrams`: for datagrams.
- `tally`: what each is doing.
"""

from n11bridge.forwards.datagrams import DatagramPort
from n11bridge.forwards.ports import Port
from n11bridge.forwards.tally import Tally

__all__ = ["DatagramPort", "Port", "Tally"]

"""The packets of MQTT 3.1.1 that a client with QoS 0 and 1 writes and reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

CONNACK, PUBLISH, PUBACK, SUBACK, UNSUBACK, PINGRESP = 2, 3, 4, 9, 11, 13

PING = b"\xc0\x00"
DISCONNECT = b"\xe0\x00"


@dataclass(frozen=True)
class Identity:
    """Who the client is and how long it may be silent; ``will`` is retain, QoS, topic, message."""

    client_id: str
    username: str = ""
    password: str = ""
    keepalive: int = 60
    clean: bool = True
    will: tuple[int, int, str, str] | None = None


@dataclass(frozen=True)
class Packet:
    """One packet as it came: its type, the flags beside that, and the rest."""

    kind: int
    flags: int
    body: bytes

    @property
    def identifier(self) -> int:
        """The packet identifier at the front."""
        return int.from_bytes(self.body[:2])


@dataclass(frozen=True)
class Message:
    """What a PUBLISH says; the identifier is 0 with QoS 0."""

    topic: bytes
    payload: bytes
    identifier: int


def connect(who: Identity) -> bytes:
    """Return a CONNECT (3.1)."""
    flags, content = 2 * who.clean, _string(who.client_id)
    if who.will is not None:
        retain, qos, topic, message = who.will
        flags |= 4 | qos << 3 | retain << 5
        content += _string(topic) + _string(message)
    if who.username:
        flags |= 0x80
        content += _string(who.username)
        if who.password:
            flags |= 0x40
            content += _string(who.password)
    head = _string("MQTT") + bytes([4, flags]) + who.keepalive.to_bytes(2)
    return _packet(0x10, head + content)


def publish(topic: str, payload: bytes, *, qos: int, retain: int, identifier: int) -> bytes:
    """Return a PUBLISH (3.3)."""
    name = identifier.to_bytes(2) if qos else b""
    return _packet(0x30 | qos << 1 | retain, _string(topic) + name + payload)


def acknowledge(identifier: int) -> bytes:
    """Return a PUBACK (3.4)."""
    return _packet(0x40, identifier.to_bytes(2))


def subscribe(topic: str, qos: int, identifier: int) -> bytes:
    """Return a SUBSCRIBE (3.8)."""
    return _packet(0x82, identifier.to_bytes(2) + _string(topic) + bytes([qos]))


def unsubscribe(topic: str, identifier: int) -> bytes:
    """Return an UNSUBSCRIBE (3.10)."""
    return _packet(0xA2, identifier.to_bytes(2) + _string(topic))


def message(packet: Packet) -> Message:
    """Read a PUBLISH."""
    length = int.from_bytes(packet.body[:2])
    topic, rest = packet.body[2 : 2 + length], packet.body[2 + length :]
    if packet.flags & 6:
        return Message(topic, rest[2:], int.from_bytes(rest[:2]))
    return Message(topic, rest, 0)


def take(buffer: bytearray) -> Iterator[Packet]:
    """Take whole packets from the front of what was received."""
    while len(buffer) >= 2:
        length = shift = 0
        position = 1
        while position < len(buffer):
            byte = buffer[position]
            length |= (byte & 0x7F) << shift
            position, shift = position + 1, shift + 7
            if byte < 0x80:
                break
        else:
            return
        if len(buffer) < position + length:
            return
        first, body = buffer[0], bytes(buffer[position : position + length])
        del buffer[: position + length]
        yield Packet(first >> 4, first & 15, body)


def _string(text: str) -> bytes:
    # What was typed is handed on byte by byte.
    encoded = text.encode("latin-1")
    return len(encoded).to_bytes(2) + encoded


def _packet(first: int, body: bytes) -> bytes:
    length, encoded = len(body), bytearray()
    while True:
        length, digit = divmod(length, 128)
        encoded.append(digit | (0x80 if length else 0))
        if not length:
            return bytes([first, *encoded]) + body

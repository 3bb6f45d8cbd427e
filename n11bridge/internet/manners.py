"""What is known of a modem from the use of its sockets: the manual does not say all."""

from dataclasses import dataclass

#: What the manual advises between prompt and data is 50 to 100 ms (8.2).
ADVISED_PAUSE = 0.1


@dataclass
class Manners:
    """Of one modem, until the daemon ends."""

    #: Seconds between prompt and data. As advised they cost a seventh of the wire's time, and most
    #: modems need none; one that missed the beginning of the data gets them from then on.
    pause: float = 0.0
    #: Whether SSLTCPREAD answers with a length (9.6); None as long as nobody knows.
    tls_counted: bool | None = None
    #: Bytes that passed through all sockets.
    sent: int = 0
    received: int = 0

"""A server's answer, read by HTTP's own rules."""

from dataclasses import dataclass, field

import h11


@dataclass(frozen=True)
class Answer:
    """What the server answered.

    ``framed``: length or framing, and not the end of the connection, says where the body ends.
    ``whole``: it came to that end. ``behind``: what stood behind it.
    """

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes = field(repr=False)
    framed: bool
    whole: bool
    behind: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """The first header of this name, in lower case."""
        return next((value for each, value in self.headers if each == name), None)


class Parser:
    """Reads the answer to a request of this method, in whatever pieces it comes."""

    def __init__(self, method: str) -> None:
        self._method = method
        self._connection = h11.Connection(h11.CLIENT)
        self._connection.send(h11.Request(method=method, target="/", headers=[("Host", "any")]))
        self._connection.send(h11.EndOfMessage())
        self._head: h11.Response | None = None
        self._body = bytearray()
        self.whole = False
        #: Whether it is no HTTP, or no longer.
        self.broken = False

    @property
    def length(self) -> int:
        """How many bytes of the body have come."""
        return len(self._body)

    def feed(self, data: bytes) -> None:
        """Take what was received; no bytes at all mean that the connection has ended."""
        if self.whole or self.broken:
            return
        try:
            self._connection.receive_data(data)
            self._advance()
        except h11.RemoteProtocolError:
            self.broken = True

    def _advance(self) -> None:
        while not self.whole:
            event = self._connection.next_event()
            if event is h11.NEED_DATA or isinstance(event, h11.ConnectionClosed):
                return
            if isinstance(event, h11.Response):
                self._head = event
            elif isinstance(event, h11.Data):
                self._body += event.data
            self.whole = isinstance(event, h11.EndOfMessage)

    def answer(self) -> Answer | None:
        """The answer so far; None as long as its head is not whole."""
        head = self._head
        if head is None:
            return None
        names = {name for name, _ in head.headers}
        bodiless = self._method == "HEAD" or head.status_code in (204, 304)
        return Answer(
            head.status_code,
            head.reason.decode("latin-1"),
            [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers],
            bytes(self._body),
            bodiless or not names.isdisjoint({b"content-length", b"transfer-encoding"}),
            self.whole,
            self._connection.trailing_data[0] if self.whole else b"",
        )


def read(method: str, received: bytes, *, ended: bool) -> Answer | None:
    """Read an answer in one go; ``ended``: the connection has."""
    parser = Parser(method)
    parser.feed(received)
    if ended:
        parser.feed(b"")
    return parser.answer()

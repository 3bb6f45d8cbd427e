"""What the modem pours out of an HTTP connection, read to its end (manual 16.5, 16.6).

Nothing says how much comes: behind a header stand the server's bytes as they are, then a line that
the connection was closed. Such a line can stand in a body as well, and so can another header, which
some modems put before every piece; and a report may have slipped in between. So what came is read
by HTTP's own rules in each way it could be meant, and the way that comes out even is the one.
"""

import re
from collections.abc import Iterator

from n11bridge.capabilities.http.answer import Answer, Parser, read

#: A modem that is told to close the connection has said all within this time (seconds).
CLOSING = 2.0
#: Behind a whole answer the end of the connection is waited for so long; then we close it.
CERTAIN = 0.3
#: An end that could be a part of the body is believed after this long without a byte.
DOUBTFUL = 2.0
#: The longest that reports behind the end can be.
_LONGEST_TAIL = 512
#: What may come besides the body: the head, and what the modem says in between.
_BESIDES = 65536

_OWN = rb"(?:\+[A-Z]+:[^\r\n]*|\+PBREADY|MODEM:STARTUP|GPRS DISCONNECTION|RING|NO CARRIER)"
_GONE = rb"(?:MODEM:STARTUP|GPRS DISCONNECTION)"
_CLOSED = rb"\+HTT(?:PS?|S)CLOSED: *HTTPS? Link Closed"
_HEADER = rb"\+HTT(?:PS?|S)RECV: *"

_OWN_LINES = re.compile(rb"(?:\r\n){0,2}(?:" + _OWN + rb"(?:\r\n)+)*")
_OWN_LINE = re.compile(rb"\r\n" + _OWN + rb"\r\n")
_AWAY = rb"(?:(?:\r\n)?" + _GONE + rb"\r\n)"
_END = re.compile(_AWAY + rb"*(?:\r\n)?" + _CLOSED + rb"\r\n" + _AWAY + rb"*|" + _AWAY + rb"+")
_SEPARATOR = re.compile(rb"\r\n" + _HEADER + rb"\r\n")
_WIDE_SEPARATOR = re.compile(rb"\r\n" + _SEPARATOR.pattern)
#: Reports that do no harm when it is the server that makes them up: somebody looks, and finds
#: nothing. Lost in a body whose length is not known they would be missed.
_NOTICE = re.compile(
    rb"(?<=\r\n)(?:\+(?:TCP|UDP|SSLTCP)RECV: ?[0-4](?:,\d{1,5})?"
    rb"|\+C(?:MTI|DSI): ?\"[A-Z]{2}\",\d{1,3})\r\n"
)
_MOST_NOTICES = 20
_FINAL = re.compile(rb"\r\n(?:OK|ERROR|\+CM[ES] ERROR:[^\r\n]*)\r\n")


class Reader:
    """Reads the answer to one request, for `Modem.pour`.

    ``close`` is the command that closes the connection; ``patience`` the seconds without a byte
    after which nothing more is waited for; ``most`` the largest body. Once it is over, `answer` is
    what came, if it has a head. `cut`: it was more than the most. `late`: no byte came in time.
    `gone`: link or modem went away. `closed`: the modem has said that the connection is.
    """

    header = re.compile(_HEADER)
    refusal = re.compile(r"\+HTT[A-Z]*(?:ACTION|PARA): *.*")

    def __init__(self, method: str, close: str, patience: float, most: int) -> None:
        self.answer: Answer | None = None
        self.rest: bytes | None = None
        self.in_step = self.closed = self.cut = self.late = self.gone = False
        self._method = method
        self._close = close.encode() + b"\r"
        self._timeout = patience
        self._most = most
        self._received = bytearray()
        self._plain = Parser(method)
        #: Whether the body may hold lines of the modem's own.
        self._mixed = False
        self._silence = 0.0
        #: What was said since we closed the connection; None before.
        self._said: bytes | None = None
        self._notices: dict[bytes, None] = {}

    @property
    def patience(self) -> float:
        """How long nothing may come now."""
        if self._said is not None:
            return CLOSING
        if self._plain.whole and not self._mixed:
            return CERTAIN
        doubtful = self._mixed or self._plain.whole or _end(self._received) is not None
        if doubtful and self._silence < DOUBTFUL:
            return DOUBTFUL
        return max(self._timeout - self._silence, 0.1)

    def ends(self, line: str) -> bool:
        """Whether the connection has ended before any answer."""
        said = line.encode("latin-1")
        self.closed = re.fullmatch(_CLOSED, said) is not None
        self.gone = re.fullmatch(_GONE, said) is not None
        return self.closed or self.gone

    @property
    def heard(self) -> bool:
        """Whether anything came at all."""
        return bool(self._received[: _end(self._received)])

    def take(self, data: bytes) -> bytes:
        """Take what came."""
        self._silence = 0.0
        if self._said is not None:
            return self._hear(data)
        # The header's own line end belongs to no answer.
        data = data if self._received else data.lstrip(b"\r\n ")
        fresh = max(len(self._received) - _LONGEST_TAIL, 0)
        self._received += data
        if data:
            self._plain.feed(data)
        self._mixed = self._mixed or _OWN_LINE.search(self._received, fresh) is not None
        if _end(self._received) is not None:
            found = self._even()
            if found is not None and _end(found[1]) is not None:
                return self._found(*found)
        if self._plain.length > self._most or len(self._received) > self._most + _BESIDES:
            self.cut = True
            return self._give_up()
        return b""

    def quiet(self) -> bytes:
        """Nothing came for a while."""
        if self._said is not None:
            return self._over(_tail(self._said))
        self._silence += self.patience
        if found := self._even() or self._until_closed():
            return self._found(*found)
        if _end(self._received) is not None:
            self.in_step = True
            self._notice(self._received)
            return self._over(_tail(self._received))
        if self._silence < self._timeout:
            return b""
        if self._plain.whole:
            return self._found(self._plain.answer(), b"")
        self.late = True
        return self._give_up()

    def _even(self) -> tuple[Answer, bytes] | None:
        """The answer in the first way to read it that comes out even, and what is not of it."""
        for variant, between in _variants(bytes(self._received)):
            answer = read(self._method, variant, ended=False)
            if answer and answer.whole and _OWN_LINES.fullmatch(answer.behind):
                return answer, between + answer.behind
        return None

    def _until_closed(self) -> tuple[Answer, bytes] | None:
        """The answer if the end of the connection is its end, and what is not of it."""
        end = _end(self._received)
        tail = _tail(self._received)
        if end is None or re.search(_GONE, tail):
            return None
        answer = read(self._method, _likeliest(bytes(self._received[:end])), ended=True)
        if answer is None or not answer.whole or answer.framed:
            return None
        self._notice(self._received[:end])
        return answer, tail

    def _found(self, answer: Answer | None, rest: bytes) -> bytes:
        """It is whole; close the connection unless the server has."""
        self.answer = answer
        if _end(rest) is None:
            self._said = rest
            return self._close
        self.in_step = True
        return self._over(rest)

    def _give_up(self) -> bytes:
        """Close a connection that may go on pouring."""
        self._notice(self._received)
        self._said = b""
        return self._close

    def _notice(self, received: bytes | bytearray) -> None:
        """Keep the notices, which may be the modem's."""
        for notice in _NOTICE.findall(received):
            if len(self._notices) < _MOST_NOTICES:
                self._notices[bytes(notice)] = None

    def _hear(self, data: bytes) -> bytes:
        """Take what comes when the connection is being closed."""
        assert self._said is not None
        self._said += data
        final = _FINAL.search(self._said)
        if self.answer is None:
            # In the middle of a body an OK may be the server's; only silence tells.
            self._notice(self._said)
            self._said = self._said[-_LONGEST_TAIL:]
        elif final is not None:
            self.in_step = True
            self.closed = b"OK" in final[0]
            said = self._said[: final.start()] + self._said[final.end() :]
            return self._over(said.replace(self._close, b""))
        return b""

    def _over(self, rest: bytes) -> bytes:
        self.closed = self.closed or re.search(_CLOSED, rest) is not None
        self.gone = re.search(_GONE, rest) is not None
        if self.answer is None:
            received = bytes(self._received[: _end(self._received)])
            self.answer = read(self._method, _likeliest(received), ended=False)
        self.rest = b"\r\n" + b"".join(self._notices) + rest
        return b""


def _end(received: bytes | bytearray) -> int | None:
    """Where the line begins that says that the connection has ended, if that was said last."""
    if not received.endswith(b"\r\n"):
        return None
    start = max(len(received) - _LONGEST_TAIL, 0)
    tail = bytes(received[start:])
    for match in reversed(list(_END.finditer(tail))):
        if _OWN_LINES.fullmatch(tail, match.end()):
            return start + match.start()
    return None


def _tail(received: bytes | bytearray) -> bytes:
    """What the modem said last, of itself."""
    end = _end(received)
    return b"" if end is None else bytes(received[end:])


def _variants(received: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What the server may have sent, and what the modem then said in between."""
    yield received, b""
    for pieces in _joined(received):
        yield pieces, b""
    pieces = _likeliest(received)
    if _OWN_LINE.search(pieces):
        yield _OWN_LINE.sub(b"", pieces), b"".join(_OWN_LINE.findall(pieces))


def _likeliest(received: bytes) -> bytes:
    """The server's bytes if nothing proves another way to join the pieces."""
    return next(_joined(received), received)


def _joined(received: bytes) -> Iterator[bytes]:
    """The pieces between headers joined; some modems end each piece with a line end of their own.

    The likelier way comes first.
    """
    narrow, wide = (len(each.findall(received)) for each in (_SEPARATOR, _WIDE_SEPARATOR))
    if narrow:
        ways = (_WIDE_SEPARATOR, _SEPARATOR) if wide == narrow else (_SEPARATOR, _WIDE_SEPARATOR)
        for separator in ways:
            yield separator.sub(b"", received)

"""Data mode: every byte reaches its owner, and the modem's own lines are told from the peer's."""

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from n11bridge.at.raw import ANSWER, GAP, GUARD, SILENCE, Came, Left, Phase, Raw

NAMES = ["RING", "+CLIP", "+CMTI", "+TCPTRANS", "NO CARRIER", "GPRS DISCONNECTION"]
CLOSED = b"\r\n+TCPTRANS:Link Closed\r\n"


@dataclass
class Session:
    """A clock, and what was heard by it."""

    raw: Raw = field(default_factory=lambda: Raw(NAMES, 100.0))
    now: float = 100.0
    data: bytes = b""
    left: list[Left] = field(default_factory=list)
    out: bytes = b""

    def look(self) -> None:
        self.out += self.raw.to_send()
        for event in self.raw.events():
            match event:
                case Came(data):
                    assert not self.left
                    self.data += data
                case Left():
                    self.left.append(event)

    def hear(self, data: bytes) -> None:
        self.raw.receive(data, self.now)
        self.look()

    def wait(self, seconds: float) -> None:
        """Let time pass, with all that is due in it."""
        until = self.now + seconds
        while (due := self.raw.deadline) is not None and due <= until:
            self.now = max(self.now, due)
            self.raw.tick(self.now)
            self.look()
        self.now = until


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"hello\r\n",
        b"\r\n",
        b"\r",
        b"\r\nOK\r\n",
        b"+++",
        b"\r\n+++\r\n",
        b"\r\n+TCPTRANS",
        b"\r\n+TCPTRANS:Link Closed\r\n and more",
        b"RING\r\n",
        bytes(range(256)) * 20,
        b"\r\n" * 3000,
    ],
)
def test_what_is_not_the_modems_is_the_peers(data: bytes) -> None:
    for step in (len(data), 1, 7):
        session = Session()
        for start in range(0, len(data), step):
            session.hear(data[start : start + step])
        session.wait(GAP)
        assert session.data == data
        session.wait(10)
        assert (session.out, session.left) == (b"", [])


def test_text_is_not_kept_waiting() -> None:
    session = Session()
    session.hear(b"220 mail ready\r\n250")
    assert session.data == b"220 mail ready\r\n250"


def test_leaving_takes_silence_an_escape_and_its_ok() -> None:
    session = Session()
    session.raw.write(b"last words", session.now)
    session.look()
    session.raw.leave(session.now)
    session.wait(GUARD - 0.01)
    assert session.out == b"last words"
    session.wait(0.01)
    assert session.out == b"last words+++"
    session.hear(b"the peer's\r\n")
    session.wait(1)
    session.hear(b"\r\nOK\r\n")
    assert session.left == []
    session.wait(SILENCE)
    assert session.data == b"the peer's\r\n"
    assert session.left == [Left(b"", asked=True)]
    assert session.raw.phase is Phase.OVER


def test_nothing_can_be_written_while_it_is_being_left() -> None:
    session = Session()
    session.raw.leave(session.now)
    with pytest.raises(RuntimeError):
        session.raw.write(b"x", session.now)


@pytest.mark.parametrize(
    "lines",
    [
        CLOSED,
        b"\r\nNO CARRIER\r\n",
        b'\r\nRING\r\n\r\n+CLIP: "77002608317",145,,,"",0\r\n',
        b'\r\n+CMTI: "SM",3\r\n',
        b"\r\nGPRS DISCONNECTION\r\n\r\n+TCPTRANS:Link Closed\r\n",
    ],
)
def test_the_modem_leaves_by_itself(lines: bytes) -> None:
    for step in (len(lines), 1):
        session = Session()
        session.hear(b"data\r\n")
        for start in range(0, len(lines), step):
            session.hear(lines[start : start + step])
        session.wait(SILENCE + GUARD + ANSWER)
        assert session.out == b"+++"
        assert session.data == b"data\r\n"
        assert session.left == [Left(lines, asked=False)]


def test_a_peer_that_speaks_like_a_modem_is_found_out() -> None:
    session = Session()
    session.hear(b"data" + CLOSED)
    session.wait(SILENCE + GUARD)
    assert (session.data, session.out) == (b"data", b"+++")
    session.hear(b"\r\nOK\r\n")
    session.wait(SILENCE)
    assert session.data == b"data" + CLOSED
    assert session.left == [Left(b"", asked=True)]


def test_the_end_of_the_line_that_began_it_is_not_the_peers() -> None:
    for rest, data in ((b"\r\nabc", b"abc"), (b"abc", b"abc"), (b"\r\n\r\nabc", b"\r\nabc")):
        session = Session(Raw(NAMES, 100.0, line_end=b"\r\n"))
        for byte in rest:
            session.hear(bytes([byte]))
        assert session.data == data


pieces = st.one_of(
    st.sampled_from([b"\r\n", b"\r", b"\n", b"OK", b"+TCPTRANS", b":Link Closed", b"+++", b"RING"]),
    st.binary(max_size=4),
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.tuples(pieces, st.sampled_from([0.0, 0.05, 0.2])), max_size=20))
def test_no_byte_is_lost_or_moved(script: list[tuple[bytes, float]]) -> None:
    session = Session()
    for data, pause in script:
        session.hear(data)
        session.wait(pause)
    session.wait(SILENCE + GUARD + ANSWER)
    lines = b"".join(left.lines for left in session.left)
    assert session.data + lines == b"".join(data for data, _ in script)
    assert list(itertools.chain(session.left[1:])) == []


@pytest.mark.parametrize("step", [1, 2, 100])
@pytest.mark.parametrize("more", [b"", b"\r\nRING\r\n"])
def test_a_modem_that_restarted_repeats_the_escape(step: int, more: bytes) -> None:
    session = Session()
    session.hear(CLOSED)
    session.wait(GUARD + SILENCE)
    assert session.out == b"+++"
    echo = b"+++" + more
    for start in range(0, len(echo), step):
        session.hear(echo[start : start + step])
    session.wait(ANSWER)
    assert session.data == b""
    assert session.left == [Left(CLOSED + more, asked=False)]

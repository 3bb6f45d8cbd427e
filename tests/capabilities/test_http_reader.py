"""Where the body of an HTTP answer ends, when all that the modem does is pour."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from n11bridge.at.chat import Chat, Done, Reported, Unknown
from n11bridge.at.command import Report
from n11bridge.capabilities.http.reader import Reader
from n11bridge.capabilities.http.wire import Act, Closed

CLOSED = b"\r\n+HTTPCLOSED: HTTP Link Closed\r\n"
NASTY = (
    b"a\r\nOK\r\n\r\nERROR\r\n\r\n>"
    b'\r\n+CMTI: "SM",3\r\n\r\n+HTTPCLOSED: HTTP Link Closed\r\n'
    b"\r\n+TCPRECV: 0,99,\r\nHTTP/1.1 404 no\r\n\r\nMODEM:STARTUP\r\n"
    b"\r\nGPRS DISCONNECTION\r\n\0\xff"
)
BODIES = {
    "none": b"",
    "plain": b"hello world",
    "binary": bytes(range(256)),
    "nasty": NASTY,
    "nasty to its end": NASTY + b"\r\n+HTTPCLOSED: HTTP Link Closed\r\n",
    "with a header": NASTY + b"\r\n+HTTPRECV:\r\n" + NASTY,
    "long": b"0123456789abcdef" * 200,
}


class Waiting(Report, at="+CMTI", manual="6.4"):
    """A message waits."""

    storage: str
    index: int


def with_length(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes) -> bytes:
    pieces = [body[i : i + 100] for i in range(0, len(body), 100)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


def until_closed(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body


FORMS = {"length": with_length, "chunked": chunked, "until closed": until_closed}


def as_one(answer: bytes) -> bytes:
    return b"\r\n+HTTPRECV:\r\n" + answer


def as_one_with_blank(answer: bytes) -> bytes:
    return b"\r\n+HTTPRECV: \r\n" + answer


def header_on_each(answer: bytes, size: int = 97, end: bytes = b"") -> bytes:
    pieces = [answer[i : i + size] for i in range(0, len(answer), size)]
    return b"".join(b"\r\n+HTTPRECV:\r\n" + piece + end for piece in pieces)


def header_and_end_on_each(answer: bytes) -> bytes:
    return header_on_each(answer, end=b"\r\n")


POURED = {each.__name__: each for each in (as_one, as_one_with_blank, header_on_each)}


class Dialogue:
    """A dialogue whose clock runs only while nothing comes."""

    def __init__(self, method: str = "GET", most: int = 1_000_000) -> None:
        self.reader = Reader(method, "AT+HTTPCLOSE", 60, most)
        self.chat = Chat([Waiting, Closed])
        self.now = 0.0
        self.events: list[object] = []
        self.chat.send(Act(0).exchange().poured_to(self.reader), self.now)
        self.written = self.chat.to_send()
        self.hear(b"\r\nOK\r\n")

    def hear(self, data: bytes, step: int = 100_000) -> None:
        for start in range(0, len(data), step):
            self.chat.receive(data[start : start + step], self.now)
            self.written += self.chat.to_send()
            self.events += self.chat.events()

    @property
    def over(self) -> bool:
        return any(isinstance(event, Done) for event in self.events)

    def wait(self, most: float = 100) -> float:
        """Let time pass until it is over or something is written; how long that took."""
        start, written = self.now, len(self.written)
        while not self.over and len(self.written) == written and self.now - start < most:
            assert self.chat.deadline is not None
            self.now = self.chat.deadline
            self.chat.tick(self.now)
            self.written += self.chat.to_send()
            self.events += self.chat.events()
        return self.now - start

    @property
    def closes(self) -> bool:
        """Whether the connection was closed by us."""
        return self.written == b"AT+HTTPACTION=0\rAT+HTTPCLOSE\r"

    def body(self) -> bytes:
        assert self.over
        assert self.reader.answer is not None
        assert self.reader.answer.whole
        return self.reader.answer.body

    def reported(self) -> list[Report]:
        return [event.report for event in self.events if isinstance(event, Reported)]

    def unknown(self) -> list[str]:
        return [event.line for event in self.events if isinstance(event, Unknown)]


def cases(*forms: str) -> list[object]:
    found = []
    for form, (poured, pour), (name, body) in itertools.product(
        forms, POURED.items(), BODIES.items()
    ):
        make = FORMS[form]
        if form == "until closed" and ("nasty" in name or "header" in name):
            continue  # see below what can be told then
        if poured == "header_on_each" and name == "with a header":
            continue  # nothing can tell which of the headers are the modem's
        found.append(pytest.param(make(body), pour, body, id=f"{form}, {poured}, {name}"))
    return found


@pytest.mark.parametrize(("answer", "pour", "body"), cases(*FORMS))
@pytest.mark.parametrize("step", [1, 7, 64, 100_000])
def test_the_body_is_what_the_server_sent(answer, pour, body, step) -> None:
    dialogue = Dialogue()
    dialogue.hear(pour(answer) + CLOSED, step)
    assert dialogue.wait() <= 2
    assert dialogue.body() == body
    assert not dialogue.closes
    assert dialogue.chat.idle
    assert dialogue.reported() == [Closed("HTTP Link Closed")]
    assert dialogue.unknown() == []


@pytest.mark.parametrize(("answer", "pour", "body"), cases("length", "chunked"))
def test_a_connection_that_the_server_keeps_is_closed(answer, pour, body) -> None:
    dialogue = Dialogue()
    dialogue.hear(pour(answer), 64)
    assert dialogue.wait() <= 2.1
    assert dialogue.closes
    dialogue.hear(b'AT+HTTPCLOSE\r\r\nOK\r\n\r\n+CMTI: "SM",1\r\n', 1)
    assert dialogue.body() == body
    assert dialogue.chat.idle
    assert dialogue.reported() == [Waiting("SM", 1)]
    assert dialogue.unknown() == []
    assert dialogue.reader.closed


@pytest.mark.parametrize("pour", [as_one, as_one_with_blank])
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_without_a_length_only_the_last_end_counts(pour, step) -> None:
    body = b'a\r\nOK\r\n\r\n+HTTPCLOSED: HTTP Link Closed\r\nb\r\n+CMTI: "SM",1\r\nc'
    dialogue = Dialogue()
    dialogue.hear(pour(until_closed(body)) + CLOSED + b'\r\n+CMTI: "SM",2\r\n', step)
    assert dialogue.wait() == 2
    assert dialogue.body() == body
    # The one in the body may be the modem's: who looks finds nothing, and no harm is done.
    assert dialogue.reported() == [Waiting("SM", 1), Closed("HTTP Link Closed"), Waiting("SM", 2)]


def test_an_end_in_the_body_of_a_slow_server_is_waited_out() -> None:
    body = b"a\r\n+HTTPCLOSED: HTTP Link Closed\r\nb"
    dialogue = Dialogue()
    answer = as_one(with_length(body))
    dialogue.hear(answer[:-1])
    assert dialogue.chat.deadline == 2
    dialogue.now = 1.9
    dialogue.hear(answer[-1:] + CLOSED)
    assert dialogue.body() == body


@pytest.mark.parametrize("form", [with_length, chunked])
@pytest.mark.parametrize("pour", [as_one, header_on_each])
def test_a_report_that_slips_into_the_body_is_taken_out(form, pour) -> None:
    body = bytes(range(256))
    poured = pour(form(body))
    middle = poured.index(bytes(range(100, 110))) + 5
    if pour is header_on_each:
        middle = poured.rindex(b"\r\n+HTTPRECV")
    report = b'\r\n+CMTI: "SM",7\r\n'
    dialogue = Dialogue()
    dialogue.hear(poured[:middle] + report + poured[middle:] + CLOSED, 5)
    dialogue.wait()
    assert dialogue.body() == body
    assert Waiting("SM", 7) in dialogue.reported()


@pytest.mark.parametrize("form", [with_length, chunked])
def test_a_header_in_the_body_among_others_is_no_reason_for_a_wrong_one(form) -> None:
    dialogue = Dialogue()
    dialogue.hear(header_on_each(form(BODIES["with a header"]), 300) + CLOSED)
    dialogue.wait()
    assert dialogue.over
    assert dialogue.reader.answer is None or not dialogue.reader.answer.whole


@pytest.mark.parametrize("name", sorted(set(BODIES) - {"with a header"}))
@pytest.mark.parametrize("form", [with_length, chunked])
def test_pieces_may_end_with_a_line_end_of_their_own(form, name) -> None:
    dialogue = Dialogue()
    dialogue.hear(header_on_each(form(BODIES[name]), end=b"\r\n") + CLOSED, 13)
    dialogue.wait()
    assert dialogue.body() == BODIES[name]


def test_an_answer_to_head_has_no_body() -> None:
    dialogue = Dialogue("HEAD")
    dialogue.hear(b"\r\n+HTTPRECV:\r\nHTTP/1.1 200 OK\r\nContent-Length: 13842\r\n\r\n" + CLOSED)
    assert dialogue.body() == b""
    assert dialogue.reader.answer is not None
    assert dialogue.reader.answer.header("content-length") == "13842"


# -- what goes wrong


def test_the_server_closes_early() -> None:
    dialogue = Dialogue()
    dialogue.hear(as_one(with_length(b"0123456789"))[:-5] + CLOSED, 3)
    assert dialogue.wait() == 2
    assert dialogue.over
    assert dialogue.reader.answer is not None
    assert not dialogue.reader.answer.whole
    assert dialogue.reader.answer.body == b"01234"
    assert dialogue.chat.idle


def test_the_server_closes_without_a_word() -> None:
    dialogue = Dialogue()
    dialogue.hear(CLOSED)
    assert dialogue.over
    assert dialogue.reader.answer is None
    assert dialogue.reported() == [Closed("HTTP Link Closed")]


def test_the_link_goes_away_without_a_word() -> None:
    dialogue = Dialogue()
    dialogue.hear(b"\r\nGPRS DISCONNECTION\r\n")
    assert dialogue.over
    assert dialogue.reader.gone
    assert dialogue.unknown() == ["GPRS DISCONNECTION"]


@pytest.mark.parametrize("link_first", [True, False])
def test_the_link_goes_away(link_first) -> None:
    dialogue = Dialogue()
    lost = b"\r\nGPRS DISCONNECTION\r\n"
    end = lost + CLOSED if link_first else CLOSED + lost
    dialogue.hear(as_one(until_closed(b"0123456789")) + end, 3)
    assert dialogue.wait() == 2
    assert dialogue.reader.gone
    assert not dialogue.reader.answer or not dialogue.reader.answer.whole
    assert Closed("HTTP Link Closed") in dialogue.reported()
    assert "GPRS DISCONNECTION" in dialogue.unknown()


def test_the_modem_restarts() -> None:
    dialogue = Dialogue()
    dialogue.hear(as_one(with_length(b"0123456789"))[:-5] + b"\r\nMODEM:STARTUP\r\n", 3)
    assert dialogue.wait() == 2
    assert dialogue.reader.gone
    assert dialogue.unknown() == ["MODEM:STARTUP"]


@pytest.mark.parametrize("received", [b"", as_one(with_length(b"0123456789"))[:-5]])
def test_nothing_more_comes(received) -> None:
    dialogue = Dialogue()
    dialogue.hear(received)
    assert dialogue.wait() == 60
    assert dialogue.closes
    dialogue.hear(b"\r\nOK\r\n" + NASTY)
    assert not dialogue.over  # an OK in the middle of a body proves nothing
    dialogue.wait()
    assert dialogue.over
    assert dialogue.reader.late
    assert not dialogue.chat.idle  # whether the modem is in step is asked first
    assert dialogue.reported() == [Waiting("SM", 3)]


def test_it_is_cut_at_the_most() -> None:
    dialogue = Dialogue(most=1000)
    dialogue.hear(as_one(with_length(b"x" * 5000))[:2000])
    assert dialogue.closes
    dialogue.hear(b"x" * 1000 + b'\r\n+CMTI: "SM",7\r\n' + b"x" * 2000)
    dialogue.hear(b'\r\n+CMTI: "SM",8\r\n\r\nOK\r\n' + CLOSED)
    dialogue.wait()
    assert dialogue.over
    assert dialogue.reader.cut
    assert dialogue.reader.answer is not None
    assert dialogue.reader.answer.body[:1000] == b"x" * 1000
    found = [Waiting("SM", 7), Waiting("SM", 8), Closed("HTTP Link Closed")]
    assert dialogue.reported() == found


@pytest.mark.parametrize("garbage", [b"220 ftp.example.com\r\n", bytes(range(256)), NASTY])
def test_what_is_no_http_has_an_end_all_the_same(garbage) -> None:
    dialogue = Dialogue()
    dialogue.hear(as_one(garbage) + CLOSED, 5)
    assert dialogue.wait() == 2
    assert dialogue.over
    assert dialogue.reader.answer is None
    assert dialogue.chat.idle


def test_more_than_the_length_says_is_no_part_of_the_body() -> None:
    dialogue = Dialogue()
    dialogue.hear(as_one(with_length(b"0123456789") + b"more") + CLOSED)
    dialogue.wait()
    assert dialogue.body() == b"0123456789"


TOKENS = st.sampled_from(
    [
        b"\r\n",
        b"\n",
        b"OK\r\n",
        b"\r\nERROR\r\n",
        b'\r\n+CMTI: "SM",3\r\n',
        CLOSED,
        b"+HTTPCLOSED: HTTP Link Closed\r\n",
        b"\r\n+HTTPRECV:\r\n",
        b"+HTTPRECV:",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"0\r\n\r\n",
        b"AT+HTTPCLOSE\r",
        b"\r\nMODEM:STARTUP\r\n",
        b"\r\nGPRS DISCONNECTION\r\n",
        b"\x00\xff>",
    ]
)
BODY = st.lists(TOKENS | st.binary(max_size=5), max_size=12).map(b"".join)


@given(BODY, st.sampled_from([with_length, chunked]), st.integers(1, 300))
def test_any_body_of_known_length_is_what_the_server_sent(body, form, step) -> None:
    dialogue = Dialogue()
    dialogue.hear(as_one(form(body)) + CLOSED, step)
    dialogue.wait()
    if dialogue.closes and not dialogue.over:  # it ended like a connection that is closed
        dialogue.hear(b"\r\nOK\r\n")
    assert dialogue.body() == body
    assert dialogue.chat.idle


@given(st.binary(max_size=200) | BODY, st.integers(1, 300))
def test_whatever_comes_it_is_over_at_last(noise, step) -> None:
    dialogue = Dialogue()
    dialogue.hear(as_one(noise), step)
    for _ in range(3):
        dialogue.wait()
    assert dialogue.over

"""What is asked of a server, how the modem is told, and how parts become a whole."""

from dataclasses import replace
from typing import Any

import pytest

from n11bridge.capabilities.http import wire
from n11bridge.capabilities.http.answer import Answer
from n11bridge.capabilities.http.asking import Asked, Place, Told, told
from n11bridge.capabilities.http.segments import TRIES, Segments
from n11bridge.capability import RequestError

HERE = Place.of("http://example.com/a?b=c")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://Example.COM", Place(False, "example.com", 80, "/")),
        ("https://example.com/a b?c=ü#d", Place(True, "example.com", 443, "/a%20b?c=%C3%BC")),
        ("http://10.0.0.1:8080?x=%2F", Place(False, "10.0.0.1", 8080, "/?x=%2F")),
        ("https://bücher.example/", Place(True, "xn--bcher-kva.example", 443, "/")),
        (' http://a/"x" ', Place(False, "a", 80, "/%22x%22")),
    ],
)
def test_a_url_is_taken_apart(url: str, place: Place) -> None:
    assert Place.of(url) == place
    assert Place.of(place.url) == place


@pytest.mark.parametrize(
    "url",
    ["", "example.com", "ftp://a/", "http:///x", "http://a:0x/", "http://[::1]/", "http://u:p@a/",
     "http://a b/", "http://" + "a" * 300 + "/", "http://a\r\nb/"],
)  # fmt: skip
def test_what_is_no_url_for_the_modem(url: str) -> None:
    with pytest.raises(RequestError, match="url"):
        Place.of(url)


FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Asked("GET", HERE), Told("example.com/a?b=c", wire.GET)),
        (Asked("HEAD", HERE), Told("example.com/a?b=c", wire.HEAD)),
        (Asked("POST", HERE, FORM, b"x=y"), Told("example.com/a?b=c", wire.POST, b"x=y", 0)),
        (
            Asked("POST", HERE, {"Content-Type": "Application/JSON"}, b"{}"),
            Told("example.com/a?b=c", wire.POST, b"{}", 2),
        ),
        (
            Asked("GET", Place.of("http://example.com/a,b")),
            Told(
                "example.com/",
                wire.CUSTOM,
                b"GET /a,b HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n",
            ),
        ),
        (
            Asked("PUT", Place.of("http://example.com:81/a"), {"X": "y"}, b"\r\n\r\n"),
            Told(
                "example.com/",
                wire.CUSTOM,
                b"PUT /a HTTP/1.1\r\nHost: example.com:81\r\nConnection: close\r\n"
                b"X: y\r\nContent-Length: 4\r\n\r\n\r\n\r\n",
            ),
        ),
        (
            Asked("GET", HERE, {"host": "other", "connection": "keep-alive"}),
            Told(
                "example.com/",
                wire.CUSTOM,
                b"GET /a?b=c HTTP/1.1\r\nhost: other\r\nconnection: keep-alive\r\n\r\n",
            ),
        ),
    ],
    ids=lambda value: value.method if isinstance(value, Asked) else "",
)
def test_the_modem_is_told_by_number_where_that_says_all(asked: Asked, expected: Told) -> None:
    assert told(asked) == expected


def test_a_url_that_is_too_long_for_the_modem_is_said_word_by_word() -> None:
    def mode(length: int) -> int:
        return told(Asked("GET", Place.of("http://a/" + "x" * (length - 2)))).mode

    assert (mode(wire.LONGEST_URL), mode(wire.LONGEST_URL + 1)) == (wire.GET, wire.CUSTOM)


@pytest.mark.parametrize(
    "asked",
    [
        Asked("POST", HERE, {}, b"x" * wire.MOST_SENT),
        Asked("GET", HERE, {"X": "y" * wire.MOST_SENT}),
        Asked("POST", HERE, FORM, b"x" * (wire.MOST_SENT + 1)),
    ],
)
def test_what_is_longer_than_the_modem_takes(asked: Asked) -> None:
    with pytest.raises(RequestError, match="the modem takes 2048"):
        told(asked)


@pytest.mark.parametrize(
    "headers",
    [{"X": "a\r\nY: b"}, {"X y": "a"}, {"Transfer-Encoding": "chunked"}, {"X": "ü\u20ac"}],
)
def test_headers_that_are_none(headers: dict[str, str]) -> None:
    with pytest.raises(RequestError, match="headers"):
        told(Asked("GET", HERE, headers))


@pytest.mark.parametrize(
    ("status", "method", "expected"),
    [
        (301, "GET", "GET"),
        (302, "POST", "GET"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (307, "POST", "POST"),
        (308, "PUT", "PUT"),
    ],
)
def test_a_redirect_keeps_the_method_or_makes_it_a_get(
    status: int, method: str, expected: str
) -> None:
    asked = Asked(method, HERE, {"Content-Type": "text/plain", "X": "y"}, b"x")
    after = asked.redirected(status, "../z")
    assert (after.method, after.place.url) == (expected, "http://example.com/z")
    kept = expected == method and method in ("POST", "PUT")
    assert after.body == (b"x" if kept else None if status == 303 or method == "POST" else b"x")
    assert after.headers["X"] == "y"


def test_credentials_do_not_go_elsewhere() -> None:
    asked = Asked("GET", HERE, {"Authorization": "secret"})
    assert asked.redirected(302, "/x").headers == {"Authorization": "secret"}
    assert asked.redirected(302, "http://evil.example/").headers == {}
    assert asked.redirected(302, "https://example.com/").headers == {}


# -- parts

BODY = bytes(range(250))


def part(start: int, end: int, total: int = len(BODY), **more: Any) -> Answer:
    headers = [
        ("content-range", f"bytes {start}-{end - 1}/{total}"),
        ("content-length", str(end - start)),
        ("etag", '"1"'),
    ]
    answer = Answer(206, "Partial Content", headers, BODY[start:end], True, True, b"")
    return replace(answer, **more)


def segments(most: int = 1000) -> Segments:
    return Segments(Asked("GET", HERE), 100, most)


def ranges(asked: Asked | None) -> tuple[str | None, str | None]:
    assert asked is not None
    return asked.headers.get("Range"), asked.headers.get("If-Range")


def test_parts_make_a_whole() -> None:
    parts = segments()
    assert ranges(parts.next()) == ("bytes=0-99", None)
    parts.take(part(0, 100))
    assert ranges(parts.next()) == ("bytes=100-199", '"1"')
    parts.take(part(100, 200))
    parts.take(part(200, 250))
    assert parts.next() is None
    whole = parts.answer()
    assert (whole.status, whole.reason, whole.whole, whole.body) == (200, "OK", True, BODY)
    assert whole.header("content-length") == "250"
    assert whole.header("content-range") is None


def test_what_broke_off_is_gone_on_with() -> None:
    parts = segments()
    parts.take(part(0, 100, body=BODY[:30], whole=False))
    assert ranges(parts.next())[0] == "bytes=30-129"
    for _ in range(TRIES - 1):
        assert parts.fail(RequestError("timeout", "nothing came", retryable=True))
    assert not parts.fail(RequestError("timeout", "nothing came", retryable=True))


def test_the_first_part_that_fails_is_a_failure() -> None:
    assert not segments().fail(RequestError("timeout", "nothing came", retryable=True))


def test_a_server_that_knows_no_parts() -> None:
    parts = segments()
    parts.take(Answer(200, "OK", [], BODY, True, True, b""))
    assert parts.next() is None
    assert parts.answer().body == BODY


def test_a_body_that_has_changed_is_taken_anew() -> None:
    parts = segments()
    parts.take(part(0, 100))
    parts.take(Answer(200, "OK", [], b"new", True, True, b""))
    assert parts.next() is None
    assert parts.answer().body == b"new"


def test_an_empty_body_has_no_parts() -> None:
    parts = segments()
    parts.take(Answer(416, "Range Not Satisfiable", [], b"", True, True, b""))
    asked = parts.next()
    assert ranges(asked) == (None, None)
    parts.take(Answer(200, "OK", [], b"", True, True, b""))
    assert parts.next() is None


def test_no_more_parts_than_are_wanted() -> None:
    parts = segments(most=150)
    parts.take(part(0, 100))
    parts.take(part(100, 200))
    assert parts.next() is None
    assert not parts.answer().whole


def test_a_server_that_never_comes_to_the_end() -> None:
    parts, nothing = segments(), part(0, 100, body=b"", whole=False)
    for _ in range(TRIES - 1):
        parts.take(nothing)
    with pytest.raises(RequestError, match="broke"):
        parts.take(nothing)

"""Web servers that nobody here wrote, asked through the modem."""

import base64
import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from .conftest import NewHouse
from .house import House
from .processes import free_port
from .servers import Nginx, PythonServer

pytestmark = pytest.mark.slow

HELLO = "hello through the modem\n"
MEGABYTE = random.Random(17).randbytes(1 << 20)
NASTY = (
    b'a\r\nOK\r\n\r\nERROR\r\n\r\n+CMTI: "SM",3\r\n\r\n+HTTPCLOSED: HTTP Link Closed\r\n'
    b"\r\n+HTTPRECV:\r\n\r\nMODEM:STARTUP\r\n\r\n+PBREADY\r\n> \x00\xff\r\nGPRS DISCONNECTION\r\n"
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("root")
    (root / "hello.txt").write_text(HELLO)
    (root / "empty.txt").write_text("")
    (root / "large.bin").write_bytes(MEGABYTE)
    (root / "nasty.bin").write_bytes(NASTY)
    return root


@pytest.fixture(scope="module")
def python(root: Path) -> Iterator[PythonServer]:
    server = PythonServer(root)
    server.start()
    yield server
    server.clean_up()


@pytest.fixture(scope="module")
def shared_house(new_shared_house: NewHouse) -> House:
    return new_shared_house().open()


def fetch(house: House, url: str, **parameters: Any) -> dict[str, Any]:
    """The data of a good answer."""
    response = house.ask("http/request", url=url, **parameters)
    assert response["status"] == "ok", response
    data: dict[str, Any] = response["data"]
    return data


def refused(house: House, url: str, **parameters: Any) -> dict[str, Any]:
    """The error of a bad one."""
    response = house.ask("http/request", url=url, **parameters)
    assert response["status"] == "error", response
    error: dict[str, Any] = response["error"]
    return error


def body(data: dict[str, Any]) -> bytes:
    return base64.b64decode(data["data"])


def nothing_open(house: House) -> bool:
    return house.modem.do("data")["open"] == []


def test_a_page(house: House, nginx: Nginx, python: PythonServer) -> None:
    for port in (nginx.port, python.port):
        data = fetch(house, f"http://127.0.0.1:{port}/hello.txt")
        assert (data["status"], data["reason"]) == (200, "OK")
        assert data["text"] == HELLO
        assert data["headers"]["content-type"].startswith("text/plain")
        assert data["length"] == len(HELLO)
        assert not data["truncated"]
    assert nothing_open(house)


def test_what_a_server_has_not(house: House, nginx: Nginx) -> None:
    assert fetch(house, f"http://localhost:{nginx.port}/missing")["status"] == 404


def test_an_empty_body_and_the_head_alone(house: House, nginx: Nginx, python: PythonServer) -> None:
    for port in (nginx.port, python.port):
        assert fetch(house, f"http://127.0.0.1:{port}/empty.txt")["text"] == ""
        data = fetch(house, f"http://127.0.0.1:{port}/large.bin", method="HEAD")
        assert (data["length"], data["headers"]["content-length"]) == (0, str(len(MEGABYTE)))


def test_every_method_arrives_as_it_was_asked(house: House, nginx: Nginx) -> None:
    url = f"http://127.0.0.1:{nginx.port}/echo"
    json_ = {"Content-Type": "application/json"}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"headers": {"X-Kind": "mine"}}, "GET   mine"),
        ({"method": "POST", "text": "{}", "headers": json_}, "POST application/json 2 "),
        ({"method": "POST", "text": "a=b&c=d"}, "POST text/plain; charset=utf-8 7 "),
        ({"method": "POST", "hex": "00ff"}, "POST application/octet-stream 2 "),
        (
            {"method": "PUT", "text": "x", "headers": {"X-Kind": "y"}},
            "PUT text/plain; charset=utf-8 1 y",
        ),
        ({"method": "DELETE"}, "DELETE   "),
    ]
    for parameters, expected in cases:
        assert fetch(house, url, **parameters)["text"] == expected


def test_a_body_that_looks_like_the_modem(house: House, nginx: Nginx, python: PythonServer) -> None:
    for port in (nginx.port, python.port):
        assert body(fetch(house, f"http://127.0.0.1:{port}/nasty.bin")) == NASTY
    assert house.state("modem")["restarts"] == 0


def test_a_chunked_body(house: House, nginx: Nginx) -> None:
    data = fetch(house, f"http://127.0.0.1:{nginx.port}/chunked/nasty.bin", headers={"A": "b"})
    assert data["headers"]["transfer-encoding"] == "chunked"
    assert body(data) == NASTY


@pytest.mark.parametrize("segment", [None, 200_000])
def test_a_megabyte(house: House, nginx: Nginx, python: PythonServer, segment: int | None) -> None:
    more = {"segment": segment} if segment else {}
    for port in (nginx.port, python.port):
        data = fetch(house, f"http://127.0.0.1:{port}/large.bin", **more)
        assert data["status"] == 200
        assert data["length"] == len(MEGABYTE)
        assert hashlib.sha256(body(data)).digest() == hashlib.sha256(MEGABYTE).digest()
        assert not data["truncated"]
    assert nothing_open(house)


def test_no_more_than_was_asked_for(house: House, nginx: Nginx) -> None:
    for more in ({}, {"segment": 4096}):
        data = fetch(house, f"http://127.0.0.1:{nginx.port}/large.bin", max_length=10_000, **more)
        assert body(data) == MEGABYTE[:10_000]
        assert data["truncated"]
        assert nothing_open(house)
        assert fetch(house, f"http://127.0.0.1:{nginx.port}/hello.txt")["text"] == HELLO


def test_redirects_are_followed_on_request_only(house: House, nginx: Nginx) -> None:
    url = f"http://127.0.0.1:{nginx.port}/moved"
    data = fetch(house, url)
    assert (data["status"], data["url"]) == (302, url)
    data = fetch(house, url, redirects=1)
    assert (data["status"], data["text"]) == (200, HELLO)
    assert data["url"] == f"http://127.0.0.1:{nginx.port}/hello.txt"
    for path, status in (("round", 307), ("elsewhere", 302)):
        data = fetch(house, f"http://127.0.0.1:{nginx.port}/{path}", redirects=2)
        assert data["status"] == status


def test_https_with_certificates(house: House, nginx: Nginx, authority: trustme.CA) -> None:
    url = f"https://localhost:{nginx.secure}"
    assert fetch(house, f"{url}/hello.txt")["text"] == HELLO  # nobody is verified
    for name, ca in (("good.pem", authority), ("bad.pem", trustme.CA())):
        pem = ca.cert_pem.bytes().decode()
        assert house.ask("certificates/add", name=name, text=pem)["status"] == "ok"
    good, bad = {"ca": "good.pem"}, {"ca": "bad.pem"}
    assert fetch(house, f"{url}/hello.txt", certificates=good)["text"] == HELLO
    data = fetch(house, f"{url}/large.bin", certificates=good)
    assert body(data) == MEGABYTE
    error = refused(house, f"{url}/hello.txt", certificates=bad)
    assert error["code"] == "modem_error"
    assert "certificate is not trusted" in error["message"]
    assert nothing_open(house)
    error = refused(house, f"{url}/hello.txt", certificates={"ca": "missing.pem"})
    assert error["code"] == "modem_error"


def test_what_cannot_be_reached(house: House, nginx: Nginx) -> None:
    error = refused(house, "http://nowhere.example.com/")
    assert error["code"] == "modem_error"
    assert "nowhere.example.com could not be resolved" in error["message"]
    error = refused(house, f"http://127.0.0.1:{free_port()}/")
    assert error["code"] == "modem_error"
    assert "refuses" in error["message"]
    error = refused(house, f"http://127.0.0.1:{nginx.port}/early")
    assert error["code"] == "modem_error"
    assert "closed the connection" in error["message"]
    assert nothing_open(house)
    assert fetch(house, f"http://127.0.0.1:{nginx.port}/hello.txt")["text"] == HELLO


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"url": "ftp://a/"}, "url"),
        ({"url": "http://"}, "url"),
        ({"url": "http://a:b@c/"}, "Authorization"),
        ({"url": "http://a:99999/"}, "url"),
        ({"url": "http://a/", "method": "BREW"}, "method"),
        ({"url": "http://a/", "headers": {"A": "b\r\nC: d"}}, "headers"),
        ({"url": "http://a/", "headers": {"Content-Length": "1"}, "method": "POST"}, "headers"),
        ({"url": "http://a/", "text": "x"}, "GET"),
        ({"url": "http://a/", "headers": {"range": "bytes=0-1"}, "segment": 4096}, "Range"),
        ({"url": "http://a/", "method": "POST", "text": "x" * 3000}, "2048"),
        ({"url": "http://a/", "certificates": {"key": "k.pem"}}, "certificates"),
        ({}, "url"),
    ],
)
def test_what_makes_no_sense_is_refused(
    house: House, parameters: dict[str, Any], named: str
) -> None:
    response = house.ask("http/request", **parameters)
    assert response["error"]["code"] == "invalid_request", json.dumps(response)
    assert named in response["error"]["message"]

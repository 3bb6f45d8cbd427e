"""An FTP server that nobody here wrote, reached through the modem."""

import base64
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import NewHouse
from .house import House
from .processes import free_port
from .servers import FtpServer

pytestmark = pytest.mark.slow

LARGE = random.Random(15).randbytes(50_001)
NASTY = (
    b'a\r\nOK\r\n\r\nERROR\r\n\r\n+CMTI: "SM",3\r\n\r\n+FTPBUFFSTAT: 1\r\n'
    b"\r\n+FTPGET:3,abc\r\n+FTP:Server Control Link Disconnect\r\n"
    b"MODEM:STARTUP\r\n> \x1a\x1b\x00\xff"
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("root")


@pytest.fixture
def server(root: Path) -> Iterator[FtpServer]:
    server = FtpServer(root)
    server.start()
    yield server
    server.clean_up()


@pytest.fixture(scope="module")
def shared_house(new_shared_house: NewHouse) -> House:
    return new_shared_house().open()


def good(house: House, name: str, **parameters: Any) -> dict[str, Any]:
    response = house.ask(f"ftp/{name}", **parameters)
    assert response["status"] == "ok", response
    data: dict[str, Any] = response["data"]
    return data


def bad(house: House, name: str, **parameters: Any) -> dict[str, Any]:
    response = house.ask(f"ftp/{name}", **parameters)
    assert response["status"] == "error", response
    error: dict[str, Any] = response["error"]
    return error


def login(house: House, server: FtpServer, host: str = "localhost") -> None:
    data = good(house, "login", host=host, port=server.port, user="n11", password="secret")
    assert data == {"login": True, "host": host, "port": server.port}


def encoded(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def nothing_open(house: House) -> bool:
    return house.modem.do("data")["open"] == []


def test_files_there_and_back(house: House, server: FtpServer, root: Path) -> None:
    mark = house.heard.mark()
    login(house, server)
    house.wait_state("ftp", mark, login=True, host="localhost", port=server.port)
    for name, octets in (("nasty.bin", NASTY), ("large.bin", LARGE), ("two.bin", b"\r\n")):
        mark = house.heard.mark()
        assert good(house, "put", path=name, data=encoded(octets))["length"] == len(octets)
        assert (root / name).read_bytes() == octets
        data = good(house, "get", path=name)
        assert base64.b64decode(data["data"]) == octets
        assert (data["size"], data["offset"], data["length"]) == (len(octets), 0, len(octets))
        told = house.events("ftp/progress", mark)
        for direction in ("put", "get"):
            steps = [event["done"] for event in told if event["direction"] == direction]
            assert steps[-1] == len(octets)
            assert steps == sorted(set(steps))
    good(house, "put", path="two.bin", text="more", append=True)
    assert (root / "two.bin").read_bytes() == b"\r\nmore"
    good(house, "put", path="two.bin", text="anew")
    assert (root / "two.bin").read_bytes() == b"anew"
    good(house, "delete", path="two.bin")
    assert not (root / "two.bin").exists()
    mark = house.heard.mark()
    good(house, "logout")
    house.wait_state("ftp", mark, login=False, host=None, port=None)
    assert nothing_open(house)


def test_what_is_there_is_listed(house: House, server: FtpServer, root: Path) -> None:
    (root / "some folder").mkdir()
    (root / "some folder" / "a file.txt").write_text("hello")
    login(house, server)
    names = {entry["name"]: entry for entry in good(house, "list")["entries"]}
    assert names["some folder"] == {"name": "some folder", "size": None, "directory": True}
    data = good(house, "list", path="some folder")
    assert data["entries"] == [{"name": "a file.txt", "size": 5, "directory": False}]
    assert "a file.txt" in data["text"]
    assert good(house, "get", path="some folder/a file.txt")["text"] == "hello"
    good(house, "logout")


def test_parts_of_a_file(house: House, server: FtpServer, root: Path) -> None:
    (root / "large.bin").write_bytes(LARGE)
    login(house, server)
    for offset, length in ((0, 10), (1, 20480), (49_990, 50), (20_480, 20_481)):
        data = good(house, "get", path="large.bin", offset=offset, length=length)
        assert base64.b64decode(data["data"]) == LARGE[offset : offset + length]
    data = good(house, "get", path="large.bin", offset=len(LARGE))
    assert (data["length"], data["data"]) == (0, "")
    assert "offset" in bad(house, "get", path="large.bin", offset=len(LARGE) + 1)["message"]
    (root / "empty.txt").write_text("")
    assert good(house, "get", path="empty.txt")["text"] == ""
    good(house, "logout")


def test_a_file_that_is_too_large_for_one_answer(
    house: House, server: FtpServer, root: Path
) -> None:
    (root / "huge.bin").write_bytes(bytes((1 << 20) + 1))
    login(house, server)
    error = bad(house, "get", path="huge.bin")
    assert error["code"] == "invalid_request"
    assert "offset and length" in error["message"]
    data = good(house, "get", path="huge.bin", offset=1 << 20)
    assert data["data"] == "AA=="
    good(house, "logout")


def test_who_is_not_let_in(house: House, server: FtpServer) -> None:
    for password, port, host, said in (
        ("wrong", server.port, "localhost", "530"),
        ("secret", free_port(), "127.0.0.1", "not logged in"),
        ("secret", server.port, "nowhere.example.com", "could not be resolved"),
    ):
        error = bad(house, "login", host=host, port=port, user="n11", password=password)
        assert error["code"] == "modem_error"
        assert said in error["message"]
        assert "wrong" not in error["message"]
        assert nothing_open(house)
    for name in ("list", "get", "delete"):
        error = bad(house, name, path="x")
        assert (error["code"], "ftp/login" in error["message"]) == ("unavailable", True)


def test_what_is_not_there(house: House, server: FtpServer) -> None:
    login(house, server)
    for name in ("get", "delete"):
        assert bad(house, name, path="missing.txt")["code"] in ("modem_error", "invalid_request")
    good(house, "logout")


def test_the_server_goes_away(house: House, server: FtpServer) -> None:
    login(house, server)
    mark = house.heard.mark()
    server.stop()
    house.wait_state("ftp", mark, login=False)
    assert "ftp/login" in bad(house, "list")["message"]
    assert nothing_open(house)


def test_a_killed_bridge_leaves_no_login(new_house: NewHouse, server: FtpServer) -> None:
    house = new_house().open()
    login(house, server)
    assert not nothing_open(house)
    house.reopen()
    house.wait_state("ftp", login=False)
    assert nothing_open(house)


@pytest.mark.parametrize(
    ("name", "parameters", "named"),
    [
        ("login", {"host": "a", "user": "u,v", "password": "p"}, "user"),
        ("login", {"host": "a", "user": "u", "password": 'p"'}, "password"),
        ("login", {"host": "a b", "user": "u", "password": "p"}, "host"),
        ("login", {"host": "a", "port": 0, "user": "u", "password": "p"}, "port"),
        ("get", {"path": "a,b"}, "path"),
        ("get", {"path": "a\rb"}, "path"),
        ("get", {"path": "a", "length": 1 << 21}, "length"),
        ("put", {"path": "a"}, "text"),
        ("put", {"path": "a", "text": "x"}, "2"),
        ("delete", {}, "path"),
    ],
)
def test_what_makes_no_sense_is_refused(
    house: House, name: str, parameters: dict[str, Any], named: str
) -> None:
    error = bad(house, name, **parameters)
    assert error["code"] == "invalid_request"
    assert named in error["message"]

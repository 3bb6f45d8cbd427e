"""Names and hosts asked for through the modem; and what excludes what on the data side."""

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import NewHouse
from .house import House
from .journal import PATIENCE
from .processes import free_port
from .servers import FtpServer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shared_house(new_shared_house: NewHouse) -> House:
    house = new_shared_house().open()
    house.modem.do(
        "peers",
        names={"known.example.com": "10.1.2.3"},
        pings={"10.1.2.3": [100, 200, None, 300, 200], "10.9.9.9": [None] * 5},
    )
    return house


def error(house: House, name: str, **parameters: Any) -> dict[str, Any]:
    response = house.ask(name, **parameters)
    assert response["status"] == "error", response
    found: dict[str, Any] = response["error"]
    return found


def test_names(house: House) -> None:
    data = house.ask("diagnosis/resolve", host="known.example.com")["data"]
    assert data == {"host": "known.example.com", "addresses": ["10.1.2.3"]}
    unknown = error(house, "diagnosis/resolve", host="nowhere.example.com")
    assert unknown["code"] == "modem_error"
    assert "nowhere.example.com could not be resolved" in unknown["message"]
    assert error(house, "diagnosis/resolve", host="a b")["code"] == "invalid_request"


def test_pings(house: House) -> None:
    data = house.ask("diagnosis/ping", host="known.example.com")["data"]
    assert data == {
        "host": "known.example.com",
        "address": "10.1.2.3",
        "sent": 5,
        "received": 4,
        "lost": 1,
        "least": 0.1,
        "average": 0.2,
        "most": 0.3,
    }
    data = house.ask("diagnosis/ping", host="10.9.9.9")["data"]
    assert (data["received"], data["lost"], data["average"]) == (0, 5, None)
    assert error(house, "diagnosis/ping", host="nowhere.example.com")["code"] == "modem_error"
    assert house.events("at/unknown") == []


def test_servers_that_resolve_names(house: House) -> None:
    before = house.ask("diagnosis/dns_servers")["data"]["servers"]
    assert before
    for servers in (["9.9.9.9"], ["9.9.9.9", "149.112.112.112"]):
        data = house.ask("diagnosis/dns_servers", servers=servers)["data"]
        assert data["servers"][: len(servers)] == servers
    for servers in ([], ["a"], ["9.9.9.999"], ["1.1.1.1"] * 3, "9.9.9.9"):
        wrong = error(house, "diagnosis/dns_servers", servers=servers)
        assert (wrong["code"], "servers" in wrong["message"]) == ("invalid_request", True)


def test_a_request_with_a_ttl_waits_for_the_modem(new_house: NewHouse) -> None:
    house = new_house().open()
    house.lose_network()
    lost = error(house, "diagnosis/resolve", host="localhost")
    assert (lost["code"], lost["retryable"]) == ("unavailable", True)
    assert error(house, "diagnosis/resolve", host="localhost", ttl=0.2)["code"] == "expired"
    mark = house.heard.mark()
    house.publish("diagnosis/resolve", {"id": "patient", "host": "localhost", "ttl": 60})
    house.modem.do("network", stat=1)
    data = house.response("diagnosis/resolve", mark, id="patient")["data"]
    assert data["addresses"] == ["127.0.0.1"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FtpServer]:
    server = FtpServer(tmp_path)
    server.start()
    yield server
    server.clean_up()


def test_ftp_and_sockets_exclude_each_other(new_house: NewHouse, server: FtpServer) -> None:
    """Manual 15.1; whoever comes second is told of who was first."""
    port = free_port()
    listen = {"listen": f"127.0.0.1:{port}", "to": f"127.0.0.1:{server.port}", "wait": 1}
    house = new_house(forwards=[listen]).open()
    login = {"host": "localhost", "port": server.port, "user": "n11", "password": "secret"}
    with socket.create_connection(("127.0.0.1", port), 20) as client:
        assert client.recv(3) == b"220"  # the server's greeting, through a socket of the modem
        busy = error(house, "ftp/login", **login)
        assert busy["code"] == "unavailable"
        assert "forwards" in busy["message"]
    by = time.monotonic() + PATIENCE
    while house.ask("ftp/login", **login)["status"] != "ok":  # until the socket is closed
        assert time.monotonic() < by
    with socket.create_connection(("127.0.0.1", port), 20) as client:
        client.settimeout(30)
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(3) == b""
    assert house.ask("ftp/list")["status"] == "ok"
    assert house.ask("ftp/logout")["status"] == "ok"
    with socket.create_connection(("127.0.0.1", port), 20) as client:
        assert client.recv(3) == b"220"

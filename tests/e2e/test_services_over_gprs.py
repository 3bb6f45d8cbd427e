"""Time and place, which servers far away know: asked over the data link."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .conftest import NewHouse
from .house import House
from .test_services import bad, good

pytestmark = pytest.mark.slow

SERVER = "time.windows.com"


@pytest.fixture(scope="module", params=["default", "contrary"])
def shared_house(request: pytest.FixtureRequest, new_shared_house: NewHouse) -> House:
    return new_shared_house("--style", request.param).open()


@pytest.fixture(scope="module")
def time_server() -> Iterator[int]:
    """A server whose clock is a day ahead; it answers on this UDP port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        done = threading.Event()
        sock.settimeout(0.2)

        def serve() -> None:
            while not done.is_set():
                try:
                    query, client = sock.recvfrom(512)
                except TimeoutError:
                    continue
                ahead = datetime.now(UTC) + timedelta(days=1)
                since = ahead - datetime(1900, 1, 1, tzinfo=UTC)
                seconds = int(since.total_seconds()).to_bytes(4, "big")
                sock.sendto(b"\x1c" + bytes(39) + seconds + bytes(4), client)
                assert len(query) == 48

        server = threading.Thread(target=serve)
        server.start()
        yield sock.getsockname()[1]
        done.set()
        server.join()


def test_the_clock_is_read_and_set(house: House):
    read = good(house, "clock/read")
    assert abs(read["drift"]) <= 2
    ahead = (datetime.now(UTC) + timedelta(hours=5)).isoformat()
    data = good(house, "clock/set", time=ahead)
    assert data["source"] == "request"
    assert abs(data["drift"] - 5 * 3600) <= 2
    mark = house.heard.mark()
    assert abs(good(house, "clock/set")["drift"]) <= 2
    house.wait_state("clock", mark, source="request")


def test_the_clock_is_set_by_a_time_server(house: House, time_server: int):
    house.modem.do("peers", routes={f"{SERVER}:123": f"127.0.0.1:{time_server}"})
    data = good(house, "clock/synchronise")
    assert data["source"] == "server"
    assert abs(data["drift"] - 86400) <= 2
    assert data["synchronised"] is not None


def test_time_servers_that_are_no_help(house: House):
    house.modem.do("peers", routes={"silent.example:123": "127.0.0.1:9"}, names={})
    error = bad(house, "clock/synchronise", "modem_error", server="unknown.example")
    assert "Domain Name Invalid" in error["modem"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        house.modem.do("peers", routes={"silent.example:123": f"127.0.0.1:{port}"})
        error = bad(house, "clock/synchronise", "modem_error", server="silent.example", timeout=1)
        assert error["modem"] == "+UPDATETIME: Time Out"


def test_the_network_tells_the_time(house: House):
    assert good(house, "clock/network_time") == {"enabled": False}
    assert good(house, "clock/network_time", enabled=True) == {"enabled": True}
    mark = house.heard.mark()
    house.modem.do("nitz", time="2026-11-26T18:38:13+08:00")
    event = house.wait_event("clock/network_time", mark, network="2026-11-26T18:38:13+08:00")
    assert house.state("clock")["source"] == "network"
    assert isinstance(event["drift"], int)
    assert good(house, "clock/network_time", enabled=False) == {"enabled": False}


@pytest.mark.parametrize(
    ("name", "parameters", "word"),
    [
        ("clock/set", {"time": "noon"}, "time"),
        ("clock/set", {"time": "1999-01-01T00:00:00+00:00"}, "time"),
        ("clock/synchronise", {"server": "a b"}, "server"),
        ("clock/synchronise", {"timeout": 31}, "timeout"),
        ("clock/network_time", {"enabled": 1}, "enabled"),
        ("location/locate", {"where": "here"}, "where"),
    ],
)
def test_bad_requests(house: House, name: str, parameters: dict[str, Any], word: str):
    assert word in bad(house, name, "invalid_request", **parameters)["message"]


def test_location(house: House):
    house.modem.do("place", latitude=51.5, longitude=-0.12, accuracy=300.0)
    mark = house.heard.mark()
    data = good(house, "location/locate")
    assert (data["latitude"], data["longitude"], data["accuracy"]) == (51.5, -0.12, 300.0)
    house.wait_state("location", mark, latitude=51.5, time=data["time"])


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("DNS FAILED", "cannot be resolved"),
        ("LINK FAIL", "cannot be reached"),
        ("POST FAIL", "did not take"),
        ("FAIL", "invalid data"),
        ("LINK NOT FREE", "already"),
    ],
)
def test_why_it_cannot_be_located(house: House, word: str, reason: str):
    house.modem.do("place", failure=word)
    error = bad(house, "location/locate", "modem_error")
    assert error["modem"] == f"+CIPGSMLOC: {word}"
    assert reason in error["message"]


def test_no_position_is_none(house: House):
    house.modem.do("place", latitude=0.0, longitude=0.0)
    bad(house, "location/locate", "modem_error")


def test_without_the_data_link(house: House):
    line = "+CIPGSMLOC: GPRS DISCONNECTION"
    house.modem.do("fault", kind="error", command="+CIPGSMLOC", line=line)
    error = bad(house, "location/locate", "unavailable")
    assert (error["modem"], error["retryable"]) == (line, True)


def test_the_last_position_outlives_a_restart(new_house: NewHouse):
    house = new_house().open()
    house.modem.do("place", latitude=48.1, longitude=11.6)
    good(house, "location/locate")
    mark = house.heard.mark()
    house.reopen()
    house.wait_state("location", mark, latitude=48.1, longitude=11.6)

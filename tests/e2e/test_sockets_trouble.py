"""Sockets over MQTT when much happens at once, or the broker, the link or the modem is gone."""

import base64
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from .conftest import NewHouse
from .house import House
from .journal import PATIENCE
from .processes import Mosquitto
from .sockets import connect, echo, in_use, opened, received

pytestmark = pytest.mark.slow

ALICE, BOB = "+491701234567", "+491707654321"
LATE = 120.0


@pytest.fixture
def started() -> Iterator[ExitStack]:
    """Ends the servers that a test starts."""
    with ExitStack() as stack:
        yield stack


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize("style", ["default", "manual", "contrary"])
def test_datagrams_of_any_bytes_each_way(new_house: NewHouse, style: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(PATIENCE)
        house = opened(new_house("--style", style))
        number = connect(house, server.getsockname()[1], "udp")
        for data in (b"\0", bytes(range(256)), b"\r\nOK\r\n", b"\x1a\x1b>", os.urandom(1400)):
            answer = house.ask("udp/send", socket=number, data=base64_of(data))
            assert answer["data"]["bytes"] == len(data), answer
            got, whence = server.recvfrom(4096)
            assert got == data
            mark = house.heard.mark()
            server.sendto(data, whence)
            event = house.wait_event("udp/received", mark, socket=number)
            assert base64.b64decode(event["data"]) == data
        [fares] = house.ask("udp/status")["data"]["sockets"]
        assert (fares["socket"], fares["port"]) == (number, server.getsockname()[1])
        assert fares["sent"] == fares["received"] == 1 + 256 + 6 + 3 + 1400
        # One without any bytes is no end.
        mark = house.heard.mark()
        server.sendto(b"", whence)
        server.sendto(b"after nothing", whence)
        event = house.wait_event("udp/received", mark, text="after nothing")
        assert len(house.events("udp/received", mark)) == 1
        answer = house.ask("udp/send", socket=number, text="")
        assert answer["error"]["code"] == "invalid_request"
        assert house.ask("udp/close", socket=number)["status"] == "ok"
    assert in_use(house) == []


def test_the_broker_is_away_while_a_socket_receives(
    new_house: NewHouse, new_broker: Callable[[], Mosquitto]
) -> None:
    broker = new_broker()
    data = os.urandom(200_000)
    with socket.create_server(("127.0.0.1", 0)) as server:
        house = opened(new_house(at=broker))
        number = connect(house, server.getsockname()[1])
        peer = server.accept()[0]
        with peer:
            peer.sendall(b"before")
            assert received(house, number, 6) == b"before"
            broker.stop()
            house.daemon.output.wait_for(lambda line: "the broker is away" in line)
            sending = threading.Thread(target=peer.sendall, args=(data,), daemon=True)
            sending.start()
            # What can be kept on the way is; then the modem is asked for no more.
            house.modem.do("wait", idle=True, timeout=PATIENCE)
            mark = house.heard.mark()
            broker.start()
            came = received(house, number, len(data), after=mark)
            assert came == data
            sending.join(PATIENCE)
            # And on it goes.
            house.ask("tcp/send", socket=number, text="still there")
            peer.settimeout(PATIENCE)
            assert peer.recv(100) == b"still there"


def test_texts_come_and_go_while_sockets_are_busy(new_house: NewHouse, started: ExitStack) -> None:
    house = opened(new_house())
    to = echo(started)
    blobs = {connect(house, to): os.urandom(300_000) for _ in range(2)}
    part = 50_000

    def pour(number: int, blob: bytes) -> None:
        for start in range(0, len(blob), part):
            data = base64_of(blob[start : start + part])
            house.publish("tcp/send", {"id": f"{number}-{start}", "socket": number, "data": data})

    for number, blob in blobs.items():
        pour(number, blob)
    keys, texts = [], [f"text {number}" for number in range(10)]
    for text in texts:
        keys += house.send(ALICE, text)
        house.modem.do("receive", from_=BOB, text=text)
        house.received(text=text)
    for number, blob in blobs.items():
        assert came_in_time(house, number, len(blob)) == blob
    for key in keys:
        house.wait_message(key, "delivered")
    assert [message["text"] for message in house.sent()] == texts
    assert sorted(e["text"] for e in house.events("sms/received")) == sorted(texts)


def came_in_time(house: House, number: int, length: int) -> bytes:
    """What came on a socket, once so much has; busy sockets take their time."""

    def came() -> bytes:
        events = house.events("tcp/received")
        return b"".join(base64.b64decode(e["data"]) for e in events if e["socket"] == number)

    house.heard.wait_until(lambda _: len(came()) >= length, timeout=LATE)
    return came()


def test_a_dead_link_is_set_up_again_by_itself(new_house: NewHouse, started: ExitStack) -> None:
    house = opened(new_house("--setup-timeout", "0.2"))
    to = echo(started)
    house.ask("tcp/close", socket=connect(house, to))
    house.modem.do("link", dead=True)
    mark = house.heard.mark()
    for _ in range(3):
        answer = house.ask("tcp/open", host="far.example.com", port=to)
        assert answer["error"]["code"] == "modem_error"
    house.wait_event("gprs/disconnected", mark)
    number = connect(house, to)
    house.ask("tcp/send", socket=number, text="alive")
    assert received(house, number, 5) == b"alive"


def test_a_host_that_takes_no_connection_leaves_the_link_alone(
    new_house: NewHouse, started: ExitStack
) -> None:
    house = opened(new_house())
    number = connect(house, echo(started))
    mark = house.heard.mark()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        for _ in range(7):
            answer = house.ask("tcp/open", host="far.example.com", port=closed.getsockname()[1])
            assert answer["error"]["code"] == "modem_error"
    assert house.events("gprs/disconnected", mark) == []
    house.ask("tcp/send", socket=number, text="alive")
    assert received(house, number, 5) == b"alive"


def test_nothing_stale_is_told_of_a_modem_that_is_gone(
    new_house: NewHouse, started: ExitStack
) -> None:
    house = opened(new_house())
    number = connect(house, echo(started))
    held: list[dict[str, Any]] = [{"socket": number, "by": "tcp"}]
    house.wait_state("gprs", connected=True, sockets=held)
    assert house.ask("udp_server/listen", port=6000)["status"] == "ok"
    mark = house.heard.mark()
    house.modem.do("unplug")
    house.wait_status("absent", after=mark)
    house.wait_event("tcp/closed", mark, socket=number)
    house.wait_state("tcp", mark, sockets=[])
    house.wait_state("udp_server", mark, listening=False, port=None, clients=[])
    house.wait_state("gprs", mark, attached=None, connected=False, address=None, sockets=[])
    # Nor by a daemon that finds none: the broker keeps what one before it said last.
    house.modem.do("replug")
    house.wait_status("ready", after=mark)
    connect(house, echo(started))
    house.daemon.kill()
    house.modem.do("unplug")
    mark = house.heard.mark()
    house.start("absent")
    house.wait_state("tcp", mark, sockets=[])
    house.wait_state("gprs", mark, attached=None, connected=False, address=None, sockets=[])

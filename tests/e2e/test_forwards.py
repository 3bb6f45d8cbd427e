"""Forwards with real programs at both ends: web server and curl, brokers, an echo server."""

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from . import far
from .conftest import NewHouse
from .house import House
from .journal import PATIENCE
from .processes import Mosquitto, Program, free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def started() -> Iterator[ExitStack]:
    """Ends the servers that a test starts."""
    with ExitStack() as stack:
        yield stack


def start(stack: ExitStack, server: far.Far) -> far.Far:
    server.start()
    stack.callback(server.clean_up)
    return server


def forward(to: int, **more: object) -> dict[str, object]:
    return {"listen": f"127.0.0.1:{free_port()}", "to": f"far.example.com:{to}", **more}


def opened(house: House) -> House:
    house.open()
    house.modem.do("peers", names={"far.example.com": "127.0.0.1"})
    return house


def port_of(entry: dict[str, object]) -> int:
    return int(str(entry.get("listen") or entry["socks"]).rpartition(":")[2])


def connect(entry: dict[str, object]) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port_of(entry)), PATIENCE)
    sock.settimeout(PATIENCE)
    return sock


def read_all(sock: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length and (more := sock.recv(65536)):
        data += more
    return data


def exchange(sock: socket.socket, data: bytes) -> bytes:
    """Send while receiving: what comes back."""
    sender = threading.Thread(target=sock.sendall, args=(data,), daemon=True)
    sender.start()
    came = read_all(sock, len(data))
    sender.join(PATIENCE)
    return came


def wait_forward(house: House, **values: object) -> None:
    """Return once the first forward is said to be so."""
    topic = f"{house.base}/state/forwards"
    house.heard.wait_for(
        lambda m: m.topic == topic and values.items() <= m.json["forwards"][0].items()
    )


def test_a_web_server_through_a_forward_and_through_socks(
    new_house: NewHouse, started: ExitStack, tmp_path: Path
) -> None:
    (tmp_path / "page").write_bytes(page := os.urandom(50_000))
    server = start(started, far.web(tmp_path))
    direct, proxy = forward(server.port), {"socks": f"127.0.0.1:{free_port()}"}
    house = opened(new_house(forwards=[direct, proxy]))
    got = far.curl(f"http://127.0.0.1:{port_of(direct)}/page")
    assert (got.stdout == page, got.stderr) == (True, b"")
    through = ("--socks5-hostname", f"127.0.0.1:{port_of(proxy)}")
    got = far.curl(*through, f"http://far.example.com:{server.port}/page")
    assert (got.stdout == page, got.stderr) == (True, b"")
    state = house.wait_state("gprs", connected=True)
    assert state["address"] == "10.232.165.29"


def test_socks_says_what_went_wrong(new_house: NewHouse) -> None:
    proxy = {"socks": f"127.0.0.1:{free_port()}", "username": "ann", "password": "secret"}
    opened(new_house(forwards=[proxy]))
    through = ("--socks5-hostname", f"ann:secret@127.0.0.1:{port_of(proxy)}")
    for url, code in (("http://nowhere.example.com/", 4), ("http://far.example.com:1/", 5)):
        got = far.curl(*through, url)
        assert got.returncode == 97
        assert f"({code})".encode() in got.stderr, got.stderr
    got = far.curl("--socks5-hostname", f"ann:wrong@127.0.0.1:{port_of(proxy)}", "http://a/")
    assert got.returncode == 97
    assert got.stdout == b""


def test_a_broker_through_a_forward(
    new_house: NewHouse, started: ExitStack, tmp_path: Path
) -> None:
    far.needs("mosquitto_pub")
    other = Mosquitto(tmp_path)
    other.start()
    started.callback(other.clean_up)
    entry = forward(other.port)
    opened(new_house(forwards=[entry]))
    there = ("-h", "127.0.0.1", "-p", str(port_of(entry)), "-q", "1", "-t", "far/away")
    listening = Program()
    # Into a pipe it would keep its words to itself until they are many.
    listening.command = ("stdbuf", "-oL", "mosquitto_sub", *there, "-C", "1", "-d")
    listening.start()
    started.callback(listening.clean_up)
    listening.output.wait_for(lambda line: "Subscribed" in line)
    subprocess.run(("mosquitto_pub", *there, "-m", "through the modem"), check=True, timeout=60)
    listening.output.wait_for(lambda line: line == "through the modem")


@pytest.mark.timeout(400)
def test_a_megabyte_each_way_on_three_sockets_while_texts_come_and_go(
    new_house: NewHouse, started: ExitStack
) -> None:
    entry = forward(start(started, far.echo()).port)
    house = opened(new_house(forwards=[entry]))
    blobs = [os.urandom(1 << 20) for _ in range(3)]
    came: list[bytes] = [b""] * 3

    def client(number: int) -> None:
        with connect(entry) as sock:
            sock.settimeout(300)
            came[number] = exchange(sock, blobs[number])

    clients = [threading.Thread(target=client, args=(n,), daemon=True) for n in range(3)]
    for each in clients:
        each.start()
    keys, texts = [], [f"text {number}" for number in range(10)]
    for text in texts:
        keys += house.send("+491701234567", text)
        house.modem.do("receive", from_="+491707654321", text=text)
        house.received(text=text)
        house.wait_message(keys[-1], "sent")
    assert any(each.is_alive() for each in clients)
    for each in clients:
        each.join(300)
    assert [a == b for a, b in zip(came, blobs, strict=True)] == [True] * 3
    assert [message["text"] for message in house.sent()] == texts


@pytest.mark.parametrize("style", ["default", "manual", "contrary"])
def test_a_send_of_5000_bytes_and_its_end(
    new_house: NewHouse, started: ExitStack, style: str
) -> None:
    entry = forward(start(started, far.echo()).port)
    house = opened(new_house("--style", style, forwards=[entry]))
    for _ in range(3):
        with connect(entry) as sock:
            for length in (1, 5000):
                assert exchange(sock, data := os.urandom(length)) == data
    wait_forward(house, total=3, open=0)
    assert house.modem.do("data")["open"] == []


def test_a_client_that_reads_slowly_stops_the_server(
    new_house: NewHouse, started: ExitStack, tmp_path: Path
) -> None:
    size = 30 << 20
    (tmp_path / "large").write_bytes(bytes(size))
    server = start(started, far.web(tmp_path))
    entry = forward(server.port)
    house = opened(new_house(forwards=[entry]))
    with connect(entry) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.sendall(b"GET /large HTTP/1.0\r\n\r\n")
        assert sock.recv(15) == b"HTTP/1.0 200 OK"
        # Texts are dealt with as ever, and nothing piles up at us or in the modem.
        house.modem.do("receive", from_="+491707654321", text="meanwhile")
        house.received(text="meanwhile")
        read_all(sock, 100_000)
        house.ask("sms/inbox")
        [one] = [each for each in house.modem.do("data")["open"] if each["kind"] == "TCP"]
        assert one["received"] < 2 << 20


def test_the_link_is_lost_in_the_middle(new_house: NewHouse, started: ExitStack) -> None:
    entry = forward(start(started, far.echo()).port)
    house = opened(new_house(forwards=[entry]))
    with connect(entry) as sock:
        assert exchange(sock, b"before") == b"before"
        house.modem.do("link", lost=True)
        with pytest.raises(ConnectionResetError):
            sock.recv(1)
    house.wait_event("gprs/disconnected")
    with connect(entry) as sock:
        assert exchange(sock, b"after") == b"after"


def test_all_five_sockets_are_in_use(new_house: NewHouse, started: ExitStack) -> None:
    entry = forward(start(started, far.echo()).port, wait=1)
    house = opened(new_house(forwards=[entry]))
    with ExitStack() as stack:
        five = [stack.enter_context(connect(entry)) for _ in range(5)]
        for sock in five:
            assert exchange(sock, b"hello") == b"hello"
        with connect(entry) as sixth, pytest.raises(ConnectionResetError):
            sixth.recv(1)
        problem = house.wait_event("bridge/problem", code="no_socket")
        assert "all five sockets are in use: forwards 5" in problem["message"]
        five[0].shutdown(socket.SHUT_RDWR)
        five[0].close()
        assert exchange(five[1], b"still") == b"still"


def test_many_short_connections_share_five_sockets(new_house: NewHouse, started: ExitStack) -> None:
    entry = forward(start(started, far.echo()).port, wait=60)
    house = opened(new_house(forwards=[entry]))
    came = []

    def client(number: int) -> None:
        with connect(entry) as sock:
            sock.settimeout(60)
            came.append(exchange(sock, b"%03d" % number))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    clients = [threading.Thread(target=client, args=(n,), daemon=True) for n in range(25)]
    for each in clients:
        each.start()
    for each in clients:
        each.join(90)
    assert sorted(came) == [b"%03d" % number for number in range(25)]
    wait_forward(house, total=25, open=0)
    assert house.modem.do("data")["open"] == []


def test_nothing_is_left_open_after_a_kill(new_house: NewHouse, started: ExitStack) -> None:
    entry = forward(start(started, far.echo()).port)
    house = opened(new_house(forwards=[entry]))
    with connect(entry) as sock:
        assert exchange(sock, b"hello") == b"hello"
        assert len(house.modem.do("data")["open"]) == 1
        house.reopen()
    assert house.modem.do("data")["open"] == []
    with connect(entry) as sock:
        assert exchange(sock, b"again") == b"again"


def test_a_clean_stop_closes_what_is_open(new_house: NewHouse, started: ExitStack) -> None:
    entry = forward(start(started, far.echo()).port)
    house = opened(new_house(forwards=[entry]))
    with connect(entry) as sock:
        assert exchange(sock, b"hello") == b"hello"
        assert house.daemon.stop() == 0
        assert house.modem.do("data")["open"] == []


def test_datagrams(new_house: NewHouse, started: ExitStack) -> None:
    server = far.udp_echo()
    started.callback(server.clean_up)
    entry = forward(server.port, udp=True, idle=2)
    house = opened(new_house(forwards=[entry]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE)
        sock.connect(("127.0.0.1", port_of(entry)))
        for data in (b"one", os.urandom(1400), b"\r\nOK\r\n\0"):
            sock.send(data)
            assert sock.recv(2000) == data
        wait_forward(house, total=1, open=0)
        assert house.modem.do("data")["open"] == []

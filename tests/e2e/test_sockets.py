"""Sockets over MQTT: real servers at the other end, a real broker, the simulated modem between."""

import base64
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme

from . import far
from .conftest import NewHouse
from .house import House
from .journal import PATIENCE
from .processes import free_port
from .sockets import connect, echo, error, in_use, opened, received

pytestmark = pytest.mark.slow


@pytest.fixture
def started() -> Iterator[ExitStack]:
    """Ends the servers that a test starts."""
    with ExitStack() as stack:
        yield stack


def test_any_bytes_go_there_and_back_and_are_acknowledged(
    new_house: NewHouse, started: ExitStack
) -> None:
    house = opened(new_house())
    number = connect(house, echo(started))
    data = b"\x1a\x1b>\r\nOK\r\n+TCPRECV: 1\r\n" + os.urandom(5000)
    sent = house.ask("tcp/send", socket=number, data=base64.b64encode(data).decode())
    assert sent["data"]["bytes"] == len(data)
    assert received(house, number, len(data)) == data
    answer = house.ask("tcp/send", socket=number, text="x", acknowledged=True)
    assert answer["data"] == {"socket": number, "bytes": 1, "acknowledged": True}
    house.wait_state("tcp", sockets=[{"socket": number, "host": "far.example.com", **port(house)}])
    assert house.ask("tcp/close", socket=number)["status"] == "ok"
    closed = house.wait_event("tcp/closed", socket=number)
    assert closed["sent"] == len(data) + 1
    assert in_use(house) == []
    house.check_payloads()


def port(house: House) -> dict[str, int]:
    return {"port": house.state("tcp")["sockets"][0]["port"]}


def test_what_the_server_said_before_it_closed_is_told_first(new_house: NewHouse) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            peer, _ = server.accept()
            peer.sendall(b"x" * 10000)
            peer.close()

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        house = opened(new_house())
        number = connect(house, server.getsockname()[1])
        assert received(house, number, 10000) == b"x" * 10000
        closed = house.wait_event("tcp/closed", socket=number)
        assert (closed["cause"], closed["received"]) == ("closed by the far side", 10000)
        serving.join(PATIENCE)
    assert in_use(house) == []


def test_each_reason_why_nothing_is_connected_has_its_error(
    new_house: NewHouse, started: ExitStack
) -> None:
    house = opened(new_house())
    answer = house.ask("tcp/open", host="far.example.com", port=free_port())
    assert error(answer)[0] == "modem_error"
    assert "takes no connection" in error(answer)[1]
    answer = house.ask("tcp/open", host="nowhere.example.com", port=80)
    assert "is not known" in error(answer)[1]
    assert error(house.ask("tcp/send", socket=3, text="x"))[0] == "invalid_request"
    to = echo(started)
    numbers = [connect(house, to) for _ in range(4)] + [connect(house, to, "udp")]
    assert sorted(numbers) == [0, 1, 2, 3, 4]
    answer = house.ask("tls/open", host="far.example.com", port=to)
    assert error(answer)[0] == "unavailable"
    assert "tcp 4" in error(answer)[1]
    assert "udp 1" in error(answer)[1]
    assert house.ask("tcp/close", socket=0)["status"] == "ok"
    assert connect(house, to) == 0


def test_a_lost_link_ends_the_sockets_and_comes_back_on_demand(
    new_house: NewHouse, started: ExitStack
) -> None:
    house = opened(new_house())
    to = echo(started)
    number = connect(house, to)
    house.wait_state("gprs", connected=True)
    house.modem.do("link", lost=True)
    assert "link is lost" in house.wait_event("tcp/closed", socket=number)["cause"]
    house.wait_event("gprs/disconnected")
    number = connect(house, to)
    house.ask("tcp/send", socket=number, text="again")
    assert received(house, number, 5) == b"again"
    assert house.ask("gprs/disconnect")["data"]["connected"] is False
    house.wait_event("tcp/closed", socket=number)
    assert in_use(house) == []


def test_traffic_is_counted_and_then_from_nothing(new_house: NewHouse, started: ExitStack) -> None:
    house = opened(new_house())
    number = connect(house, echo(started))
    house.ask("tcp/send", socket=number, text="x" * 3000)
    assert len(received(house, number, 3000)) == 3000
    passed = house.ask("gprs/disconnect")["data"]["traffic"]
    assert passed["sent"] >= 3000
    assert passed["received"] >= 3000
    nothing = {"sent": 0, "received": 0}
    mark = house.heard.mark()
    assert house.ask("gprs/reset_traffic")["data"] == nothing
    house.wait_state("gprs", mark, traffic=nothing)
    mark = house.heard.mark()
    house.reopen()
    house.wait_state("gprs", mark, traffic=nothing)


def test_a_silent_socket_is_closed(new_house: NewHouse, started: ExitStack) -> None:
    house = opened(new_house())
    number = connect(house, echo(started), idle=1)
    assert house.wait_event("tcp/closed", socket=number)["cause"] == "nothing passed for 1 s"
    assert in_use(house) == []


def test_nothing_is_left_open_after_a_kill(new_house: NewHouse, started: ExitStack) -> None:
    house = opened(new_house())
    to = echo(started)
    connect(house, to)
    connect(house, to, "udp")
    assert len(in_use(house)) == 2
    house.reopen()
    assert in_use(house) == []
    assert connect(house, to) == 0


def test_a_modem_that_is_deaf_behind_its_prompt_is_found_out(
    new_house: NewHouse, started: ExitStack
) -> None:
    house = opened(new_house("--settling", "0.03", "--patience", "0.03"))
    number = connect(house, echo(started))
    data = os.urandom(9000)
    house.ask("tcp/send", socket=number, data=base64.b64encode(data).decode())
    assert received(house, number, len(data)) == data


@pytest.mark.parametrize("form", ["example", "table", "counted"])
def test_encrypted_data_in_each_form_of_the_answer(
    new_house: NewHouse, started: ExitStack, form: str, tmp_path: Path
) -> None:
    far.needs("socat")
    to, pem = free_port(), tmp_path / "server.pem"
    authority = trustme.CA()
    authority.issue_cert("far.example.com").private_key_and_cert_chain_pem.write_to_path(pem)
    listen = f"OPENSSL-LISTEN:{to},bind=127.0.0.1,fork,reuseaddr,cert={pem},verify=0"
    server = far.Far("socat", listen, "EXEC:cat", port=to)
    server.start()
    started.callback(server.clean_up)
    house = opened(new_house("--style", f"ssl_read={form}"))
    number = connect(house, to, "tls")
    for data in (b"hello", b"5,hello\r\nOK\r\n", os.urandom(6000)):
        mark = house.heard.mark()
        house.ask("tls/send", socket=number, data=base64.b64encode(data).decode())
        assert received(house, number, len(data), "tls", mark) == data
    [fares] = house.ask("tls/status")["data"]["sockets"]
    assert fares["socket"] == number
    assert (fares["host"], fares["port"]) == ("far.example.com", to)
    assert fares["sent"] == fares["received"] == 5 + 13 + 6000
    for name, who in (("good.pem", authority), ("other.pem", trustme.CA())):
        text = who.cert_pem.bytes().decode()
        assert house.ask("certificates/add", name=name, text=text)["status"] == "ok"
    connect(house, to, "tls", certificates={"ca": "good.pem"})
    asked: dict[str, Any] = {"host": "far.example.com", "port": to}
    answer = house.ask("tls/open", **asked, certificates={"ca": "other.pem"})
    assert error(answer)[0] == "modem_error"
    assert "certificate" in error(answer)[1]

"""The modem as a server, with real clients: whichever way it tells of them."""

import base64
import os
import socket

import pytest

from .conftest import NewHouse
from .house import House
from .journal import PATIENCE
from .processes import free_port

pytestmark = pytest.mark.slow

STYLES = [
    (),
    ("--style", "contrary"),
    ("--style", "accepted=two", "--style", "client_gone=listen", "--style", "fudp=table"),
]
styles = pytest.mark.parametrize("style", STYLES, ids=["default", "contrary", "other readings"])


def listening(house: House, server: str) -> int:
    port = free_port()
    response = house.ask(f"{server}/listen", port=port)
    assert response["status"] == "ok", response
    assert response["data"]["listening"] is True
    return port


def ok(response: dict[str, object]) -> object:
    assert response["status"] == "ok", response
    return response["data"]


@styles
def test_clients_connect_talk_and_go(new_house: NewHouse, style: tuple[str, ...]) -> None:
    house = new_house(*style).open()
    port = listening(house, "tcp_server")
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.settimeout(PATIENCE)
        connected = house.wait_event("tcp_server/connected", address="127.0.0.1")
        assert connected["port"] == client.getsockname()[1]
        number = connected["client"]
        client.sendall(b"hello\r\nOK\r\n")
        received = house.wait_event("tcp_server/received", client=number)
        assert received["text"] == "hello\r\nOK\r\n"
        data = os.urandom(5000)
        sent = house.ask("tcp_server/send", client=number, data=base64.b64encode(data).decode())
        assert ok(sent) == {"client": number, "bytes": 5000}
        came = b""
        while len(came) < len(data):
            came += client.recv(65536)
        assert came == data
        shown = {"client": number, "address": "127.0.0.1", "port": connected["port"]}
        house.wait_state("tcp_server", port=port, clients=[shown])
    house.wait_event("tcp_server/closed", client=number)
    late = house.ask("tcp_server/send", client=number, text="too late")
    assert late["error"]["code"] == "invalid_request"
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.settimeout(PATIENCE)
        mark = house.heard.mark()
        again = house.wait_event("tcp_server/connected", port=client.getsockname()[1])
        ok(house.ask("tcp_server/close", client=again["client"]))
        assert client.recv(1) == b""
        house.wait_event("tcp_server/closed", mark, client=again["client"])
    closed = ok(house.ask("tcp_server/close"))
    assert closed == {"listening": False, "port": None, "clients": []}
    assert house.modem.do("data")["open"] == []


def test_there_is_one_listener_alone(new_house: NewHouse) -> None:
    house = new_house().open()
    port = listening(house, "tcp_server")
    assert ok(house.ask("tcp_server/listen", port=port)) == house.state("tcp_server")
    other = house.ask("tcp_server/listen", port=free_port())
    assert other["error"]["code"] == "unavailable"
    assert f"listens on port {port}" in other["error"]["message"]
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.settimeout(PATIENCE)
        house.wait_event("tcp_server/connected")
        mark = house.heard.mark()
        house.modem.do("link", lost=True)
        house.wait_event("tcp_server/closed")
        house.wait_event("gprs/disconnected")
        assert client.recv(1) == b""
    house.wait_state("tcp_server", mark, listening=False, port=None, clients=[])
    listening(house, "tcp_server")
    mark = house.heard.mark()
    house.reopen()
    assert house.modem.do("data")["open"] == []
    house.wait_state("tcp_server", mark, listening=False)


@styles
def test_datagrams_come_and_are_answered(new_house: NewHouse, style: tuple[str, ...]) -> None:
    house = new_house(*style).open()
    port = listening(house, "udp_server")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", port))
        client.send(b"hello\r\nOK\r\n")
        received = house.wait_event("udp_server/received", text="hello\r\nOK\r\n")
        peer = {"address": received["address"], "port": received["port"]}
        assert peer["port"] == client.getsockname()[1]
        house.wait_event("udp_server/connected", **peer)
        for data in (b"x", os.urandom(1024)):
            encoded = base64.b64encode(data).decode()
            sent = ok(house.ask("udp_server/send", data=encoded, **peer))
            assert sent == {**peer, "bytes": len(data)}
            assert client.recv(2000) == data
    closed = ok(house.ask("udp_server/close"))
    assert closed == {"listening": False, "port": None, "clients": []}
    refused = house.ask("udp_server/send", text="x", **peer)
    assert refused["error"]["code"] == "modem_error"
    assert house.modem.do("data")["open"] == []

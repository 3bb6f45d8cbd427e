"""A transparent connection to a real echo server, which has the line for itself."""

import base64
import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from . import far
from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[far.Far]:
    with ExitStack() as stack:
        echo = far.echo()
        echo.start()
        stack.callback(echo.clean_up)
        yield echo


def opened(house: House, server: far.Far) -> House:
    house.open()
    response = house.ask("transparent/open", host="localhost", port=server.port)
    assert response["status"] == "ok", response
    assert response["data"]["mode"] == "data"
    return house


def received(house: House, length: int, after: int) -> bytes:
    """What the events said that came, once it is so much."""

    def data() -> bytes:
        events = house.events("transparent/received", after)
        return b"".join(base64.b64decode(event["data"]) for event in events)

    house.heard.wait_until(lambda _: len(data()) >= length)
    return data()


def echoes(house: House, data: bytes) -> None:
    mark = house.heard.mark()
    response = house.ask("transparent/send", data=base64.b64encode(data).decode())
    assert response["status"] == "ok", response
    assert received(house, len(data), mark) == data


def test_bytes_pass_unchanged_and_it_closes(new_house: NewHouse, server: far.Far) -> None:
    house = opened(new_house(), server)
    for data in (b"hello", b"\r\nOK\r\n", b"+++", b'\r\n+CMTI: "SM",1\r\n', os.urandom(20_000)):
        echoes(house, data)
    response = house.ask("transparent/close")
    assert response["data"]["mode"] == "off"
    house.wait_event("transparent/closed", reason="closed as requested")
    assert house.modem.do("data")["open"] == []
    late = house.ask("transparent/send", text="late")
    assert late["error"]["code"] == "unavailable"


def test_texts_come_and_go_meanwhile(new_house: NewHouse, server: far.Far) -> None:
    house = opened(new_house(), server)
    echoes(house, b"before")
    [key] = house.send("+491701234567", "out")
    house.wait_message(key, "sent")
    echoes(house, b"between")
    mark = house.heard.mark()
    house.modem.do("receive", from_="+491707654321", text="in")
    house.received(text="in")
    house.wait_state("transparent", mark, mode="data")
    echoes(house, b"after")
    assert [message["text"] for message in house.sent()] == ["out"]
    assert house.events("transparent/closed") == []


def test_it_may_be_told_not_to_yield(new_house: NewHouse, server: far.Far) -> None:
    house = opened(new_house(transparent={"yield": False}), server)
    refused = house.ask("signal/read")
    assert refused["error"]["code"] == "unavailable"
    assert "transparent/close" in refused["error"]["message"]
    echoes(house, b"all for me")
    assert house.ask("transparent/close")["status"] == "ok"
    assert house.ask("signal/read")["status"] == "ok"


def test_the_far_side_closes(new_house: NewHouse, server: far.Far) -> None:
    house = opened(new_house(), server)
    echoes(house, b"hello")
    server.kill()
    house.modem.do("link", lost=True)
    house.wait_event("transparent/closed")
    house.wait_state("transparent", mode="off")
    assert house.ask("signal/read")["status"] == "ok"


def test_the_line_is_had_back_after_a_kill(new_house: NewHouse, server: far.Far) -> None:
    house = opened(new_house(), server)
    echoes(house, b"hello")
    house.reopen()
    assert house.modem.do("data")["open"] == []
    assert house.ask("signal/read")["status"] == "ok"


def test_what_cannot_be_reached_is_an_error(new_house: NewHouse) -> None:
    house = new_house().open()
    response = house.ask("transparent/open", host="localhost", port=1)
    assert response["error"]["code"] == "modem_error"
    assert response["error"]["modem"].endswith("FAIL")
    assert house.ask("signal/read")["status"] == "ok"
    house.wait_state("transparent", mode="off")

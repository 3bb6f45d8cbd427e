"""Sockets over MQTT as a person uses them, with real servers at the other end."""

import base64
from contextlib import ExitStack
from typing import Any

from . import far
from .house import House


def echo(stack: ExitStack) -> int:
    server = far.echo()
    server.start()
    stack.callback(server.clean_up)
    return server.port


def opened(house: House) -> House:
    house.open()
    house.modem.do("peers", names={"far.example.com": "127.0.0.1"})
    return house


def connect(house: House, port: int, kind: str = "tcp", **more: Any) -> int:
    answer = house.ask(f"{kind}/open", host="far.example.com", port=port, **more)
    assert answer["status"] == "ok", answer
    number: int = answer["data"]["socket"]
    return number


def received(house: House, number: int, length: int, kind: str = "tcp", after: int = 0) -> bytes:
    """What came on a socket, once so much has."""

    def came() -> bytes:
        events = house.events(f"{kind}/received", after)
        return b"".join(base64.b64decode(e["data"]) for e in events if e["socket"] == number)

    house.heard.wait_for(lambda _: len(came()) >= length, after=after)
    return came()


def error(answer: dict[str, Any]) -> tuple[str, str]:
    assert answer["status"] == "error", answer
    return answer["error"]["code"], answer["error"]["message"]


def in_use(house: House) -> list[Any]:
    found: list[Any] = house.modem.do("data")["open"]
    return found

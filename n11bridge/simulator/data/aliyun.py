"""The client of Ali's cloud, which is MQTT underneath (manual chapter 19)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ..commands import Commands, Form, Lines, Raw, Request
from ..errors import INVALID, NO_SERVICE, NOT_ALLOWED, Refused
from .mqtt_client import CONNECTED, MqttClient
from .mqtt_packets import Identity, Message

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_PUBLISH = re.compile(r'"([^"]{1,128})",([01]),(.*)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NUMBERS = {
    "TIMEOUT": range(11),
    "CLEAN": range(2),
    "KEEPALIVE": range(60, 181),
    "AUTHMODE": range(2),
}
_LONGEST_KEY = 63
_FAILED = 2


class Aliyun:
    """The client of chapter 19 with what was set for it; a restart forgets all that."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.client = MqttClient(modem, "ALIYUN", self._heard, lambda _: None)
        self.reset()

    def reset(self) -> None:
        """Be as after a start."""
        self.client.reset()
        self.keys: tuple[str, ...] = ()
        self.authenticated = False
        self.parameters: dict[str, int] = {}

    def cut(self, by: str) -> str | None:
        """The link is gone; nothing is said of it."""
        self.client.cut(by)
        return None

    def _heard(self, said: Message) -> None:
        topic, payload = said.topic.decode("latin-1"), said.payload.decode("latin-1")
        quote = '"' if self._modem.style.aliyun_quoted else ""
        head = f'+IMQTTTRCVPUB: {said.identifier},"{topic}",{len(payload)},'
        self._modem.report(Raw(f"{head}{quote}{payload}{quote}"))

    async def open(self) -> bool:
        """Connect to the server of the product, as a device that shows its secret."""
        product, device, secret = self.keys
        content = f"clientId{device}deviceName{device}productKey{product}"
        password = hmac.new(secret.encode(), content.encode(), hashlib.sha1).hexdigest()
        who = Identity(
            f"{device}|securemode=3,signmethod=hmacsha1|",
            f"{device}&{product}",
            password,
            self.parameters.get("KEEPALIVE", 60),
            bool(self.parameters.get("CLEAN", 1)),
        )
        host = f"{product}.iot-as-mqtt.cn-shanghai.aliyuncs.com"
        return await self.client.open(host, 1883, who, None)


def _keys(request: Request) -> tuple[str, ...]:
    keys = tuple(each.text for each in request.arguments)
    if len(keys) != 3 or not all(1 <= len(key) <= _LONGEST_KEY for key in keys):
        raise Refused(INVALID)
    return keys


@COMMANDS.on("+IMQTTMODE", Form.SET)
def _mode(modem: Modem, request: Request) -> Lines:
    request.number(0, range(2))  # TLS to a server that is not there cannot be shown
    return []


@COMMANDS.on("+IMQTTAUTH", Form.SET)
def _authenticate(modem: Modem, request: Request) -> Lines:
    aliyun = modem.stack.aliyun
    aliyun.keys = _keys(request)
    if not modem.stack.link.active:
        raise Refused(NO_SERVICE)
    aliyun.authenticated = True
    modem.afterwards(lambda: modem.report("+IMQTTAUTH: OK"))
    return []


@COMMANDS.on("+IMQTTPARA", Form.SET)
def _parameters(modem: Modem, request: Request) -> Lines:
    given = [argument.text for argument in request.arguments]
    if not given or len(given) % 2:
        raise Refused(INVALID)
    for tag, value in zip(given[::2], given[1::2], strict=True):
        if tag == "VERSION" and value in ("3.1", "3.1.1"):
            continue
        if not value.isdecimal() or int(value) not in _NUMBERS.get(tag, ()):
            raise Refused(INVALID)
        modem.stack.aliyun.parameters[tag] = int(value)
    return []


@COMMANDS.on("+IMQTTCONN", Form.EXECUTE)
async def _connect(modem: Modem, _request: Request) -> Lines:
    aliyun = modem.stack.aliyun
    if not modem.stack.link.active:
        raise Refused(NO_SERVICE)
    if not aliyun.authenticated or not await aliyun.open():
        raise Refused(NOT_ALLOWED)
    return []


def _later(modem: Modem, name: str, act: Callable[[int], Awaitable[int]]) -> Lines:
    """Answer with the packet's number, and report after OK what becomes of it."""
    client = modem.stack.aliyun.client
    if client.state != CONNECTED:
        raise Refused(NOT_ALLOWED)
    number = client.next_identifier()

    async def carry_out() -> None:
        modem.report(f"{name}: {number},{await act(number)}")

    modem.afterwards(lambda: modem.stack.spawn(carry_out()))
    return [f"{name}: {number}"]


@COMMANDS.on("+IMQTTPUB", Form.SET)
def _publish(modem: Modem, request: Request) -> Lines:
    match = _PUBLISH.fullmatch(request.text.partition("=")[2])
    if match is None:
        raise Refused(INVALID)
    text = match[3][1:-1] if re.fullmatch('".*"', match[3], re.DOTALL) else match[3]
    payload = _ESCAPED.sub(r"\1", text).encode("latin-1")
    topic, qos = match[1], int(match[2])

    async def act(number: int) -> int:
        sent = await modem.stack.aliyun.client.publish(topic, payload, qos, 0, number)
        return 0 if sent else _FAILED

    return _later(modem, "+IMQTTPUB", act)


@COMMANDS.on("+IMQTTSUB", Form.SET)
def _subscribe(modem: Modem, request: Request) -> Lines:
    topic, qos = request.string(0), request.number(1, range(2))
    client = modem.stack.aliyun.client
    return _later(modem, "+IMQTTSUB", lambda number: client.subscribe(topic, qos, number))


@COMMANDS.on("+IMQTTUNSUB", Form.SET)
def _unsubscribe(modem: Modem, request: Request) -> Lines:
    topic = request.string(0)

    async def act(number: int) -> int:
        done = await modem.stack.aliyun.client.unsubscribe(topic, number)
        return 0 if done else _FAILED

    return _later(modem, "+IMQTTUNSUB", act)


@COMMANDS.on("+IMQTTSTATE", Form.QUERY)
def _state(modem: Modem, _request: Request) -> Lines:
    connected = modem.stack.aliyun.client.state == CONNECTED
    return [f"+IMQTTSTATE: {2 if connected else 0}"]


@COMMANDS.on("+IMQTTDISCONN", Form.EXECUTE)
def _disconnect(modem: Modem, _request: Request) -> Lines:
    if not modem.stack.aliyun.client.close():
        raise Refused(NOT_ALLOWED)
    return []


@COMMANDS.on("+CLOUDPARA", Form.SET)
def _set_keys(modem: Modem, request: Request) -> Lines:
    modem.stack.aliyun.keys = _keys(request)
    return []


@COMMANDS.on("+CLOUDPARA", Form.QUERY)
def _show_keys(modem: Modem, _request: Request) -> Lines:
    if not modem.stack.aliyun.keys:
        raise Refused(NOT_ALLOWED)
    return [f"+CLOUDPARA: {','.join(modem.stack.aliyun.keys)}"]

"""The modem's MQTT client (manual chapter 18)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..commands import Commands, Form, Lines, Raw, Request
from ..errors import INVALID, NO_SERVICE, NOT_ALLOWED, UNKNOWN_COMMAND, Refused
from . import tls_settings
from .mqtt_client import CLOSED, MqttClient
from .mqtt_packets import Identity, Message

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()
tls_settings.register(COMMANDS, "+MQTTCFG", "ssl_mqtt")

LONGEST, LONGEST_HEX, LONGEST_TOPIC = 4096, 512, 128
_PATIENCE = 30.0
_MESSAGE = re.compile(r'([01]),([01]),"([^"]*)",(.*)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Mqtt:
    """The client of chapter 18 with what was set for it; a restart forgets all that."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.client = MqttClient(modem, "MQTT", self._heard, self._changed)
        self.reset()

    def reset(self) -> None:
        """Be as after a start."""
        self.client.reset()
        self.client.automatic = True
        self.login = ("", "", "")
        self.will: tuple[int, int, str, str] | None = None
        self.secure = self.reports = 0

    def cut(self, by: str) -> str | None:
        """The link is gone; what there is to say is said at once, but not without power."""
        self.reports = self.reports if by != "power" else 0
        self.client.automatic = self.client.automatic or by == "power"
        self.client.cut(by)
        return None

    def _heard(self, said: Message) -> None:
        topic, payload = said.topic.decode("latin-1"), said.payload.decode("latin-1")
        number = said.identifier
        self._modem.report(Raw(f'+MQTTSUB: {number},"{topic}",{len(payload)},{payload}'))

    def _changed(self, state: int) -> None:
        if self.reports:
            self._modem.report(f"+MQTTSTATEURC: {state}")
        if state == CLOSED:
            self._modem.report("+MQTTDISCONNECTED: LINK CLOSED")


def _topic(request: Request, index: int) -> str:
    topic = request.string(index)
    if not 1 <= len(topic) <= LONGEST_TOPIC:
        raise Refused(INVALID)
    return topic


@COMMANDS.on("+MQTTCONNPARAM", Form.SET)
def _login(modem: Modem, request: Request) -> Lines:
    login = tuple(request.string(index) for index in range(3))
    if not all(login):  # real modules want a blank where there is nothing
        raise Refused(INVALID)
    modem.stack.mqtt.login = (login[0], login[1].strip(), login[2].strip())
    return []


@COMMANDS.on("+MQTTWILLPARAM", Form.SET)
def _will(modem: Modem, request: Request) -> Lines:
    match = _MESSAGE.fullmatch(request.text.partition("=")[2])
    if match is None or not match[3]:
        raise Refused(INVALID)
    message = match[4].removeprefix('"').removesuffix('"')
    modem.stack.mqtt.will = (int(match[1]), int(match[2]), match[3], message)
    return []


@COMMANDS.on("+MQTTCONN", Form.SET)
async def _connect(modem: Modem, request: Request) -> Lines:
    mqtt, stack = modem.stack.mqtt, modem.stack
    host, colon, port = request.string(0).rpartition(":")
    clean, keepalive = request.number(1, range(2), 0), request.number(2, range(65536), 60)
    if not colon or not host or not port.isdecimal() or not mqtt.login[0]:
        raise Refused(INVALID)
    if not stack.link.active:
        raise Refused(NO_SERVICE)
    client_id, username, password = mqtt.login
    who = Identity(client_id, username, password, keepalive, bool(clean), mqtt.will)
    context = None
    if mqtt.secure:
        try:
            context = tls_settings.context(modem.settings.ssl_mqtt, stack.certificates)
        except OSError:
            raise Refused(INVALID) from None
    if not await mqtt.client.open(host, int(port), who, context):
        raise Refused(NOT_ALLOWED)
    return []


@COMMANDS.on("+MQTTSUB", Form.SET)
async def _subscribe(modem: Modem, request: Request) -> Lines:
    client = modem.stack.mqtt.client
    topic, qos = _topic(request, 0), request.number(1, range(2))
    if await client.subscribe(topic, qos, client.next_identifier()) >= 128:
        raise Refused(NOT_ALLOWED)
    return []


@COMMANDS.on("+MQTTUNSUB", Form.SET)
async def _unsubscribe(modem: Modem, request: Request) -> Lines:
    client = modem.stack.mqtt.client
    if not await client.unsubscribe(_topic(request, 0), client.next_identifier()):
        raise Refused(NOT_ALLOWED)
    return []


async def _send(modem: Modem, retain: int, qos: int, topic: str, payload: bytes) -> Lines:
    client = modem.stack.mqtt.client
    if not await client.publish(topic, payload, qos, retain, client.next_identifier()):
        raise Refused(NOT_ALLOWED)
    return []


@COMMANDS.on("+MQTTPUB", Form.SET)
async def _publish(modem: Modem, request: Request) -> Lines:
    match = _MESSAGE.fullmatch(request.text.partition("=")[2])
    if match is None or not 1 <= len(match[3]) <= LONGEST_TOPIC:
        raise Refused(INVALID)
    text = "" if match[4] == '""' else match[4]
    payload = _ESCAPED.sub(r"\1", text).encode("latin-1")
    return await _send(modem, int(match[1]), int(match[2]), match[3], payload)


async def _typed(modem: Modem, request: Request, lengths: range, digits: int) -> Lines:
    retain, qos = request.number(0, range(2)), request.number(1, range(2))
    topic, length = _topic(request, 2), request.number(3, lengths)
    if modem.stack.mqtt.client.state == CLOSED:
        raise Refused(NOT_ALLOWED)
    try:
        data = await modem.data(request, length * digits, _PATIENCE)
        payload = data if digits == 1 else bytes.fromhex(data.decode("latin-1"))
    except (TimeoutError, ValueError):
        raise Refused(INVALID) from None
    return await _send(modem, retain, qos, topic, payload)


@COMMANDS.on("+MQTTPUBIN", Form.SET)
async def _publish_hex(modem: Modem, request: Request) -> Lines:
    return await _typed(modem, request, range(1, LONGEST_HEX + 1), 2)


@COMMANDS.on("+MQTTPUBS", Form.SET)
async def _publish_long(modem: Modem, request: Request) -> Lines:
    if not modem.style.mqtt_long:
        raise Refused(UNKNOWN_COMMAND)
    return await _typed(modem, request, range(LONGEST + 1), 1)


@COMMANDS.on("+MQTTDISCONN", Form.EXECUTE)
def _disconnect(modem: Modem, _request: Request) -> Lines:
    if not modem.stack.mqtt.client.close():
        raise Refused(NOT_ALLOWED)
    return []


@COMMANDS.on("+MQTTSTATE", Form.QUERY)
def _state(modem: Modem, _request: Request) -> Lines:
    return [f"+MQTTSTATE: {modem.stack.mqtt.client.state}"]


@COMMANDS.on("+MQTTSTATE", Form.SET)
def _reports(modem: Modem, request: Request) -> Lines:
    modem.stack.mqtt.reports = request.number(0, range(2))
    return []


@COMMANDS.on("+MQTTMODE", Form.SET)
def _mode(modem: Modem, request: Request) -> Lines:
    modem.stack.mqtt.secure = request.number(0, range(2))
    return []


@COMMANDS.on("+MQTTAUTORECON", Form.SET)
def _automatic(modem: Modem, request: Request) -> Lines:
    modem.stack.mqtt.client.automatic = bool(request.number(0, range(2)))
    return []


@COMMANDS.on("+MQTTAUTORECON", Form.QUERY)
def _is_automatic(modem: Modem, _request: Request) -> Lines:
    return [f"+MQTTAUTORECON: {int(modem.stack.mqtt.client.automatic)}"]

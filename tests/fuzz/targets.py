"""What is fuzzed: each target takes bytes, and raises when something is wrong."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import voluptuous as vol

from n11bridge import pdu
from n11bridge.at.chat import Chat, Done, Failed
from n11bridge.at.stream import LONGEST_LINE, MOST_DATA
from n11bridge.capabilities import CAPABILITIES
from n11bridge.capability import RequestError
from n11bridge.config import ConfigError, load
from n11bridge.requests import admissible, reading, response
from tests.at.hostile import genuine
from tests.at.records import REPORTS
from tests.at.test_nothing_is_lost import EXCHANGES
from tests.fuzz.air import Air

ROOT = Path(__file__).parent.parent.parent
VERBS = {
    f"{each.name}/{name}": verb for each in CAPABILITIES for name, verb in each.verbs().items()
}


@dataclass(frozen=True)
class Target:
    """``feed`` takes anything; ``corpus`` is what it may look like."""

    feed: Callable[[bytes], None]
    corpus: Callable[[], list[bytes]]


def feed_chat(data: bytes) -> None:
    """The first two bytes choose the command in flight and the size of the portions."""
    if len(data) < 2:
        return
    exchange, portion, said = EXCHANGES[data[0] % len(EXCHANGES)], data[1] or len(data), data[2:]
    chat, now, ends = Chat(REPORTS), 0.0, 0
    chat.send(exchange, now)
    for start in range(0, len(said), portion):
        chat.to_send()
        chat.receive(said[start : start + portion], now)
        if data[1] & 1:
            chat.release(now)
        assert len(chat._stream._buffer) <= MOST_DATA + LONGEST_LINE
        ends += sum(isinstance(event, Done | Failed) for event in chat.events())
    for _ in range(60):
        if chat.deadline is None:
            break
        now = chat.deadline
        chat.tick(now)
        chat.to_send()
    ends += sum(isinstance(event, Done | Failed) for event in chat.events())
    assert chat.idle
    assert ends == 1


def feed_pdu(data: bytes) -> None:
    """The first byte says what the rest is read as."""
    if not data:
        return
    text, kind = data[1:].hex(), data[0] % 6
    try:
        match kind:
            case 0 | 1 | 2:
                found: Any = pdu.decode(text, sent=kind == 1, smsc=kind != 2)
            case 3:
                found = pdu.Broadcast.decode(text)
            case 4:
                found = pdu.ussd.decode(data[2:].decode("latin-1"), data[1] if data[1:] else 0)
            case _:
                found = pdu.decode(data[1:].decode("latin-1"))
        if isinstance(found, pdu.Deliver):
            found = pdu.join([found, found])
    except pdu.PduError:
        return
    text = found if isinstance(found, str) else found.text or ""
    json.dumps(text, ensure_ascii=False).encode()
    assert len(text) <= 4 * len(data) + 16


def feed_request(data: bytes) -> None:
    """A topic below ``request/``, a line end, and the payload; every fault has an answer."""
    path, _, payload = data.partition(b"\n")
    topic = path.decode("utf-8", "replace")
    admissible(topic, "n11bridge", "homeassistant")
    capability, _, rest = topic.partition("/")
    verb, _, level = rest.partition("/")
    try:
        if level:
            asked = reading.read_plain(capability, verb, "to", level, payload, "new")
        else:
            asked = reading.read(capability, verb, payload, "new")
        known = VERBS.get(asked.name)
        checked = known.schema(asked.parameters) if known is not None else {}
        answer = response.compose(asked.id, checked if json.dumps(checked) else {})
    except RequestError as error:
        answer = response.compose("new", error)
    except vol.Invalid:
        return
    assert len(answer.encode()) <= 4 * len(data) + 2000


_CONFIG = Path(tempfile.mkdtemp(prefix="n11-fuzz-")) / "n11.yaml"


def feed_config(data: bytes) -> None:
    """A configuration file: good, or a list of what is wrong with it."""
    _CONFIG.write_bytes(data)
    try:
        load(_CONFIG)
    except ConfigError as error:
        words = str(error)
    else:
        return
    assert words.startswith(str(_CONFIG))


def _chat_corpus() -> list[bytes]:
    return [bytes((n % 256, n * 7 % 256)) + each for n, each in enumerate(genuine())]


def pdus() -> list[str]:
    """The PDUs of the vectors."""
    lines = (ROOT / "tests" / "vectors" / "pdu.jsonl").read_text(encoding="utf-8").splitlines()
    return [pdu for line in lines if (pdu := json.loads(line).get("pdu"))]


def _pdu_corpus() -> list[bytes]:
    return [bytes((0,)) + octets for octets in _octets()]


def _octets() -> list[bytes]:
    found = []
    for each in pdus():
        try:
            found.append(bytes.fromhex(each))
        except ValueError:
            found.append(each.encode())
    return found


def _request_corpus() -> list[bytes]:
    payloads = [
        b'{"id": "pump-1", "ttl": 60, "to": "alice", "text": "Water \\ud83d\\ude00"}',
        b'{"to": ["+491701234567"], "text": "x", "validity": 86400, "flash": true}',
        b'{"command": "AT+CSQ", "timeout": 3}',
        b'{"message": "abc", "since": null, "limit": 100}',
        b"",
        b"[1, 2.5e3, null]",
    ]
    names = [*VERBS, "sms/send/alice", "sms/send/0049170"]
    return [name.encode() + b"\n" + payload for name in names for payload in payloads]


def _config_corpus() -> list[bytes]:
    example = (ROOT / "config" / "n11bridge.yaml").read_bytes()
    bare = b"\n".join(line for line in example.splitlines() if line.strip()[:1] != b"#")
    return [
        bare,
        b"modem: {port: /dev/n11v2, pin: '0123'}\nmqtt: {host: a, username: u, password: p}\n",
        b"modem: &a {port: !!bool x}\nmqtt: *a\ncontacts: {a: '+491701234567'}\ngroups: {g: [a]}",
        b"sms: {allow_to: ['+*', a], trusted: [Bank], limits: {day: 0x7f}}\nlog: {level: 1e9}",
        b"a: &a [1, 2]\nb: &b [*a, *a]\nc: !!set {x, y}\nd: 2026-99-99\n? [k]\n: ${HOME}",
    ]


TARGETS = {
    "chat": Target(feed_chat, _chat_corpus),
    "pdu": Target(feed_pdu, _pdu_corpus),
    "request": Target(feed_request, _request_corpus),
    "config": Target(feed_config, _config_corpus),
    "air": Target(Air().feed, lambda: [b"\0" + each for each in _octets()]),
}

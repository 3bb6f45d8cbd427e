"""What the demo says: sentences about messages, and lines to paste."""

import io
import json
import shlex
import sys
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from n11bridge import pdu
from n11bridge.demo import paste
from n11bridge.demo.brokers import Broker
from n11bridge.demo.narrator import Narrator
from n11bridge.demo.terminal import Terminal

VECTORS = Path(__file__).parent / "vectors" / "pdu.jsonl"


def test_the_texts_are_the_recorded_ones() -> None:
    known = set()
    for line in VECTORS.read_text("utf-8").splitlines():
        vector = json.loads(line)
        known.add(("00" if vector.get("tpdu_only") else "") + vector.get("pdu", ""))
    texts = yaml.safe_load(files("n11bridge.demo").joinpath("texts.yaml").read_text("utf-8"))
    assert len(texts) >= 5
    for text in texts:
        assert set(text["pdus"]) <= known, text["about"]
        parts = [pdu.decode(each) for each in text["pdus"]]
        assert all(isinstance(part, pdu.Deliver) for part in parts)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("out", "no_color", "coloured"),
    [(Screen(), "", True), (Screen(), "1", False), (io.StringIO(), "", False)],
)
def test_colours_are_for_terminals(
    monkeypatch: pytest.MonkeyPatch, out: io.StringIO, no_color: str, coloured: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    terminal = Terminal(out)
    terminal.say("modem", "ready", "32")
    terminal.heading("Next")
    assert ("\x1b[" in out.getvalue()) == coloured


def told(*messages: tuple[str, Any]) -> list[str]:
    """What is said about messages, without the time."""
    out = io.StringIO()
    narrator = Narrator(Terminal(out), "n11bridge/demo")
    for path, values in messages:
        payload = values if isinstance(values, bytes) else json.dumps(values).encode()
        narrator.tell(f"n11bridge/demo/{path}", payload)
    return [line[len("00:00:00  ") :] for line in out.getvalue().splitlines()]


def test_a_text_cannot_play_with_the_terminal() -> None:
    text = b"a\x1b[2J\x07\n\xe2\x80\xaeb \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb \xff"
    (said,) = told(("request/sms/send/alice", text))
    defused = "a\ufffd[2J\ufffd \ufffdb \U0001f469\u200d\U0001f4bb \ufffd"
    assert said == f"request   n11bridge/demo/request/sms/send/alice {defused}"


def received(**values: Any) -> dict[str, Any]:
    plain = {"from": "+4930123456", "contact": None, "trusted": False, "text": "Hi", "data": None}
    plain |= {"encoding": "gsm7", "class": None, "time": None, "parts": 1, "missing": []}
    return {**plain, **values}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "from +4930123456: Hi"),
        ({"class": 0, "time": time.strftime("%Y-%m-%dT10:00:00+00:00")}, "+4930123456, flash: Hi"),
        ({"parts": 3, "missing": [2]}, "from +4930123456, 3 parts, 1 missing: Hi"),
        ({"text": None, "data": "AAH/"}, "from +4930123456: 3 bytes of data, 00 01 ff"),
        ({"from": None, "text": None, "data": ""}, "from nobody knows whom: 0 bytes of data"),
    ],
)
def test_how_a_text_is_told(values: dict[str, Any], sentence: str) -> None:
    (said,) = told(("event/sms/received", received(**values)))
    assert said.startswith("text in   ")
    assert sentence in said


def test_answers_and_problems_are_told() -> None:
    error = {"code": "rate_limited", "message": "10 parts a minute"}
    said = told(
        ("response/network/scan", {"id": "1", "status": "ok", "data": {"networks": []}}),
        ("response/sms/send", {"id": "2", "status": "accepted", "data": {}}),
        ("response/sms/send", {"id": "3", "status": "error", "error": error}),
        ("event/bridge/problem", {"event_type": "problem", "code": "x", "message": "Look."}),
        ("event/call/incoming", {"event_type": "incoming", "time": "now", "from": "+49"}),
    )
    assert said == [
        'answer    network/scan {"networks": []}',
        "answer    sms/send rate_limited: 10 parts a minute",
        "problem   Look.",
        'event     call/incoming {"from": "+49"}',
    ]


def test_a_state_is_told_when_it_changes() -> None:
    modem = {"manufacturer": "Neoway", "model": "N11", "baud": 9600}
    network = {"registration": "home", "operator": "O2", "roaming": True}
    said = told(
        ("state/modem", {**modem, "status": "starting"}),
        ("state/modem", {**modem, "status": "starting", "imei": "1"}),
        ("state/signal", {"rssi_dbm": -67, "quality": 74}),
        ("state/network", {**network, "registration": "searching", "operator": None}),
        ("state/network", network),
        ("state/network", {**network, "cell": "1"}),
        ("state/modem", {**modem, "status": "ready"}),
    )
    assert said == [
        "modem     starting",
        "network   searching",
        "network   registered with O2, roaming, signal -67 dBm (74 %)",
        "modem     ready: Neoway N11 at 9600 baud",
    ]


def test_what_is_to_be_pasted_is_quoted() -> None:
    broker = Broker("10.0.0.1", 1883, "x", username="o'neil $1", password="secret")
    with_mosquitto = shlex.split(paste.send_with_mosquitto(broker, "a/b c", "it's me"))
    assert with_mosquitto == [
        *("mosquitto_pub", "-h", "10.0.0.1", "-p", "1883", "-u", "o'neil $1"),
        *("-P", "$N11_MQTT_PASSWORD", "-q", "1", "-t", "a/b c", "-m", "it's me"),
    ]
    program, option, code = shlex.split(paste.send_with_python(broker, "a/b c", "it's me"))
    assert (program, option) == (sys.executable, "-c")
    assert 'single("a/b c", "it\'s me", qos=1, hostname="10.0.0.1", port=1883' in code
    assert '"username": "o\'neil $1", "password": os.getenv("N11_MQTT_PASSWORD")' in code
    compile(code, "pasted", "exec")

"""Messages in and out, against the time that their bytes need on the wire."""

from __future__ import annotations

import itertools
import time
from datetime import datetime

from n11bridge.simulator.compose import compose
from n11bridge.simulator.octets import with_centre

from .outcome import NotMeasured, Run
from .rig import Rig, rig
from .watcher import Arrival
from .wire import BYTE_TIME, Recording

STORED = 40
SENT = 20
SENDER = "+491701234567"
WORDS = (
    "The pump in the cellar has run for {:06} s; the level is at 41 cm and falling slowly. "
    "Mains power is back since 14:05, the battery holds 12.7 V. Next report follows at 18:00."
)

_serial = itertools.count(1)


def text(length: int) -> str:
    """A text of so many characters (at most 160), never the same twice."""
    return WORDS.format(next(_serial))[:length]


def _received(arrival: Arrival) -> bool:
    return arrival.topic == "n11bridge/n11/event/sms/received"


def _sent(arrival: Arrival) -> bool:
    return arrival.topic == "n11bridge/n11/event/sms/status" and arrival.json["state"] == "sent"


def announcements(rig: Rig, length: int, count: int) -> list[Run]:
    """From the last byte of +CMTI to the arrival of the publication."""
    runs = []
    for _ in range(count):
        rig.control.do("wait", stored=0, idle=True)
        began = time.monotonic()
        rig.control.do("receive", from_=SENDER, text=text(length))
        (arrival,) = rig.watcher.wait(_received, since=began)
        rig.control.do("wait", stored=0, idle=True)
        recording = Recording(rig.control, began)
        announced = recording.first("out", r'\+CMTI: "SM",\d+\r\n').ended
        command = recording.first("in", r"AT\+CMGR=\d+\r")
        answer = recording.first("out", r"\r\n\+CMGR: .*?OK\r\n")
        wire = (command.bytes + answer.bytes) * BYTE_TIME
        runs.append(Run((arrival.time - announced) * 1000, wire * 1000))
    return runs


def drains(length: int, count: int) -> list[Run]:
    """From the first byte of AT+CMGL to the arrival of the last publication, each time anew."""
    return [_drain(length) for _ in range(count)]


def _drain(length: int) -> Run:
    with rig() as bench:
        now = datetime.now().astimezone()
        for _ in range(STORED):
            (tpdu,) = compose(SENDER, text(length), time=now)
            pdu = with_centre("+491710760000", tpdu).hex()
            bench.control.do("store", pdu=pdu)
        began = time.monotonic()
        with bench.bridge():
            arrivals = bench.watcher.wait(_received, since=began, count=STORED)
            bench.control.do("wait", stored=0, idle=True)
        recording = Recording(bench.control, began)
        answer = recording.first("out", r"\r\n\+CMGL: .*?\r\nOK\r\n")
        commands = recording.spans("in", r"AT\+CMGL=\d\r")
        command = max((c for c in commands if c.ended < answer.began), key=lambda c: c.ended)
        wire = (command.bytes + answer.bytes) * BYTE_TIME
        return Run(arrivals[-1].time - command.began, wire)


def sendings(rig: Rig, length: int, count: int) -> list[Run]:
    """From the first byte of AT+CMGS to the arrival of the last event `sent`."""
    return [_sending(rig, length) for _ in range(count)]


def _sending(rig: Rig, length: int) -> Run:
    rig.control.do("wait", idle=True)
    began = time.monotonic()
    for number in range(SENT):
        request = {"to": f"+4917012345{number:02}", "text": text(length)}
        rig.watcher.publish("n11bridge/n11/request/sms/send", request)
    arrivals = rig.watcher.wait(_sent, since=began, count=SENT)
    recording = Recording(rig.control, began)
    written = recording.spans("in", r"AT\+CMGS=\d+\r[0-9A-F]+\x1a")
    answers = [
        *recording.spans("out", r"\r\n> "),
        *recording.spans("out", r"\r\n\+CMGS: \d+\r\n\r\nOK\r\n"),
    ]
    if (len(written), len(answers)) != (SENT, 2 * SENT):
        raise NotMeasured(f"{len(written)} messages went out, not {SENT}")
    wire = sum(span.bytes for span in [*written, *answers]) * BYTE_TIME
    return Run(arrivals[-1].time - written[0].began, wire)

"""Puts what the bridge publishes into sentences."""

import base64
import json
from datetime import date
from typing import Any

from .terminal import BOLD, GREEN, RED, Terminal

_MODEM = {
    "absent": "not there; waiting for it",
    "starting": "starting",
    "no_sim": "there is no SIM card",
    "pin_required": "the SIM wants its PIN",
    "puk_required": "the SIM wants its PUK",
    "recovering": "something is wrong; recovering",
    "stopped": "let go",
}
_NETWORK = {"searching": "searching", "denied": "it does not let the modem in"}
_STATES = {"delivered": GREEN, "undelivered": RED, "failed": RED, "expired": RED, "unknown": RED}
_LONGEST = 400


class Narrator:
    """Tells of one modem's topics, those below ``base``."""

    def __init__(self, terminal: Terminal, base: str) -> None:
        self._terminal = terminal
        self._base = base
        self._signal: dict[str, Any] = {}
        self._last: dict[str, str] = {}

    def tell(self, topic: str, payload: bytes) -> None:
        """Say what a message means; nothing if it means nothing new.

        Raises ValueError, LookupError, TypeError or AttributeError at what is not the bridge's.
        """
        path = topic.removeprefix(f"{self._base}/")
        text = payload.decode("utf-8", "replace")
        kind, _, rest = path.partition("/")
        if kind == "request":
            self._terminal.say("request", f"{topic} {text}"[:_LONGEST], BOLD)
        elif kind == "availability":
            self._once("bridge", f"{text} at the broker")
        elif kind == "state":
            self._state(rest, json.loads(text))
        elif kind == "event":
            self._event(rest, json.loads(text))
        elif kind == "response":
            self._response(rest, json.loads(text))

    def _once(self, label: str, text: str, colour: str = "") -> None:
        if self._last.get(label) != text:
            self._last[label] = text
            self._terminal.say(label, text, colour)

    def _state(self, capability: str, values: dict[str, Any]) -> None:
        if capability == "modem":
            self._modem(values)
        elif capability == "signal":
            self._signal = values
        elif capability == "network":
            self._network(values)

    def _modem(self, values: dict[str, Any]) -> None:
        status = values["status"]
        if status == "ready":
            who = f"{values['manufacturer']} {values['model']} at {values['baud']} baud"
            self._once("modem", f"ready: {who}", GREEN)
        elif status in _MODEM:  # else it is the network's to tell
            self._once("modem", _MODEM[status])

    def _network(self, values: dict[str, Any]) -> None:
        registration = values["registration"]
        if registration in _NETWORK:
            self._once("network", _NETWORK[registration])
        elif values["operator"]:
            dbm, quality = self._signal.get("rssi_dbm"), self._signal.get("quality")
            heard = "" if dbm is None else f", signal {dbm} dBm ({quality} %)"
            roaming = ", roaming" if values["roaming"] else ""
            self._once("network", f"registered with {values['operator']}{roaming}{heard}")

    def _event(self, name: str, values: dict[str, Any]) -> None:
        match name:
            case "sms/received":
                self._terminal.say("text in", _received(values))
            case "sms/status":
                state = values["state"]
                error = f": {values['error']}" if values["error"] else ""
                progress = ""
                if values["parts"] > 1 and state == "sending":
                    progress = f", {values['parts_sent']} of {values['parts']} parts are out"
                text = f"to {_who(values['to'], values['contact'])}: {state}{progress}{error}"
                self._terminal.say("text out", text, _STATES.get(state, ""))
            case "modem/reset":
                self._terminal.say("modem", f"{values['step']}: {values['reason']}", RED)
            case "bridge/problem":
                self._terminal.say("problem", values["message"], RED)
            case "network/registration":
                pass  # the state tells it
            case _:
                self._terminal.say("event", f"{name} {_compact(values)}")

    def _response(self, name: str, values: dict[str, Any]) -> None:
        if values["status"] == "error":
            error = values["error"]
            self._terminal.say("answer", f"{name} {error['code']}: {error['message']}", RED)
        elif values["status"] == "ok":
            self._terminal.say("answer", f"{name} {_compact(values['data'])}")


def _received(values: dict[str, Any]) -> str:
    about = [f"from {_who(values['from'], values['contact'])}"]
    sent = values["time"]
    if sent and date.fromisoformat(sent[:10]) != date.today():
        about.append(f"sent {sent[:10]}")
    if values["trusted"]:
        about.append("trusted")
    if values["class"] == 0:
        about.append("flash")
    if values["encoding"] == "ucs2":
        about.append("UCS-2")
    if values["parts"] > 1:
        missing = len(values["missing"])
        about.append(f"{values['parts']} parts" + (f", {missing} missing" if missing else ""))
    if values["text"] is not None:
        return f"{', '.join(about)}: {values['text']}"
    data = base64.b64decode(values["data"] or "")
    return f"{', '.join(about)}: {len(data)} bytes of data, {data[:16].hex(' ')}"


def _who(number: str | None, contact: str | None) -> str:
    return f"{contact} ({number})" if contact else number or "nobody knows whom"


def _compact(values: Any) -> str:
    if isinstance(values, dict):
        values = {k: v for k, v in values.items() if k not in ("event_type", "time")}
    text = json.dumps(values, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."

"""``n11bridge monitor``: the bridge's life in the terminal, as it happens."""

import argparse
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from n11bridge.client.session import FAILED, Session, add_common, carry_out, visible

DESCRIPTION = """\
Shows signal, network, queues, texts and events of a running bridge, until Ctrl-C. The texts of
messages are shown as well: mind who looks over your shoulder.
"""
#: How much of the past is shown.
READINGS, EVENTS = 120, 200
#: The signal's scale (dBm), from nothing to full.
WEAKEST, STRONGEST = -113, -51
BARS = " ▁▂▃▄▅▆▇█"
#: How often the screen follows when nothing happens (seconds).
REFRESH = 1.0


def add_monitor(commands: Any, config: Path) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "monitor", help="watch a running bridge in the terminal", description=DESCRIPTION
    )
    add_common(parser, config)
    parser.set_defaults(function=_run)


def _run(arguments: argparse.Namespace) -> int:
    try:
        import rich  # noqa: F401
    except ModuleNotFoundError:
        sys.stderr.write("monitor needs rich: pip install rich, or apt install python3-rich\n")
        return FAILED
    return carry_out(arguments, _watch)


def _watch(session: Session, arguments: argparse.Namespace) -> int:
    from rich.live import Live

    session.listen("availability", "state/#", "event/#")
    picture = Picture()
    if not sys.stdout.isatty():
        return _tell(session, picture)
    with Live(picture.drawn(), auto_refresh=False, screen=True) as live:
        while True:
            for topic, said in session.heard(REFRESH):
                picture.take(topic, said)
                live.update(picture.drawn(), refresh=True)
            live.update(picture.drawn(), refresh=True)


def _tell(session: Session, picture: "Picture") -> int:
    """Print one line for each event, for whoever reads what is no terminal."""
    while True:
        for topic, said in session.heard(REFRESH):
            picture.take(topic, said)
            if topic.startswith("event/"):
                time, line = picture.events[-1]
                sys.stdout.write(f"{time}  {line}\n")
                sys.stdout.flush()


class Picture:
    """What was heard, and how it looks."""

    def __init__(self) -> None:
        self.availability = "not seen"
        self.states: dict[str, Mapping[str, Any]] = {}
        self.signal: deque[int] = deque(maxlen=READINGS)
        self.events: deque[tuple[str, str]] = deque(maxlen=EVENTS)

    def take(self, topic: str, said: Any) -> None:
        """Take a message in."""
        kind, _, name = topic.partition("/")
        if kind == "availability":
            self.availability = str(said)
        elif not isinstance(said, Mapping):
            return
        elif kind == "state":
            self.states[name] = said
            if name == "signal" and said.get("rssi_dbm") is not None:
                self.signal.append(int(said["rssi_dbm"]))
        else:
            self.events.append((datetime.now().strftime("%H:%M:%S"), _sentence(name, said)))

    def drawn(self) -> Any:
        """The whole picture."""
        from rich.layout import Layout
        from rich.panel import Panel
        from rich.text import Text

        layout = Layout()
        layout.split_column(Layout(name="top", size=8), Layout(name="events"))
        layout["top"].split_row(Layout(name="modem"), Layout(name="signal"), Layout(name="texts"))
        layout["modem"].update(Panel(Text("\n".join(self._modem())), title="modem"))
        layout["signal"].update(Panel(Text("\n".join(self._signal())), title="signal"))
        layout["texts"].update(Panel(Text("\n".join(self._texts())), title="texts"))
        told = Text("\n".join(f"{time}  {line}" for time, line in reversed(self.events)))
        layout["events"].update(Panel(told, title="events, the newest first"))
        return layout

    def _modem(self) -> Iterator[str]:
        modem, network = self.states.get("modem", {}), self.states.get("network", {})
        yield f"bridge    {self.availability}"
        yield f"modem     {modem.get('status', '')}"
        named = filter(None, (modem.get("manufacturer"), modem.get("model")))
        yield f"          {' '.join(named)}"
        yield f"network   {network.get('operator') or network.get('registration') or ''}"
        yield f"restarts  {modem.get('restarts', '')}"

    def _signal(self) -> Iterator[str]:
        signal = self.states.get("signal", {})
        level, quality = signal.get("rssi_dbm"), signal.get("quality")
        yield "none" if level is None else f"{level} dBm, {quality} %"
        yield ""
        yield "".join(bar(each) for each in self.signal)

    def _texts(self) -> Iterator[str]:
        sms = self.states.get("sms", {})
        yield f"sent {sms.get('sent', '')}, delivered {sms.get('delivered', '')}"
        yield f"received {sms.get('received', '')}"
        yield f"waiting {sms.get('queued', '')}, failed {sms.get('failed', '')}"
        if last := sms.get("last"):
            yield ""
            yield visible(f"{last.get('contact') or last.get('from')}: {last.get('text')}")


def bar(level: int) -> str:
    """One reading as a bar; dBm."""
    share = (level - WEAKEST) / (STRONGEST - WEAKEST)
    return BARS[max(0, min(len(BARS) - 1, round(share * (len(BARS) - 1))))]


def _sentence(name: str, said: Mapping[str, Any]) -> str:
    """An event on one line."""
    match name:
        case "sms/received":
            who = said.get("contact") or said.get("from")
            return visible(f"text from {who}: {said.get('text') or '(data)'}")
        case "sms/status":
            error = f" ({said['error']})" if said.get("error") else ""
            who = said.get("contact") or said.get("to")
            return visible(f"text to {who}: {said.get('state')}{error}")
    left_out = ("event_type", "time")
    return visible(
        f"{name}  " + ", ".join(f"{k} {v}" for k, v in said.items() if k not in left_out)
    )

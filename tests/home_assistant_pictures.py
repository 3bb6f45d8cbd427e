"""Takes the pictures of docs/home-assistant-entities.md: a modem's device page, and the dashboard.

    HOME_ASSISTANT_PYTHON=... python -m tests.home_assistant_pictures [folder]

The interpreter belongs to an environment with `homeassistant` and the requirements of its
integrations mqtt, frontend, config, api, recorder, history and logbook, which
`.ci/homeassistant-python current` makes and prints. Chromium must be installed;
pngquant makes the pictures smaller where it is. All that they show went the way of everything:
simulator, daemon, broker, Home Assistant. Only the signal of the day before is written into its
database: nobody waits so long.
"""

import base64
import itertools
import json
import math
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.e2e.home_assistant import HomeAssistant
from tests.e2e.house import House
from tests.e2e.processes import Mosquitto, Program, free_port

ROOT = Path(__file__).parent.parent

ALICE, BOB = "+491701234567", "+491707654321"
STRENGTH = "sensor.n11_signal_strength"
CONFIGURATION = """\
recorder: {commit_interval: 1}
history:
logbook:
lovelace:
  dashboards:
    n11bridge-n11:
      mode: yaml
      title: Modem
      icon: mdi:radio-tower
      filename: dashboards/n11bridge/n11.yaml
automation:
  - alias: Jamming of the alarm system
    use_blueprint:
      path: n11bridge/jamming_alert.yaml
      input: {jamming: binary_sensor.n11_jamming, siren: [], contacts: [family]}
  - alias: Top up the SIM
    use_blueprint:
      path: n11bridge/low_balance.yaml
      input: {balance: sensor.n11_balance, act: []}
"""
#: The page has been drawn, and its history with it, after so many seconds.
DRAWN = 12.0
WIDTH, TALL, MARGIN = 1280, 3000, 12
#: The lower edge of the card with this heading, or of the lowest one.
EDGE = """\
(heading => {
  const edges = [];
  const look = root => {
    for (const each of root.querySelectorAll("*")) {
      if (each.localName === "ha-card" && (!heading || each.header === heading))
        edges.push(each.getBoundingClientRect().bottom);
      if (each.shadowRoot) look(each.shadowRoot);
    }
  };
  look(document);
  return Math.max(...edges);
})"""


class Chromium(Program):
    """A browser without a window."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._port = free_port()
        self._numbers = itertools.count(1)
        self.command = [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *("--disable-quic", "--no-first-run", "--disable-background-networking"),
            *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
            f"--remote-debugging-port={self._port}",
            f"--user-data-dir={folder}",
            "about:blank",
        ]

    def pages(self) -> list[dict[str, Any]]:
        """The pages that are open; OSError as long as it has not started."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/json") as response:
            return [each for each in json.load(response) if each["type"] == "page"]

    def picture(self, page: ClientConnection, url: str, last: str = "") -> bytes:
        """Open it, and return as PNG what it looks like down to the card with this heading."""
        self._show(page, url, TALL)
        found = self.do(page, "Runtime.evaluate", expression=f"{EDGE}({json.dumps(last)})")
        # Anew: a chart that was drawn for another window is not drawn as well for this one.
        self._show(page, url, math.ceil(found["result"]["value"]) + MARGIN)
        shown = self.do(page, "Page.captureScreenshot", format="png")
        return base64.b64decode(shown["data"])

    def _show(self, page: ClientConnection, url: str, height: int) -> None:
        size = {"width": WIDTH, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.do(page, "Emulation.setDeviceMetricsOverride", **size)
        self.do(page, "Page.navigate", url=url)
        time.sleep(DRAWN)

    def do(self, page: ClientConnection, method: str, **parameters: Any) -> dict[str, Any]:
        """Command it, and return its answer."""
        number = next(self._numbers)
        page.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            said = json.loads(page.recv(60))
            if said.get("id") == number:
                result: dict[str, Any] = said["result"]
                return result


def _live(house: House) -> None:
    """Let something happen: texts in and out, a code, a call, and the data link."""
    house.send("alice", "Pump 1 is running again.")
    _receive(house, BOB, "status")
    house.send("bob", "21.5 °C inside, 3.0 °C outside, all doors closed.")
    house.modem.do("call", from_=ALICE)
    house.wait_event("call/incoming")
    _receive(house, ALICE, "We are on our way. Is it warm? :-)")
    house.send("family", "The heating is on: 21 °C at 18:30.")
    _receive(house, ALICE, "Thanks! Please leave the light on the porch on.")
    house.ask("ussd/send", code="*101#")
    house.ask("gprs/connect")
    house.ask("jamming/configure", detection=True)


def _receive(house: House, number: str, text: str) -> None:
    """Let a text come in a second of its own, so that the conversation is in order."""
    time.sleep(1.0)
    house.modem.do("receive", from_=number, text=text)
    house.received(text=text)
    time.sleep(1.0)


def _yesterday(folder: Path) -> None:
    """Write a day of signal into the database of a Home Assistant that is not running."""
    database = sqlite3.connect(folder / "home-assistant_v2.db")
    query = "SELECT metadata_id FROM states_meta WHERE entity_id = ?"
    (which,) = database.execute(query, (STRENGTH,)).fetchone()
    query = "SELECT attributes_id FROM states WHERE metadata_id = ? AND attributes_id NOT NULL"
    (attributes,) = database.execute(query, (which,)).fetchone()
    now, chance = time.time(), random.Random(11)
    for minutes in range(24 * 60, 10, -10):
        strength = -77 + 8 * math.sin(minutes / 230) + chance.choice((-4, -2, 0, 0, 2))
        then = now - 60 * minutes
        database.execute(
            "INSERT INTO states (metadata_id, attributes_id, state, last_updated_ts,"
            " last_reported_ts, origin_idx) VALUES (?, ?, ?, ?, ?, 0)",
            (which, attributes, str(2 * round(strength / 2)), then, then),
        )
    database.commit()
    database.close()


def _without_the_tests(folder: Path) -> None:
    """Take the automations away by which the tests look into it."""
    file = folder / "configuration.yaml"
    before, _, after = file.read_text().partition("automation:\n")
    file.write_text(before + after[after.index(CONFIGURATION) :])


def _ask_no_more(folder: Path) -> None:
    """Spare the first user all questions of the first start; it must not be running."""
    file = folder / ".storage" / "onboarding"
    stored = json.loads(file.read_text())
    stored["data"]["done"] = ["user", "core_config", "analytics", "integration"]
    file.write_text(json.dumps(stored))


def _device(folder: Path) -> str:
    """The id under which Home Assistant has the modem; it must not be running."""
    text = (folder / ".storage" / "core.device_registry").read_text()
    devices = json.loads(text)["data"]["devices"]
    (found,) = [each["id"] for each in devices if each["serial_number"]]
    return str(found)


def take(python: str, pictures: Path, folder: Path) -> None:
    """Set all up below the folder, and leave the pictures where they belong."""
    home = folder / "home"
    for each in (folder / "broker", folder / "house", home, folder / "chromium"):
        each.mkdir()
    broker = Mosquitto(folder / "broker")
    assistant = HomeAssistant(python, home, CONFIGURATION)
    chromium = Chromium(folder / "chromium")
    house = None
    try:
        broker.start()
        _without_the_tests(home)
        assistant.install_component()
        assistant.start()
        assistant.use_broker(broker.port)
        house = House(
            folder / "house",
            broker,
            contacts={"alice": ALICE, "bob": BOB},
            groups={"family": ["alice", "bob"]},
            mqtt={"discovery": "homeassistant"},
            sms={"trusted": ["family"]},
            balance={"code": "*101#", "pattern": "([0-9.]+) EUR", "low": 5},
        )
        house.simulator.start()
        house.modem.do("network", operators=[[2, "Rural Mobile", "Rural", "26299"]], rssi=22)
        house.modem.do("ussd", code="*101#", answer='0,"Your balance is 17.20 EUR",15')
        house.start()
        assistant.wait_state("sensor.n11_status", "ready")
        assistant.use_bridge(house.base)
        assistant.wait_state("sensor.n11_messages", "unknown")
        _live(house)
        assistant.wait_state("switch.n11_jamming_detection", "on")
        assistant.wait_state("sensor.n11_outbox", "0")
        assistant.wait_state("sensor.n11_balance", "17.2")
        assistant.stop()
        _yesterday(home)
        _ask_no_more(home)
        device = _device(home)
        assistant.start()
        assistant.wait_state("sensor.n11_status", "ready")
        chromium.start()
        assistant.wait_for(chromium.pages)
        with connect(chromium.pages()[0]["webSocketDebuggerUrl"], max_size=None) as page:
            _log_in(chromium, page, *assistant.access)
            for name, path, last in (
                ("home-assistant-dashboard.png", "n11bridge-n11/modem", ""),
                ("home-assistant-device.png", f"config/devices/device/{device}", "Notifiers"),
            ):
                png = chromium.picture(page, f"{assistant.access[0]}/{path}", last)
                (pictures / name).write_bytes(png)
                if shutil.which("pngquant"):
                    small = ("pngquant", "--force", "--ext", ".png", "--strip", "128")
                    subprocess.run([*small, str(pictures / name)], check=True)
    finally:
        chromium.clean_up()
        if house is not None:
            house.end()
        assistant.clean_up()
        broker.clean_up()


def _log_in(chromium: Chromium, page: ClientConnection, url: str, token: str) -> None:
    """Let each page find a session in its local storage."""
    session = {"hassUrl": url, "clientId": None, "token_type": "Bearer", "refresh_token": ""}
    session |= {"access_token": token, "expires_in": 10**8, "expires": 4_102_444_800_000}
    stored = {"hassTokens": session, "selectedLanguage": "en", "dockedSidebar": "auto"}
    source = "".join(
        f"localStorage.setItem({json.dumps(key)}, {json.dumps(json.dumps(value))});"
        for key, value in stored.items()
    )
    chromium.do(page, "Page.enable")
    chromium.do(page, "Page.addScriptToEvaluateOnNewDocument", source=source)


if __name__ == "__main__":
    if not (interpreter := os.environ.get("HOME_ASSISTANT_PYTHON")):
        sys.exit("HOME_ASSISTANT_PYTHON names no interpreter")
    with tempfile.TemporaryDirectory() as workplace:
        goal = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "docs"
        take(interpreter, goal, Path(workplace))

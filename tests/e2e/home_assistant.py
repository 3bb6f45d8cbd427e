"""A real Home Assistant without a page, set up through its HTTP API as the page would."""

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from n11bridge.cli import main

from .processes import Program, free_port

#: Home Assistant starts within seconds; a loaded machine takes longer.
PATIENCE = 60.0

_HEARD = re.compile(r"\[heard\] (\[.*\])")
_COMPLAINT = re.compile(r" (WARNING|ERROR) .*(components\.mqtt|helpers\.template)")

# No default_config, which looks about the network and the internet.
CONFIGURATION = """\
homeassistant: {{name: Test, time_zone: UTC, country: DE}}
http: {{server_host: 127.0.0.1, server_port: {port}}}
api:
config:
logger: {{default: info}}
system_log:
automation:
  - alias: Tell what was heard
    mode: queued
    max: 50
    triggers: [{{trigger: event, event_type: n11bridge_sms_received}}]
    actions:
      - action: system_log.write
        data:
          level: warning
          logger: heard
          message: "{{{{ [trigger.event.data.text, trigger.event.data.replayed] | tojson }}}}"
"""


class HomeAssistant(Program):
    """`python` is the interpreter of an environment that has Home Assistant; `more` is YAML."""

    def __init__(self, python: str, folder: Path, more: str = "") -> None:
        super().__init__()
        port = free_port()
        self._url = f"http://127.0.0.1:{port}"
        self.folder = folder
        self._token = ""
        (folder / "configuration.yaml").write_text(CONFIGURATION.format(port=port) + more)
        self.command = [python, "-m", "homeassistant", "-c", str(folder), "--skip-pip"]

    def clean_up(self) -> None:
        """Leave nothing running, and the log where a failing test shows it."""
        super().clean_up()
        print("--- Home Assistant", *self.output.since(), sep="\n")

    @property
    def access(self) -> tuple[str, str]:
        """Where its page is, and the token that opens it."""
        return self._url, self._token

    def start(self) -> None:
        """Return once it has started."""
        super().start()
        if not self._token:
            self.wait_for(lambda: self._ask("GET", "/api/onboarding"))
            self._create_owner()
        self.wait_for(lambda: self._ask("GET", "/api/config")["state"] == "RUNNING")

    def _create_owner(self) -> None:
        client = {"client_id": f"{self._url}/"}
        owner = {"name": "Test", "username": "test", "password": "test", "language": "en"}
        answer = self._ask("POST", "/api/onboarding/users", owner | client)
        grant = {"grant_type": "authorization_code", "code": answer["auth_code"]}
        form = urllib.parse.urlencode(grant | client).encode()
        with urllib.request.urlopen(f"{self._url}/auth/token", form) as response:
            self._token = json.load(response)["access_token"]

    def use_broker(self, port: int) -> None:
        """Set the MQTT integration up."""
        flows = "/api/config/config_entries/flow"
        form = self._ask("POST", flows, {"handler": "mqtt"})
        chosen: dict[str, Any] = {"broker": "127.0.0.1", "port": port}
        if any(each["name"] == "other_settings" for each in form["data_schema"]):  # since 2026
            chosen["other_settings"] = {"set_client_cert": False, "set_ca_cert": "off"}
        result = self._ask("POST", f"{flows}/{form['flow_id']}", chosen)
        assert result["type"] == "create_entry", result

    def install_component(self) -> None:
        """Put our component in place, before it starts."""
        assert main(["homeassistant", "install", str(self.folder)]) == 0

    def use_bridge(self, base: str) -> None:
        """Set our component up by hand, which waits until the bridge has been heard."""
        flows = "/api/config/config_entries/flow"
        flow = self._ask("POST", flows, {"handler": "n11bridge"})["flow_id"]
        result = self._ask("POST", f"{flows}/{flow}", {"base_topic": base})
        assert result["type"] == "create_entry", result

    def add_discovered(self, domain: str) -> None:
        """Add what has been discovered, as soon as it has been."""

        def found() -> list[str]:
            flows = self._command("config_entries/flow/progress")
            return [each["flow_id"] for each in flows if each["handler"] == domain]

        self.wait_for(found)
        result = self._ask("POST", f"/api/config/config_entries/flow/{found()[0]}", {})
        assert result["type"] == "create_entry", result

    def reconfigure(self, base: str) -> None:
        """Have our component's one entry follow a bridge to other topics."""
        flows = "/api/config/config_entries/flow"
        asked = {"handler": "n11bridge", "entry_id": self._entry()}
        flow = self._ask("POST", flows, asked)["flow_id"]
        result = self._ask("POST", f"{flows}/{flow}", {"base_topic": base})
        assert result["reason"] == "reconfigure_successful", result

    def remove_component(self) -> None:
        """Delete our component's one entry."""
        self._ask("DELETE", f"/api/config/config_entries/entry/{self._entry()}")

    def _entry(self) -> str:
        entries = self._ask("GET", "/api/config/config_entries/entry?domain=n11bridge")
        return str(entries[0]["entry_id"])

    def choose_options(self, **options: Any) -> None:
        """Choose options of our component's one entry, on top of what its form suggests."""
        flows = "/api/config/config_entries/options/flow"
        form = self._ask("POST", flows, {"handler": self._entry()})
        suggested = {each["name"]: each.get("default") for each in form["data_schema"]}
        chosen = {name: value for name, value in suggested.items() if value is not None} | options
        result = self._ask("POST", f"{flows}/{form['flow_id']}", chosen)
        assert result["type"] == "create_entry", result

    def answer(self, action: str, **data: Any) -> Any:
        """Perform an action, and return its response."""
        path = f"/api/services/{action.replace('.', '/')}?return_response"
        return self._ask("POST", path, data)["service_response"]

    def issues(self) -> list[str]:
        """What our component has among the repairs."""
        listed = self._command("repairs/list_issues")["issues"]
        return [each["translation_key"] for each in listed if each["domain"] == "n11bridge"]

    def repair(self, kind: str, **codes: str) -> Any:
        """Open the repair of such an issue, submit these codes, and return what comes of it."""
        path = "/api/repairs/issues/fix"
        issue = {"handler": "n11bridge", "issue_id": f"{kind}_{self._entry()}"}
        return self._ask("POST", f"{path}/{self._ask('POST', path, issue)['flow_id']}", codes)

    def heard(self) -> list[tuple[str, bool]]:
        """Each text that its automation was told of, and whether it was replayed."""
        found = (_HEARD.search(line) for line in self.output.since())
        return [tuple(json.loads(each[1])) for each in found if each]

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, headers, method=method)
        with urllib.request.urlopen(request) as response:
            text = response.read().decode()
            return json.loads(text) if "json" in response.headers["Content-Type"] else text

    def states(self) -> dict[str, dict[str, Any]]:
        """State and attributes of each entity, by its id."""
        return {state["entity_id"]: state for state in self._ask("GET", "/api/states")}

    def act(self, action: str, entity_id: str, **data: Any) -> None:
        """Perform an action, as an automation would: `notify.send_message`."""
        path = f"/api/services/{action.replace('.', '/')}"
        self._ask("POST", path, {"entity_id": entity_id, **data})

    def render(self, template: str) -> str:
        """What a template shows."""
        return str(self._ask("POST", "/api/template", {"template": template}))

    def dashboard(self, path: str) -> Any:
        """A dashboard, as the page gets it."""
        return self._command("lovelace/config", url_path=path)

    def _command(self, kind: str, **data: Any) -> Any:
        """The result of a command over the page's web socket."""
        with connect(f"{self._url.replace('http', 'ws', 1)}/api/websocket") as page:
            page.recv()
            page.send(json.dumps({"type": "auth", "access_token": self._token}))
            page.recv()
            page.send(json.dumps({"id": 1, "type": kind, **data}))
            return json.loads(page.recv())["result"]

    def registry(self) -> dict[str, dict[str, Any]]:
        """The registry's entities by unique id, as they are on disk: stop it first."""
        text = (self.folder / ".storage" / "core.entity_registry").read_text()
        return {entry["unique_id"]: entry for entry in json.loads(text)["data"]["entities"]}

    def places(self) -> list[Path]:
        """Where our component keeps how far it has followed each inbox."""
        return [*(self.folder / ".storage").glob("n11bridge.*")]

    def complaints(self) -> list[str]:
        """Every warning and error about MQTT and its templates, of all its runs."""
        return [line for line in self.output.since() if _COMPLAINT.search(line)]

    def wait_for(self, holds: Callable[[], Any], shown: Callable[[], Any] = lambda: "") -> None:
        """Return once it holds; AssertionError, with what is shown then, when it does not."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if holds():
                    return
            except (OSError, KeyError):  # it is not up, or the entity is not there
                pass
            time.sleep(0.1)
        raise AssertionError(f"not within {PATIENCE} s: {shown()}")

    def wait_state(self, entity_id: str, state: str) -> None:
        """Return once the entity is in this state."""
        try:
            self.wait_for(lambda: self.states()[entity_id]["state"] == state)
        except AssertionError as error:
            now = self.states().get(entity_id)
            raise AssertionError(f"{entity_id} is not {state!r}, but {now}") from error

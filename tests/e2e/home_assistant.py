"""A real Home Assistant without a page, set up through its HTTP API as the page would."""

import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt import publish
from websockets.sync.client import connect

from n11bridge.cli import main

from .home_assistant_folder import FIRST, configure
from .processes import Program, free_port

PYTHON = os.environ.get("HOME_ASSISTANT_PYTHON", "")
#: Marks of a module that needs one; some tests start it several times.
MARKS = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not PYTHON, reason="HOME_ASSISTANT_PYTHON names no interpreter"),
]

#: Home Assistant starts within seconds; a loaded machine takes longer.
PATIENCE = 60.0

_TOLD = re.compile(r"\[(\w+)\] (\[.*\])")
_COMPLAINT = re.compile(r" (WARNING|ERROR|CRITICAL) ")
#: What it says of how it is run, of what its page was refused, and in our automations' name.
_USUAL = re.compile(
    r"Skipping pip installation|zlib_ng and isal are not available|\[(heard|shown)\]"
    r"|websocket_api.http.connection|ffmpeg|turbojpeg|No device components to cleanup"
    r"|custom integration n11bridge which has not been tested by Home Assistant"
)


class Refused(Exception):
    """What the page says of a command that was refused."""


class HomeAssistant(Program):
    """`python` is the interpreter of an environment that has Home Assistant; `more` is YAML."""

    def __init__(self, python: str, folder: Path, more: str = "") -> None:
        super().__init__()
        port = free_port()
        self._url = f"http://127.0.0.1:{port}"
        self.folder = folder
        self._token = ""
        configure(python, folder, port, more)
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
        self.launch()
        self.wait_started()

    def launch(self) -> None:
        """Let it begin to start."""
        super().start()

    def wait_started(self) -> None:
        """Return once it has started; the first time somebody has to make himself known first."""
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
        """Set the MQTT integration up, and have it know all platforms.

        A version with voluptuous compiles the validators that the platforms share in one thread,
        while they are in use in another: what is discovered at that time may be taken as it is,
        templates as text. So something is discovered that does not mind, and taken back.
        """
        flows = "/api/config/config_entries/flow"
        form = self._ask("POST", flows, {"handler": "mqtt"})
        chosen: dict[str, Any] = {"broker": "127.0.0.1", "port": port}
        if any(each["name"] == "other_settings" for each in form["data_schema"]):  # since 2026
            chosen["other_settings"] = {"set_client_cert": False, "set_ca_cert": "off"}
        result = self._ask("POST", f"{flows}/{form['flow_id']}", chosen)
        assert result["type"] == "create_entry", result
        for payload, there in ((FIRST, len(FIRST["cmps"])), (None, 0)):
            words = json.dumps(payload) if payload else b""
            publish.single("homeassistant/device/first/config", words, 1, True, port=port)
            self.wait_for(lambda there=there: self._count(".first_") == there)

    def _count(self, part: str) -> int:
        return sum(part in entity_id for entity_id in self.states())

    def install_component(self) -> None:
        """Put our component in place, before it starts."""
        assert main(["homeassistant", "install", str(self.folder)]) == 0

    def use_bridge(self, base: str) -> None:
        """Set our component up by hand, which waits until the bridge has been heard."""
        flows = "/api/config/config_entries/flow"
        flow = self._ask("POST", flows, {"handler": "n11bridge"})["flow_id"]
        result = self._ask("POST", f"{flows}/{flow}", {"base_topic": base})
        assert result["type"] == "create_entry", result

    def discovered(self, domain: str) -> dict[str, str]:
        """The flow of each thing that was discovered and awaits a yes, by its unique id."""
        flows = self.ask_page("config_entries/flow/progress")
        ours = [each for each in flows if each["handler"] == domain]
        return {each["context"]["unique_id"]: each["flow_id"] for each in ours}

    def add_discovered(self, domain: str) -> None:
        """Add what has been discovered, as soon as it has been."""
        self.wait_for(lambda: self.discovered(domain))
        for flow in self.discovered(domain).values():
            result = self._ask("POST", f"/api/config/config_entries/flow/{flow}", {})
            assert result["type"] == "create_entry", result

    def reconfigure(self, base: str) -> None:
        """Have our component's one entry follow a bridge to other topics."""
        flows = "/api/config/config_entries/flow"
        asked = {"handler": "n11bridge", "entry_id": self.entry()}
        flow = self._ask("POST", flows, asked)["flow_id"]
        result = self._ask("POST", f"{flows}/{flow}", {"base_topic": base})
        assert result["reason"] == "reconfigure_successful", result

    def remove_component(self, modem: str = "") -> None:
        """Delete our component's entry for a modem; unnamed it is the only one."""
        self._ask("DELETE", f"/api/config/config_entries/entry/{self.entry(modem)}")

    def entry(self, modem: str = "") -> str:
        """The id of our component's entry for a modem; unnamed it is the only one."""
        entries = self.entries()
        return entries[modem]["entry_id"] if modem else next(iter(entries.values()))["entry_id"]

    def entries(self) -> dict[str, Any]:
        """Our component's entries by the modem's name."""
        entries = self._ask("GET", "/api/config/config_entries/entry?domain=n11bridge")
        return {each["title"]: each for each in entries}

    def choose_options(self, **options: Any) -> None:
        """Choose options of our component's one entry, on top of what its form suggests."""
        flows = "/api/config/config_entries/options/flow"
        form = self._ask("POST", flows, {"handler": self.entry()})
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
        listed = self.ask_page("repairs/list_issues")["issues"]
        return [each["translation_key"] for each in listed if each["domain"] == "n11bridge"]

    def repair(self, kind: str, **codes: str) -> Any:
        """Open the repair of such an issue, submit these codes, and return what comes of it."""
        path = "/api/repairs/issues/fix"
        issue = {"handler": "n11bridge", "issue_id": f"{kind}_{self.entry()}"}
        return self._ask("POST", f"{path}/{self._ask('POST', path, issue)['flow_id']}", codes)

    def heard(self, logger: str = "heard") -> list[tuple[str, bool]]:
        """Each text that its automation was told of, and whether it was replayed."""
        found = (_TOLD.search(line) for line in self.output.since())
        return [tuple(json.loads(each[2])) for each in found if each and each[1] == logger]

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
        return self.ask_page("lovelace/config", url_path=path)

    def refusal(self, action: str, **data: Any) -> str:
        """Perform an action that fails, and return what the page says then."""
        domain, service = action.split(".")
        asked = {"domain": domain, "service": service, "service_data": data}
        with pytest.raises(Refused) as refused:
            self.ask_page("call_service", **asked, return_response=True)
        return str(refused.value)

    def ask_page(self, kind: str, **data: Any) -> Any:
        """The result of a command over the page's web socket; Refused when it is refused."""
        with connect(f"{self._url.replace('http', 'ws', 1)}/api/websocket") as page:
            page.recv()
            page.send(json.dumps({"type": "auth", "access_token": self._token}))
            page.recv()
            page.send(json.dumps({"id": 1, "type": kind, **data}))
            answer = json.loads(page.recv())
        if not answer["success"]:
            raise Refused(answer["error"]["message"])
        return answer["result"]

    def devices(self, maker: str = "") -> dict[str, Any]:
        """Each device by its id: all, or those of one manufacturer."""
        known = self.ask_page("config/device_registry/list")
        return {each["id"]: each for each in known if maker in ("", each["manufacturer"])}

    def entities(self) -> dict[str, Any]:
        """What the registry knows of each entity, by its id."""
        known = self.ask_page("config/entity_registry/list")
        return {each["entity_id"]: each for each in known}

    def registry(self) -> dict[str, dict[str, Any]]:
        """The registry's entities by unique id, as they are on disk: stop it first."""
        text = (self.folder / ".storage" / "core.entity_registry").read_text()
        return {entry["unique_id"]: entry for entry in json.loads(text)["data"]["entities"]}

    def places(self) -> list[Path]:
        """Where our component keeps how far it has followed each inbox."""
        return [*(self.folder / ".storage").glob("n11bridge.*")]

    def complaints(self, but: str = r"\Z.") -> list[str]:
        """Every warning and error of all its runs, but for what is usual or looks like this."""
        said = (line for line in self.output.since() if _COMPLAINT.search(line))
        return [line for line in said if not (_USUAL.search(line) or re.search(but, line))]

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

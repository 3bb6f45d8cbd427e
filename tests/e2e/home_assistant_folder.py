"""What a Home Assistant of the tests is configured by: its folder, and what it discovers first."""

import json
import subprocess
from pathlib import Path
from typing import Any

# No default_config, which looks about the network and the internet.
CONFIGURATION = """\
homeassistant: {name: Test, time_zone: UTC, country: DE}
api:
config:
logger: {default: info}
system_log:
automation:
  - alias: Tell what was heard
    mode: queued
    max: 50
    triggers: [{trigger: event, event_type: n11bridge_sms_received}]
    actions:
      - action: system_log.write
        data:
          level: warning
          logger: heard
          message: "{{ [trigger.event.data.text, trigger.event.data.replayed] | tojson }}"
  - alias: Tell what is shown
    mode: queued
    max: 50
    triggers:
      - trigger: state
        entity_id: event.n11_text_or_replay
        not_from: unavailable
        not_to: [unavailable, unknown]
    variables: {shown: "{{ trigger.to_state.attributes }}"}
    actions:
      - action: system_log.write
        data:
          level: warning
          logger: shown
          message: "{{ [shown.text, shown.event_type == 'replayed'] | tojson }}"
"""

_STATE, _COMMAND = {"state_topic": "first"}, {"command_topic": "first"}
_PLATFORMS: dict[str, dict[str, Any]] = {
    "binary_sensor": _STATE,
    "button": _COMMAND,
    "device_tracker": _STATE,
    "event": _STATE | {"event_types": ["first"]},
    "notify": _COMMAND,
    "sensor": _STATE,
    "switch": _COMMAND,
    "text": _COMMAND,
    "update": _STATE,
}
#: A device with one entity of each platform that the bridge has.
FIRST: dict[str, Any] = {
    "dev": {"ids": "first", "name": "First"},
    "o": {"name": "tests"},
    "cmps": {
        name: {"p": name, "name": name, "unique_id": f"first_{name}", **needed}
        for name, needed in _PLATFORMS.items()
    },
}


def configure(python: str, folder: Path, port: int, more: str) -> None:
    """Write what `python`'s Home Assistant reads; `more` is YAML beside our own."""
    (folder / "configuration.yaml").write_text(CONFIGURATION + more)
    _listen(python, folder, port)


def _listen(python: str, folder: Path, port: int) -> None:
    """Have it listen at this port alone, which newer versions take from YAML for a trial only."""
    where: dict[str, Any] = {"server_host": ["127.0.0.1"], "server_port": port}
    version = "from homeassistant.const import MAJOR_VERSION; print(MAJOR_VERSION)"
    if int(subprocess.check_output([python, "-c", version])) < 2026:
        with (folder / "configuration.yaml").open("a") as configuration:
            configuration.write(f"http: {json.dumps(where)}\n")
        return
    place = folder / ".storage" / "http"
    place.parent.mkdir()
    stable = where | {
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": "2026-01-01T00:00:00+00:00",
    }
    data = {"stable": stable, "pending": None, "yaml_migration_done": True}
    place.write_text(json.dumps({"version": 2, "minor_version": 2, "key": "http", "data": data}))

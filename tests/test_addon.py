"""The add-on's folder: what can be known of it without a Supervisor."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import n11bridge
from n11bridge.config import load

ROOT = Path(__file__).parent.parent
ADDON = ROOT / "homeassistant" / "addon"
SERVICE = ADDON / "rootfs" / "etc" / "s6-overlay" / "s6-rc.d" / "n11bridge"
BUILD = ROOT / "homeassistant" / "build-addon"
PROGRAM = ADDON / "rootfs" / "usr" / "share" / "n11bridge" / "configuration.jq"

BROKER = {"MQTT_HOST": "core-mosquitto", "MQTT_PORT": "1883"}
LOGIN = {"MQTT_USERNAME": "addons", "MQTT_PASSWORD": 'se"cret: ${x}'}


def config() -> dict[str, Any]:
    """What the Supervisor reads."""
    read: dict[str, Any] = yaml.safe_load((ADDON / "config.yaml").read_text())
    return read


def configured(options: dict[str, Any], folder: Path, broker: dict[str, str]) -> Any:
    """The configuration that the daemon is started with; the environment is the add-on's."""
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    file = folder / "n11bridge.yaml"
    made = subprocess.run(
        ["jq", "--from-file", str(PROGRAM)],
        input=json.dumps(options),
        env={**os.environ, **broker},
        capture_output=True,
        text=True,
        check=True,
    )
    file.write_text(made.stdout)
    return load(file)


def test_options_become_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LOGIN.items():
        monkeypatch.setenv(name, value)
    options = {
        "device": "/dev/serial/by-id/usb-1",
        "pin": "0123",
        "contacts": [{"name": "alice", "number": "+49 170 1234567"}],
        "trusted": ["alice"],
    }
    made = configured(options, tmp_path, BROKER | LOGIN)
    assert (made.modem.port, made.modem.pin) == ("/dev/serial/by-id/usb-1", "0123")
    assert (made.mqtt.host, made.mqtt.port) == ("core-mosquitto", 1883)
    assert (made.mqtt.username, made.mqtt.password) == tuple(LOGIN.values())
    assert made.addresses.name_of("+491701234567") == "alice"
    assert made.sms.trusted == ("alice",)
    assert str(made.store) == "/data/n11.db"
    assert LOGIN["MQTT_PASSWORD"] not in (tmp_path / "n11bridge.yaml").read_text()


def test_a_broker_with_tls_is_reached_so(tmp_path: Path) -> None:
    options = {"device": "/dev/ttyUSB0", **config()["options"]}
    made = configured(options, tmp_path, BROKER | {"MQTT_TLS": "true"})
    assert made.mqtt.tls is not None
    assert configured(options, tmp_path, BROKER | {"MQTT_TLS": "false"}).mqtt.tls is None


def test_the_least_options_are_enough(tmp_path: Path) -> None:
    options = {"device": "/dev/ttyUSB0", **config()["options"]}
    made = configured(options, tmp_path, BROKER)
    assert (made.modem.pin, made.mqtt.username, made.contacts) == (None, None, {})


def test_every_option_is_explained_in_every_language() -> None:
    schema = config()["schema"]
    assert config()["options"].keys() <= schema.keys()
    files = sorted((ADDON / "translations").glob("*.yaml"))
    assert [file.stem for file in files] == ["de", "en"]
    for file in files:
        told = yaml.safe_load(file.read_text())["configuration"]
        assert told.keys() == schema.keys()
        assert told["contacts"]["fields"].keys() == schema["contacts"][0].keys()
        explained = [*told.values(), *told["contacts"]["fields"].values()]
        assert all(each["name"] and each["description"] for each in explained)


def test_it_is_the_program_of_this_version() -> None:
    assert config()["version"] == n11bridge.__version__


def test_no_other_file_looks_like_an_add_on() -> None:
    """The Supervisor searches all folders of a repository for these names."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("this is no checkout")
    named = {
        path
        for path in listed.stdout.splitlines()
        if Path(path).name in ("config.yaml", "config.yml", "config.json")
    }
    assert named == {"homeassistant/addon/config.yaml"}


@pytest.mark.parametrize("script", [SERVICE / "run", SERVICE / "finish", BUILD])
def test_scripts_are_clean(script: Path) -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    assert os.access(script, os.X_OK)
    subprocess.run(["shellcheck", str(script)], check=True)


def test_the_profile_can_be_read() -> None:
    parser = shutil.which("apparmor_parser", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if parser is None:
        pytest.skip("apparmor_parser is not installed")
    profile = ADDON / "apparmor.txt"
    subprocess.run([parser, "--skip-kernel-load", "--skip-cache", str(profile)], check=True)

"""``n11bridge report``: what a bug report needs, with nothing in it that is private."""

import argparse
import contextlib
import importlib.metadata
import io
import json
import platform
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from n11bridge import __version__, doctor
from n11bridge.client.session import ClientError, Session
from n11bridge.config import ConfigError, load

DESCRIPTION = """\
Writes a zip file with what a bug report needs: versions, the doctor's findings, the configuration,
the states that the bridge publishes and its last log lines. Texts, telephone numbers, names,
passwords, PINs and the numbers of SIM and modem are taken out. Look at it before you send it.
"""
PACKAGES = ("paho-mqtt", "pyserial", "voluptuous", "PyYAML", "h11", "systemd-python")
LOG_LINES = 1000
#: Strings of the configuration that say how it is set up and nothing about anybody.
PLAIN = {
    *("port", "name", "flow_control", "protocol", "prefix", "discovery", "encoding", "level"),
    *("store", "authentication", "limits", "listen", "allow_dangerous", "pin_file"),
}
#: A run of digits this long is a number of somebody's or something's; so are addresses.
_NUMBER = re.compile(r"\+?\d{7,}|\+\d[\d ]{5,}\d|\d{1,3}(?:\.\d{1,3}){3}")
#: Fields that hold people's words, or tell who or where somebody is.
PRIVATE = {
    *("text", "data", "from", "to", "contact", "operator", "plmn", "name", "message", "line"),
    *("latitude", "longitude", "accuracy", "lac", "cell", "address", "host", "topic"),
}
#: Subjects of the doctor's whose words name somebody's network or broker.
NAMED = {"broker", "network", "access point", "data link"}


def add_arguments(parser: argparse.ArgumentParser, config: Path) -> None:
    """Add what the command takes."""
    parser.description = DESCRIPTION
    parser.add_argument("-c", "--config", type=Path, default=config, metavar="FILE")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="the zip file to write")


def run(arguments: argparse.Namespace) -> int:
    """Collect, write, and say where it is."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    output: Path = arguments.output or Path(f"n11bridge-report-{stamp}.zip")
    parts: dict[str, Callable[[], str]] = {
        "versions.txt": _versions,
        "doctor.json": lambda: _doctor(arguments.config),
        "configuration.yaml": lambda: _configuration(arguments.config),
        "states.json": lambda: _states(arguments.config),
        "log.txt": _log,
    }
    try:
        with zipfile.ZipFile(output, "x", zipfile.ZIP_DEFLATED) as bundle:
            for name, collect in parts.items():
                bundle.writestr(name, _said(collect))
    except OSError as error:
        sys.stderr.write(f"{output}: {error.strerror}\n")
        return 1
    sys.stdout.write(f"Written to {output}. Look at it before you send it to anybody.\n")
    return 0


def _said(collect: Callable[[], str]) -> str:
    try:
        return collect()
    except (OSError, ConfigError, ClientError) as error:
        return redacted(f"{type(error).__name__}: {error}") + "\n"


def _versions() -> str:
    lines = [f"n11bridge {__version__}", f"Python {platform.python_version()}", platform.platform()]
    for name in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            lines.append(f"{name} {importlib.metadata.version(name)}")
    with contextlib.suppress(OSError):
        lines.append(platform.freedesktop_os_release().get("PRETTY_NAME", ""))
    return "\n".join(lines) + "\n"


def _doctor(config: Path) -> str:
    findings = [_without_words("", asdict(finding)) for finding in doctor.examine(config)]
    for finding in findings:
        if finding["subject"] in NAMED and finding["verdict"] == "good":
            finding["said"] = "(left out)"
    return json.dumps(findings, indent=2, ensure_ascii=False) + "\n"


def _configuration(file: Path) -> str:
    given = yaml.safe_load(file.read_text())
    return yaml.safe_dump(_without_secrets("", given), sort_keys=False, allow_unicode=True)


def _without_secrets(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        if key in ("contacts", "groups"):
            return f"({len(value)})"
        return {name: _without_secrets(str(name), each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_secrets(key, each) for each in value]
    if isinstance(value, str) and key not in PLAIN:
        return f"({len(value)} characters)"
    return None if key == "pin" else value


def _states(file: Path) -> str:
    config = load(file)
    with Session(config) as session:
        session.listen("availability", "state/#")
        states = dict(session.heard(1.0))
    shown = {topic: _without_words("", said) for topic, said in states.items()}
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


def _without_words(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_words(name, each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_words(key, each) for each in value]
    if key in PRIVATE and value is not None:
        return "(left out)"
    return redacted(value) if isinstance(value, str) else value


def _log() -> str:
    command = ["journalctl", "-u", "n11bridge*", "-n", str(LOG_LINES), "-o", "short-iso-precise"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "\n".join(_lines(done.stdout)) + "\n" if done.stdout else "no journal\n"


def _lines(journal: str) -> Iterator[str]:
    for line in io.StringIO(journal):
        time, _, rest = line.rstrip("\n").partition(" ")
        yield f"{time} {redacted(rest.partition(' ')[2])}"  # without the host's name


def redacted(text: str) -> str:
    """Take out what looks like a telephone number, an IMSI, an ICCID or an IMEI."""
    return _NUMBER.sub("(number)", text)

"""What belongs into a configuration folder of Home Assistant, as paths with their bytes."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import n11bridge
from n11bridge.discovery import object_id

#: Where it lies below the folder; the same as in the source, but for the dashboards.
COMPONENT = "custom_components/n11bridge"
BLUEPRINTS = "blueprints/automation/n11bridge"
DASHBOARDS = "dashboards/n11bridge"

#: The modem that the dashboard in the source is written for.
USUAL = "n11"

Contents = Mapping[str, bytes]
"""Bytes by path below the configuration folder."""

_MARK = "# n11bridge wrote this file, and replaces it with an upgrade unless it was edited: {}\n"
_SEAL = re.compile(rb"# n11bridge .*: ([0-9a-f]{32})\n")


class NotPacked(Exception):
    """This installation of the program came without Home Assistant's files."""


def contents(modems: Iterable[str]) -> Contents:
    """Return the component, the blueprints, and a dashboard for each modem."""
    source = _source()
    files = component()
    for path in sorted((source / BLUEPRINTS).glob("*.yaml")):
        files[f"{BLUEPRINTS}/{path.name}"] = sealed(path.read_bytes())
    dashboard = (source / "dashboard" / "n11bridge.yaml").read_text("utf-8")
    for modem in modems:
        text = _for_modem(dashboard, modem)
        files[dashboard_of(modem)] = sealed(text.encode())
    return files


def component() -> dict[str, bytes]:
    """Return the files of the component alone."""
    source = _source()
    return {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted((source / COMPONENT).rglob("*"))
        if path.is_file() and not _left_by_tools(path.relative_to(source))
    }


def dashboard_of(modem: str) -> str:
    """Return where a modem's dashboard lies."""
    return f"{DASHBOARDS}/{object_id(modem) or 'modem'}.yaml"


def sealed(text: bytes) -> bytes:
    """Return a file with a first line that tells whether it was edited afterwards."""
    return _MARK.format(_digest(text)).encode() + text


def seal(text: bytes) -> str | None:
    """Return the digest that this program wrote into the first line; None where there is none."""
    found = _SEAL.match(text)
    return None if found is None else found[1].decode()


def unsealed(text: bytes) -> bytes:
    """Return what stands behind the line with the digest."""
    return text.partition(b"\n")[2]


def edited(text: bytes) -> bool:
    """Whether somebody changed a file that this program wrote, or somebody else wrote it."""
    return seal(text) != _digest(unsealed(text))


def _source() -> Path:
    """Return where the files lie: beside the source, or where an installation put them."""
    package = Path(n11bridge.__file__).resolve().parent
    # An installation puts them below the prefix that the package is below: that of the system, a
    # virtual environment, a user.
    for place in (package.parent, *(above / "share" / "n11bridge" for above in package.parents)):
        if (place / "homeassistant" / COMPONENT / "manifest.json").is_file():
            return place / "homeassistant"
    raise NotPacked


def _left_by_tools(path: Path) -> bool:
    return path.suffix == ".pyc" or any(
        part == "__pycache__" or part.startswith(".") for part in path.parts
    )


def _for_modem(dashboard: str, modem: str) -> str:
    if modem == USUAL:
        return dashboard
    name = object_id(modem)
    return re.sub(rf"\b([a-z_]+)\.{USUAL}_", rf"\1.{name}_" if name else r"\1.", dashboard)


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:32]

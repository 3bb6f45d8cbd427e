"""Who may import whom: the house as it is drawn, enforced."""

import ast
import sys
from pathlib import Path

import pytest

import n11bridge

ROOT = Path(n11bridge.__file__).parent
MODULES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py"))

# What a room may import of the house; its own modules are always allowed.
ALLOWED = {
    "at": set(),
    "pdu": set(),
    "entity": {"templates"},
    "templates": set(),
    "message": set(),
    "addresses": set(),
    "simulator": set(),
    "config": {"addresses", "topics"},
    "store": {"message"},
    "port": set(),
    "broker": {"config"},
    "payload": set(),
    "topics": set(),
    "content": {"capability", "payload"},
    "host": {"at", "data_mode"},
    "capability": {"at", "entity", "host", "payload"},
    "capabilities": {
        "at",
        "capability",
        "content",
        "entity",
        "forwards",
        "host",
        "internet",
        "message",
        "payload",
        "pdu",
        "templates",
        "topics",
    },
    "forwards": {"config", "host"},
    "internet": {"at", "capability", "host"},
    "data_mode": {"at"},
    "line": {"at", "data_mode", "port"},
    "modem": {"at", "data_mode", "line", "port"},
    "memory": {"clock", "discovery", "host", "modem"},
    "clock": set(),
    "discovery": {"entity"},
    "publisher": {"broker", "store"},
    "requests": {"at", "broker", "capability", "line", "modem", "store"},
    "service": set(),
    "client": {"broker", "capabilities", "config"},
}
STANDARD_LIBRARY_ONLY = {
    *("at", "pdu", "entity", "templates", "message", "addresses", "simulator", "store")
}
# Each third-party package has one room that knows it.
ROOMS = {
    "paho": {"broker", "client", "demo"},  # those two are clients like any user's
    "serial": {"port"},
    "systemd": {"service"},
    "yaml": {"config", "demo", "report", "wizard"},
    "voluptuous": {
        "asyncapi",
        "capability",
        "capabilities",
        "client",
        "config",
        "content",
        "payload",
        "requests",
    },
    "voluptuous_openapi": {"asyncapi"},
    "rich": {"monitor"},
    "amqtt": {"demo"},
    "h11": {"capabilities"},
}


def imports(path: Path) -> set[str]:
    """The names of the modules a file imports, in full."""
    package = ["n11bridge", *path.parent.parts]
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            found |= (
                {f"{name}.{alias.name}" for alias in node.names} if name == "n11bridge" else set()
            )
            found.add(name)
    return found


def room(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_point_the_right_way(path: Path) -> None:
    here = room(path)
    if here not in ALLOWED:
        return  # the wiring on top may import everything
    rooms = {name.split(".")[1] for name in imports(path) if name.startswith("n11bridge.")}
    known = {each.parts[0].removesuffix(".py") for each in MODULES}
    assert rooms & known <= ALLOWED[here] | {here}


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_third_party_packages_have_their_rooms(path: Path) -> None:
    here = room(path)
    for name in {name.split(".")[0] for name in imports(path)}:
        if name == "n11bridge" or name in sys.stdlib_module_names:
            continue
        assert here not in STANDARD_LIBRARY_ONLY, f"{name} in {here}"
        assert here in ROOMS[name]

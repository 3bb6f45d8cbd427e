"""``n11bridge setup``: finds the port, tries the broker, asks, and writes the configuration."""

import argparse
import asyncio
import getpass
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from n11bridge import probe
from n11bridge.addresses import NUMBER, plain_number
from n11bridge.client.session import ClientError, Session, good
from n11bridge.config import Config, ConfigError, load, names_port
from n11bridge.doctor import wire
from n11bridge.port import RATES, PortError, candidates

DESCRIPTION = """\
Finds the modem, tries the broker, asks for what it cannot find, writes the configuration, starts
the service where there is one, and sends a text to try it all. What is given as an option is not
asked. Of a configuration that is there already, what was not asked for stays (but for its
comments), and a copy is kept beside it.
"""
HEADER = """\
# The configuration of n11bridge, as n11bridge setup wrote it. config/n11bridge.yaml of its source,
# /usr/share/doc/n11bridge/examples/n11bridge.yaml on Debian, has every key with its reason.

"""
UNIT = "n11bridge.service"
#: How long the service may take until its modem is ready (seconds): modem and network included.
START_TIME = 120.0
SEND_TIME = 60.0


class GivenUp(Exception):
    """The wizard cannot go on; the message says what to do."""


def add_arguments(parser: argparse.ArgumentParser, config: Path) -> None:
    """Add what the command takes."""
    parser.description = DESCRIPTION
    parser.add_argument("-c", "--config", type=Path, default=config, metavar="FILE")
    parser.add_argument("--port", help="the modem's port")
    parser.add_argument("--pin", help="the SIM's PIN")
    parser.add_argument("--host", help="the broker's name or address")
    parser.add_argument("--broker-port", type=int, help="the broker's port, if it is not the usual")
    parser.add_argument("--username", help="the bridge's name at the broker; '' for none")
    parser.add_argument("--password", help="the bridge's password there")
    parser.add_argument("--store", type=Path, help="where messages are kept")
    parser.add_argument(
        "--contact", metavar="NAME=NUMBER", help="who gets the text that tries it; '' for nobody"
    )


def run(arguments: argparse.Namespace) -> int:
    """Go through all steps; return the exit code."""
    try:
        _set_up(arguments)
    except (GivenUp, ConfigError, ClientError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except EOFError:
        sys.stderr.write("\nno more answers: nothing was changed unless it says so above\n")
        return 1
    return 0


def _set_up(arguments: argparse.Namespace) -> None:
    file: Path = arguments.config
    if not file.parent.is_dir():
        raise GivenUp(f"there is no folder {file.parent}: make it, or choose another -c")
    if not os.access(file.parent, os.W_OK):
        raise GivenUp(f"{file.parent} cannot be written: run this as root, or choose another -c")
    settings = _known(file)
    settings["modem"] = {**settings.get("modem", {}), **_modem(arguments)}
    settings["mqtt"] = {**settings.get("mqtt", {}), **_mqtt(arguments)}
    if arguments.store is not None:
        settings["store"] = str(arguments.store.absolute())
    settings.setdefault("store", str(_default_store(file)))
    name, number = _contact(arguments.contact)
    if name:
        settings["contacts"] = {**(settings.get("contacts") or {}), name: number}
    config = _write(file, settings)
    if _start_service(file):
        _try_it(config, name)
    else:
        say(f"Start it with:  n11bridge run -c {file}")
        if name:
            say(f"Then try it:    n11bridge sms send -c {file} {name} 'It works'")
    say("Home Assistant: n11bridge homeassistant install --help")


def _known(file: Path) -> dict[str, Any]:
    """What a configuration that is there already says; what is not asked for stays as it is."""
    try:
        load(file)
    except ConfigError:
        return {}  # none, or none that can be used; it is kept beside the new one
    known = yaml.safe_load(file.read_text())
    return {key: value for key, value in known.items() if value is not None}


# -- what is asked


def _modem(arguments: argparse.Namespace) -> dict[str, Any]:
    port, baud = arguments.port, RATES[0]
    if port is None:
        say("Looking for the modem...")
        found = _find()
        port = ask("Its port", found or "")
        if not port:
            raise GivenUp("no port, no bridge: plug the modem in, or give --port")
    try:
        states = asyncio.run(wire.look(port, baud))
    except PortError as error:
        raise GivenUp(str(error)) from error
    modem = states["modem"]
    if modem["status"] == "absent":
        raise GivenUp(
            f"no modem answers on {port}: check its power, and that TX and RX are crossed"
        )
    say(f"  {modem.get('manufacturer')} {modem.get('model')} at {modem['baud']} baud")
    section: dict[str, Any] = {"port": port}
    if modem["baud"] != RATES[0]:
        section["baud"] = modem["baud"]
    pin = arguments.pin
    if pin is None and states["sim"]["status"] == "pin_required":
        pin = ask("The SIM asks for its PIN", secret=True)
    if pin:
        section["pin"] = pin
    return section


def _find() -> str | None:
    """The first port on which a modem answers."""
    for candidate in candidates():
        try:
            if asyncio.run(probe.visit(candidate.path, RATES[0], probe.identify)):
                return candidate.path
        except PortError as error:
            say(f"  {error}")
    return None


def _mqtt(arguments: argparse.Namespace) -> dict[str, Any]:
    """Ask for the broker until it lets us in; what was given as an option is not asked again."""
    while True:
        host = arguments.host or ask("The broker's host, or host:port", "localhost")
        section: dict[str, Any] = {"host": host}
        if with_port := re.fullmatch(r"([^:]+):([0-9]+)", host):
            section = {"host": with_port[1], "port": int(with_port[2])}
        if arguments.broker_port:
            section["port"] = arguments.broker_port
        username = arguments.username
        if username is None:
            username = ask("The bridge's user name there, if it needs one", "")
        if username:
            section["username"] = username
            section["password"] = arguments.password or ask("and its password", secret=True)
        why = _refusal(section)
        if why is None:
            say(f"  the broker {section['host']} lets us in")
            return section
        say(f"  {why}")
        if arguments.host is not None and arguments.username is not None:
            say("  It is written all the same; n11bridge doctor looks again.")
            return section


def _refusal(section: dict[str, Any]) -> str | None:
    """Why the broker does not let us in; None when it does."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "trial.yaml")
        file.write_text(yaml.safe_dump({"modem": {"port": "/dev/null"}, "mqtt": section}))
        try:
            with Session(load(file)):
                return None
        except ConfigError as error:
            return "; ".join(problem.message for problem in error.problems)
        except ClientError as error:
            return str(error)


def _contact(given: str | None) -> tuple[str, str]:
    if given is None:
        asked = "A number for a text that tries it, as +49170..., if you want one"
        while (number := ask(asked, "")) and not NUMBER.fullmatch(plain_number(number)):
            say(f"  {number} is no telephone number")
        given = f"{ask('Its name', 'me')}={number}" if number else ""
    name, _, number = given.partition("=")
    if name and not number:
        raise GivenUp(f"--contact: {given!r} is not of the form NAME=NUMBER")
    return name, number


def _default_store(file: Path) -> Path:
    system = Path("/var/lib/n11bridge")
    return system / "n11.db" if system.is_dir() else file.absolute().parent / "n11.db"


# -- what is done


def _write(file: Path, settings: dict[str, Any]) -> Config:
    """Put a checked file in place, with the owner and mode of the one before."""
    with tempfile.NamedTemporaryFile("w", dir=file.parent, suffix=".yaml", delete=False) as new:
        new.write(HEADER + yaml.safe_dump(settings, sort_keys=False, allow_unicode=True))
    made = Path(new.name)
    try:
        config = load(made)
        if file.exists():
            before = file.stat()
            os.chown(made, before.st_uid, before.st_gid)
            made.chmod(before.st_mode & 0o7777)
            if names_port(file):
                kept = _free_name(file)
                shutil.copy2(file, kept)
                say(f"The configuration before is in {kept}.")
        made.replace(file)
    finally:
        made.unlink(missing_ok=True)
    say(f"Written to {file}.")
    return config


def _free_name(file: Path) -> Path:
    """A name for the file before that nothing has yet: the first one is the owner's own work."""
    names = (file.with_suffix(f".old{number or ''}.yaml") for number in itertools.count())
    return next(name for name in names if not name.exists())


def _start_service(file: Path) -> bool:
    """Start the system's service if this is its configuration; whether it was."""
    system = Path("/run/systemd/system").is_dir() and os.geteuid() == 0
    if not system or file != Path("/etc/n11bridge/n11bridge.yaml"):
        return False
    started = subprocess.run(["systemctl", "restart", UNIT], check=False)
    if started.returncode:
        raise GivenUp(f"the service does not start: journalctl -u {UNIT} says why")
    say("The service runs.")
    return True


def _try_it(config: Config, contact: str) -> None:
    """Wait until the modem is ready, and send a text."""
    with Session(config) as session:
        session.listen("state/modem")
        status = _wait_for_modem(session)
        if status != "ready":
            raise GivenUp(f"the modem is {status}; n11bridge doctor says what to do")
        say("The modem is ready.")
        if not contact:
            return
        session.listen("event/sms/status")
        text = "n11bridge works: this is its first text."
        accepted = good(session.ask("sms/send", {"to": contact, "text": text}, SEND_TIME))
        key = accepted["messages"][0]["message"]
        for _, said in session.heard(SEND_TIME):
            if isinstance(said, dict) and said.get("message") == key and said["state"] == "sent":
                say(f"A text to {contact} was sent.")
                return
        raise GivenUp("the text was not sent yet; n11bridge sms list --outbox tells of it")


def _wait_for_modem(session: Session) -> str:
    until = time.monotonic() + START_TIME
    status = "absent"
    for _, said in session.heard(until - time.monotonic()):
        if isinstance(said, dict) and "status" in said:
            status = str(said["status"])
            if status == "ready":
                break
    return status


def say(sentence: str) -> None:
    """Tell the person."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def ask(question: str, default: str | None = None, *, secret: bool = False) -> str:
    """Ask the person; an empty answer takes the default, and is asked again without one."""
    shown = f"{question} [{default}]: " if default else f"{question}: "
    read: Callable[[str], str] = getpass.getpass if secret and sys.stdin.isatty() else input
    while not (answer := read(shown).strip()) and default is None:
        pass
    return answer or default or ""

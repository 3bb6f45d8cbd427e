"""What the command says: what is in place now, and what to do next."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from n11bridge.discovery import object_id

from .contents import BLUEPRINTS, COMPONENT, DASHBOARDS, USUAL, dashboard_of
from .folder import Report

#: Where configuration folders are found.
PLACES = ("~/.homeassistant", "/config", "/homeassistant", "/usr/share/hassio/homeassistant")

INSTALL = """\
Puts the component n11bridge, its blueprints and a dashboard into Home Assistant's configuration
folder, or upgrades them, and says what to do next.
"""
INSTALL_WHERE = """\
CONFIG_FOLDER is where configuration.yaml lies:
  Home Assistant Container    the folder that the container has as /config
  Home Assistant Supervised   /usr/share/hassio/homeassistant
  in a virtual environment    ~/.homeassistant
  Home Assistant OS           the add-on does this by itself; without it, or for another
                              machine: see n11bridge homeassistant zip --help

Blueprints and dashboards that you have edited are left as they are; where there is something new,
it lies beside them, in a file that ends in .new.
"""
ZIP = """\
Packs the component n11bridge, its blueprints and a dashboard for a Home Assistant elsewhere.
"""
ZIP_WHERE = """\
Unpack it in the folder that has configuration.yaml. That overwrites what is there, a dashboard or
blueprint that you have edited as well.
"""
HELP = "n11bridge homeassistant install --help"

ZIPPED = """\
{file} is written. Unpack it in the folder that has configuration.yaml; then:

{next}"""

FOR_HACS = """\
{file} is written. It belongs to a release in a repository whose hacs.json says
{{"name": "n11bridge", "zip_release": true, "filename": "{name}"}}.
"""

SIDEBAR = """\
Have the dashboard in the sidebar. {place}

{lines}
"""
RESTART = "Restart Home Assistant: Settings, System, and the sign at the top right."
ADD = (
    "Settings, Devices & services: the modem is discovered there, add it. The integration MQTT\n"
    "     has to be there. If your topics do not begin with n11bridge/: Add integration, n11bridge."
)
TRY = "Settings, Tools, Actions (before: Developer tools): n11bridge.send_sms sends the first text."


def wrong_folder(folder: Path) -> str:
    """What is wrong with a folder, and which one it may be."""
    if folder.name == "configuration.yaml":
        return f"{folder} is a file: name the folder that it is in\n"
    guesses = (folder / "config", *(Path(place).expanduser() for place in PLACES))
    found = [str(guess) for guess in guesses if (guess / "configuration.yaml").is_file()]
    wrong = "has no configuration.yaml" if folder.is_dir() else "is not there"
    cure = f"Is it {' or '.join(found)}?" if found else f"{HELP} says where it may be."
    return f"{folder} is no configuration folder of Home Assistant: it {wrong}. {cure}\n"


def failed(error: OSError) -> str:
    """Why nothing came of it."""
    cure = ""
    if isinstance(error, PermissionError):
        cure = (
            "Do it as the user who owns the folder, or as root: what is written is the owner's.\n"
        )
    return f"could not be written: {error}. What was there is still there.\n{cure}"


def done(folder: Path, modems: Sequence[str], report: Report) -> str:
    """What was done, and what is left to do."""
    text = f"In {folder}:\n  {COMPONENT:33} {_component(report)}\n"
    for place in (BLUEPRINTS, DASHBOARDS):
        text += f"  {place:33} {_counts(place, report)}\n"
    if report.edited:
        text += "\nEdited by you, and left as they are:\n"
        for name, new in sorted(report.edited.items()):
            text += f"  {name}" + (f"   (what is new: {Path(new).name})" if new else "") + "\n"
    if not (report.component or report.new or report.replaced):
        return text + "\nThere is nothing more to do.\n"
    steps = next_steps(modems, _configuration(folder), first=report.before is None)
    return f"{text}\nNext:\n{steps}"


def next_steps(modems: Sequence[str], configuration: str = "", *, first: bool = True) -> str:
    """What to do once the files are there; `configuration` is what configuration.yaml says."""
    missing = [modem for modem in modems if dashboard_of(modem) not in configuration]
    steps = [_sidebar(missing, configuration)] if missing else []
    steps.append(RESTART)
    if first:
        steps += [ADD, TRY]
    return "".join(f"  {number}. {step}\n" for number, step in enumerate(steps, 1))


def _sidebar(modems: Sequence[str], configuration: str) -> str:
    lines = ["lovelace:", "  dashboards:"]
    for modem in modems:
        url = f"n11bridge-{object_id(modem) or 'modem'}".replace("_", "-")
        title = "Modem" if modem == USUAL else f"Modem {modem}"
        lines += [
            f"    {url}:",
            "      mode: yaml",
            f"      title: {json.dumps(title, ensure_ascii=False)}",
            "      icon: mdi:radio-tower",
            f"      filename: {dashboard_of(modem)}",
        ]
    place = (
        "configuration.yaml has lovelace: already; add what it lacks of this:"
        if re.search("^lovelace:", configuration, re.MULTILINE)
        else "Write this into configuration.yaml:"
    )
    return SIDEBAR.format(place=place, lines="\n".join(lines))


def _component(report: Report) -> str:
    if not report.component:
        return f"version {report.now}, as before"
    if report.before is None:
        return f"version {report.now}, new"
    return f"version {report.now}, was {report.before}"


def _counts(place: str, report: Report) -> str:
    told = (
        (report.new, "new"),
        (report.replaced, "replaced"),
        (report.unchanged, "as before"),
        (report.edited, "edited by you"),
    )
    counts = ((sum(name.startswith(f"{place}/") for name in names), word) for names, word in told)
    return ", ".join(f"{count} {word}" for count, word in counts if count)


def _configuration(folder: Path) -> str:
    try:
        return (folder / "configuration.yaml").read_text("utf-8", "replace")
    except OSError:
        return ""

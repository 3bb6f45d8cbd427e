"""``n11bridge homeassistant install``: puts the component and the blueprints where they belong."""

import argparse
import shutil
import site
import sys
from pathlib import Path

COMPONENT = Path("custom_components", "n11bridge")
BLUEPRINTS = Path("blueprints", "automation", "n11bridge")
DASHBOARD, DASHBOARDS = Path("dashboard"), Path("dashboards")

DONE = """\
{component} is version {version} now, and {blueprints} blueprints are beside it;
a dashboard is in {dashboards}.

Next:
  1. Restart Home Assistant.
  2. Settings, Devices & services: add the integration MQTT if it is not there yet.
  3. There the modem is discovered: add it (by hand if its prefix is not n11bridge).
  4. Developer tools, Actions: n11bridge.send_sms sends the first text.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    install = actions.add_parser(
        "install",
        help="put component and blueprints into a configuration folder, or upgrade them",
        description="Puts the component n11bridge and its blueprints into Home Assistant's "
        "configuration folder. What an older version left is replaced; nothing else is touched.",
    )
    install.add_argument(
        "folder", type=Path, metavar="CONFIG_FOLDER", help="where configuration.yaml lies"
    )


def run(arguments: argparse.Namespace) -> int:
    """Install; return 0, 1 when something could not be written, 2 for a wrong folder."""
    folder: Path = arguments.folder
    if not (folder / "configuration.yaml").is_file():
        sys.stderr.write(
            f"{folder} is no configuration folder of Home Assistant: it has no configuration.yaml. "
            "It is /config in most installations, ~/.homeassistant in others\n"
        )
        return 2
    source = data_folder()
    if source is None:
        sys.stderr.write("this installation of n11bridge came without Home Assistant's files\n")
        return 1
    try:
        _replace(source / COMPONENT, folder / COMPONENT)
        blueprints = _add(source / BLUEPRINTS, folder / BLUEPRINTS)
        _add(source / DASHBOARD, folder / DASHBOARDS)
    except OSError as error:
        sys.stderr.write(f"could not be installed: {error}\n")
        return 1
    from n11bridge import __version__

    words = {"component": folder / COMPONENT, "version": __version__, "blueprints": blueprints}
    words["dashboards"] = folder / DASHBOARDS
    sys.stdout.write(DONE.format(**words))
    return 0


def data_folder() -> Path | None:
    """Return where the files lie: beside the source, or where an installation put them."""
    package = Path(__file__).parent
    shared = (Path(base) / "share" / "n11bridge" for base in (sys.prefix, site.getuserbase()))
    for place in (package.parent, *shared):
        if (place / "homeassistant" / COMPONENT / "manifest.json").is_file():
            return place / "homeassistant"
    return None


def _replace(source: Path, target: Path) -> None:
    """Put a folder in place of another, so that at no time half of one is there."""
    # Names that Home Assistant takes for no component.
    new, old = target.parent / ".n11bridge.new", target.parent / ".n11bridge.old"
    for left_over in (new, old):
        shutil.rmtree(left_over, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, new, ignore=shutil.ignore_patterns("__pycache__"))
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _add(source: Path, target: Path) -> int:
    """Copy each file, and leave what else is there, which may be somebody's own."""
    target.mkdir(parents=True, exist_ok=True)
    files = sorted(source.glob("*.yaml"))
    for file in files:
        shutil.copyfile(file, target / file.name)
    return len(files)

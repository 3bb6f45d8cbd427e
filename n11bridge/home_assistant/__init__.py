"""``n11bridge homeassistant``: the component, blueprints and dashboards for Home Assistant."""

import argparse
import sys
from pathlib import Path

from . import archive, words
from .contents import COMPONENT, USUAL, NotPacked, component, contents
from .folder import Refused, install, modems_in


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    put = actions.add_parser(
        "install",
        help="put all of it into a configuration folder, or upgrade it",
        description=words.INSTALL,
        epilog=words.INSTALL_WHERE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    put.add_argument(
        "folder", type=Path, metavar="CONFIG_FOLDER", help="where configuration.yaml lies"
    )
    _add_modem(put, "those whose dashboards are there, otherwise n11")
    put.add_argument(
        "--downgrade", action="store_true", help="replace a component newer than this program"
    )
    put.set_defaults(action=_install)
    pack = actions.add_parser(
        "zip",
        help="pack all of it into a file, for a Home Assistant elsewhere",
        description=words.ZIP,
        epilog=words.ZIP_WHERE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    pack.add_argument(
        "file",
        type=Path,
        nargs="?",
        default=Path(),
        metavar="FILE",
        help=f"what to write; a folder gets {archive.NAME} (default: the current folder)",
    )
    _add_modem(pack, "n11")
    pack.add_argument(
        "--hacs",
        action="store_true",
        help="the component alone, as HACS unpacks a release (zip_release)",
    )
    pack.set_defaults(action=_zip)


def _add_modem(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--modem",
        action="append",
        metavar="NAME",
        help="write the dashboard for this modem (modem.name in the bridge's configuration); "
        f"again for each other one (default: {default})",
    )


def run(arguments: argparse.Namespace) -> int:
    """Do it; return 0, 1 when something could not be written, 2 for a wrong folder."""
    try:
        code: int = arguments.action(arguments)
    except NotPacked:
        sys.stderr.write("this installation of n11bridge came without Home Assistant's files\n")
        return 1
    except Refused as reason:
        sys.stderr.write(f"nothing was changed: {reason}\n")
        return 1
    except OSError as error:
        sys.stderr.write(words.failed(error))
        return 1
    return code


def _install(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    if not (folder / "configuration.yaml").is_file():
        sys.stderr.write(words.wrong_folder(folder))
        return 2
    modems = arguments.modem or modems_in(folder) or [USUAL]
    report = install(folder, contents(modems), downgrade=arguments.downgrade)
    sys.stdout.write(words.done(folder, modems, report))
    return 0


def _zip(arguments: argparse.Namespace) -> int:
    file: Path = arguments.file
    modems = arguments.modem or [USUAL]
    if arguments.hacs:
        files = {name.removeprefix(f"{COMPONENT}/"): text for name, text in component().items()}
    else:
        files = {**contents(modems)}
    if file.is_dir():
        file /= archive.FOR_HACS if arguments.hacs else archive.NAME
    archive.write(file, files)
    if arguments.hacs:
        sys.stdout.write(words.FOR_HACS.format(file=file, name=archive.FOR_HACS))
    else:
        sys.stdout.write(words.ZIPPED.format(file=file, next=words.next_steps(modems)))
    return 0

"""Writes a manual page for the program and for each of its commands, from their --help."""

import argparse
import subprocess
import sys
from pathlib import Path

from n11bridge import __version__
from n11bridge.cli import parser


def write(folder: Path, words: list[str], summary: str) -> None:
    """One page; ``n11bridge run`` becomes n11bridge-run.1."""
    run = f"{sys.executable} -m {' '.join(words)}"
    name = "-".join(words)
    options = ["--no-info", f"--name={summary}", f"--version-string=n11bridge {__version__}"]
    command = ["help2man", *options, f"--output={folder / name}.1", run]
    subprocess.run(command, check=True)


def main() -> None:
    """All pages into the folder named."""
    folder = Path(sys.argv[1])
    top = parser()
    write(folder, ["n11bridge"], "cellular modem on a serial line as MQTT topics")
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for choice in action._choices_actions:
                write(folder, ["n11bridge", choice.dest], choice.help or choice.dest)


main()

"""The program as a shell calls it."""

import subprocess
import sys
from pathlib import Path

from .journal import PATIENCE


def n11bridge(
    config: Path, *arguments: str, text: str | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a command with a configuration to its end."""
    return subprocess.run(
        [sys.executable, "-m", "n11bridge", *arguments, "-c", str(config)],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * PATIENCE,
    )

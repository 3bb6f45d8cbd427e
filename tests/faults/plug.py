"""Takes the simulated modem's power away, and gives it back: ``python plug.py CONTROL``."""

import sys
from pathlib import Path

from n11bridge.simulator import Control

with Control(Path(sys.argv[1])) as control:
    control.do("restart")

"""``python -m n11bridge.simulator``."""

import sys

from .command_line import main

sys.exit(main())

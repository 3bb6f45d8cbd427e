"""``python -m n11bridge``."""

import sys

from n11bridge.cli import main

sys.exit(main())

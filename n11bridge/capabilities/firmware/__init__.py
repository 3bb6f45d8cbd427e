"""The modem's firmware: its version and upgrades (manual 2.2, 2.6, 23).

- `wire`: the commands and the report.
- `upload`: a package on its way over the serial line.
- `Firmware` here: state, progress and the requests.
"""

from n11bridge.capabilities.firmware.capability import Firmware

__all__ = ["Firmware"]

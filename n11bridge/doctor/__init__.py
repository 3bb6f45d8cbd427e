"""``n11bridge doctor``: looks at everything that must be right, and says what is not.

- `machine`: configuration, port, store, disk and clock, which need nobody else.
- `broker`: whether the broker lets us in, listen and publish, and what Home Assistant was told.
- `running`, `wire`: how the modem is, from the bridge that runs or from the modem itself.
- `judging`: what that means, with a cure for what is bad.
"""

from n11bridge.doctor.command import add_arguments, examine, run

__all__ = ["add_arguments", "examine", "run"]

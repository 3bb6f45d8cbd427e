"""The modem's clock, and where its time comes from (manual 3.15, 24.2, 24.6).

- `wire`: the commands and reports.
- `stamps`: times as the modem writes them.
- `Clock` here: state, drift and the requests.
"""

from n11bridge.capabilities.clock.capability import Clock

__all__ = ["Clock"]

"""The modem itself: who it is, how it is, and what restarts it (manual 2, 3.1, 3.8-3.13, 24.1).

- `wire`: the commands.
- `Modem` here: identity, status, restarts, and the requests.
"""

from n11bridge.capabilities.modem.capability import Modem

__all__ = ["Modem"]

"""The network: registration, operator, cells (manual 3.2, 3.3, 4.2, 4.3, 24).

- `wire`: the commands and reports.
- `lists`: scans and cells taken apart.
- `options`: rarely used settings.
- `Network` here: what is reported and asked for, and the requests.
"""

from n11bridge.capabilities.network.capability import Network

__all__ = ["Network"]

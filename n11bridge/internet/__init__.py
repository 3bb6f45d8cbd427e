"""The modem's internet: the data link and the five sockets that use it.

- `wire`: what is said of them.
- `link`: brings the link up when somebody needs it.
- `sockets`: gives sockets to who asks; `kinds` says how each sort is used, `stream` is one in use.
"""

from n11bridge.internet.link import Link
from n11bridge.internet.sockets import Sockets
from n11bridge.internet.stream import Stream

__all__ = ["Link", "Sockets", "Stream"]

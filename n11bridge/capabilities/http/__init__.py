"""HTTP and HTTPS requests, which the modem carries out (manual 16, 17).

- `wire`: what is said to the modem.
- `asking`: what is asked of a server, and how the modem is told.
- `connection`: from set-up to closing.
- `reader`: where the answer ends; `answer` reads it by HTTP's own rules.
- `segments`: a body fetched part by part.
"""

from n11bridge.capabilities.http.capability import Http

__all__ = ["Http"]

"""Raw commands, and lines that nothing was declared for.

- `rules`: which raw commands are not sent.
- `At` here: the request and the event.
"""

from n11bridge.capabilities.at.capability import At

__all__ = ["At"]

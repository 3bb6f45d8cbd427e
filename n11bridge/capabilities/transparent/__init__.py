"""One connection that has the whole line for itself (manual 5.3, 5.4, 12)."""

from n11bridge.capabilities.transparent.capability import Transparent

__all__ = ["Transparent"]

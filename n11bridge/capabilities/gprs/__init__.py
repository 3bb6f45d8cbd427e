"""The packet network: attachment, the data link and the traffic on it."""

from n11bridge.capabilities.gprs.capability import Gprs

__all__ = ["Gprs"]

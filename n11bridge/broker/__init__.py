"""The connection to the MQTT broker; nothing else in the daemon imports paho."""

from .arrivals import Incoming
from .broker import Broker
from .outgoing import BrokerError, Closed, Forbidden, Unpublishable

__all__ = ["Broker", "BrokerError", "Closed", "Forbidden", "Incoming", "Unpublishable"]

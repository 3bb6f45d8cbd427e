"""The connection to the MQTT broker; nothing else in the daemon imports paho."""

from .broker import Broker
from .connection import Incoming
from .outgoing import BrokerError, Unpublishable

__all__ = ["Broker", "BrokerError", "Incoming", "Unpublishable"]

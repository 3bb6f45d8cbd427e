"""n11bridge: a Neoway N11V2 modem on a serial line becomes MQTT topics."""

__version__ = "0.1.0"

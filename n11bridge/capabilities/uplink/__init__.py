"""The modem's own MQTT client (manual 18): chosen topics go to a remote broker, and come back.

``wire`` has what is said with the modem, ``remote`` is the connection, ``queue`` what waits on disk
until the remote broker has it, ``upkeep`` connects and sends, ``capability`` brings them together.
"""

from n11bridge.capabilities.uplink.capability import Uplink

__all__ = ["Uplink"]

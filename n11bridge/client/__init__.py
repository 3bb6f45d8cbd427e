"""Commands for people and shell scripts that ask a running bridge over MQTT.

- `session`: a connection to the broker of the configuration, which asks and listens.
- `requesting`: ``n11bridge request``, any request at all.
- `messages`: ``n11bridge sms send`` and ``sms list``.
"""

from n11bridge.client.messages import add_sms
from n11bridge.client.requesting import add_request

__all__ = ["add_request", "add_sms"]

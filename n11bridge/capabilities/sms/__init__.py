"""SMS both ways: nothing lost, nothing sent twice (manual chapter 6).

- `wire`: the modem's commands and reports.
- `sending`: from the outbox to the network; `verdict` judges refusals.
- `receiving`: from the SIM to the store to MQTT.
- `asking`: what a request to send becomes, and the rules of safety and cost.
- `Sms` here: the requests, the state, and the set-up of the modem.
"""

from n11bridge.capabilities.sms.capability import Sms

__all__ = ["Sms"]

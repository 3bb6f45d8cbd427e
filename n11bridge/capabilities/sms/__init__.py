"""SMS both ways: nothing lost, nothing sent twice (manual chapter 6).

- `wire`: the modem's commands and reports.
- `sending`: from the outbox to the network; `verdict` judges refusals.
- `receiving`: from the SIM to the store to MQTT; `storage` reads and empties the SIM's slots.
- `reports`: each change of state is told, by the network's delivery reports too.
- `announcing`: how the modem is made to tell of messages.
- `asking`: what a request to send becomes, and the rules of safety and cost.
- `entities`: how messages show in Home Assistant.
- `capability`: the requests, the state, and the set-up of the modem.
"""

from n11bridge.capabilities.sms.capability import Sms

__all__ = ["Sms"]

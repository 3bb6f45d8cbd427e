"""USSD: codes such as ``*100#``, their answers, and what is asked by the network (manual 5.2).

- `wire`: the commands and the report.
- `balance`: the credit, read out of an answer now and then.
- `Ussd` here: sessions and the requests.
"""

from n11bridge.capabilities.ussd.capability import Ussd

__all__ = ["Ussd"]

"""Requests in, exactly one response each (contract, "Requests and responses").

- `reading`: what a message on ``request/#`` asks for.
- `desk`: finds who answers, knows again what was asked before.
- `work`: carries one request out, so that a crash can neither lose it nor do it twice.
- `response`: the one answer, and where it goes.
"""

from n11bridge.requests.desk import Desk
from n11bridge.requests.response import admissible
from n11bridge.requests.work import Means

__all__ = ["Desk", "Means", "admissible"]

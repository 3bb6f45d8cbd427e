"""What must survive: one SQLite file behind one thread.

`Store` runs work functions on `Tables` and answers once their changes are on the disk. A message
or publication is in the file before anyone is told of it, so the process may die at any moment.
"""

from n11bridge.message import Message, NewMessage, NewPart, Part, PartState, State, fingerprint
from n11bridge.store.errors import StoreError, WrongState
from n11bridge.store.inbox import PartAdded, Stale
from n11bridge.store.publications import Publication
from n11bridge.store.requests import Begun, Seen, Unanswered
from n11bridge.store.store import Store
from n11bridge.store.tables import Tables

__all__ = [
    "Begun",
    "Message",
    "NewMessage",
    "NewPart",
    "Part",
    "PartAdded",
    "PartState",
    "Publication",
    "Seen",
    "Stale",
    "State",
    "Store",
    "StoreError",
    "Tables",
    "Unanswered",
    "WrongState",
    "fingerprint",
]

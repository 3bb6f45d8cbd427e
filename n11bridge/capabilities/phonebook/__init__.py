"""The telephone numbers on the SIM and in the modem (manual 7).

- `wire`: the commands.
- `names`: names as the modem writes them, and back.
- `book`: one storage at a time, in the character set that knows all names.
- `Phonebook` here: the requests and the state.
"""

from n11bridge.capabilities.phonebook.capability import Phonebook

__all__ = ["Phonebook"]

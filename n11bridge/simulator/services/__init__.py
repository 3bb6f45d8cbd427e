"""What the modem does besides calls, messages and data: phonebook (manual 7) and more."""

from ..commands import Commands
from . import phonebook

COMMANDS = Commands()
for _chapter in (phonebook,):
    COMMANDS.update(_chapter.COMMANDS)

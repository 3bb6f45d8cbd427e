"""What the modem does besides calls, messages and data: phonebook (manual 7) and chapter 24."""

from ..commands import Commands
from . import jamming, options, phonebook

COMMANDS = Commands()
for _chapter in (phonebook, jamming, options):
    COMMANDS.update(_chapter.COMMANDS)

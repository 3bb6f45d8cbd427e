"""Phonebook, sound, upgrades and what else there is (manual 7, 21, 23, 24)."""

from ..commands import Commands
from . import audio, clock, jamming, location, options, phonebook, upgrade

COMMANDS = Commands()
for _chapter in (phonebook, audio, clock, location, jamming, options, upgrade):
    COMMANDS.update(_chapter.COMMANDS)

"""Phonebook, sound, upgrades and what else there is (manual 7, 21, 23, 24)."""

from ..commands import Commands
from . import audio, jamming, options, phonebook

COMMANDS = Commands()
for _chapter in (phonebook, audio, jamming, options):
    COMMANDS.update(_chapter.COMMANDS)

"""Raw data that no length announces: where they end, only their reader can tell (manual 16.5)."""

import re
from typing import Protocol


class Pouring(Protocol):
    """Who reads such an answer, from its header on.

    All that comes is for the reader, whatever it looks like, until it has set ``rest``. In return
    it gives what is to be written meanwhile.
    """

    @property
    def header(self) -> re.Pattern[bytes]:
        """Begins the data."""

    @property
    def refusal(self) -> re.Pattern[str]:
        """Lines that come instead of data and mean that the command failed."""

    @property
    def patience(self) -> float:
        """How long nothing may come (seconds) before `quiet` is called."""

    @property
    def rest(self) -> bytes | None:
        """What came behind the data, which others may understand; None while more is due."""

    @property
    def in_step(self) -> bool:
        """Once it is over: whether the modem surely has nothing more to say of it."""

    def ends(self, line: str) -> bool:
        """Whether a report that comes instead of data means that there will be none."""

    def take(self, data: bytes) -> bytes:
        """Take bytes."""

    def quiet(self) -> bytes:
        """Nothing came for as long as `patience` said."""

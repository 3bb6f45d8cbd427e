"""Commands that the manual spells in more than one way: what works is found out and kept."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from n11bridge.at.command import Command, Setting
from n11bridge.at.errors import Refused

T = TypeVar("T")
R = TypeVar("R", bound=Command[Any] | Setting[Any])

#: Numbers that a modem may give a command it does not know (manual, appendix A; 27.007, 9.2.1).
_UNKNOWN = {3, 4, 49, 58, 100}


class Spelling(Generic[R]):
    """The spellings of one command, the likeliest first."""

    def __init__(self, *records: type[R]) -> None:
        self._records = records
        self._known: type[R] | None = None

    @property
    def records(self) -> tuple[type[R], ...]:
        """Those that may be right: only one, once one has worked."""
        return self._records if self._known is None else (self._known,)

    async def attempt(self, carry_out: Callable[[type[R]], Awaitable[T]]) -> T:
        """Carry it out in the first spelling that the modem takes; Refused as of the likeliest."""
        refused: Refused | None = None
        for record in self.records:
            try:
                result = await carry_out(record)
            except Refused as error:
                refused = refused or error
                if not unknown(error):
                    self._known = record
                    raise
            else:
                self._known = record
                return result
        assert refused is not None
        raise refused


def unknown(error: Refused) -> bool:
    """Whether a modem refuses so what it does not know."""
    if error.family is not None:
        return error.family == "CME" and error.code in _UNKNOWN
    return error.line in ("ERROR", "COMMAND NOT SUPPORT")

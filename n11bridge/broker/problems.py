"""What is wrong with the broker, told at every change of it and not at every attempt."""

import asyncio
from collections.abc import Callable

_MAX_SUBJECTS = 1000


class Problems:
    """Passes on what is new; `report(code, message)` is called on the loop."""

    def __init__(self, report: Callable[[str, str], object]) -> None:
        self._report = report
        self._told: dict[str, str] = {}

    def tell(self, subject: str, code: str, message: str) -> None:
        """Report the message unless it is what was said of this subject last."""
        if self._told.get(subject) == message:
            return
        if len(self._told) >= _MAX_SUBJECTS:  # topics may be of others' making
            self._told.clear()
        self._told[subject] = message
        asyncio.get_running_loop().call_soon(self._report, code, message)

    def mended(self, subject: str) -> None:
        """Forget what was wrong, so that it is said again if it comes back."""
        self._told.pop(subject, None)

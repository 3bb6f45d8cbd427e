"""Whether the data link is up, asked of a modem whose answers get lost."""

import asyncio
from typing import Any

import pytest

from n11bridge.at.errors import AtError, Refused, TimedOut
from n11bridge.internet import Link, wire

UP = [wire.LinkNow(("1", "10.232.165.29"))]
DOWN = [wire.LinkNow(("0", "0.0.0.0"))]
LATE = TimedOut("AT+XIIC?", acted=True)


class Modem:
    """Gives these answers to AT+XIIC?, one after the other."""

    status = "ready"

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    async def read(self, setting: type[Any], **_: Any) -> Any:
        assert setting is wire.LookAtLink
        answer = self.answers.pop(0)
        if isinstance(answer, AtError):
            raise answer
        return answer


@pytest.mark.parametrize(
    ("answers", "up"),
    [
        ([UP], True),
        ([DOWN], False),
        ([LATE, UP], True),
        ([LATE, DOWN], False),
        ([LATE, LATE], False),
        ([Refused("+CME ERROR: NO SIM")], False),
    ],
)
def test_one_answer_that_got_lost_says_nothing(answers: list[Any], up: bool) -> None:
    modem: Any = Modem(*answers)
    assert asyncio.run(Link(modem).check()) is up
    assert modem.answers == []

"""A command whose spelling the manual leaves in doubt."""

import asyncio

import pytest

from n11bridge.at.command import Command
from n11bridge.at.errors import Refused
from n11bridge.at.spelling import Spelling


class Likely(Command[None], at="+LIKELY", manual="1"):
    """The likelier spelling."""


class Printed(Command[None], at="+LIKKELY", manual="1"):
    """The other one."""


class Modem:
    """Knows some commands, and answers others with an error."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def run(self, record: type[Command[None]]) -> str:
        self.asked.append(record.at)
        answer = self.answers.get(record.at, "ERROR")
        if answer != "OK":
            raise Refused(answer)
        return answer


def attempt(modem: Modem, times: int = 1) -> list[str]:
    spelling: Spelling[Command[None]] = Spelling(Likely, Printed)

    async def main() -> list[str]:
        results = []
        for _ in range(times):
            try:
                results.append(await spelling.attempt(modem.run))
            except Refused as error:
                results.append(error.line)
        return results

    return asyncio.run(main())


@pytest.mark.parametrize("unknown", ["ERROR", "COMMAND NOT SUPPORT", "+CME ERROR: 4"])
def test_the_other_spelling_is_tried_and_kept(unknown: str) -> None:
    modem = Modem({"+LIKELY": unknown, "+LIKKELY": "OK"})
    assert attempt(modem, 2) == ["OK", "OK"]
    assert modem.asked == ["+LIKELY", "+LIKKELY", "+LIKKELY"]


def test_what_worked_once_is_not_doubted_when_it_is_refused() -> None:
    modem = Modem({"+LIKELY": "+CME ERROR: 3100"})
    assert attempt(modem, 2) == ["+CME ERROR: 3100"] * 2
    assert modem.asked == ["+LIKELY"] * 2


def test_if_none_is_known_the_likeliest_one_tells_why() -> None:
    modem = Modem({"+LIKELY": "+CME ERROR: 3"})
    assert attempt(modem, 2) == ["+CME ERROR: 3"] * 2
    assert modem.asked == ["+LIKELY", "+LIKKELY"] * 2

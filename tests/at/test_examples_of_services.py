"""The manual's own examples of USSD, phonebook, clock, audio, upgrade and chapter 24."""

from typing import Any

import pytest

from n11bridge.at.errors import Refused
from n11bridge.capabilities import CAPABILITIES
from n11bridge.capabilities.ussd import wire as ussd

from .dialogue import FRAMINGS, Framing, Heard, Transcript, bytewise, play, turns, whole

REPORTS = {report for capability in CAPABILITIES for report, _ in capability.reports()}

MENU = (
    "0031795D798F4E0B8F7D000A00325F694FE18D3A5361000A0033665A95F465B095FB000A003480A1796867E58BE2"
    "000A003586816BD2000A003675377F5153CB5F008F665E26597953BB65C56E38000A00378BDD8D3967E58BE2000A"
    "00387FFB9875"
)

EXAMPLES = {
    "5.2 a menu": Transcript(
        ussd.Send(1, "*100#", 15).exchange(),
        f"""
        > AT+CUSD=1,"*100#",15
        < OK
        < +CUSD: 1,"{MENU}", 72
        """,
        reports=(ussd.Answer(ussd.Result.REPLY_EXPECTED, f'"{MENU}", 72'),),
    ),
    "5.2 not supported": Transcript(
        ussd.Send(1, "*121#", 15).exchange(),
        """
        > AT+CUSD=1,"*121#",15
        < OK
        < +CUSD: 4
        """,
        reports=(ussd.Answer(ussd.Result.NOT_SUPPORTED, ""),),
    ),
    "5.2 cancel": Transcript(
        ussd.Cancel().exchange(),
        """
        > AT+CUSD=2
        < OK
        """,
    ),
}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_the_example_means_what_the_manual_says(example: Transcript, framing: Framing) -> None:
    result: Any = example.result
    if example.refused is not None:
        result = (Refused, example.refused)
    expected = Heard([result], list(example.reports), list(example.unknown))
    script = turns(example.text, framing)
    assert play(example.exchange, script, whole(script), REPORTS) == expected
    assert play(example.exchange, script, bytewise(script), REPORTS) == expected

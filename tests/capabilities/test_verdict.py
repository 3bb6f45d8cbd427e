"""Every answer to +CMGS has its conclusion: all codes, those that nobody has defined as well."""

import pytest

from n11bridge.at.errors import CME, CMS, Refused
from n11bridge.capabilities.sms.verdict import Verdict, verdict

FAIL, WAIT, RETRY, UNKNOWN = Verdict.FAIL, Verdict.WAIT, Verdict.RETRY, Verdict.UNKNOWN

#: Each code that a specification defines, with the conclusion from its meaning there.
CMS_DEFINED = {
    **dict.fromkeys((1, 8, 10), FAIL),  # unassigned number, operator barring, call barred
    **dict.fromkeys((21, 22, 27), RETRY),  # rejected, memory exceeded, destination out of service
    **dict.fromkeys((28, 29, 30), FAIL),  # unidentified, facility rejected, unknown subscriber
    **dict.fromkeys((17, 38, 41, 42, 47), RETRY),  # network failure, congestion, resources
    **dict.fromkeys((50, 69), FAIL),  # not subscribed, not implemented
    81: RETRY,  # a reference out of step
    **dict.fromkeys((95, 96, 97, 99), FAIL),
    **dict.fromkeys((98, 111, 127), RETRY),  # the state, unspecified, another network's secret
    **dict.fromkeys((128, 129, 130, 143, 144, 145, 159, 160, 161, 175, 176), FAIL),
    **dict.fromkeys((192, 194), RETRY),  # centre busy, centre out of order
    **dict.fromkeys((193, 195, 196, 198, 199), FAIL),
    197: UNKNOWN,
    **dict.fromkeys((208, 210, 211, 212, 213, 255), RETRY),
    209: FAIL,
    **dict.fromkeys((300, 301, 302, 304, 305), RETRY),
    303: FAIL,
    **dict.fromkeys((310, 311, 312, 313, 314, 315, 316, 317, 318), WAIT),
    **dict.fromkeys((320, 321, 330, 340, 500), RETRY),
    **dict.fromkeys((322, 331), WAIT),
    332: UNKNOWN,
}
CME_DEFINED = {
    **dict.fromkeys((0, 1, 2, 3, 16, 21, 22, 23, 24, 25, 26, 27, 50, 51, 53), RETRY),
    **dict.fromkeys((4, 49, 52, 54, 55, 56, 57), FAIL),
    **dict.fromkeys((5, 6, 7, 10, 11, 12, 13, 14, 15, 17, 18, 20, 30, 32), WAIT),
    **dict.fromkeys(range(40, 49), WAIT),
    31: UNKNOWN,
    **dict.fromkeys((103, 106, 107, 111, 112, 113, 132, 133, 134, 148, 149, 150), RETRY),
    **dict.fromkeys((264, 265, 266, 267, 268, 273), WAIT),
    **dict.fromkeys((269, 270, 271, 272, *range(274, 284)), RETRY),
}


def test_the_tables_hold_every_code_with_a_meaning() -> None:
    assert {*CMS} <= {*CMS_DEFINED}
    assert {*CME} <= {*CME_DEFINED}


def judged(family: str) -> dict[int, Verdict]:
    return {code: verdict(Refused(f"+{family} ERROR: {code}")) for code in range(1024)}


def test_every_cms_code() -> None:
    reserved = {code: FAIL if 128 <= code < 192 else RETRY for code in range(1024)}
    assert judged("CMS") == reserved | CMS_DEFINED


def test_every_cme_code() -> None:
    assert judged("CME") == dict.fromkeys(range(1024), RETRY) | CME_DEFINED


@pytest.mark.parametrize(
    "line",
    ["ERROR", "+CMS ERROR: unknown", "+CME ERROR: NO SIM", "COMMAND NOT SUPPORT", "MODEM ERROR: 3"],
)
def test_no_code_may_pass(line: str) -> None:
    assert verdict(Refused(line)) is RETRY

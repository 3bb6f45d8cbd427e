"""What becomes of a message that the modem or the network refused."""

from enum import Enum

from n11bridge.at.errors import Refused

#: Waiting times after a temporary failure in seconds, one for each attempt; then it has failed.
BACK_OFF = (5.0, 15.0, 60.0, 300.0, 900.0)


class Verdict(Enum):
    """What to do next."""

    RETRY = "a passing fault: try again a few times"
    WAIT = "nothing is wrong with the message: try again when SIM or network are back"
    FAIL = "it will never be taken"
    UNKNOWN = "the network may have it all the same"


# 3GPP TS 24.011 (8.4), 23.040 (9.2.3.22) and 27.005 (3.2.5). What is in no set never succeeds.
_CMS = {
    Verdict.WAIT: {*range(310, 319), 320, 322, 331},
    Verdict.RETRY: {17, 21, 22, 27, 38, 41, 42, 47, 192, 194, 212, 300, 301, 302, 500},
    # The network's acknowledgement did not come; whether the message arrived nobody can tell.
    Verdict.UNKNOWN: {332},
}
# The manual's appendix A, for firmware that answers CMGS with +CME.
_CME = {
    Verdict.WAIT: {5, 6, 7, *range(10, 16), 17, 18, 20, 23, 30, 32},
    Verdict.RETRY: {0, 1, 2, 3, 50, 51},
    Verdict.UNKNOWN: {31},
}


def verdict(error: Refused) -> Verdict:
    """Judge a refusal of +CMGS; a plain ERROR names no cause and may pass."""
    if error.code is None:
        return Verdict.RETRY
    table = _CMS if error.family == "CMS" else _CME
    for judgement, codes in table.items():
        if error.code in codes:
            return judgement
    return Verdict.FAIL

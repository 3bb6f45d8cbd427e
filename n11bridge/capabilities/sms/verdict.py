"""What becomes of a message that the modem or the network refused.

A refusal says that the message was not taken, so to try again cannot send it twice. Given up at
once is therefore only what names a fault of the message or of the subscription; a code that says
anything else, or that nobody has defined, may pass.
"""

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


_CMS = {
    # 1-127: what the network says (3GPP TS 24.011, 8.2.5.4 and annex E). By that table a cause
    # that it does not list is a temporary failure, as is 127, whose cause another network kept.
    Verdict.FAIL: {
        *(1, 8, 10, 28, 29, 30, 50, 69),  # number, barring, subscription, facility
        *(95, 96, 97, 99),  # the message itself; 98 and 111 are about the moment
        # 128-255: what the service centre says (3GPP TS 23.040, 9.2.3.22). Its first four groups
        # are faults of protocol identifier, coding, command and TPDU, defined or still reserved.
        *range(128, 192),
        *(193, 195, 196, 198, 199),  # subscription, address, barring, validity
        209,  # no storage for messages on the SIM
        303,  # the modem does not do this at all
    },
    # 300 and more: what the modem says (3GPP TS 27.005, 3.2.5). 304 and 305 are a PDU that lost
    # a byte on the line, or a modem that was restarted into text mode: both pass.
    Verdict.WAIT: {*range(310, 319), 322, 331},
    Verdict.UNKNOWN: {
        197,  # "duplicate": the centre has it from the time before
        332,  # the network's acknowledgement did not come
    },
}
# The manual's appendix A, for firmware that answers CMGS with +CME.
_CME = {
    Verdict.FAIL: {4, 49, 52, 54, 55, 56, 57},
    Verdict.WAIT: {
        *(5, 6, 7, *range(10, 16), 17, 18, 20),
        *(30, 32),
        *range(40, 49),  # locked to another network
        *(264, 265, 266, 267, 268, 273),  # the SIM wants its PIN or PUK
    },
    Verdict.UNKNOWN: {31},
}


def verdict(error: Refused) -> Verdict:
    """Judge a refusal of +CMGS; a plain ERROR names no cause and may pass."""
    table = {"CMS": _CMS, "CME": _CME}.get(error.family or "", {})
    for judgement, codes in table.items():
        if error.code in codes:
            return judgement
    return Verdict.RETRY

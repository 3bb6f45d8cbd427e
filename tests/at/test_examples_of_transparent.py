"""The manual's own examples of transparent mode (5.3, 5.4, 12)."""

from typing import Any

import pytest

from n11bridge.at.command import Report
from n11bridge.at.errors import Refused
from n11bridge.capabilities.transparent import wire

from .dialogue import FRAMINGS, Framing, Heard, Transcript, bytewise, play, turns, whole

REPORTS: list[type[Report]] = [wire.Closed, wire.ClosedUdp]
OPEN = wire.Open("220.199.66.56", 6800).exchange()
ASKED = "> AT+TCPTRANS=220.199.66.56,6800\n"
CLOSE = wire.Close().exchange()

TRANSCRIPTS = {
    "12.1 connected": Transcript(OPEN, ASKED + "< OK\n< +TCPTRANS:OK", wire.Opened(wire.Good.OK)),
    "12.1 failed": Transcript(OPEN, ASKED + "< OK\n< +TCPTRANS:FAIL", refused="+TCPTRANS:FAIL"),
    "12.1 a wrong format": Transcript(
        OPEN, ASKED + "< +TCPTRANS: ERROR", refused="+TCPTRANS: ERROR"
    ),
    "12.1 there is one already": Transcript(OPEN, ASKED + "< ERROR", refused="ERROR"),
    "12.2 connected": Transcript(
        wire.OpenUdp("neowayjsr.oicp.net", 60010).exchange(),
        "> AT+UDPTRANS=neowayjsr.oicp.net,60010\n< OK\n< +UDPTRANS: OK",
        wire.OpenedUdp(wire.Good.OK),
    ),
    "12.3 closed": Transcript(
        CLOSE,
        "> AT+TRANSCLOSE\n< +TRANSCLOSE: 0,OK",
        wire.CloseAnswer(0, "OK"),
    ),
    "12.3 there is none": Transcript(CLOSE, "> AT+TRANSCLOSE\n< ERROR", refused="ERROR"),
    "12.3 closed from far away meanwhile": Transcript(
        CLOSE,
        "> AT+TRANSCLOSE\n< +TCPTRANS:Link Closed\n< ERROR",
        refused="ERROR",
        reports=(wire.Closed(wire.Ended.LINK_CLOSED),),
    ),
    "5.4 in data mode again": Transcript(
        wire.GoBack().exchange(), "> ATO\n< CONNECT", wire.Connected()
    ),
    "5.4 first an OK": Transcript(
        wire.GoBack().exchange(), "> ATO\n< OK\n< CONNECT", wire.Connected()
    ),
    "5.4 no connection": Transcript(wire.GoBack().exchange(), "> ATO\n< ERROR", refused="ERROR"),
    "5.4 nor here": Transcript(
        wire.GoBack().exchange(), "> ATO\n< NO CARRIER", refused="NO CARRIER"
    ),
}


@pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS)
@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_what_the_manual_shows_is_understood(transcript: Transcript, framing: Framing) -> None:
    script = turns(transcript.text, framing)
    result: Any = transcript.result
    if transcript.refused is not None:
        result = (Refused, transcript.refused)
    expected = Heard([result], list(transcript.reports), list(transcript.unknown))
    for cut in (whole, bytewise):
        assert play(transcript.exchange, script, cut(script), REPORTS) == expected

"""Every shape of exchange, whole, cut at every byte, and interrupted at every boundary."""

from typing import Any

import pytest

from n11bridge.at.command import Report
from n11bridge.at.errors import Refused

from .dialogue import (
    FRAMINGS,
    Framing,
    Heard,
    Transcript,
    bytewise,
    cut_in_two,
    interrupted,
    play,
    turns,
    whole,
)
from .records import (
    Accepted,
    Caller,
    DatagramWaiting,
    DataWaiting,
    LinkClosed,
    LinkLost,
    MessageDirect,
    MessageStored,
    NoCarrier,
    Published,
    Received,
    Registered,
    ReportDirect,
    Ring,
    Stat,
)
from .transcripts import PDU, TRANSCRIPTS

every_transcript = pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS)
every_framing = pytest.mark.parametrize("framing", FRAMINGS, ids=str)


def expected(transcript: Transcript) -> Heard:
    result: Any = transcript.result
    if transcript.refused is not None:
        result = (Refused, transcript.refused)
    return Heard([result], list(transcript.reports), list(transcript.unknown))


@every_transcript
@every_framing
def test_the_transcript_means_what_it_says(transcript: Transcript, framing: Framing) -> None:
    script = turns(transcript.text, framing)
    assert play(transcript.exchange, script, whole(script)) == expected(transcript)
    assert play(transcript.exchange, script, bytewise(script)) == expected(transcript)


@every_transcript
@every_framing
def test_where_it_is_cut_in_two_does_not_matter(transcript: Transcript, framing: Framing) -> None:
    script = turns(transcript.text, framing)
    for portions in cut_in_two(script):
        assert play(transcript.exchange, script, portions) == expected(transcript), portions


INTERRUPTIONS: dict[bytes, Report] = {
    b'+CREG: 1,"286F","00000FCA"': Registered(Stat.HOME, 0x286F, 0xFCA),
    b'+CMTI: "SM",3': MessageStored("SM", 3),
    b"+CMT: ,24\r\n" + PDU.encode(): MessageDirect(alpha=None, length=24, pdu=PDU),
    b"+CDS: 24\r\n" + PDU.encode(): ReportDirect(24, PDU),
    b"+TCPRECV: 1,11,\r\nOK\r\n\r\n> \r": Received(1, 11, b"\r\nOK\r\n\r\n> \r"),
    b"+TCPRECV: 1": DataWaiting(1),
    b"+UDPRECV: 1,10": DatagramWaiting(1, 10),
    b'+MQTTSUB:2,"topic",5,ERROR': Published(2, "topic", 5, b"ERROR"),
    b"+TCPCLOSE: 1,Link Closed": LinkClosed(1, "Link Closed"),
    b"RING": Ring(),
    b'+CLIP: "77002608317",145,,,"",0': Caller("77002608317", '145,,,"",0'),
    b"NO CARRIER": NoCarrier(),
    b"GPRS DISCONNECTION": LinkLost(),
    b"Connect AcceptSocket=1,ClientAddr=10.1.2.3,ClientPort=8000": Accepted(
        1, "ClientAddr=10.1.2.3", "ClientPort=8000"
    ),
}


@every_transcript
@pytest.mark.parametrize("said", INTERRUPTIONS, ids=bytes.decode)
def test_a_report_at_any_boundary_changes_nothing(transcript: Transcript, said: bytes) -> None:
    plain = expected(transcript)
    for framing in FRAMINGS:
        script = turns(transcript.text, framing)
        for portions in interrupted(script, b"\r\n" + said + b"\r\n"):
            heard = play(transcript.exchange, script, portions)
            assert heard.results == plain.results, portions
            assert heard.unknown == plain.unknown, portions
            assert heard.reports.count(INTERRUPTIONS[said]) == 1 + plain.reports.count(
                INTERRUPTIONS[said]
            ), portions
            assert len(heard.reports) == 1 + len(plain.reports), portions

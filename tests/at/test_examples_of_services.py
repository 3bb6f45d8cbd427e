"""The manual's own examples of USSD, phonebook, clock, audio, upgrade and chapter 24."""

from typing import Any

import pytest

from n11bridge.at import command
from n11bridge.at.errors import Refused
from n11bridge.capabilities import CAPABILITIES, audio, files, jamming, location
from n11bridge.capabilities.clock import wire as clock
from n11bridge.capabilities.firmware import wire as firmware
from n11bridge.capabilities.network import options
from n11bridge.capabilities.phonebook import wire as book
from n11bridge.capabilities.sim import slot
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
    # -- 7
    "7.1 selected": Transcript(
        book.Select("SM").exchange(),
        """
        > AT+CPBS="SM"
        < +CPBS: "SM",0,500
        < OK
        """,
        book.Use("SM", 0, 500),
    ),
    "7.1 which": Transcript(
        book.Selected.query(),
        """
        > AT+CPBS?
        < +CPBS: "SM", 1, 250
        < OK
        """,
        book.Use("SM", 1, 250),
    ),
    "7.2 entries": Transcript(
        book.Read(1, 3).exchange(),
        """
        > AT+CPBR=1,3
        < +CPBR: 1,"091137880",129,"Comneon"
        < +CPBR: 2,"09113788223",129,"MMI"
        < +CPBR: 3, "09113788328",129,"Test-ro"
        < OK
        """,
        [
            book.Entry(1, "091137880", 129, "Comneon"),
            book.Entry(2, "09113788223", 129, "MMI"),
            book.Entry(3, "09113788328", 129, "Test-ro"),
        ],
    ),
    "7.2 none": Transcript(
        book.Read(5, 5).exchange(),
        """
        > AT+CPBR=5,5
        < OK
        """,
        [],
    ),
    "7.3 found": Transcript(
        book.Find("Comneon").exchange(),
        """
        > AT+CPBF="Comneon"
        < +CPBF: 1,"091137880",129,"Comneon"
        < OK
        """,
        [book.Found(1, "091137880", 129, "Comneon")],
    ),
    "7.4 written": Transcript(
        book.Write(1, "091137880", 129, "Comneon").exchange(),
        """
        > AT+CPBW=1,"091137880",129,"Comneon"
        < OK
        """,
    ),
    "7.4 deleted": Transcript(
        book.Delete(1).exchange(),
        """
        > AT+CPBW=1
        < OK
        """,
    ),
    "7.5": Transcript(
        book.ReadOwnNumbers().exchange(),
        """
        > AT+CNUM
        < +CNUM: "A","10086",129
        < OK
        """,
        [book.OwnNumber("A", "10086", 129)],
    ),
    # -- 3.15, 24.2, 24.5, 24.6
    "3.15 set": Transcript(
        clock.Clock("11/10/14,09:30:16").set(),
        """
        > AT+CCLK="11/10/14,09:30:16"
        < OK
        """,
    ),
    "3.15 shown": Transcript(
        clock.Clock.query(),
        """
        > AT+CCLK?
        < +CCLK: "11/10/14,09:32:04"
        < OK
        """,
        clock.ClockNow('"11/10/14,09:32:04"'),
    ),
    "24.2 last": Transcript(
        clock.ReadLastUpdate().exchange(),
        """
        > AT+UPDATETIME=0
        < +UPDATETIME: Last Update Time 2014-03-31,11:10:26
        < OK
        """,
        clock.LastUpdate("Last Update Time 2014-03-31,11:10:26"),
    ),
    "24.2 updated": Transcript(
        clock.Synchronise(1, "time.windows.com", 10, "E8", 0).exchange(),
        """
        > AT+UPDATETIME=1,time.windows.com,10,"E8",0
        < OK
        < Time Updating,Please Wait...
        < +UPDATETIME: Update To 2014-03-31,11:32:55
        """,
        reports=(clock.Updating(), clock.Updated("Update To 2014-03-31,11:32:55")),
    ),
    "24.2 too late": Transcript(
        clock.Synchronise(1, "time.windows.com", 10, "E8", 0).exchange(),
        """
        > AT+UPDATETIME=1,time.windows.com,10,"E8",0
        < OK
        < Time Updating,Please Wait...
        < +UPDATETIME: Time Out
        """,
        reports=(clock.Updating(), clock.Updated("Time Out")),
    ),
    **{
        f"24.2 {words}": Transcript(
            clock.Synchronise(1, "time.windows.com", 10, "W12", 1).exchange(),
            f"""
            > AT+UPDATETIME=1,time.windows.com,10,"W12",1
            < +UPDATETIME: {words}
            """,
            refused=f"+UPDATETIME: {words}",
        )
        for words in ("No PPP Link", "Domain Name Invalid")
    },
    **{
        f"24.2 {words}": Transcript(
            clock.Synchronise(1, "time.windows.com", 10, "W12", 1).exchange(),
            f"""
            > AT+UPDATETIME=1,time.windows.com,10,"W12",1
            < OK
            < +UPDATETIME: {words}
            """,
            reports=(clock.Updated(words),),
        )
        for words in ("Send Request Fail", "Socket Error")
    },
    "24.5 a position": Transcript(
        location.Locate().exchange(),
        """
        > AT+CIPGSMLOC
        < OK
        < +CIPGSMLOC: { "location": {"lat":22.69083, "lng":113.985228}, "accuracy":550.0}
        < +CIPGSMLOC: OK
        """,
        reports=(
            location.Located('{ "location": {"lat":22.69083, "lng":113.985228}, "accuracy":550.0}'),
            location.Located("OK"),
        ),
    ),
    **{
        f"24.5 {words}": Transcript(
            location.Locate().exchange(),
            f"""
            > AT+CIPGSMLOC
            < +CIPGSMLOC: {words}
            """,
            refused=f"+CIPGSMLOC: {words}",
        )
        for words in ("GPRS DISCONNECTION", "DNS FAILED", "LINK FAIL", "POST FAIL")
    },
    "24.5 invalid": Transcript(
        location.Locate().exchange(),
        """
        > AT+CIPGSMLOC
        < OK
        < +CIPGSMLOC: FAIL
        """,
        reports=(location.Located("FAIL"),),
    ),
    "24.5 closed": Transcript(
        location.GiveUp().exchange(),
        """
        > AT+CIPGSMLOC=0
        < OK
        """,
    ),
    "24.6 on": Transcript(
        clock.NetworkTime(1).set(),
        """
        > AT+GLTS=1
        < OK
        < +GLTS: 15/06/25,18:38:13/GMT+32
        """,
        reports=(clock.NetworkTimeCame("15/06/25", "18:38:13/GMT+32"),),
    ),
    "24.6 which": Transcript(
        clock.NetworkTime.query(),
        """
        > AT+GLTS?
        < +GLTS: 15/06/25,18:38:13/GMT+32
        < +GLTS: 1
        < OK
        """,
        clock.NetworkTime(1),
        reports=(clock.NetworkTimeCame("15/06/25", "18:38:13/GMT+32"),),
    ),
    # -- 21
    "21.1 played": Transcript(
        audio.Play("test.amr").exchange(),
        """
        > AT+AMRPLAY=test.amr,0
        < OK
        < +AMRPLAY: Play ok!
        """,
        reports=(audio.Played("Play ok!"),),
    ),
    "21.1 not played": Transcript(
        audio.Play("test.amr").exchange(),
        """
        > AT+AMRPLAY=test.amr,0
        < +AMRPLAY: play faild!
        < OK
        """,
        reports=(audio.Played("play faild!"),),
    ),
    "21.1 nothing plays": Transcript(
        audio.Stop().exchange(),
        """
        > AT+AMRPLAY
        < ERROR
        """,
        refused="ERROR",
    ),
    "21.2": Transcript(
        audio.Pause().exchange(),
        """
        > AT+AMRPAUSE
        < OK
        """,
    ),
    "21.3": Transcript(
        audio.Resume().exchange(),
        """
        > AT+AMRRESUME
        < OK
        < +AMRPLAY: Play ok!
        """,
        reports=(audio.Played("Play ok!"),),
    ),
    # -- 22
    "22.1 written": Transcript(
        files.Write("test.txt", 1, 4, 10000).payload_exchange(b"OK\r\n"),
        r"""
        > AT+FSWF="test.txt",1,4,10000
        < >
        > OK\r\n
        < OK
        """,
    ),
    "22.1 too late": Transcript(
        files.Write("test.txt", 1, 4, 10000).payload_exchange(b"abc"),
        """
        > AT+FSWF="test.txt",1,4,10000
        < >
        > abc
        < +FSWF: Timeout!
        """,
        refused="+FSWF: Timeout!",
    ),
    "22.1 out of range": Transcript(
        files.Write("test.txt", 1, 1024, 60001).payload_exchange(b"abc"),
        """
        > AT+FSWF="test.txt",1,1024,60001
        < ERROR
        """,
        refused="ERROR",
    ),
    "22.2 from the start": Transcript(
        files.Read("test.txt", 0, 10).exchange(),
        """
        > AT+FSRF="test.txt",0,10
        < +FSRF: 10,start01234
        < OK
        """,
        files.Piece(10, b"start01234"),
    ),
    "22.2 from the second byte": Transcript(
        files.Read("test.txt", 1, 20, 2).exchange(),
        """
        > AT+FSRF="test.txt",1,20,2
        < +FSRF: 20,tart0123456789012345
        < OK
        """,
        files.Piece(20, b"tart0123456789012345"),
    ),
    "22.3": Transcript(
        files.ReadSize("test.txt").exchange(),
        """
        > AT+FSFS="test.txt"
        < +FSFS: 1024
        < OK
        """,
        files.Size(1024),
    ),
    "22.4": Transcript(
        files.Delete("123.txt").exchange(),
        """
        > AT+FSDF="123.txt"
        < ERROR
        """,
        refused="ERROR",
    ),
    # -- 23
    "23.1 an upgrade": Transcript(
        firmware.Upgrade("115.29.178.98/", 80).exchange(),
        """
        > AT+NEOFOTA=115.29.178.98/,80
        < OK
        < +NEOFOTA: 1
        < +NEOFOTA: 3
        < +NEOFOTA: 4
        """,
        reports=(
            firmware.Progress(firmware.Status.DOWNLOADED),
            firmware.Progress(firmware.Status.UPGRADING),
            firmware.Progress(firmware.Status.UPGRADED),
        ),
    ),
    "23.1 nothing new": Transcript(
        firmware.Upgrade("115.29.178.98/", 80).exchange(),
        """
        > AT+NEOFOTA=115.29.178.98/,80
        < OK
        < +NEOFOTA: 0
        """,
        reports=(firmware.Progress(firmware.Status.NOTHING_NEW),),
    ),
    "23.1 no link": Transcript(
        firmware.Upgrade("115.29.178.98/", 80).exchange(),
        """
        > AT+NEOFOTA=115.29.178.98/,80
        < +NEOFOTA: GPRS DISCONNECTION
        """,
        refused="+NEOFOTA: GPRS DISCONNECTION",
    ),
    # -- 24.10 to 24.15
    "24.10": Transcript(
        options.SelfRegister(options.SelfRegistering.CMCC, 1).exchange(),
        """
        > AT+SELFREGISTER=0,1
        < OK
        """,
    ),
    "24.11": Transcript(
        slot.SlotOrder.query(),
        """
        > AT+SIMORDER?
        < +SIMORDER: 0
        < OK
        """,
        slot.SlotOrder(0),
    ),
    "24.12 and 24.13 on": Transcript(
        jamming.Detection(1).set(),
        """
        > AT+JAMMINGDETECT=1
        < OK
        < +JAMMINGDTURC: 1
        """,
        reports=(jamming.Changed(1),),
    ),
    "24.12 which": Transcript(
        jamming.Detection.query(),
        """
        > AT+JAMMINGDETECT?
        < +JAMMINGDETECT: 0,75
        < OK
        """,
        jamming.Detection(0, 75),
    ),
    "24.14": Transcript(
        options.MultislotClass.query(),
        """
        > AT+NGPCLASS?
        < +NGPCLASS: 10
        < OK
        """,
        options.MultislotClass(10),
    ),
    "24.15": Transcript(
        options.AntiFakeCell.query(),
        """
        > AT+SDMBS?
        < +SDMBS: 1
        < OK
        """,
        options.AntiFakeCell(1),
    ),
}


RANGES = [
    (book.Select, '+CPBS: ("SM", "ON", "FD", "LD", "ME")', 0, {"SM", "ON", "FD", "LD", "ME"}),
    (book.Read, "+CPBR: (1-500), 20, 14", 0, set(range(1, 501))),
    (book.Read, "+CPBR: (1-500), 20, 14", 2, {14}),
    (book.Find, "+CPBF: 20,14", 1, {14}),
    (options.MultislotClass, "+NGPCLASS: (1-12)", 0, set(range(1, 13))),
    (options.AntiFakeCell, "+SDMBS: (0,1)", 0, {0, 1}),
    (clock.ReadLastUpdate, "+UPDATETIME: (0-1),,(1-30),,(0-1)", 2, set(range(1, 31))),
    (clock.NetworkTime, "+GLTS: (0-1)", 0, {0, 1}),
    (book.Write, "+CPBW: (1-50),20,(129,145,161),14", 2, {129, 145, 161}),
]


@pytest.mark.parametrize(("record", "said", "position", "values"), RANGES)
def test_the_range_is_what_the_manual_says(
    record: Any, said: str, position: int, values: set[int | str]
) -> None:
    exchange = command.test(record)
    script = turns(f"> {exchange.line}\n< {said}\n< OK", FRAMINGS[0])
    [supported] = play(exchange, script, whole(script), REPORTS).results
    assert supported.values[position] == values


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

"""What modems of the world really answered, read through records (tests/vectors/at.jsonl)."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from n11bridge.at import command
from n11bridge.at.chat import Chat, Done, Event, Failed, Prompted, Reported, Unknown
from n11bridge.at.command import Exchange, Report
from n11bridge.at.errors import Refused
from n11bridge.at.wire import ranges

from .records import (
    REPORTS,
    Attention,
    Caller,
    EpsRegistrationReports,
    GprsRegistrationReports,
    Indications,
    LinkClosed,
    LinkLost,
    ListMessages,
    Network,
    Networks,
    NoCarrier,
    Open,
    PhonebookReady,
    Publish,
    Published,
    ReadClock,
    ReadDataLink,
    ReadEntry,
    ReadMessage,
    ReadMqttState,
    ReadOwnNumbers,
    ReadSignal,
    ReadSocketStatus,
    Registered,
    RegistrationReports,
    Ring,
    SelectOperator,
    Send,
    ServiceCentre,
    SocketResult,
    Startup,
    Storage,
    TextDirect,
    Ussd,
    WriteFile,
)

Row = dict[str, Any]

TABLE = Path(__file__).parents[1] / "vectors" / "at.jsonl"
ROWS: list[Row] = [json.loads(line) for line in TABLE.read_text("utf-8").splitlines()]

#: Rows that no record here is for, and why.
LEFT_OUT: dict[str, Callable[[Row], bool]] = {
    "another program's way to cut echoes off; here a line is an echo when it equals ours": (
        lambda row: row["cmd"] == "echo-removal"
    ),
    "how a number is cut into country and network is no matter of the dialogue": (
        lambda row: row["cmd"] == "operator-id"
    ),
    "results of dialling, which is never done: here they are reports, not final results": (
        lambda row: row["cmd"] == "final-result" and bool(re.search("BUSY|NO ANSWER", row["raw"]))
    ),
    "text mode is never used: a body of plain words could be anything": (
        lambda row: row["cmd"] == "+CMGR(text)"
    ),
}


def rows(*commands: str, form: str | None = None) -> pytest.MarkDecorator:
    chosen = [
        row
        for row in ROWS
        if row["cmd"] in commands
        and form in (None, row.get("form"))
        and not any(left_out(row) for left_out in LEFT_OUT.values())
    ]
    TESTED.extend(row["raw"] for row in chosen)
    return pytest.mark.parametrize("row", chosen, ids=lambda row: ascii(row["raw"])[:50])


TESTED: list[str] = []


def ask(exchange: Exchange[Any], raw: str) -> list[Event]:
    """Send a command, answer as the row does, and end it with OK where the row does not."""
    chat = Chat(REPORTS)
    chat.send(exchange, 0.0)
    chat.to_send()
    chat.receive(raw.encode("latin-1"), 0.0)
    events = chat.events()
    if not any(isinstance(event, (Done, Failed)) for event in events):
        chat.receive(b"\r\nOK\r\n", 0.0)
        events += chat.events()
    return events


def answer(exchange: Exchange[Any], row: Row) -> Any:
    """The answer; nothing else was said."""
    [event] = ask(exchange, row["raw"])
    assert isinstance(event, Done)
    return event.result


def listen(raw: str, reports: list[type[Report]] = REPORTS) -> list[Event]:
    chat = Chat(reports)
    chat.receive(raw.encode("latin-1"), 0.0)
    return chat.events()


def ucs2(text: str) -> str:
    return bytes.fromhex(text).decode("utf-16-be")


REGISTRATIONS: dict[str, Exchange[Any]] = {
    "+CREG": RegistrationReports.query(),
    "+CGREG": GprsRegistrationReports.query(),
    "+CEREG": EpsRegistrationReports.query(),
}


@rows("+CREG", "+CGREG", "+CEREG", form="response")
def test_registration(row: Row) -> None:
    found = answer(REGISTRATIONS[row["cmd"]], row)
    expect = row["expect"]
    assert (found.stat, found.lac or 0, found.ci or 0, found.act) == (
        expect["stat"],
        expect["lac"],
        expect["ci"],
        expect["act"],
    )


@rows("+CREG", "+CGREG", "+CEREG", form="urc")
def test_registration_reported(row: Row) -> None:
    expect = row["expect"]
    if row["raw"].strip() == "+CGREG: 2,1, 81ED, 1A9CEB":
        # The table calls it a report, and it has the form of an answer.
        assert listen(row["raw"]) == [Unknown(row["raw"].strip())]
        found = answer(REGISTRATIONS[row["cmd"]], row)
    else:
        [event] = listen(row["raw"])
        assert isinstance(event, Reported)
        # In the middle of a query it is not taken for the answer.
        *others, end = ask(REGISTRATIONS[row["cmd"]], row["raw"])
        assert others == [event]
        assert isinstance(end, Failed)
        assert isinstance(event.report, Registered)
        found = event.report
    assert (found.stat, found.lac or 0, found.ci or 0, found.act) == (
        expect["stat"],
        expect["lac"],
        expect["ci"],
        expect["act"],
    )


@rows("+CREG?", "AT+CREG?")
def test_registration_asked(row: Row) -> None:
    if row["expect"].get("empty"):
        [event] = ask(RegistrationReports.query(), row["raw"])
        assert isinstance(event, Failed)
        assert str(event.error) == "OK to AT+CREG? without an answer"
        return
    found = answer(RegistrationReports.query(), row)
    assert {name: getattr(found, name) for name in row["expect"]} == row["expect"]


@rows("+COPS?")
def test_operator(row: Row) -> None:
    found = answer(SelectOperator.query(), row)
    expect = row["expect"]
    assert (found.mode, found.format, found.name, found.act) == (
        expect["mode"],
        expect["format"],
        expect["oper"],
        expect["act"],
    )


@rows("+COPS=?")
def test_operators(row: Row) -> None:
    scan: Exchange[Any] = Exchange("AT+COPS=?", "+COPS", 180.0, Networks, many=True)
    found = [network for line in answer(scan, row) for network in line.networks]
    assert found == [
        Network(
            expect["stat"],
            expect["long"],
            # In the GSM alphabet 0x40 is an inverted exclamation mark; characters are not ours.
            expect["short"] and expect["short"].replace("¡", "@"),
            expect["oper"],
            None if row["source"].endswith("motoc") else expect["act"],
        )
        for expect in row["expect"]["networks"]
    ]


@rows("+CCLK?")
def test_clock(row: Row) -> None:
    time = answer(ReadClock.query(), row).time
    offset = time.utcoffset()
    assert offset is not None
    assert offset.total_seconds() / 60 == row["expect"]["offset_minutes"]
    # datetime writes +10:00 where the table has +10.
    assert time.isoformat().removesuffix(":00") == row["expect"]["iso"].removesuffix(":00")


@rows("+CNMI=?")
def test_indications(row: Row) -> None:
    values = answer(command.test(Indications), row).values
    assert values == tuple(ranges(f"({each})")[0] for each in row["expect"]["raw_lists"])
    assert values[1] == {0, 1, 3}


@rows("+CPMS=?")
def test_storages(row: Row) -> None:
    values = answer(command.test(Storage), row).values
    assert len(values) == 3
    assert sorted(set[int | str]().union(*values), key=str) == row["expect"]["mems"]


@rows("+CSCA?")
def test_service_centre(row: Row) -> None:
    found = answer(ServiceCentre.query(), row)
    number = ucs2(found.number) if row["expect"].get("charset") == "UCS2" else found.number
    assert (number, found.type) == (row["expect"]["sca"], row["expect"]["tosca"])


@rows("+CPBR")
def test_phonebook(row: Row) -> None:
    found = answer(ReadEntry(row["expect"]["index"]).exchange(), row)
    expect = row["expect"]
    assert (found.index, found.number, ucs2(found.text)) == (
        expect["index"],
        expect["number"],
        expect["text"],
    )


@rows("+CNUM")
def test_own_numbers(row: Row) -> None:
    found = answer(ReadOwnNumbers().exchange(), row)
    assert [each.number for each in found] == row["expect"]["numbers"]


@rows("+CUSD")
def test_ussd(row: Row) -> None:
    [event] = listen(row["raw"])
    assert isinstance(event, Reported)
    assert isinstance(event.report, Ussd)
    expect = row["expect"]
    assert event.report.m == expect["m"]
    assert event.report.dcs == expect.get("dcs", 17)
    assert event.report.text
    assert event.report.text in row["raw"]
    if "text" in expect:
        assert ucs2(event.report.text) == expect["text"]


@rows("+CMGL")
def test_messages(row: Row) -> None:
    found = answer(ListMessages().exchange(), row | {"raw": row["raw"] + "\r\n"})
    assert [{"index": m.index, "stat": m.stat, "pdu": m.pdu} for m in found] == row["expect"][
        "messages"
    ]


@rows("+CMGR")
def test_message(row: Row) -> None:
    [expect] = row["expect"]["messages"]
    found = answer(ReadMessage(1).exchange(), row)
    assert (found.stat, found.pdu) == (expect["stat"], expect["pdu"])


@rows("final-result")
def test_final_results(row: Row) -> None:
    chat = Chat()
    chat.send(Attention().exchange(), 0.0)
    chat.to_send()
    chat.receive(row["raw"].encode(), 0.0)
    match chat.events():
        case [Done()]:
            assert row["expect"] == {"complete": True, "error": False}
        case [Failed(_, error)]:
            assert isinstance(error, Refused)
            assert row["expect"] == {"complete": True, "error": True}
        case [Unknown()]:
            assert row["expect"] == {"complete": False, "error": False}
        case other:
            raise AssertionError(other)


@rows("AT", "AT+XIIC=1")
def test_echo_and_ok(row: Row) -> None:
    asked = Attention().exchange() if row["cmd"] == "AT" else ReadDataLink(1).set()
    assert row["raw"].startswith(f"{row['expect']['echo']}\r")
    assert answer(asked, row) is None


@rows("AT+CSQ?")
def test_signal_cannot_be_queried(row: Row) -> None:
    [event] = ask(ReadSignal().exchange(), row["raw"])
    assert isinstance(event, Failed)
    assert str(event.error) == "ERROR"


@rows("AT+FSWF=...", "AT+TCPSEND=0,75")
def test_prompts(row: Row) -> None:
    asked: Exchange[Any] = Send(0, 75).payload_exchange(b"x" * 75)
    if row["cmd"] == "AT+FSWF=...":
        asked = WriteFile("test.txt", 0, 75, 10).payload_exchange(b"x" * 75)
    chat = Chat()
    chat.send(asked, 0.0)
    assert chat.to_send() == asked.line.encode() + b"\r"
    chat.receive(row["raw"].encode(), 0.0)
    assert chat.deadline == 0.05
    chat.tick(0.05)
    assert chat.to_send() == b"x" * 75
    assert chat.events() == [Prompted(asked)]


@rows("AT+TCPSEND=1,1024")
def test_a_refused_send(row: Row) -> None:
    [event] = ask(Send(1, 1024).payload_exchange(b"x"), row["raw"])
    assert isinstance(event, Failed)
    assert str(event.error) == row["raw"].strip()


@rows("AT+TCPSETUP=0,...", "AT+TCPSETUP=1,...")
def test_setting_up_a_connection(row: Row) -> None:
    *others, event = ask(Open(0, "a.example", 80).exchange(), row["raw"])
    if "ERROR\r" in row["raw"]:
        assert isinstance(event, Failed)
        assert str(event.error) == row["raw"].strip()
    else:
        assert isinstance(event, Done)
        assert event.result.result is SocketResult("FAIL" if "FAIL" in row["raw"] else "OK")
        assert others == [Unknown(line) for line in row["expect"].get("then", [])[:-1]]


@rows("AT+IPSTATUS=0")
def test_socket_status(row: Row) -> None:
    found = answer(ReadSocketStatus(0).exchange(), row)
    assert found.state in ("CONNECT", "DISCONNECT")
    assert found.buffer == (8192 if found.state == "CONNECT" else None)


@rows("AT+XIIC?")
def test_data_link(row: Row) -> None:
    links = answer(ReadDataLink.query(), row)
    assert all(link.active == row["expect"]["active"] for link in links)
    assert [link.address for link in links] == row["expect"].get("ips", ["0.0.0.0"])


@rows("AT+MQTTSTATE?")
def test_mqtt_state(row: Row) -> None:
    assert answer(ReadMqttState.query(), row).state == row["expect"]["state"]


@rows("AT+MQTTPUB=...")
def test_ones_own_message_comes_back(row: Row) -> None:
    done, reported = ask(Publish("rainbow", "Hello").exchange(), row["raw"])
    assert isinstance(done, Done)
    expect = row["expect"]
    assert reported == Reported(
        Published(expect["id"], expect["topic"], expect["length"], expect["payload"].encode())
    )


SAID: dict[str, list[Report]] = {
    "MODEM:STARTUP": [Startup(), PhonebookReady()],
    "RING": [Ring(), Caller("77002608317", '145,,,"",0')],
    "NO CARRIER": [NoCarrier()],
    "GPRS DISCONNECTION": [LinkLost(), LinkClosed(0, "Link Closed")],
}


@rows("boot", "urc")
def test_what_is_said_out_of_the_blue(row: Row) -> None:
    first, *rest = row["raw"].split("\r\n")[1:-1]
    if first.startswith("+CMT"):
        # In text mode, which is never asked for: nothing is lost.
        assert listen(row["raw"]) == [Unknown(first), Unknown(rest[-1])]
        [event, body] = listen(row["raw"], [TextDirect])
        assert isinstance(event, Reported)
        assert isinstance(event.report, TextDirect)
        assert event.report.sender == row["expect"]["oa"]
        assert body == Unknown(rest[-1])
    else:
        assert listen(row["raw"]) == [Reported(report) for report in SAID[first]]


def test_every_row_is_tested_or_left_out_for_a_reason() -> None:
    for row in ROWS:
        reasons = [reason for reason, left_out in LEFT_OUT.items() if left_out(row)]
        assert (row["raw"] in TESTED) != bool(reasons), row

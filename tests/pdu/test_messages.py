"""Messages as a whole: lenient reading, exact writing."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from n11bridge.pdu import (
    Concatenation,
    Deliver,
    Enhanced,
    PduError,
    Ports,
    StatusReport,
    Submit,
    decode,
    submit,
)

WHEN = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
FRONT = "00{first:02X}0491947100{dcs:02X}62203040506000"


def received(dcs: int, tail: str, *, header: bool = False) -> Deliver:
    """Read a DELIVER with this coding scheme and these octets from TP-UDL on."""
    front = FRONT.format(first=0x44 if header else 0x04, dcs=dcs)
    message = decode(front + tail)
    assert isinstance(message, Deliver)
    return message


@pytest.mark.parametrize(
    ("dcs", "tail", "text"),
    [
        (0x00, "05E8329BFD06", "hello"),
        (0x00, "05E8329BFD06" + "FF" * 20, "hello"),
        (0x00, "A0E8329BFD06", "hello"),
        (0x00, "FFE8329BFD06", "hello"),
        (0x00, "00", ""),
        (0x00, "20", ""),
        (0x08, "0400480069", "Hi"),
        (0x08, "8C00480069", "Hi"),
        (0x08, "0500480069FFFF", "Hi"),
        (0x08, "04D83DDE01", "😁"),
        (0x08, "04D83D0041", "�A"),
        (0x08, "04DE01D83D", "��"),
        (0xE0, "0400480069", "Hi"),
        (0xC0, "05E8329BFD06", "hello"),
        (0xD8, "05E8329BFD06", "hello"),
        (0x8F, "05E8329BFD06", "hello"),
        (0x0C, "05E8329BFD06", "hello"),
        (0x48, "0400480069", "Hi"),
    ],
)
def test_text_is_read_as_far_as_it_goes(dcs: int, tail: str, text: str) -> None:
    message = received(dcs, tail)
    assert message.text == text
    assert message.data is None
    assert message.dcs == dcs


@pytest.mark.parametrize("dcs", [0x04, 0x15, 0x20, 0x28, 0xF5])
def test_data_is_left_alone(dcs: int) -> None:
    message = received(dcs, "0400FFE833AABB")
    assert message.text is None
    assert message.data == bytes.fromhex("00FFE833")
    assert message.encoding == "8bit"
    again = decode(message.encode().pdu)
    assert isinstance(again, Deliver)
    assert again.data == message.data


@pytest.mark.parametrize("tail", ["00", "0106", "06060003010301", "00050003010301AA"])
def test_header_that_is_not_there_is_refused(tail: str) -> None:
    with pytest.raises(PduError):
        received(0x04, tail, header=True)


def test_broken_header_is_ignored_but_not_shown() -> None:
    message = received(0x08, "08050003010301" + "0041", header=True)
    assert message.text == "A"
    assert message.concat == Concatenation(1, 3, 1)
    message = received(0x08, "08050004010301" + "0041", header=True)
    assert message.text == "A"
    assert message.concat is None


def test_header_fills_up_to_a_septet() -> None:
    message = Deliver(number="+4917", text="", header=((0x24, b"\x01"),))
    assert message.encode().pdu.endswith("05" + "03240101" + "00")
    assert received(0x00, "05" + "03240101" + "00", header=True).text == ""
    assert received(0x00, "07" + "03240101" + "D89C01", header=True).text == "ğ"


@pytest.mark.parametrize("pid", [0, 0x41, 0x7F, 0xC0, 0xFF])
def test_any_protocol_identifier_is_read(pid: int) -> None:
    message = Deliver(number="1", text="x", pid=pid, timestamp=WHEN)
    again = decode(message.encode().pdu)
    assert isinstance(again, Deliver)
    assert again.pid == pid


@pytest.mark.parametrize("pdu", ["", "00", "0", "xx", "FF", "00 03", "07911234", "0002", "0001"])
def test_no_pdu(pdu: str) -> None:
    with pytest.raises(PduError):
        decode(pdu)


def test_stored_commands_are_no_reports() -> None:
    report = StatusReport(reference=1, number="1", status=0).encode().pdu
    assert isinstance(decode(report), StatusReport)
    with pytest.raises(PduError):
        decode(report, sent=True)


def test_service_centre_only_where_it_is() -> None:
    message = Deliver(number="+49170", smsc="+49171", text="x", timestamp=WHEN)
    encoded = message.encode()
    assert encoded.pdu.startswith("04919471F1")
    assert encoded.length == len(encoded.pdu) // 2 - 5
    again = decode(encoded.pdu[10:], smsc=False)
    assert isinstance(again, Deliver)
    assert (again.smsc, again.number) == (None, "+49170")
    assert again.timestamp == WHEN


def test_flags_of_deliver_both_ways() -> None:
    names = ("reply_path", "more_messages", "loop_prevention", "report_indication")
    for name in names:
        message = Deliver(number="1", text="x", **{name: True})
        again = decode(message.encode().pdu)
        assert [word for word in names if getattr(again, word)] == [name]


def test_submit_with_everything() -> None:
    message = Submit(
        number="*100#",
        data=b"\x00\xff",
        encoding="8bit",
        message_class=2,
        ports=Ports(2948, 9200),
        concat=Concatenation(0xABCD, 3, 2, 16),
        validity=Enhanced(timedelta(seconds=90), "seconds", single_shot=True),
        report_requested=True,
        reply_path=True,
        reject_duplicates=True,
        reference=7,
        pid=0x41,
        smsc="+49171",
    )
    again = decode(message.encode().pdu, sent=True)
    assert dataclasses.replace(again, units=b"", number_type=-1) == message
    assert isinstance(again, Submit)
    assert again.validity_seconds == 90
    assert again.dcs == 0x16
    assert again.header == ((8, b"\xab\xcd\x03\x02"), (5, b"\x0b\x84\x23\xf0"))


@pytest.mark.parametrize("validity", [None, timedelta(hours=1), WHEN])
def test_validity_both_ways(validity: timedelta | datetime | None) -> None:
    (part,) = submit("+49170", "x", validity=validity)
    again = decode(part.encode().pdu, sent=True)
    assert isinstance(again, Submit)
    assert again.validity == validity
    assert again.validity_seconds == (3600 if isinstance(validity, timedelta) else None)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (0x00, "delivered"),
        (0x01, "delivered"),
        (0x02, "delivered"),
        (0x1F, "delivered"),
        (0x20, "pending"),
        (0x30, "pending"),
        (0x3F, "pending"),
        (0x40, "failed"),
        (0x60, "failed"),
        (0xFF, "failed"),
    ],
)
def test_outcome(status: int, outcome: str) -> None:
    report = StatusReport(
        reference=200, number="+49170", status=status, timestamp=WHEN, discharged=WHEN
    )
    again = decode(report.encode().pdu)
    assert isinstance(again, StatusReport)
    assert (again.status, again.outcome, again.reference) == (status, outcome, 200)
    assert again.text is None
    assert again.discharged == WHEN


def test_report_with_optional_parameters() -> None:
    report = StatusReport(reference=1, number="1", status=0, pid=0, text="ok")
    again = decode(report.encode().pdu)
    assert isinstance(again, StatusReport)
    assert (again.pid, again.text) == (0, "ok")
    assert decode(report.encode().pdu[:-2]) != again


@pytest.mark.parametrize("padding", ["FF" * 40, "00", "0000", "07", "0700", "070008"])
def test_padding_after_a_report(padding: str) -> None:
    report = StatusReport(reference=1, number="1", status=0)
    again = decode(report.encode().pdu + padding)
    assert isinstance(again, StatusReport)
    assert again.status == 0


@pytest.mark.parametrize(
    "message",
    [
        Submit(number="1", text="x" * 161),
        Submit(number="1", text="я"),
        Submit(number="1", text="\ud800", encoding="ucs2"),
        Submit(number="1", data=bytes(141), encoding="8bit"),
        Submit(number="1", text="x", reference=256),
        Submit(number="1", text="x", pid=-1),
        Submit(number="1", text="x", validity=datetime(2026, 1, 1)),
        Submit(number="1", text="x", header=((0, bytes(150)),)),
        Deliver(number="1", text="x", dcs=256),
        Deliver(number="Š", text="x"),
        StatusReport(reference=0, number="1", status=256),
    ],
)
def test_messages_that_cannot_be_written(message: Submit | Deliver | StatusReport) -> None:
    with pytest.raises(PduError):
        message.encode()

"""The simulator's own PDU codec against PDUs that others made."""

from datetime import datetime, timedelta, timezone

import pytest

from n11bridge.simulator.compose import compose
from n11bridge.simulator.octets import split_centre, stamp, stamp_text
from n11bridge.simulator.tpdu import Deliver, StatusReport, Submit, message_class, status_report

TIME = datetime(2014, 3, 26, 13, 57, 58, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))


@pytest.mark.parametrize(
    ("pdu", "centre", "number", "text"),
    [
        (
            "0891683110808805F001000B813124819396F300080A00680065006C006C006F",
            "+8613010888500",
            "13421839693",
            "hello",
        ),
        ("038121431100048121430000FF0DDAF5BB3E5F8741F3B4BCE006", "1234", "1234", "Zkouska sirén"),
        (
            "0045000B915121551532F40000A0050003000301986F79B90D4AC3E7F53688FC66BFE5A0799A0E0AB7"
            "CB741668FC76CFCB637A995E9783C2E4343C3D4F8FD3EE33A8CC4ED359A079990C22BF41E5747DDE7E"
            "9341F4721BFE9683D2EE719A9C26D7DD74509D0E6287C56F791954A683C86FF65B5E06B5C367771814"
            "66A7E3F5B0AB4A0795DDE936284C06B5D3EE741B642FBBD3E1360B14AFA7DD",
            "",
            "+15125551234",
            "Lorem ipsum dolor sit amet, consectetur adipisicing elit, sed do eiusmod tempor "
            "incididunt ut labore et dolore magna aliqua.Ut enim ad minim veniam, quin",
        ),
    ],
)
def test_messages_of_others_are_read(pdu, centre, number, text):
    found, tpdu = split_centre(bytes.fromhex(pdu))
    submit = Submit.decode(tpdu)
    assert (found, submit.number, submit.user.text) == (centre, number, text)
    for length in range(len(tpdu)):
        with pytest.raises(ValueError, match=r"no SMS-SUBMIT|too short"):
            Submit.decode(tpdu[:length])
    with pytest.raises(ValueError, match="too long"):
        Submit.decode(tpdu + b"\0")


def test_the_manuals_deliver_is_read():
    _, tpdu = split_centre(
        bytes.fromhex("0891683110501905F0240BA18177377949F50000413062312503230468341A0D")
    )
    deliver = Deliver.decode(tpdu)
    assert (deliver.sender, deliver.user.text) == ("18777397945", "hhhh")
    assert stamp_text(deliver.stamp, long=False) == "14/03/26,13:52:30+32"
    assert stamp_text(deliver.stamp, long=True) == "2014/03/26 13:52:30+32"


def test_a_zone_west_of_greenwich():
    assert stamp_text(stamp(TIME), long=False) == "14/03/26,13:57:58-14"


@pytest.mark.parametrize(
    ("text", "alphabet", "parts"),
    [
        ("", "gsm7", 1),
        ("x" * 160, "gsm7", 1),
        ("x" * 161, "gsm7", 2),
        ("€" * 80, "gsm7", 1),
        ("x" + "€" * 153, "gsm7", 3),
        ("ж" * 70, "ucs2", 1),
        ("ж" * 71, "ucs2", 2),
        ("ж" + "😀" * 66, "ucs2", 2),
        ("{}[]~^|\\€@£\n", "gsm7", 1),
    ],
)
def test_a_composed_message_reads_back(text, alphabet, parts):
    tpdus = compose("+4930123", text, time=TIME)
    delivers = [Deliver.decode(tpdu) for tpdu in tpdus]
    assert len(delivers) == parts
    assert "".join(deliver.user.text for deliver in delivers) == text
    assert {deliver.dcs for deliver in delivers} == {0 if alphabet == "gsm7" else 8}
    if parts > 1:
        fronts = [deliver.user.front for deliver in delivers]
        assert {front[:3] for front in fronts} == {b"\x05\x00\x03"}
        assert [front[4:] for front in fronts] == [bytes((parts, n + 1)) for n in range(parts)]


def test_data_ports_class_and_a_name_as_sender():
    data = bytes(range(200))
    tpdus = compose("kaspi.kz", "", data, alphabet="8bit", ports=(2948, 9200), time=TIME)
    delivers = [Deliver.decode(tpdu) for tpdu in tpdus]
    assert b"".join(deliver.user.data for deliver in delivers) == data
    assert all(d.user.front[1:7].hex() == "05040b8423f0" for d in delivers)
    assert delivers[0].sender == "kaspi.kz"
    (flash,) = compose("1", "Flash", message_class=0, time=TIME)
    assert message_class(Deliver.decode(flash).dcs) == 0


def test_a_status_report_reads_back():
    report = StatusReport.decode(status_report(171, "+491701234567", TIME, TIME, 0x41))
    assert (report.reference, report.number, report.status) == (171, "+491701234567", 0x41)

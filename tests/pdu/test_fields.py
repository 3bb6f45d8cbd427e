"""Addresses, time stamps, validity and headers."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from n11bridge.pdu import Address, Concatenation, Enhanced, PduError, Ports, header
from n11bridge.pdu import timestamp as stamp
from n11bridge.pdu import validity as vp
from n11bridge.pdu.octets import Reader


@pytest.mark.parametrize(
    ("number", "octets"),
    [
        ("+4917", "0491 9471"),
        ("+49170", "0591 9471F0"),
        ("1234", "0481 2143"),
        ("*100#", "0581 1A00FB"),
        ("12ab3c", "0681 21DCE3"),
        ("", "0081"),
        ("FONIC", "09D0 C6A7333904"),
        ("www.tim.it", "12D0 F7FBDD454FB75D693A"),
        ("_@", "04D0 1100"),
        ("cab", "06D0 E3B018"),
        ("ABCDEFGHIJK", "14D0 41E19058341E9149E512"),
    ],
)
def test_addresses(number: str, octets: str) -> None:
    address = Address.of(number)
    assert address.encode() == bytes.fromhex(octets)
    assert Address.read(Reader(bytes.fromhex(octets))) == address


@pytest.mark.parametrize(
    ("octets", "number"),
    [
        ("04A1 2143", "1234"),  # national
        ("04B1 2143", "1234"),  # network specific
        ("04C8 2143", "1234"),  # subscriber
        ("04E1 2143", "1234"),  # abbreviated
        ("04F1 2143", "1234"),  # reserved
        ("0400 2143", "1234"),  # no extension bit
        ("0090", ""),
        ("06A1 21F3FF", "123"),  # filler where digits should be
    ],
)
def test_other_types_of_number(octets: str, number: str) -> None:
    address = Address.read(Reader(bytes.fromhex(octets)))
    assert address.number == number
    assert address.type == bytes.fromhex(octets)[1]
    assert Address.read(Reader(address.encode())) == address


@pytest.mark.parametrize("octets", ["", "01", "0491", "049121", "159100000000000000000000000000"])
def test_no_address(octets: str) -> None:
    with pytest.raises(PduError):
        Address.read(Reader(bytes.fromhex(octets)))


@pytest.mark.parametrize(
    "address",
    [
        Address("+" + "1" * 21),
        Address("A" * 12),
        Address("Šárka"),
        Address("12x4", 0x81),
        Address("12", 256),
    ],
)
def test_addresses_that_cannot_be_written(address: Address) -> None:
    with pytest.raises(PduError):
        address.encode()


@pytest.mark.parametrize(
    ("octets", "iso"),
    [
        ("01901151011129", "2010-09-11T15:10:11-03:00"),
        ("81408061139123", "2018-04-08T16:31:19+08:00"),
        ("21405291650569", "2012-04-25T19:56:50-04:00"),
        ("99213132959500", "1999-12-13T23:59:59+00:00"),
        ("62101000000065", "2026-01-01T00:00:00+14:00"),
    ],
)
def test_time_stamps(octets: str, iso: str) -> None:
    time = stamp.decode(bytes.fromhex(octets))
    assert time is not None
    assert time.isoformat() == iso
    assert stamp.encode(time) == bytes.fromhex(octets)


@pytest.mark.parametrize(
    "octets",
    [
        "00000000000000",
        "FFFFFFFFFFFFFF",
        "11311010000000",
        "11102310000000",
        "11101042000000",
        "11101000060000",
        "111010000000F0",
        "1A101000000000",
    ],
)
def test_no_time_stamp(octets: str) -> None:
    assert stamp.decode(bytes.fromhex(octets)) is None


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2089, 12, 31)),
    st.integers(-79, 79),
)
def test_time_stamps_both_ways(time: datetime, quarters: int) -> None:
    zone = timezone(timedelta(minutes=15 * quarters))
    time = time.replace(microsecond=0, tzinfo=zone)
    again = stamp.decode(stamp.encode(time))
    assert again == time
    assert again is not None
    assert again.utcoffset() == time.utcoffset()


@pytest.mark.parametrize(
    "time",
    [
        datetime(2026, 1, 1),
        datetime(1989, 1, 1, tzinfo=UTC),
        datetime(2090, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=20))),
    ],
)
def test_times_that_cannot_be_written(time: datetime) -> None:
    with pytest.raises(PduError):
        stamp.encode(time)


def test_every_relative_validity() -> None:
    periods = [vp.decode(vp.RELATIVE, Reader(bytes((code,)))) for code in range(256)]
    last = timedelta(0)
    for code, period in enumerate(periods):
        assert isinstance(period, timedelta)
        assert period > last
        assert vp.encode(period) == (vp.RELATIVE, bytes((code,)))
        assert vp.relative(last + timedelta(seconds=1)) == code
        last = period
    assert vp.relative(timedelta(days=10000)) == 255


@pytest.mark.parametrize(
    ("code", "period"),
    [
        (0, timedelta(minutes=5)),
        (143, timedelta(hours=12)),
        (144, timedelta(hours=12, minutes=30)),
        (167, timedelta(hours=24)),
        (168, timedelta(days=2)),
        (196, timedelta(days=30)),
        (197, timedelta(weeks=5)),
        (255, timedelta(weeks=63)),
    ],
)
def test_relative_validity(code: int, period: timedelta) -> None:
    assert vp.decode(vp.RELATIVE, Reader(bytes((code,)))) == period


@pytest.mark.parametrize("period", [timedelta(0), timedelta(seconds=-1)])
def test_no_validity(period: timedelta) -> None:
    with pytest.raises(PduError):
        vp.relative(period)


@pytest.mark.parametrize(
    ("octets", "validity"),
    [
        ("00000000000000", Enhanced(None, "none")),
        ("40000000000000", Enhanced(None, "none", single_shot=True)),
        ("01AA0000000000", Enhanced(timedelta(days=4), "relative")),
        ("021E0000000000", Enhanced(timedelta(seconds=30), "seconds")),
        ("43109595000000", Enhanced(timedelta(hours=1, minutes=59, seconds=59), "clock", True)),
        ("03995495000000", Enhanced(timedelta(hours=99, minutes=45, seconds=59), "clock")),
    ],
)
def test_enhanced_validity(octets: str, validity: Enhanced) -> None:
    assert vp.decode(vp.ENHANCED, Reader(bytes.fromhex(octets))) == validity
    assert vp.encode(validity) == (vp.ENHANCED, bytes.fromhex(octets))


def test_enhanced_validity_with_an_extension() -> None:
    octets = bytes.fromhex("82001E00000000")
    assert vp.decode(vp.ENHANCED, Reader(octets)) == Enhanced(timedelta(seconds=30), "seconds")


@pytest.mark.parametrize(
    "octets", ["FF" * 7, "04000000000000", "02000000000000", "03A00000000000", "86000000000000"]
)
def test_reserved_enhanced_validity(octets: str) -> None:
    assert vp.decode(vp.ENHANCED, Reader(bytes.fromhex(octets))) is None


@pytest.mark.parametrize(
    "validity",
    [
        Enhanced(timedelta(seconds=256), "seconds"),
        Enhanced(timedelta(0), "seconds"),
        Enhanced(timedelta(hours=100), "clock"),
        Enhanced(timedelta(seconds=-1), "clock"),
        Enhanced(None, "clock"),
    ],
)
def test_enhanced_validity_that_cannot_be_written(validity: Enhanced) -> None:
    with pytest.raises(PduError):
        vp.encode(validity)


@pytest.mark.parametrize(
    ("octets", "concat", "ports", "shifts"),
    [
        ("0003010302", Concatenation(1, 3, 2), None, (0, 0)),
        ("080412340302", Concatenation(0x1234, 3, 2, 16), None, (0, 0)),
        ("00030103020804FFFF0201", Concatenation(0xFFFF, 2, 1, 16), None, (0, 0)),
        ("00030103020003020301", Concatenation(2, 3, 1), None, (0, 0)),
        ("0003010304", None, None, (0, 0)),
        ("0003010300", None, None, (0, 0)),
        ("0003010000", None, None, (0, 0)),
        ("00020101", None, None, (0, 0)),
        ("0000", None, None, (0, 0)),
        ("05040B8423F00003010302", Concatenation(1, 3, 2), Ports(2948, 9200), (0, 0)),
        ("0402F5E0", None, Ports(0xF5, 0xE0, 8), (0, 0)),
        ("0400", None, None, (0, 0)),
        ("240101250103", None, None, (3, 1)),
        ("24020101", None, None, (0, 0)),
        ("7000", None, None, (0, 0)),
    ],
)
def test_headers(
    octets: str, concat: Concatenation | None, ports: Ports | None, shifts: tuple[int, int]
) -> None:
    elements = header.decode(bytes.fromhex(octets))
    assert header.concatenation(elements) == concat
    assert header.ports(elements) == ports
    assert header.shifts(elements) == shifts
    assert header.encode(elements)[1:] == bytes.fromhex(octets)


@pytest.mark.parametrize("octets", ["00", "0003", "00030103", "000301030208", "0003010302FF01"])
def test_header_that_does_not_add_up_is_ignored(octets: str) -> None:
    assert header.decode(bytes.fromhex(octets)) == ()


@pytest.mark.parametrize(
    "element",
    [
        Concatenation(256, 2, 1),
        Concatenation(1, 256, 1),
        Concatenation(1, 2, 3),
        Concatenation(1, 2, 0),
        Concatenation(1, 2, 1, 12),
        Ports(65536, 1),
        Ports(256, 1, 8),
        Ports(1, 1, 12),
    ],
)
def test_elements_that_cannot_be_written(element: Concatenation | Ports) -> None:
    with pytest.raises(PduError):
        element.element()

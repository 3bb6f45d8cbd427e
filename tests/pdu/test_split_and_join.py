"""Long texts: cut into parts, and parts put together."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from n11bridge.pdu import (
    Concatenation,
    Deliver,
    PduError,
    Submit,
    alphabet,
    decode,
    join,
    measure,
    submit,
)

WHEN = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
GSM_TEXT = st.text(st.sampled_from("aÄ@€{}\f\n\rΔ~ "), max_size=700)
EMOJI_TEXT = st.text(st.sampled_from("aß😁я𝄞"), max_size=300)


def as_received(part: Submit) -> Deliver:
    """Carry a part to the other side."""
    sent = decode(part.encode().pdu, sent=True)
    assert isinstance(sent, Submit)
    copy = Deliver(
        number="+49170",
        timestamp=WHEN,
        text=sent.text,
        encoding=sent.encoding,
        message_class=sent.message_class,
        header=sent.header,
        concat=sent.concat,
    )
    got = decode(copy.encode().pdu)
    assert isinstance(got, Deliver)
    return got


@pytest.mark.parametrize(
    ("text", "encoding", "bits", "parts"),
    [
        ("", "gsm7", 8, 1),
        ("a" * 160, "gsm7", 8, 1),
        ("a" * 161, "gsm7", 8, 2),
        ("a" * 306, "gsm7", 8, 2),
        ("a" * 307, "gsm7", 8, 3),
        ("a" * 304, "gsm7", 16, 2),
        ("a" * 305, "gsm7", 16, 3),
        ("€" * 80, "gsm7", 8, 1),
        ("€" * 152, "gsm7", 8, 2),
        ("€" * 153, "gsm7", 8, 3),
        ("я" * 70, "ucs2", 8, 1),
        ("я" * 71, "ucs2", 8, 2),
        ("я" * 134, "ucs2", 8, 2),
        ("я" * 135, "ucs2", 8, 3),
        ("я" * 132, "ucs2", 16, 2),
        ("я" * 133, "ucs2", 16, 3),
        ("😁" * 35, "ucs2", 8, 1),
        ("😁" * 66, "ucs2", 8, 2),
        ("😁" * 67, "ucs2", 8, 3),
        ("a" * 153 * 255, "gsm7", 8, 255),
    ],
)
def test_how_many_parts(text: str, encoding: str, bits: int, parts: int) -> None:
    assert measure(text, bits=bits) == (encoding, parts)
    cut = submit("+49170", text, bits=bits, reference=255)
    assert len(cut) == parts
    assert all(part.encode().length for part in cut)
    if parts == 1:
        assert cut[0].concat is None
        assert cut[0].header == ()
    else:
        concats = [Concatenation(255, parts, seq, bits) for seq in range(1, parts + 1)]
        assert [part.concat for part in cut] == concats


def test_what_is_asked_for_is_in_every_part() -> None:
    parts = submit("+49170", "я" * 100, flash=True, report=True, validity=timedelta(minutes=1))
    for part in parts:
        again = decode(part.encode().pdu, sent=True)
        assert isinstance(again, Submit)
        assert (again.message_class, again.dcs, again.report_requested) == (0, 0x18, True)
        assert again.validity_seconds == 300


def test_transliteration_avoids_ucs2() -> None:
    assert measure("Zkouška") == ("ucs2", 1)
    assert measure("Zkouška", transliterate=True) == ("gsm7", 1)
    (part,) = submit("1", "Zkouška я", transliterate=True)
    assert (part.text, part.encoding) == ("Zkouška я", "ucs2")
    (part,) = submit("1", "Zkouška", encoding="gsm7", transliterate=True)
    assert part.text == "Zkouska"
    (part,) = submit("1", "plain", encoding="ucs2")
    assert part.encoding == "ucs2"


@pytest.mark.parametrize("number", ["", "alice", "+49 170", "+", "0170-1"])
def test_only_numbers_are_sent_to(number: str) -> None:
    with pytest.raises(PduError):
        submit(number, "x")


def test_texts_that_cannot_be_sent() -> None:
    with pytest.raises(PduError, match="'š'"):
        submit("1", "Zkouška", encoding="gsm7")
    with pytest.raises(PduError, match="255"):
        submit("1", "a" * (153 * 255 + 1))
    with pytest.raises(PduError, match="255"):
        measure("я" * (67 * 255 + 1))
    with pytest.raises(PduError, match="surrogate"):
        submit("1", "\ud83d")
    with pytest.raises(PduError, match="bits"):
        measure("x", bits=12)


@settings(max_examples=60)
@given(st.one_of(TEXT, GSM_TEXT, EMOJI_TEXT), st.sampled_from([8, 16]))
def test_text_survives_the_way(text: str, bits: int) -> None:
    parts = [as_received(part) for part in submit("+49170", text, bits=bits)]
    assert join(parts).text == text
    assert join(parts[::-1]).text == text
    assert "".join(part.text or "" for part in parts) == text
    assert measure(text, bits=bits) == (parts[0].encoding, len(parts))
    for part in parts:
        assert not part.units.endswith(b"\x1b") or part.encoding == "ucs2"


@settings(max_examples=60)
@given(st.one_of(GSM_TEXT, EMOJI_TEXT), st.data())
def test_characters_that_others_cut_in_two_are_whole_again(text: str, data: st.DataObject) -> None:
    text = text[:60]
    encoding = measure(text)[0]
    if encoding == "gsm7":
        octets, dcs = alphabet.encode(text), 0
    else:
        octets, dcs = text.encode("utf-16-be"), 8
    at = data.draw(st.integers(0, len(octets)))
    parts = [
        Deliver(
            number="1", dcs=dcs, encoding=encoding, units=units, concat=Concatenation(1, 2, seq)
        )
        for seq, units in enumerate((octets[:at], octets[at:]), 1)
    ]
    if all(part.units for part in parts):
        assert join(parts).text == text


def test_join_leaves_gaps_and_drops_repeats() -> None:
    def part(seq: int, text: str) -> Deliver:
        return Deliver(number="1", text=text, concat=Concatenation(1, 4, seq))

    assert join([part(4, "d"), part(1, "a"), part(2, "b"), part(1, "x")]).text == "abd"
    assert join([]).text == ""
    whole = join([part(1, "{"), Deliver(number="1", text="я", encoding="ucs2")])
    assert (whole.text, whole.encoding) == ("{", "gsm7")


def test_halves_meet_only_in_parts_that_follow_each_other() -> None:
    def part(seq: int, units: bytes) -> Deliver:
        concat = Concatenation(1, 3, seq)
        return Deliver(number="1", encoding="ucs2", units=units, concat=concat)

    assert join([part(1, b"\xd8\x3d"), part(2, b"\xde\x01")]).text == "😁"
    assert join([part(1, b"\xd8\x3d"), part(3, b"\xde\x01")]).text == "��"


def test_join_of_mixed_parts() -> None:
    latin = Deliver(number="1", text="a", concat=Concatenation(1, 2, 1))
    cyrillic = Deliver(number="1", text="я", encoding="ucs2", concat=Concatenation(1, 2, 2))
    data = Deliver(number="1", data=b"\x01", encoding="8bit", concat=Concatenation(1, 2, 2))
    whole = join([cyrillic, latin])
    assert (whole.text, whole.data, whole.encoding) == ("aя", None, "ucs2")
    whole = join([data, latin])
    assert (whole.text, whole.data, whole.encoding) == (None, b"a\x01", "8bit")

"""Whatever comes from the air: only PduError is raised, and only JSON comes out."""

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from n11bridge.pdu import (
    Broadcast,
    Deliver,
    PduError,
    decode,
    join,
    ussd,
)


def strings(value: object) -> list[str]:
    """Return every string in a decoded record."""
    record = dataclasses.asdict(value)  # type: ignore[call-overload]
    return [field for field in record.values() if isinstance(field, str)]


@settings(max_examples=300)
@given(st.binary(max_size=60), st.booleans(), st.booleans())
def test_nothing_but_pdu_errors(octets: bytes, sent: bool, smsc: bool) -> None:
    try:
        message = decode(octets.hex(), sent=sent, smsc=smsc)
    except PduError:
        return
    json.dumps(strings(message), ensure_ascii=False).encode("utf-8")
    if isinstance(message, Deliver):
        joined = join([message])
        assert joined.text == message.text
        assert joined.data == message.data


@settings(max_examples=200)
@given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=140), st.booleans())
def test_any_content_is_read(dcs: int, length: int, content: bytes, header: bool) -> None:
    first = "44" if header else "04"
    try:
        message = decode(f"00{first}0491947100{dcs:02X}62203040506000{length:02X}{content.hex()}")
    except PduError:
        assert header
        return
    assert isinstance(message, Deliver)
    assert (message.text is None) == (message.encoding == "8bit")
    json.dumps(strings(message), ensure_ascii=False).encode("utf-8")


@settings(max_examples=200)
@given(st.binary(max_size=100))
def test_any_broadcast_is_read(octets: bytes) -> None:
    try:
        page = Broadcast.decode(octets.hex())
    except PduError:
        return
    json.dumps(strings(page), ensure_ascii=False).encode("utf-8")


@settings(max_examples=200)
@given(st.one_of(st.text(), st.binary().map(bytes.hex)), st.integers(0, 255))
def test_any_ussd_string_is_read(text: str, dcs: int) -> None:
    json.dumps(ussd.decode(text, dcs), ensure_ascii=False).encode("utf-8")


@given(st.text(max_size=30))
def test_what_is_no_hex_is_refused(text: str) -> None:
    with pytest.raises(PduError):
        decode("zz" + text)

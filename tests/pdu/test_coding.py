"""Data coding schemes."""

import pytest

from n11bridge.pdu import PduError, coding


@pytest.mark.parametrize(
    ("dcs", "encoding", "message_class"),
    [
        (0x00, "gsm7", None), (0x03, "gsm7", None), (0x04, "8bit", None), (0x08, "ucs2", None),
        (0x0C, "gsm7", None), (0x10, "gsm7", 0), (0x15, "8bit", 1), (0x18, "ucs2", 0),
        (0x1B, "ucs2", 3), (0x20, "8bit", None), (0x38, "8bit", 0), (0x40, "gsm7", None),
        (0x48, "ucs2", None), (0x54, "8bit", 0), (0x84, "gsm7", None), (0xB8, "gsm7", None),
        (0xC8, "gsm7", None), (0xD9, "gsm7", None), (0xE0, "ucs2", None), (0xEB, "ucs2", None),
        (0xF0, "gsm7", 0), (0xF2, "gsm7", 2), (0xF4, "8bit", 0), (0xFF, "8bit", 3),
    ],
)  # fmt: skip
def test_message_coding(dcs: int, encoding: str, message_class: int | None) -> None:
    meaning = coding.of_message(dcs)
    assert (meaning.encoding, meaning.message_class) == (encoding, message_class)
    assert meaning.compressed == (dcs in (0x20, 0x38))


@pytest.mark.parametrize(
    ("dcs", "encoding", "language"),
    [
        (0x00, "gsm7", "de"), (0x01, "gsm7", "en"), (0x0E, "gsm7", "pl"), (0x0F, "gsm7", None),
        (0x10, "gsm7", None), (0x11, "ucs2", None), (0x12, "gsm7", None), (0x20, "gsm7", "cs"),
        (0x24, "gsm7", "is"), (0x25, "gsm7", None), (0x30, "gsm7", None), (0x44, "8bit", None),
        (0x48, "ucs2", None), (0x60, "8bit", None), (0x80, "gsm7", None), (0x94, "8bit", None),
        (0xD0, "gsm7", None), (0xE0, "8bit", None), (0xF0, "gsm7", None), (0xF4, "8bit", None),
    ],
)  # fmt: skip
def test_broadcast_coding(dcs: int, encoding: str, language: str | None) -> None:
    meaning = coding.of_broadcast(dcs)
    assert (meaning.encoding, meaning.language) == (encoding, language)


def test_scheme_to_write() -> None:
    assert coding.for_message("ucs2", 0) == 0x18
    assert coding.for_message("8bit", None) == 0x04
    with pytest.raises(PduError):
        coding.for_message("gsm7", 4)

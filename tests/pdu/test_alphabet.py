"""The tables of the 7-bit alphabet and the packing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from n11bridge.pdu import PduError, alphabet, septets
from n11bridge.pdu.languages import DEFAULT, LOCKING, SINGLE

SEPTETS = st.binary(max_size=200).map(lambda octets: bytes(octet & 0x7F for octet in octets))
LANGUAGES = range(14)

# Three consecutive letters from each half of each table, and where they stand (23.038 A.3).
LOCKING_SAMPLES = [
    (1, 0x07, "ı"), (1, 0x0B, "Ğğ"), (1, 0x1C, "Şş"), (1, 0x40, "İ"), (1, 0x60, "ç"),
    (3, 0x04, "êéúíóç"), (3, 0x12, "ªÇÀ∞^\\€Ó|"), (3, 0x5B, "ÃÕÚÜ§~"), (3, 0x7B, "ãõ`üà"),
    (4, 0x0F, "\u098f\u0990"), (4, 0x5D, "\u09cb\u09cc\u09cd\u09cea"), (4, 0x7E, "\u09f0\u09f1"),
    (5, 0x0C, "\u0a8d\r \u0a8f"), (5, 0x56, "\u0ac4\u0ac5 \u0ac7"), (5, 0x7F, "\u0af1"),
    (6, 0x0B, "\u090c\u090d\r\u090e"), (6, 0x3C, "\u0929\u092a\u092b?\u092c"),
    (6, 0x7E, "\u097e\u097f"),
    (7, 0x00, " \u0c82\u0c83\u0c85"), (7, 0x24, "\u0ca1"), (7, 0x60, "\u0cd5a"),
    (7, 0x7B, "\u0cd6\u0ce0"),
    (8, 0x4D, "\u0d39 \u0d3d\u0d3e"), (8, 0x60, "\u0d57a"), (8, 0x7F, "\u0d79"),
    (9, 0x44, "\u0b30 \u0b32\u0b33 \u0b35"), (9, 0x60, "\u0b56a"), (9, 0x7B, "\u0b57\u0b60"),
    (10, 0x47, "\u0a33 \u0a35\u0a36 \u0a38"), (10, 0x60, "\u0a51a"), (10, 0x7B, "\u0a70\u0a71"),
    (11, 0x26, "\u0ba3\u0ba4)(  , .\u0ba8"), (11, 0x5F, "\u0bcd\u0bd0a"),
    (11, 0x7E, "\u0bf2\u0bf9"),
    (12, 0x4D, "\u0c39 \u0c3d\u0c3e"), (12, 0x60, "\u0c55a"), (12, 0x7B, "\u0c56\u0c60"),
    (13, 0x0E, "\u067a\u067c\u062b\u062c\u0681\u0684\u0683"), (13, 0x4F, "\u0646\u06ba"),
    (13, 0x5B, "\u06d2\u064d\u0650\u064f\u0657\u0654a"),
    (13, 0x7B, "\u0655\u0651\u0653\u0656\u0670"),
]  # fmt: skip

# The same for the single shift tables (23.038 A.2).
SINGLE_SAMPLES = [
    (0, 0x0A, "\f"), (0, 0x3C, "[~]"), (0, 0x65, "€"),
    (1, 0x47, "Ğ"), (1, 0x63, "ç"), (1, 0x69, "ı"), (1, 0x73, "ş"),
    (2, 0x09, "ç\f"), (2, 0x4F, "Ó"), (2, 0x75, "ú"),
    (3, 0x0B, "Ôô"), (3, 0x0E, "Áá"), (3, 0x12, "ΦΓ^ΩΠΨΣΘ"), (3, 0x5B, "ÃÕ"), (3, 0x7F, "â"),
    (4, 0x19, "\u09e6\u09e7"), (4, 0x22, "\u09ee\u09ef\u09df\u09e0\u09e1\u09e2{}\u09e3\u09f2"),
    (4, 0x2E, "\u09f5\\\u09f6\u09f7\u09f8\u09f9\u09fa"),
    (5, 0x19, "।॥"), (5, 0x24, "\u0aee\u0aef"),
    (6, 0x25, "\u096f\u0951\u0952{}\u0953\u0954\u0958\u0959\u095a\\\u095b"),
    (6, 0x39, "\u0970\u0971"),
    (7, 0x25, "\u0cef\u0cde\u0cf1{}\u0cf2"), (8, 0x2D, "\u0d75\u0d7a\\\u0d7b"), (8, 0x34, "\u0d7f"),
    (9, 0x26, "\u0b5c\u0b5d{}\u0b5f\u0b70\u0b71"),
    (10, 0x26, "\u0a59\u0a5a{}\u0a5b\u0a5c\u0a5e\u0a75"),
    (11, 0x24, "\u0bee\u0bef\u0bf3\u0bf4{}\u0bf5"), (11, 0x2D, "\u0bf8\u0bfa\\"),
    (12, 0x1C, "\u0c66\u0c67"), (12, 0x26, "\u0c58\u0c59{}\u0c78"), (12, 0x2E, "\u0c7c\\\u0c7d"),
    (13, 0x19, "\u0600\u0601"), (13, 0x26, "\u060c\u060d{}\u060e\u060f\u0610\u0611\u0612\\\u0613"),
    (13, 0x38, "\u066c\u0672\u0673\u06cd[~]\u06d4|A"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "code", "cells"), LOCKING_SAMPLES)
def test_locking_table(language: int, code: int, cells: str) -> None:
    codes = bytes(range(code, code + len(cells)))
    assert alphabet.decode(codes, locking=language) == cells


@pytest.mark.parametrize(("language", "code", "cells"), SINGLE_SAMPLES)
def test_single_shift_table(language: int, code: int, cells: str) -> None:
    escaped = b"".join(bytes((0x1B, code + at)) for at in range(len(cells)))
    assert alphabet.decode(escaped, single=language) == cells


def test_tables_are_whole() -> None:
    assert LOCKING.keys() == set(LANGUAGES) - {2}
    assert SINGLE.keys() == set(LANGUAGES)
    for table in LOCKING.values():
        assert len(table) == 128
        assert (table[0x0A], table[0x0D], table[0x1B], table[0x20]) == ("\n", "\r", "\x1b", " ")
        letters = [cell for cell in table if cell not in "\n\r\x1b "]
        assert len(set(letters)) == len(letters)
        assert all(unicodedata.name(cell, "") for cell in letters)
    for shifted in SINGLE.values():
        assert all(unicodedata.name(cell, "") for cell in shifted.values() if cell != "\f")
        assert {0x1B, 0x0D}.isdisjoint(shifted)


def test_unknown_language_is_the_default() -> None:
    codes = bytes(code for code in range(128) if code != 0x1B)
    assert alphabet.decode(codes, locking=99, single=99) == DEFAULT.replace("\x1b", "")
    assert alphabet.decode(codes, locking=2) == DEFAULT.replace("\x1b", "")


@pytest.mark.parametrize(
    ("codes", "text"),
    [
        (b"\x1b\x41", "A"),  # not in the extension: the main table's (6.2.1.1)
        (b"\x1b\x1bA", " A"),
        (b"A\x1b", "A"),
        (b"\x1b", ""),
    ],
)
def test_escapes_that_say_nothing(codes: bytes, text: str) -> None:
    assert alphabet.decode(codes) == text


@given(
    st.text(st.sampled_from([*DEFAULT.replace("\x1b", ""), *SINGLE[0].values()])),
)
def test_default_alphabet_both_ways(text: str) -> None:
    assert alphabet.fits(text)
    codes = alphabet.encode(text)
    assert alphabet.decode(codes) == text
    assert len(codes) == sum(map(alphabet.size, text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_national_alphabets_both_ways(language: int) -> None:
    tables = {"locking": language, "single": language}
    text = LOCKING.get(language, DEFAULT).replace("\x1b", "") + "".join(SINGLE[language].values())
    assert alphabet.decode(alphabet.encode(text, **tables), **tables) == text


@pytest.mark.parametrize("char", ["š", "\x1b", "`", "☺", "\ud800", "😁"])
def test_refused_character_is_named(char: str) -> None:
    assert not alphabet.fits(f"a{char}")
    with pytest.raises(PduError, match=repr(char).replace("\\", r"\\")):
        alphabet.encode(f"a{char}")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Zkouška sirén", "Zkouska sirén"),
        ("“Nein” – ‘doch’…", "\"Nein\" - 'doch'..."),
        ("ç Ç ä Å", "c Ç ä Å"),
        ("Ωμ日本\u0301", "Ωμ日本\u0301"),
    ],
)
def test_transliterate(text: str, plain: str) -> None:
    assert alphabet.transliterate(text) == plain


@given(SEPTETS, st.integers(0, 6))
def test_packing_both_ways(codes: bytes, fill: int) -> None:
    octets = septets.pack(codes, fill=fill)
    assert len(octets) == -(-(7 * len(codes) + fill) // 8)
    assert septets.unpack(octets, len(codes), fill=fill) == codes


def test_unpacking_takes_what_there_is() -> None:
    assert septets.unpack(b"\xff" * 7, 100) == b"\x7f" * 8
    assert septets.unpack(b"", 5, fill=3) == b""
    assert [septets.fill_bits(octets) for octets in range(8)] == [0, 6, 5, 4, 3, 2, 1, 0]

"""The tables of the GSM 7-bit alphabet: default, extension, and the national languages.

3GPP TS 23.038: 6.2.1 the default alphabet, 6.2.1.1 its extension, A.2 the single shift tables, A.3
the locking shift tables. A locking table is a string of 128 characters; where the standard leaves
a cell blank it holds a space. A single shift table holds only the cells that are used.

The nine alphabets of India share one layout, that of ISCII, which Unicode's blocks follow too: the
letters of a block, in their order, fill the free cells of a common frame.
"""

ESCAPE = 0x1B

DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)

_TURKISH = DEFAULT.translate(str.maketrans("èìØøÆæ¡¿", "€ıĞğŞşİç"))

_PORTUGUESE = (
    "@£$¥êéúíóç\nÔô\rÁáΔ_ªÇÀ∞^\\€Ó|\x1bÂâÊÉ"
    " !\"#º%&'()*+,-./0123456789:;<=>?"
    "ÍABCDEFGHIJKLMNOPQRSTUVWXYZÃÕÚÜ§"
    "~abcdefghijklmnopqrstuvwxyzãõ`üà"
)

_FREE = "◌"
_LOCKING_FRAME = (
    "◌◌◌◌◌◌◌◌◌◌\n◌◌\r◌◌◌◌◌◌◌◌◌◌◌◌◌\x1b◌◌◌◌"
    " !◌◌◌◌◌◌)(◌◌,◌.◌0123456789:;◌◌◌?"
    "◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌◌"
    "◌abcdefghijklmnopqrstuvwxyz◌◌◌◌◌"
)
_SINGLE_FRAME = (
    "@£$¥¿\"¤%&'\f*+ -/<=>¡^¡_#*◌◌\x1b◌◌◌◌"
    "◌◌◌◌◌◌◌◌{}◌◌◌◌◌\\◌◌◌◌◌◌◌◌◌◌◌◌[~]◌"
    "|ABCDEFGHIJKLMNOPQRSTUVWXYZ     "
    "     €                          "
)


def _letters(*spans: str) -> str:
    """Return the letters of code points in hex: "09e6-09e9" is four of them, "-" a blank cell."""
    written: list[str] = []
    for span in " ".join(spans).split():
        first, _, last = span.partition("-")
        if first:
            written += map(chr, range(int(first, 16), int(last or first, 16) + 1))
        else:
            written.append(" ")
    return "".join(written)


def _filled(frame: str, letters: str) -> str:
    """Put the letters into the free cells of the frame; what they do not fill stays blank."""
    supply = iter(letters)
    return "".join(next(supply, " ") if cell == _FREE else cell for cell in frame)


def _cells(table: str) -> dict[int, str]:
    """Return the cells of a table that are used."""
    return {code: cell for code, cell in enumerate(table) if cell not in (" ", "\x1b")}


def _indian(block: int, blank: bytes, tail: bytes) -> str:
    """Return a locking table: the ISCII letters of a block but for the blank ones, and six more."""
    iscii = (*range(0x01, 0x04), *range(0x05, 0x3A), *range(0x3C, 0x4E))
    letters = [" " if offset in blank else chr(block + offset) for offset in iscii]
    letters += [chr(block + offset) for offset in tail]
    return _filled(_LOCKING_FRAME, "".join(letters))


def _shifted(*spans: str) -> dict[int, str]:
    """Return the single shift table of an alphabet that has its own digits and signs."""
    return _cells(_filled(_SINGLE_FRAME, _letters(*spans)))


_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}

LOCKING: dict[int, str] = {
    0: DEFAULT,
    1: _TURKISH,
    3: _PORTUGUESE,
    4: _indian(  # Bengali
        0x0980,
        b"\x0d\x0e\x11\x12\x29\x31\x33\x34\x35\x45\x46\x49\x4a",
        b"\x4e\x57\x5c\x5d\x70\x71",
    ),
    5: _indian(0x0A80, b"\x0e\x12\x29\x31\x34\x46\x4a", b"\x50\x60\x61\x62\x63\x71"),  # Gujarati
    6: _indian(0x0900, b"", b"\x50\x72\x7b\x7c\x7e\x7f"),  # Hindi
    7: _indian(0x0C80, b"\x01\x0d\x11\x29\x34\x45\x49", b"\x55\x56\x60\x61\x62\x63"),  # Kannada
    8: _indian(0x0D00, b"\x01\x0d\x11\x29\x3c\x45\x49", b"\x57\x60\x61\x62\x63\x79"),  # Malayalam
    9: _indian(  # Oriya
        0x0B00,
        b"\x0d\x0e\x11\x12\x29\x31\x34\x45\x46\x49\x4a",
        b"\x56\x57\x60\x61\x62\x63",
    ),
    10: _indian(  # Punjabi
        0x0A00,
        b"\x0b\x0c\x0d\x0e\x11\x12\x29\x31\x34\x37\x3d\x43\x44\x45\x46\x49\x4a",
        b"\x51\x70\x71\x72\x73\x74",
    ),
    11: _indian(  # Tamil
        0x0B80,
        b"\x01\x0b\x0c\x0d\x11\x16\x17\x18\x1b\x1d\x20\x21\x22\x25\x26\x27\x2b\x2c\x2d"
        b"\x3c\x3d\x43\x44\x45\x49",
        b"\x50\x57\x70\x71\x72\x79",
    ),
    12: _indian(0x0C00, b"\x0d\x11\x29\x34\x3c\x45\x49", b"\x55\x56\x60\x61\x62\x63"),  # Telugu
    13: _filled(  # Urdu
        _LOCKING_FRAME,
        _letters(
            "0627 0622 0628 067b 0680 067e 06a6 062a 06c2 067f 0679 067d 067a 067c 062b 062c",
            "0681 0684 0683 0685-0687 062d-062f 068c 0688-068a 068f 068d 0630 0631 0691 0693",
            "0699 0632 0696 0698 069a 0633-0639 0641 0642 06a9-06ab 06af 06b3 06b1 0644-0646",
            "06ba-06bc 0648 06c4 06d5 06c1 06be 0621 06cc 06d0 06d2 064d 0650 064f 0657",
            "0654 0655 0651 0653 0656 0670",
        ),
    ),
}

SINGLE: dict[int, dict[int, str]] = {
    0: _EXTENSION,
    1: _EXTENSION | dict(zip(b"GIScgis", "ĞİŞçğış", strict=True)),
    2: _EXTENSION | dict(zip(b"\x09AIOUaiou", "çÁÍÓÚáíóú", strict=True)),
    3: _EXTENSION
    | dict(
        zip(b"\x05\x09\x0b\x0c\x0e\x0f\x1fAIOU[\\aiou{|\x7f", "êçÔôÁáÊÀÍÓÚÃÕÂíóúãõâ", strict=True)
    )
    | dict(zip(b"\x12\x13\x15\x16\x17\x18\x19", "ΦΓΩΠΨΣΘ", strict=True)),
    4: _shifted("09e6-09ef 09df-09e2 09e3 09f2-09fa"),  # Bengali
    5: _shifted("0964-0965 0ae6-0aef"),  # Gujarati
    6: _shifted("0964-0965 0966-096f 0951-0954 0958-095f 0960-0963 0970-0971"),  # Hindi
    7: _shifted("0964-0965 0ce6-0cef 0cde 0cf1 0cf2"),  # Kannada
    8: _shifted("0964-0965 0d66-0d6f 0d70-0d75 0d7a-0d7f"),  # Malayalam
    9: _shifted("0964-0965 0b66-0b6f 0b5c 0b5d 0b5f 0b70 0b71"),  # Oriya
    10: _shifted("0964-0965 0a66-0a6f 0a59 0a5a 0a5b 0a5c 0a5e 0a75"),  # Punjabi
    11: _shifted("0964-0965 0be6-0bef 0bf3-0bf8 0bfa"),  # Tamil
    12: _shifted("- - 0c66-0c6f 0c58 0c59 0c78-0c7f"),  # Telugu
    13: _shifted(  # Urdu
        "0600-0601 06f0-06f9 060c-060f 0610-0614 061b 061f 0640 0652 0658 066b 066c 0672 0673",
        "06cd 06d4",
    ),
}

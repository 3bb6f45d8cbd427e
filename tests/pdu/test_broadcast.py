"""Cell broadcast and USSD."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from n11bridge.pdu import Broadcast, PduError, septets, ussd
from n11bridge.pdu.broadcast import Broadcast as Page


def test_fields_of_a_page() -> None:
    page = Broadcast.decode("C3A5 1112 0F 23".replace(" ", "") + septets.pack(b"hello\r").hex())
    assert (page.serial, page.scope, page.code, page.update) == (0xC3A5, 3, 0x03A, 5)
    assert (page.message_id, page.page, page.pages) == (0x1112, 2, 3)
    assert page.text == "hello"


@pytest.mark.parametrize("of", ["00", "01", "10", "05"])
def test_page_of_nothing_is_the_only_one(of: str) -> None:
    page = Broadcast.decode("000000000F" + of)
    assert (page.page, page.pages, page.text) == (1, 1, "")


@pytest.mark.parametrize(
    ("dcs", "content", "language", "text"),
    [
        (0x10, septets.pack(b"de\rHallo\r\r").hex(), "de", "Hallo"),
        (0x10, septets.pack(b"Hallo\r\r\r").hex(), None, "Hallo"),
        (0x11, septets.pack(b"ru").hex() + "044F000D000D", "ru", "я"),
        (0x11, "044F000D000D", None, "я"),
        (0x48, "044F000D", None, "я"),
        (0x20, septets.pack(b"ahoj").hex(), "cs", "ahoj"),
        (0x91, "03240101" + septets.pack(b"\x1bg\r", fill=3).hex(), None, "ğ"),
    ],
)
def test_languages(dcs: int, content: str, language: str | None, text: str) -> None:
    page = Broadcast.decode(f"00010032{dcs:02X}11{content}")
    assert (page.language, page.text, page.data) == (language, text, None)
    again = Broadcast.decode(page.encode())
    assert again == page
    assert len(page.encode()) == 176


def test_data_page() -> None:
    page = Broadcast.decode("000100324411" + "00FF")
    assert (page.text, page.data) == (None, b"\x00\xff")
    assert Broadcast.decode(page.encode()).data == b"\x00\xff" + bytes(80)


@pytest.mark.parametrize("pdu", ["", "00", "0001003244", "zz"])
def test_no_page(pdu: str) -> None:
    with pytest.raises(PduError):
        Broadcast.decode(pdu)


@pytest.mark.parametrize(
    "page",
    [
        Page(serial=0x10000, message_id=0),
        Page(serial=0, message_id=-1),
        Page(serial=0, message_id=0, page=2, pages=1),
        Page(serial=0, message_id=0, pages=16),
        Page(serial=0, message_id=0, dcs=256),
        Page(serial=0, message_id=0, text="a" * 94),
        Page(serial=0, message_id=0, text="я"),
        Page(serial=0, message_id=0, text="я" * 42, dcs=0x48),
        Page(serial=0, message_id=0, data=bytes(83), dcs=0x44),
    ],
)
def test_pages_that_cannot_be_written(page: Broadcast) -> None:
    with pytest.raises(PduError):
        page.encode()


GERMAN = (
    "49B41C74ACD3D16171D90D32FBE52072BA0C72CA5DB45CAC76C3CD6CB41B2D060389CB74F9FE4C07D55C371C"
    "A85897BF1B"
)
ARABIC = (
    "613906310635064A062F06430020003100300037002E003900330020062F002E0644060C0000FFFF60B16260"
    "EEEEFFFF"
)


@pytest.mark.parametrize(
    ("string", "dcs", "text"),
    [
        (GERMAN, 15, "Ihr Guthaben für die Nr.4915783647410 beträgt 5.78 Euro"),
        (ARABIC, 17, "رصيدك 107.93 د.ل،"),
        ("041104300431", 72, "Баб"),
        ("0411\r\n04300431000D", 72, "Баб"),
        ("041104300", 72, "Ба"),
        ("D83DDE01D83D", 72, "😁�"),
        ("AA180C3602", 15, "*100#"),
        ("aa180c3602", 0, "*100#"),
        ("004200610075", 15, "Bau"),
        ("00310032", 15, "12"),
        ("48C3A4", 68, "Hä"),
        ("48E4", 68, "Hä"),
        ("Your balance is 5", 15, "Your balance is 5"),
        ("491701234567", 15, "491701234567"),
        ("1000", 15, "1000"),
        ("DEAD", 15, "DEAD"),
        ("Привет", 72, "Привет"),
        ("bye\r", 15, "bye"),
        ("x\ud83dy", 15, "x�y"),
        ("", 15, ""),
        ("A", 15, "A"),
    ],
)
def test_ussd(string: str, dcs: int, text: str) -> None:
    assert ussd.decode(string, dcs) == text


@pytest.mark.parametrize(
    ("text", "string", "dcs"),
    [("*100#", "*100#", 15), ("Баб", "041104300431", 72), ("für", "006600FC0072", 72)],
)
def test_ussd_to_send(text: str, string: str, dcs: int) -> None:
    assert ussd.encode(text) == (string, dcs)
    assert ussd.decode(string, dcs) == text


@given(st.text(st.sampled_from("abcdefgh 123*#@."), min_size=1))
def test_packed_ussd_both_ways(text: str) -> None:
    string, dcs = ussd.encode(text, packed=True)
    octets = bytes.fromhex(string)
    units = septets.unpack(octets, len(octets) * 8)
    assert dcs == 15
    assert units.rstrip(b"\r") == text.replace("@", "\0").encode()


def test_packed_ussd_pads_with_a_return() -> None:
    assert ussd.encode("1234567", packed=True) == ("31D98C56B3DD1A", 15)
    assert ussd.encode("1234567\r", packed=True) == ("31D98C56B3DD1A0D", 15)

"""Cell broadcasts: a page is published decoded, and what is no page as data that says why."""

import base64

import pytest

from n11bridge.pdu import Broadcast

from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow

FLOOD = Broadcast(serial=0x4C11, message_id=50, dcs=0x01, page=1, pages=2, text="Flood {warning}")
ALARM = Broadcast(serial=0x0001, message_id=4370, dcs=0x11, language="ru", text="Тревога\nOK")


@pytest.fixture(scope="module")
def shared_house(new_shared_house: NewHouse) -> House:
    return new_shared_house().open()


def say(house: House, pdu: str) -> int:
    """Let the network say this to everyone; where to listen from."""
    mark = house.heard.mark()
    house.modem.do("raw", text=f"\r\n+CBM: {len(pdu) // 2}\r\n{pdu}\r\n")
    return mark


@pytest.mark.parametrize("page", [FLOOD, ALARM], ids=["a coding's language", "its own language"])
def test_a_page_is_published_decoded(house: House, page: Broadcast):
    mark = say(house, page.encode())
    house.wait_event(
        "sms/broadcast",
        mark,
        channel=page.message_id,
        serial=page.serial,
        language=page.language or "en",
        page=page.page,
        pages=page.pages,
        text=page.text,
    )
    assert house.ask("signal/read")["status"] == "ok"
    assert len(house.events("sms/broadcast", mark)) == 1


@pytest.mark.parametrize("pdu", ["00", "4C11003201"])
def test_what_is_no_page_is_published_as_data(house: House, pdu: str):
    mark = say(house, pdu)
    event = house.wait_event(
        "sms/broadcast", mark, data=base64.b64encode(bytes.fromhex(pdu)).decode()
    )
    assert event["error"]
    assert "text" not in event
    # and the next one is read as ever
    say(house, FLOOD.encode())
    house.wait_event("sms/broadcast", mark, text=FLOOD.text)
    assert house.state("modem")["restarts"] == 0
    assert not [line for line in house.daemon.output.since() if "Traceback" in line]

"""The manual leaves many things open: whichever way the modem takes them, messages get through."""

import pytest

from .conftest import NewHouse

pytestmark = pytest.mark.slow

ALICE, BOB = "+491701234567", "+491707654321"


@pytest.mark.parametrize(
    "style",
    [
        "default",
        "manual",
        "contrary",
        "shared_storage=yes",
        "pbready=never",
        "spacing=mixed",
        "colon=:   ",
        "trailing=  ",
        "reports=anytime",
        "cnmi=text",
        "cpms_one=all",
        "class0=stored",
    ],
)
def test_messages_get_through(new_house: NewHouse, style: str):
    house = new_house("--style", style, "--pin", "1234", modem={"pin": "1234"})
    house.simulator.start()
    stored = house.modem.do("receive", from_=BOB, text="stored before")
    house.start()

    (key,) = house.send(ALICE, "two parts, " * 20)
    house.modem.do("receive", from_=BOB, text="from the network, " * 12, order=[2, 1])
    house.modem.do("receive", from_=BOB, text="a flash", class_=0)
    house.modem.do("receive", from_=BOB, text="for the SIM", class_=2)
    house.wait_message(key, "delivered")
    texts = ["stored before", "from the network, " * 12, "a flash", "for the SIM"]
    for text in texts:
        house.received(text=text)
    house.wait(stored=0, waiting=0)
    assert house.events("at/unknown") == []

    mark = house.heard.mark()
    house.modem.do("restart")
    house.wait_state("modem", mark, status="ready", restarts=1)
    # Until then there may have been the answer to what was asked before the restart.
    mark = house.heard.mark()
    house.modem.do("receive_pdu", pdus=stored["pdus"])
    house.modem.do("receive", from_=BOB, text="after a restart")
    house.received(text="after a restart")
    (again,) = house.send(ALICE, "once more")
    house.wait_message(again, "delivered")
    house.wait(stored=0)

    assert sorted(e["text"] for e in house.events("sms/received")) == sorted(
        [*texts, "after a restart"]
    )
    assert house.states(key) == ["queued", "sending", "sent", "delivered"]
    assert "".join(m["text"] for m in house.sent()) == "two parts, " * 20 + "once more"
    assert house.events("at/unknown", mark) == []

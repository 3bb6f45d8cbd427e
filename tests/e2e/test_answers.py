"""Around the modem's answer: a clean stop waits for it, and a report may come before it."""

import pytest

from .conftest import NewHouse

pytestmark = pytest.mark.slow

ALICE = "+491701234567"


def test_a_message_with_the_modem_is_not_cut_short(new_house: NewHouse):
    house = new_house().open()
    house.modem.do("fault", kind="delay", command="+CMGS", phase="answer", seconds=1.0)
    mark = house.heard.mark()
    (first,) = house.send(ALICE, "one")
    (second,) = house.send(ALICE, "two")
    house.wait(sent=1)
    assert house.daemon.stop() == 0
    assert "sent" in house.states(first)
    assert house.states(second) == ["queued"]
    house.start()
    house.wait_message(second, "delivered")
    assert [m["text"] for m in house.sent()] == ["one", "two"]
    assert "unknown" not in [e["state"] for e in house.events("sms/status", mark)]


def test_restart_by_request(new_house: NewHouse):
    house = new_house().open()
    mark = house.heard.mark()
    assert house.ask("bridge/restart")["status"] == "ok"
    house.online(mark)
    house.wait_status("ready", mark)
    (key,) = house.send(ALICE, "after the restart")
    house.wait_message(key, "delivered")


def test_a_report_that_comes_before_the_answer(new_house: NewHouse):
    """Some modems hand a delivery report on before they say what they are sending is sent."""
    house = new_house("--style", "reports=anytime").open()
    house.modem.do("fault", kind="delay", command="+CMGS", phase="answer", seconds=0.3)
    (key,) = house.send(ALICE, "quick")
    house.wait_message(key, "delivered")
    assert house.states(key) == ["queued", "sending", "sent", "delivered"]

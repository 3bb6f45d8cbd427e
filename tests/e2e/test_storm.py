"""Alarms that repeat themselves, and machines that answer each other: what reaches the network."""

import pytest

from .conftest import NewHouse

pytestmark = pytest.mark.slow

ALICE = "+491701234567"


def test_a_storm_of_alarms_becomes_one_message_with_a_count(new_house: NewHouse):
    house = new_house(sms={"collapse": 5}).open()
    keys = [house.send(ALICE, "Pump stopped")[0] for _ in range(4)]
    house.reopen()
    keys += house.send(ALICE, "Pump stopped")
    assert len({*keys}) == 2
    assert keys[1:] == [keys[1]] * 4
    house.wait_message(keys[1], "delivered")
    assert [m["text"] for m in house.sent()] == ["Pump stopped", "Pump stopped (4x)"]
    assert house.states(keys[1]) == ["queued", "sending", "sent", "delivered"]


def test_a_bridge_that_answers_itself_stops(new_house: NewHouse):
    """An automation that answers each message, and a number that answers each of its answers."""
    house = new_house(sms={"loop_limit": 5}).open()
    refused = None
    for round_ in range(7):
        house.modem.do("receive", from_=ALICE, text=f"no. {round_}")
        house.received(text=f"no. {round_}")
        answer = house.ask("sms/send", to=ALICE, text=f"thank you for no. {round_}")
        if answer["status"] == "error":
            refused = answer["error"]
            break
        house.wait_message(answer["data"]["messages"][0]["message"], "delivered")
    assert refused is not None
    assert (refused["code"], refused["retryable"]) == ("rate_limited", True)
    assert len(house.sent()) == 5
    problem = house.wait_event("bridge/problem", code="sms_loop")
    assert ALICE not in problem["message"]
    assert not any(ALICE in line for line in house.daemon.output.since())

"""What waits or is refused because of the state of things: caps, times, a missing modem or SIM."""

import pytest

from .conftest import NewHouse

pytestmark = pytest.mark.slow

ALICE = "+491701234567"


def code(response: dict) -> str:
    """The code of an error."""
    assert response["status"] == "error", response
    return response["error"]["code"]


def test_the_cap_on_cost_survives_a_restart(new_house: NewHouse):
    house = new_house(sms={"limits": {"minute": 1000, "hour": 5, "day": 1000}}).open()
    house.wait_message(house.send(ALICE, "x" * 400)[0], "delivered")  # three parts
    (key,) = house.send(ALICE, "one more")
    house.wait_message(key, "delivered")

    refusal = house.ask("sms/send", to=[ALICE, "+491707654321"], text="two at once")
    assert code(refusal) == "rate_limited"
    assert refusal["error"]["retryable"] is True
    assert "hour" in refusal["error"]["message"]
    assert "free" in refusal["error"]["message"]

    house.reopen()
    assert code(house.ask("sms/send", to=ALICE, text="x" * 200)) == "rate_limited"
    (key,) = house.send(ALICE, "but one fits")
    house.wait_message(key, "delivered")
    assert code(house.ask("sms/send", to=ALICE, text="x")) == "rate_limited"
    refusal = house.ask("sms/send", to=ALICE, text="x" * 1000)
    assert refusal["error"]["retryable"] is False  # more than the cap ever allows
    assert len(house.sent()) == 5


def test_no_modem(new_house: NewHouse):
    house = new_house()
    house.start("absent")
    assert code(house.ask("signal/read")) == "unavailable"
    assert code(house.ask("signal/read", ttl=1)) == "expired"
    (key,) = house.send(ALICE, "it will be there one day")
    assert house.ask("sms/status", message=key)["data"]["state"] == "queued"

    mark = house.heard.mark()
    house.simulator.start()
    house.wait_status("ready", after=mark)
    house.wait_message(key, "delivered")
    assert house.ask("signal/read")["status"] == "ok"


def test_a_request_may_wait_for_the_modem(new_house: NewHouse):
    house = new_house()
    house.start("absent")
    mark = house.heard.mark()
    house.publish("signal/read", {"id": "patient", "ttl": 60})
    house.publish("signal/read", {"id": "hasty"})
    assert code(house.response("signal/read", mark, id="hasty")) == "unavailable"
    house.simulator.start()
    assert house.response("signal/read", mark, id="patient")["status"] == "ok"


def test_those_who_wait_for_the_modem_hold_nobody_back(new_house: NewHouse):
    house = new_house()
    house.start("absent")
    mark = house.heard.mark()
    patient = {f"patient-{number}" for number in range(60)}  # more than a broker has under way
    for id_ in patient:
        house.publish("signal/read", {"id": id_, "ttl": 60}, wait=False)
    (key,) = house.send(ALICE, "accepted all the same")
    house.simulator.start()
    house.wait_message(key, "delivered")
    for id_ in patient:
        assert house.response("signal/read", mark, id=id_)["status"] == "ok"
    house.ask("signal/read")
    topic = f"{house.base}/response/signal/read"
    assert len([m for m in house.heard.since(mark) if m.topic == topic]) == len(patient) + 1


def test_no_sim_card(new_house: NewHouse):
    house = new_house("--no-sim").open("no_sim")
    refusal = house.ask("sms/centre")
    assert code(refusal) == "unavailable"
    assert refusal["error"]["modem"] in ("+CMS ERROR: 310", "+CME ERROR: 10")
    (key,) = house.send(ALICE, "once there is one")
    house.modem.do("sim", inserted=True)
    mark = house.heard.mark()
    house.modem.do("restart")
    house.wait_status("ready", after=mark)
    house.wait_message(key, "delivered")


def test_not_registered(new_house: NewHouse):
    house = new_house().open()
    for stat, status in ((3, "denied"), (2, "searching"), (1, "ready")):
        mark = house.heard.mark()
        house.modem.do("network", stat=stat)
        house.wait_status(status, after=mark)
        house.wait_event("network/registration", mark)


@pytest.mark.parametrize("name", ["sms/centre", "at/send"])
def test_a_kill_in_the_middle_of_a_request_is_an_unknown_outcome(new_house: NewHouse, name: str):
    """It was recorded before it was carried out; nobody knows how far it came."""
    house = new_house(allow_dangerous=["at/send"]).open()
    command = {"sms/centre": "+CSCA=*", "at/send": "+ENPWRSAVE=1"}[name]
    parameters = {
        "sms/centre": {"number": "+491710760000"},
        "at/send": {"command": "AT+ENPWRSAVE=1", "timeout": 60},
    }[name]
    house.modem.do("fault", kind="silence", command=command, phase="answer")
    house.publish(name, {"id": "cut off", **parameters})
    house.wait(commands=1, matching=command)
    mark = house.heard.mark()
    house.reopen()
    assert code(house.response(name, mark, id="cut off")) == "unknown_outcome"
    assert code(house.ask(name, id="cut off", **parameters)) == "unknown_outcome"
    recent = house.ledger()["recent"]
    assert sum(line.startswith(f"AT{command.rstrip('*')}") for line in recent) == 1

"""The SIM's PIN: given once, never twice when it is wrong, whatever happens in between."""

import pytest

from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow

ALICE = "+491701234567"


def pins(house: House) -> list[str]:
    """The commands that held a PIN or PUK, as the modem saw them."""
    return [line for line in house.ledger()["recent"] if line.startswith("AT+CPIN=")]


def tries(house: House) -> int:
    """How many tries the SIM has left."""
    left: int = house.ledger()["sim"]["pin_tries"]
    return left


def works(house: House) -> None:
    (key,) = house.send(ALICE, "open")
    house.wait_message(key, "delivered")


def test_the_right_pin(new_house: NewHouse):
    house = new_house("--pin", "0042", modem={"pin": "0042"}).open()
    works(house)
    house.reopen()
    assert len(pins(house)) == 1  # it was open already
    mark = house.heard.mark()
    house.modem.do("restart")
    house.wait_state("modem", mark, status="ready", restarts=1)
    works(house)
    assert (len(pins(house)), tries(house)) == (2, 3)
    assert "0042" not in "\n".join(house.daemon.output.since())


def test_no_pin_is_configured(new_house: NewHouse):
    house = new_house("--pin", "1234").open("pin_required")
    house.wait_state("sim", status="pin_required")
    (key,) = house.send(ALICE, "waiting")
    response = house.ask("sim/enter_pin", pin="1234")
    assert response["status"] == "ok"
    house.wait_status("ready")
    house.wait_message(key, "delivered")
    assert len(pins(house)) == 1
    # Registered or not, nothing is sent before the modem is set up: its mode could be text.
    said = house.ledger()["recent"]
    (sent,) = (at for at, line in enumerate(said) if line.startswith("AT+CMGS="))
    for setting in ("AT+CMGF=0", "AT+CNMI=2,1,"):
        assert any(line.startswith(setting) for line in said[:sent])


def test_a_wrong_pin_is_tried_once_over_all_restarts(new_house: NewHouse):
    house = new_house("--pin", "1234", modem={"pin": "9999"}).open("pin_required")
    house.wait_event("bridge/problem", code="pin_refused")
    house.reopen("pin_required")
    house.daemon.stop()
    house.start("pin_required")
    mark = house.heard.mark()
    house.modem.do("restart")
    house.wait_event("modem/reset", mark)
    house.wait_status("pin_required", after=mark)
    response = house.ask("sim/enter_pin", pin="9999")
    assert response["error"]["code"] == "forbidden"
    assert (len(pins(house)), tries(house)) == (1, 2)

    # Another PIN has an attempt of its own.
    house.daemon.kill()
    house.configure(modem={"pin": "1234"})
    house.start()
    works(house)
    assert (len(pins(house)), tries(house)) == (2, 3)


def test_a_pin_whose_answer_never_came_is_not_tried_again(new_house: NewHouse):
    """Killed before the SIM had its say: it may have been refused, so it is not repeated."""
    house = new_house("--pin", "1234", modem={"pin": "9999"})
    house.simulator.start()
    house.modem.do("fault", kind="silence", command="+CPIN=*", phase="command")
    house.daemon.start()
    house.wait(commands=1, matching="+CPIN=*")
    house.daemon.kill()
    for _ in range(2):
        house.start("pin_required")
        house.daemon.kill()
    assert (len(pins(house)), tries(house)) == (1, 3)


def test_a_request_with_a_wrong_pin(new_house: NewHouse):
    house = new_house("--pin", "1234").open("pin_required")
    response = house.ask("sim/enter_pin", pin="5678")
    assert response["error"]["code"] == "modem_error"
    assert response["error"]["modem"] == "+CME ERROR: 16"
    assert house.ask("sim/enter_pin", pin="5678")["error"]["code"] == "forbidden"
    assert tries(house) == 2
    for wrong in ("12", "12345678x", "１２３４"):
        assert house.ask("sim/enter_pin", pin=wrong)["error"]["code"] == "invalid_request"
    assert house.ask("sim/enter_pin", pin="1234")["status"] == "ok"
    house.wait_status("ready")
    assert (len(pins(house)), tries(house)) == (2, 3)


def test_a_sim_that_wants_its_puk(new_house: NewHouse):
    house = new_house("--pin", "1234", "--puk", "87654321", modem={"pin": "1234"})
    house.simulator.start()
    house.modem.do("sim", pin_tries=0)
    house.start("puk_required")
    house.wait_state("sim", status="puk_required", tries_left=0)
    assert pins(house) == []
    assert house.ask("sim/enter_pin", pin="1234")["error"]["code"] == "unavailable"
    house.reopen("puk_required")
    assert pins(house) == []

    mark = house.heard.mark()
    assert house.ask("sim/unblock", puk="87654321", pin="1234")["status"] == "ok"
    house.wait_status("ready", after=mark)
    works(house)
    assert tries(house) == 3

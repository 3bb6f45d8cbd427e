"""What the modem can do besides messages, asked for over a real broker, well and badly."""

from typing import Any

import pytest

from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shared_house(new_shared_house: NewHouse) -> House:
    return new_shared_house(
        balance={"code": "*101#", "pattern": "([0-9.]+) EUR", "low": 5},
    ).open()


def good(house: House, name: str, /, **parameters: Any) -> dict[str, Any]:
    """The data of a request that is answered ok."""
    response = house.ask(name, **parameters)
    assert response["status"] == "ok", response
    data: dict[str, Any] = response["data"]
    return data


def bad(house: House, name: str, code: str, /, **parameters: Any) -> dict[str, Any]:
    """The error of a request that is answered with this code."""
    response = house.ask(name, **parameters)
    assert response["status"] == "error", response
    error: dict[str, Any] = response["error"]
    assert error["code"] == code, error
    return error


# -- ussd


def test_ussd(house: House):
    house.modem.do("ussd", code="*100#", answer='1,"004D0065006E00FC",72')
    house.modem.do("ussd", code="7", answer='0,"Bye",15')
    mark = house.heard.mark()
    assert good(house, "ussd/send", code="*100#") == {"result": "reply_expected", "text": "Menü"}
    house.wait_state("ussd", mark, session=True)
    assert good(house, "ussd/send", code="7") == {"result": "done", "text": "Bye"}
    house.wait_event("ussd/received", mark, code="7", text="Bye")
    assert good(house, "ussd/cancel") == {}


def test_ussd_of_the_networks_own(house: House):
    mark = house.heard.mark()
    house.modem.do("ussd", answer='0,"You have mail",15')
    house.wait_event("ussd/received", mark, code=None, text="You have mail")


def test_bad_ussd(house: House):
    assert bad(house, "ussd/send", "modem_error", code="*99#")["modem"] == "+CUSD: 4"
    assert "code" in bad(house, "ussd/send", "invalid_request")["message"]
    house.modem.do("ussd", code="*98#", answer="")
    bad(house, "ussd/send", "unknown_outcome", code="*98#", timeout=1)


def test_the_balance(new_house: NewHouse):
    house = new_house(balance={"code": "*101#", "pattern": "([0-9.]+) EUR", "low": 5})
    house.simulator.start()
    house.modem.do("ussd", code="*101#", answer='0,"You have 4.20 EUR",15')
    house.start()
    house.wait_state("ussd", balance=4.2, low=True)
    house.wait_event("ussd/low", balance=4.2, low=5.0)

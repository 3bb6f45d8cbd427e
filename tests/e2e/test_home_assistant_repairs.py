"""A SIM that wants its PIN or PUK, mended on Home Assistant's page of repairs."""

from collections.abc import Iterator

import pytest

from .conftest import NewHouse
from .home_assistant import MARKS, PYTHON, HomeAssistant
from .house import House
from .processes import Mosquitto
from .test_pin import tries

pytestmark = MARKS

PIN, PUK, WRONG = "47114711", "12345678", "99989998"


@pytest.fixture
def house(new_house: NewHouse) -> House:
    return new_house("--pin", PIN).open("pin_required")


@pytest.fixture
def assistant(
    house: House, broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HomeAssistant]:
    assistant = HomeAssistant(PYTHON, tmp_path_factory.mktemp("home-assistant"))
    try:
        assistant.install_component()
        assistant.start()
        assistant.use_broker(broker.port)
        assistant.use_bridge(house.base)
        yield assistant
    finally:
        assistant.clean_up()


def test_pin_and_puk(assistant: HomeAssistant, house: House) -> None:
    assistant.wait_for(lambda: assistant.issues() == ["pin_required"])
    assert assistant.repair("pin_required", pin=WRONG)["errors"] == {"base": "modem_error"}
    assert tries(house) == 2
    # The same one again, by mistake, costs no try.
    assert assistant.repair("pin_required", pin=WRONG)["errors"] == {"base": "forbidden"}
    assert tries(house) == 2
    for pin in ("0001", "0002"):
        assistant.repair("pin_required", pin=pin)
    assistant.wait_for(lambda: assistant.issues() == ["puk_required"])
    mend = {"puk": PUK, "pin": PIN}
    refused = assistant.repair("puk_required", **mend | {"puk": "87654321"})
    assert refused["errors"] == {"base": "modem_error"}
    assert assistant.repair("puk_required", **mend)["type"] == "create_entry"
    house.wait_status("ready")
    assistant.wait_for(lambda: assistant.issues() == [])
    said = "\n".join(assistant.output.since())
    assert not [code for code in (PIN, PUK, WRONG) if code in said]

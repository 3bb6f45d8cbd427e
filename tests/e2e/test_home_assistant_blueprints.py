"""Our blueprints in a real Home Assistant, with texts that go through the air."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from .conftest import NewHouse
from .home_assistant import MARKS, PYTHON, HomeAssistant
from .house import House
from .processes import Mosquitto

pytestmark = MARKS

ALICE, BOB, CAROL = "+491701234567", "+491707654321", "+491701111111"
FIRE, GATE = "input_boolean.fire", "input_boolean.gate"
# Less calm and patience than the page would take: nobody is to wait for them here.
CONFIGURATION = f"""
input_boolean: {{fire: {{name: Fire}}, gate: {{name: Gate}}}}
script:
  gate_open:
    alias: Gate open
    sequence: [{{action: input_boolean.turn_on, target: {{entity_id: {GATE}}}}}]
automation blueprints:
  - use_blueprint:
      path: n11bridge/alarm_by_sms.yaml
      input:
        alarm: {FIRE}
        contacts: [bob, alice, "{CAROL}"]
        patience: 3
        calm: 0
        all_clear: "Over: {{{{ name }}}}"
  - use_blueprint:
      path: n11bridge/text_command.yaml
      input: {{code_word: sesame, scripts: [script.gate_open]}}
"""


@dataclass
class Home:
    """Home Assistant, and the house of its modem."""

    assistant: HomeAssistant
    house: House

    def wait_sent(self, before: int, *expected: tuple[str, str]) -> None:
        """Return once these went out, in order, after so many others."""
        self.house.wait(sent=before + len(expected))
        sent = [(each["number"], each["text"]) for each in self.house.sent()[before:]]
        assert sent == [*expected]


@pytest.fixture(scope="module")
def broker(broker_alone: Mosquitto) -> Mosquitto:
    """No other module's modem is to be discovered."""
    return broker_alone


@pytest.fixture(scope="module")
def home(
    broker: Mosquitto, new_shared_house: NewHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("home-assistant")
    assistant = HomeAssistant(PYTHON, folder, CONFIGURATION)
    try:
        assistant.install_component()
        assistant.start()
        assistant.use_broker(broker.port)
        house = new_shared_house(
            contacts={"alice": ALICE, "bob": BOB},
            sms={"trusted": ["alice"]},
            names=("blueprints", "homeassistant"),
        ).open()
        assistant.use_bridge(house.base)
        assistant.wait_state("event.n11_text_or_replay", "unknown")
        yield Home(assistant, house)
    finally:
        assistant.clean_up()


def test_an_alarm_goes_on_until_somebody_answers(home: Home) -> None:
    home.house.modem.do("reports", automatic=False)
    before = len(home.house.sent())
    home.assistant.act("input_boolean.turn_on", FIRE)
    home.wait_sent(before, (BOB, "Alarm: Fire"), (ALICE, "Alarm: Fire"))
    home.house.modem.do("receive", from_=ALICE, text="ok")
    home.assistant.act("input_boolean.turn_off", FIRE)
    told = [(BOB, "Alarm: Fire"), (ALICE, "Alarm: Fire")]
    home.wait_sent(before, *told, (BOB, "Over: Fire"), (ALICE, "Over: Fire"))


def test_home_assistant_restarts_in_the_middle_of_an_alarm(home: Home) -> None:
    home.house.modem.do("reports", automatic=False)
    before = len(home.house.sent())
    home.assistant.act("input_boolean.turn_on", FIRE)
    home.wait_sent(before, (BOB, "Alarm: Fire"))
    home.assistant.stop()
    home.house.modem.do("reports", automatic=True)
    home.assistant.start()
    home.wait_sent(before + 1, (BOB, "Alarm: Fire"))
    home.assistant.act("input_boolean.turn_off", FIRE)
    home.wait_sent(before + 2, (BOB, "Over: Fire"))


def test_a_command_is_done_and_answered(home: Home) -> None:
    before = len(home.house.sent())
    home.house.modem.do("receive", from_=BOB, text="Sesame gate open")
    home.house.modem.do("receive", from_=ALICE, text="gate open")
    home.house.modem.do("receive", from_=ALICE, text="Sesame {{ 1 }}")
    home.wait_sent(before, (ALICE, "Commands: Gate open"))
    assert home.assistant.states()[GATE]["state"] == "off"
    home.house.modem.do("receive", from_=ALICE, text="Sesame gate open")
    home.wait_sent(before + 1, (ALICE, "Done: Gate open"))
    assert home.assistant.states()[GATE]["state"] == "on"

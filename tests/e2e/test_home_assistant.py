"""What a real Home Assistant makes of the device payload.

`HOME_ASSISTANT_PYTHON` names the interpreter of an environment with `homeassistant` and the
requirements of its integrations mqtt, frontend, config and api.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from .conftest import NewHouse
from .home_assistant import HomeAssistant
from .house import House
from .processes import Mosquitto
from .subscriber import Subscriber

PYTHON = os.environ.get("HOME_ASSISTANT_PYTHON", "")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON, reason="HOME_ASSISTANT_PYTHON names no interpreter"),
]

ALICE, BOB = "+491701234567", "+491707654321"
AWKWARD = 'She said: "it\'s \\ {{ 1 }} {% x %}"\nsecond line\t😀 äöü€ \u2028 end'
FACTS = ("device_class", "unit_of_measurement", "state_class", "options", "icon")


@dataclass
class Home:
    """Home Assistant and a modem's house, found by discovery."""

    assistant: HomeAssistant
    house: House
    components: dict[str, dict[str, Any]]

    def states(self) -> dict[str, str]:
        """The states of our entities."""
        shown = self.assistant.states()
        return {each: shown[each]["state"] for each in self.components if each in shown}

    def attributes(self, entity_id: str) -> dict[str, Any]:
        """The attributes of one entity."""
        attributes: dict[str, Any] = self.assistant.states()[entity_id]["attributes"]
        return attributes

    def wait_unavailable(self, *expected: str) -> None:
        """Return once just these of our entities are unavailable."""

        def unavailable() -> set[str]:
            return {each for each, state in self.states().items() if state == "unavailable"}

        self.assistant.wait_for(lambda: unavailable() == {*expected})


@pytest.fixture(scope="module")
def home(
    broker: Mosquitto, new_shared_house: NewHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    """All entities are there, and Home Assistant listens to their topics."""
    assistant = HomeAssistant(PYTHON, tmp_path_factory.mktemp("home-assistant"))
    payloads = Subscriber(broker.port, "payloads", "homeassistant/device/#")
    try:
        assistant.start()
        assistant.use_broker(broker.port)
        house = new_shared_house(
            contacts={"alice": ALICE, "bob": BOB},
            groups={"family": ["alice", "bob"]},
            mqtt={"discovery": "homeassistant"},
        ).open()
        payload = payloads.heard.wait_for(lambda message: bool(message.payload)).json
        components = {each["default_entity_id"]: each for each in payload["cmps"].values()}
        enabled = {k for k, each in components.items() if each.get("enabled_by_default", True)}
        home = Home(assistant, house, components)
        assistant.wait_for(lambda: home.states().keys() == enabled)
        home.wait_unavailable()
        yield home
    finally:
        payloads.close()
        assistant.clean_up()


@pytest.fixture(autouse=True)
def _no_complaints(home: Home) -> Iterator[None]:
    yield
    assert home.assistant.complaints() == []


def test_entities_are_as_they_were_declared(home: Home) -> None:
    for entity_id in home.states():
        attributes, component = home.attributes(entity_id), home.components[entity_id]
        assert attributes["friendly_name"] == f"n11 {component['name']}"
        assert {k: attributes.get(k) for k in FACTS} == {k: component.get(k) for k in FACTS}
    assert home.states()["sensor.n11_registration"] == "home"


def test_null_is_unknown(home: Home) -> None:
    assert home.states()["sensor.n11_last_message"] == "unknown"
    home.house.modem.do("network", rssi=99)
    home.house.ask("signal/read")
    home.assistant.wait_state("sensor.n11_signal_strength", "unknown")
    home.house.modem.do("network", rssi=20)
    home.house.ask("signal/read")
    home.assistant.wait_state("sensor.n11_signal_strength", "-73")


def test_a_message_is_an_event_whatever_its_length(home: Home) -> None:
    text = AWKWARD + "x" * 300
    home.house.modem.do("receive", from_=ALICE, text=text)
    home.assistant.wait_for(lambda: home.attributes("event.n11_message").get("text") == text)
    assert (
        home.attributes("event.n11_message").items() >= {"from": ALICE, "contact": "alice"}.items()
    )
    home.assistant.wait_for(lambda: home.attributes("sensor.n11_last_message")["text"] == text)


@pytest.mark.parametrize(("name", "numbers"), [("alice", [ALICE]), ("family", [ALICE, BOB])])
def test_notify_sends_just_what_was_written(home: Home, name: str, numbers: list[str]) -> None:
    before = len(home.house.sent())
    home.assistant.act("notify.send_message", f"notify.n11_message_to_{name}", message=AWKWARD)
    home.house.wait(sent=before + len(numbers))
    sent = [(message["number"], message["text"]) for message in home.house.sent()[before:]]
    assert sorted(sent) == [(number, AWKWARD) for number in numbers]


def test_a_button_is_a_request(home: Home) -> None:
    mark = home.house.heard.mark()
    home.assistant.act("button.press", "button.n11_restart_modem")
    home.house.response("modem/restart", mark, status="ok")
    home.assistant.wait_state("sensor.n11_modem_restarts", "1")
    home.assistant.wait_state("sensor.n11_status", "ready")


def test_without_the_modem_what_needs_it_is_unavailable(home: Home) -> None:
    before, notify = len(home.house.sent()), "notify.n11_message_to_alice"
    own = {each for each, component in home.components.items() if "availability" in component}
    home.house.modem.do("unplug")
    home.wait_unavailable(*(home.states().keys() - own))
    assert notify in own
    home.assistant.act("notify.send_message", notify, message="while it is away")
    home.house.modem.do("replug")
    home.house.wait(sent=before + 1)
    home.wait_unavailable()


def test_home_assistant_restarts(home: Home) -> None:
    before = home.states()
    home.assistant.stop()
    registry = home.assistant.registry()
    for component in home.components.values():
        entry = registry[component["uniq_id"]]
        assert entry["entity_category"] == component.get("entity_category")
        assert (entry["disabled_by"] is None) == component.get("enabled_by_default", True)
    home.assistant.start()
    home.assistant.wait_for(lambda: home.states() == before)


def test_the_bridge_dies_and_returns_with_a_contact_less(home: Home) -> None:
    home.house.daemon.kill()
    home.wait_unavailable(*(home.states().keys() - {"binary_sensor.n11_bridge"}))
    assert home.states()["binary_sensor.n11_bridge"] == "off"
    before = home.states().keys()
    home.house.configure(contacts=None, groups=None)
    home.house.configure(contacts={"alice": ALICE})
    home.house.start()
    gone = {"notify.n11_message_to_bob", "notify.n11_message_to_family"}
    home.assistant.wait_for(lambda: home.states().keys() == before - gone)
    home.wait_unavailable()

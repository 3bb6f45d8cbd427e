"""What a real Home Assistant makes of the device payload.

`HOME_ASSISTANT_PYTHON` names the interpreter of an environment with `homeassistant` and the
requirements of its integrations mqtt, frontend, config and api.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from .conftest import NewHouse
from .home_assistant import MARKS, PYTHON, HomeAssistant
from .house import House
from .processes import Mosquitto
from .subscriber import Subscriber

pytestmark = MARKS

ALICE, BOB = "+491701234567", "+491707654321"
CONTACTS, GROUPS = {"alice": ALICE, "bob": BOB}, {"family": ["alice", "bob"]}
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

    def value(self, entity_id: str) -> str | None:
        """The state of one entity, None where there is none."""
        return self.assistant.states().get(entity_id, {}).get("state")

    def attributes(self, entity_id: str) -> dict[str, Any]:
        """The attributes of one entity."""
        attributes: dict[str, Any] = self.assistant.states()[entity_id]["attributes"]
        return attributes

    def wait_unavailable(self, *expected: str) -> None:
        """Return once just these of our entities are unavailable."""

        def unavailable() -> set[str]:
            return {each for each, state in self.states().items() if state == "unavailable"}

        self.assistant.wait_for(
            lambda: unavailable() | self.unknown == {*expected} | self.unknown, unavailable
        )

    def wait_known(self, *, but: frozenset[str] = frozenset()) -> None:
        """Return once all is known that can be, but for these."""

        def unknown() -> set[str]:
            stateless = ("button.", "event.", "notify.")
            states = self.states().items()
            return {k for k, it in states if it == "unknown" and not k.startswith(stateless)}

        self.assistant.wait_for(lambda: unknown() <= but, unknown)

    def wait_told(self) -> None:
        """Return once all messages have been delivered, and Home Assistant knows."""

        def told() -> bool:
            counts = self.house.state("sms")
            last = self.house.events("sms/status")[-1]
            shown = self.attributes("event.n11_message_status")
            known = self.value("sensor.n11_messages_sent") == str(len(self.house.sent()))
            return known and counts["sent"] == counts["delivered"] and shown["time"] == last["time"]

        self.assistant.wait_for(told, self.states)

    @property
    def unknown(self) -> set[str]:
        """What is unavailable anyway, with the modem or without it."""
        looking = self.house.state("jamming")["detection"]
        return set() if looking else {"binary_sensor.n11_jamming"}


@pytest.fixture(scope="module")
def home(
    broker: Mosquitto, new_shared_house: NewHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    """All entities are there, and Home Assistant listens to their topics."""
    assistant = HomeAssistant(PYTHON, tmp_path_factory.mktemp("home-assistant"))
    topic = "homeassistant/device/n11bridge_355910044336974/config"
    payloads = Subscriber(broker.port, "payloads", topic)
    try:
        assistant.start()
        assistant.use_broker(broker.port)
        house = new_shared_house(
            contacts=CONTACTS,
            groups=GROUPS,
            mqtt={"discovery": "homeassistant"},
            balance={"code": "*101#", "pattern": "([0-9.]+) EUR", "low": 5},
        )
        house.simulator.start()
        house.modem.do("ussd", code="*101#", answer='0,"You have 4.20 EUR",15')
        house.start()
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


@pytest.mark.parametrize(
    ("action", "entity_id", "key"),
    [
        ("notify.send_message", "notify.n11_message", "message"),
        ("text.set_value", "text.n11_send_message", "value"),
    ],
)
def test_a_message_to_whom_it_names_first(
    home: Home, action: str, entity_id: str, key: str
) -> None:
    before = len(home.house.sent())
    home.assistant.act(action, entity_id, **{key: "alice: it's 8:30?"})
    home.house.wait(sent=before + 1)
    sent = home.house.sent()[-1]
    assert (sent["number"], sent["text"]) == (ALICE, "it's 8:30?")
    assert home.value("text.n11_send_message") == ""


def test_what_was_typed_in_vain_is_told(home: Home) -> None:
    before = home.house.heard.mark()
    home.assistant.act("text.set_value", "text.n11_send_message", value="nobody: hello")
    home.house.heard.wait_for(lambda m: m.topic.endswith("/response/sms/send"), after=before)
    failed = "event.n11_failed_request"
    home.assistant.wait_for(lambda: "'nobody' is" in home.attributes(failed).get("message", ""))
    assert home.attributes(failed)["code"] == "invalid_request"


def test_nothing_says_unknown_for_ever(home: Home) -> None:
    home.wait_known(but=frozenset({"sensor.n11_last_message"}))
    home.assistant.wait_state("sensor.n11_balance", "4.2")


def test_jamming_is_unavailable_unless_it_is_looked_for(home: Home) -> None:
    jamming, switch = "binary_sensor.n11_jamming", "switch.n11_jamming_detection"
    home.assistant.act("switch.turn_on", switch)
    home.assistant.wait_state(jamming, "off")
    assert home.value(switch) == "on"
    home.house.modem.do("jam", level=100)
    home.assistant.wait_state(jamming, "on")
    assert home.attributes(jamming)["device_class"] == "tamper"
    assert home.attributes("event.n11_jamming")["event_type"] == "detected"
    home.house.modem.do("jam", level=0)
    home.assistant.wait_state(jamming, "off")
    home.assistant.act("switch.turn_off", switch)
    home.assistant.wait_state(jamming, "unavailable")


def test_it_is_on_the_map_once_it_was_located(home: Home) -> None:
    tracker = "device_tracker.n11_position"
    assert tracker not in home.components
    home.house.modem.do("place", latitude=48.1, longitude=11.6, accuracy=300.0)
    home.assistant.act("button.press", "button.n11_locate")
    home.assistant.wait_state(tracker, "not_home")
    shown = home.attributes(tracker)
    assert (shown["latitude"], shown["longitude"], shown["gps_accuracy"]) == (48.1, 11.6, 300.0)
    assert (shown["source_type"], shown["friendly_name"]) == ("gps", "n11 Position")


def test_the_data_link_is_switched(home: Home) -> None:
    switch, link = "switch.n11_data_link", "binary_sensor.n11_data_link"
    for action, state in (("turn_on", "on"), ("turn_off", "off")):
        home.assistant.act(f"switch.{action}", switch)
        home.assistant.wait_state(link, state)
        home.assistant.wait_state(switch, state)
    for traffic in ("sensor.n11_data_sent", "sensor.n11_data_received"):
        assert int(home.value(traffic) or "") >= 0


def test_the_firmware_is_up_to_date_as_far_as_is_known(home: Home) -> None:
    assert home.value("update.n11_firmware") == "off"
    version = home.house.state("firmware")["version"]
    assert home.attributes("update.n11_firmware")["installed_version"] == version


def test_a_ussd_code_is_typed_and_answered(home: Home) -> None:
    home.house.modem.do("ussd", code="*102#", answer='0,"Hello \u00e4",15')
    home.assistant.act("text.set_value", "text.n11_ussd_code", value="*102#")
    home.assistant.wait_for(lambda: home.attributes("event.n11_ussd").get("code") == "*102#")
    assert home.value("text.n11_ussd_code") == ""


def test_a_call_rings(home: Home) -> None:
    home.house.modem.do("call", from_=BOB)
    home.assistant.wait_for(lambda: home.attributes("event.n11_call").get("contact") == "bob")


def test_a_button_is_a_request(home: Home) -> None:
    mark, before = home.house.heard.mark(), int(home.value("sensor.n11_modem_restarts") or "")
    home.assistant.act("button.press", "button.n11_restart_modem")
    home.house.response("modem/restart", mark, status="ok")
    home.assistant.wait_state("sensor.n11_modem_restarts", str(before + 1))
    home.assistant.wait_state("sensor.n11_status", "ready")


def test_without_the_modem_what_needs_it_is_unavailable(home: Home) -> None:
    before, notify = len(home.house.sent()), "notify.n11_message_to_alice"
    modem = f"{home.house.base}/state/modem"
    own = {
        each
        for each, component in home.components.items()
        if modem not in {it["topic"] for it in component.get("availability", [{"topic": modem}])}
    }
    home.house.modem.do("unplug")
    home.wait_unavailable(*(home.states().keys() - own))
    assert notify in own
    home.assistant.act("notify.send_message", notify, message="while it is away")
    home.house.modem.do("replug")
    home.house.wait(sent=before + 1)
    home.wait_unavailable()


def test_home_assistant_restarts(home: Home) -> None:
    home.house.modem.do("receive", from_=ALICE, text="before")
    (key,) = home.house.send("alice", "before")
    home.house.wait_message(key, "delivered")
    home.wait_known()
    home.wait_told()
    before = home.states()
    home.assistant.stop()
    registry = home.assistant.registry()
    for component in home.components.values():
        entry = registry[component["uniq_id"]]
        assert entry["entity_category"] == component.get("entity_category")
        assert (entry["disabled_by"] is None) == component.get("enabled_by_default", True)
    home.assistant.start()
    home.assistant.wait_for(lambda: home.states().keys() == before.keys())
    for entity_id, state in before.items():
        home.assistant.wait_state(entity_id, state)


def test_the_bridge_dies_and_returns_with_a_contact_renamed(home: Home) -> None:
    home.house.daemon.kill()
    home.wait_unavailable(*(home.states().keys() - {"binary_sensor.n11_bridge"}))
    assert home.states()["binary_sensor.n11_bridge"] == "off"
    before = home.states().keys()
    robert = "notify.n11_message_to_robert"
    home.house.configure(contacts=None, groups=None)
    home.house.configure(contacts={"alice": ALICE, "robert": BOB})
    home.house.start()
    home.assistant.wait_for(lambda: home.value(robert) == "unknown")
    gone = {"notify.n11_message_to_bob", "notify.n11_message_to_family"}
    home.assistant.wait_for(lambda: home.states().keys() == before - gone)
    home.wait_unavailable()
    home.house.daemon.stop()
    home.house.configure(contacts=None)
    home.house.configure(contacts=CONTACTS, groups=GROUPS)
    home.house.start()
    home.assistant.wait_for(lambda: home.states().keys() == before and home.value(robert) is None)
    home.wait_unavailable()

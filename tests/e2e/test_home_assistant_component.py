"""Our component in a real Home Assistant: two modems, discovered as they are by anybody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from .component import ALICE, BOB, ENTITY, Home
from .conftest import NewHouse
from .home_assistant import MARKS, PYTHON, HomeAssistant
from .house import House
from .processes import Mosquitto

pytestmark = MARKS

SHED = "event.shed_text_or_replay"
NAMES = ("n11bridge", "homeassistant")


@dataclass
class TwoHomes(Home):
    """There is another modem, in the shed."""

    shed: House

    def send(self, to: Any, text: str, **more: Any) -> Any:
        """Send a text with the first modem."""
        entry = self.assistant.entry("n11")
        return super().send(to, text, config_entry_id=entry, **more)

    def refusal(self, **data: Any) -> str:
        """What is said when a text cannot be sent with the first modem."""
        entry = self.assistant.entry("n11")
        return self.assistant.refusal("n11bridge.send_sms", config_entry_id=entry, **data)

    def on_page(self, entity_id: str) -> set[str]:
        """The integrations that have entities on the device page of this one."""
        known = self.assistant.entities()
        page = known[entity_id]["device_id"]
        assert page in self.assistant.devices()
        return {each["platform"] for each in known.values() if each["device_id"] == page}


@pytest.fixture(scope="module")
def broker(broker_alone: Mosquitto) -> Mosquitto:
    """No other module's modem is to be discovered."""
    return broker_alone


@pytest.fixture(scope="module")
def home(
    broker: Mosquitto, new_shared_house: NewHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TwoHomes]:
    assistant = HomeAssistant(PYTHON, tmp_path_factory.mktemp("home-assistant"))
    house = new_shared_house(contacts={"alice": ALICE, "bob": BOB}, names=NAMES)
    shed = new_shared_house("--imei", "355910044336990", names=NAMES, called="shed")
    home = TwoHomes(assistant, broker, house, shed)
    try:
        home.set_up()
        shed.open()
        assistant.add_discovered("n11bridge")
        assistant.wait_state(SHED, "unknown")
        assistant.wait_for(lambda: len(assistant.places()) == 2)
        yield home
    finally:
        assistant.clean_up()


@pytest.fixture(autouse=True)
def _no_complaints(home: TwoHomes) -> Iterator[None]:
    yield
    assert home.assistant.complaints() == []


def test_what_was_discovered_is_loaded_and_not_discovered_again(home: TwoHomes) -> None:
    entries = home.assistant.entries()
    assert {name: each["state"] for name, each in entries.items()} == {
        "n11": "loaded",
        "shed": "loaded",
    }
    assert {each["source"] for each in entries.values()} == {"mqtt"}
    for house in (home.house, home.shed):
        house.daemon.stop()
        house.start()
    home.wait_available()
    assert home.assistant.discovered("n11bridge") == {}


def test_all_of_a_modem_is_on_one_page(home: TwoHomes) -> None:
    assert len(home.assistant.devices("Neoway Corp Ltd")) == 2
    known = home.assistant.entities()
    assert known["sensor.n11_status"]["device_id"] != known["sensor.shed_status"]["device_id"]
    for name, entity in (("n11", ENTITY), ("shed", SHED)):
        assert home.on_page(entity) == {"mqtt", "n11bridge"}
        assert known[entity]["device_id"] == known[f"sensor.{name}_status"]["device_id"]


def test_a_text_is_sent_and_its_answer_says_how_far_it_came(home: TwoHomes) -> None:
    before = len(home.house.sent())
    text = 'It\'s {{ 1 }} \\ "x"\n😀'
    answer = home.send(["alice", BOB], text)
    assert answer["reached"]
    assert {each["to"] for each in answer["messages"]} == {ALICE, BOB}
    assert {each["state"] for each in answer["messages"]} <= {"sent", "delivered"}
    sent = [(each["number"], each["text"]) for each in home.house.sent()[before:]]
    assert sorted(sent) == [(ALICE, text), (BOB, text)]


def test_a_text_is_delivered(home: TwoHomes) -> None:
    answer = home.send("alice", "delivered", wait="delivered")
    assert answer["reached"]
    assert [each["state"] for each in answer["messages"]] == ["delivered"]


@pytest.mark.parametrize("strict", [True, False])
def test_who_did_not_get_a_text_is_named(home: TwoHomes, strict: bool) -> None:
    ask: dict[str, Any] = {"to": ["alice", "bob"], "text": "are you there", "wait": "delivered"}
    before, mark = len(home.house.sent()), home.house.heard.mark()
    home.house.modem.do("reports", automatic=False)
    try:
        with ThreadPoolExecutor() as beside:
            if strict:
                said = beside.submit(home.refusal, **ask)
            else:
                answer = beside.submit(home.send, raise_error=False, **ask)
            for number, status in ((ALICE, 0), (BOB, 70)):
                home.house.wait_event("sms/status", mark, to=number, state="sent")
                (sent,) = [it for it in home.house.sent()[before:] if it["number"] == number]
                home.house.modem.do("report", reference=sent["reference"], status=status)
    finally:
        home.house.modem.do("reports", automatic=True)
    if strict:
        assert said.result() == f"Not delivered in time: {BOB}: undelivered"
        return
    assert answer.result()["reached"] is False
    states = {each["to"]: each["state"] for each in answer.result()["messages"]}
    assert states == {ALICE: "delivered", BOB: "undelivered"}


def test_what_may_not_be_done_is_an_error_that_says_why(home: TwoHomes) -> None:
    before = len(home.house.sent())
    assert "forbids" in home.refusal(to="119", text="a short code")
    said = home.assistant.refusal("n11bridge.send_sms", to="alice", text="with which modem?")
    assert "There are several bridges: say which one by config_entry_id" in said
    assert len(home.house.sent()) == before


def test_any_request_is_answered(home: TwoHomes) -> None:
    request = {"request": "modem/activity", "parameters": {}}
    for name in ("n11", "shed"):
        entry = home.assistant.entry(name)
        answer = home.assistant.answer("n11bridge.request", config_entry_id=entry, **request)
        assert answer


def test_a_received_text_is_an_event_and_a_state(home: TwoHomes) -> None:
    before, shown = len(home.assistant.heard()), len(home.assistant.heard("shown"))
    home.receive("water")
    home.wait_heard(before, ("water", False))
    home.assistant.wait_for(lambda: home.assistant.heard("shown")[shown:] == [("water", False)])
    state = home.assistant.states()[ENTITY]["attributes"]
    assert (state["event_type"], state["text"], state["contact"]) == ("received", "water", "alice")


def test_each_modem_has_texts_of_its_own(home: TwoHomes) -> None:
    before, shown = len(home.assistant.heard()), len(home.assistant.heard("shown"))
    home.shed.modem.do("receive", from_=BOB, text="in the shed")
    home.wait_heard(before, ("in the shed", False))
    assert home.assistant.states()[SHED]["attributes"]["text"] == "in the shed"
    home.receive("at home")
    home.wait_heard(before + 1, ("at home", False))
    assert home.assistant.heard("shown")[shown:] == [("at home", False)]


def test_a_modem_that_is_announced_no_more_leaves_no_device(home: TwoHomes) -> None:
    assistant, before = home.assistant, len(home.assistant.heard())
    home.shed.daemon.stop()
    home.shed.configure(mqtt={"discovery": False})
    home.shed.start()
    assistant.wait_for(lambda: len(assistant.devices("Neoway Corp Ltd")) == 1, assistant.devices)
    assert not {each for each in assistant.states() if ".shed_" in each}
    # The component needs no entities.
    home.shed.modem.do("receive", from_=BOB, text="without a device")
    home.wait_heard(before, ("without a device", False))
    home.shed.daemon.stop()
    home.shed.configure(mqtt={"discovery": "homeassistant"})
    home.shed.start()
    assistant.wait_for(lambda: home.on_page(SHED) == {"mqtt", "n11bridge"}, assistant.entities)
    home.wait_available()
    home.shed.modem.do("receive", from_=BOB, text="with one again")
    assistant.wait_for(
        lambda: assistant.states()[SHED]["attributes"].get("text") == "with one again"
    )


def test_an_entry_that_is_removed_leaves_nothing(home: TwoHomes) -> None:
    assistant = home.assistant
    assistant.remove_component("shed")
    assert assistant.entries().keys() == {"n11"}
    assert len(assistant.places()) == 1
    assert SHED not in assistant.entities().keys() | assistant.states().keys()
    # MQTT's part is as it was, and it is there to be added again.
    assert home.on_page("sensor.shed_status") == {"mqtt"}
    before = len(assistant.heard())
    home.shed.modem.do("receive", from_=BOB, text="to nobody")
    home.receive("to the other")
    home.wait_heard(before, ("to the other", False))
    assistant.add_discovered("n11bridge")
    assistant.wait_for(lambda: len(assistant.places()) == 2)
    home.wait_available()
    assert home.on_page(SHED) == {"mqtt", "n11bridge"}
    home.shed.modem.do("receive", from_=BOB, text="to us")
    home.wait_heard(before + 1, ("to us", False))

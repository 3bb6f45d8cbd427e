"""Our component in a real Home Assistant, with all the rest; see test_home_assistant."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from .conftest import NewHouse
from .home_assistant import HomeAssistant
from .house import House
from .processes import Mosquitto

PYTHON = os.environ.get("HOME_ASSISTANT_PYTHON", "")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not PYTHON, reason="HOME_ASSISTANT_PYTHON names no interpreter"),
]

ALICE, BOB = "+491701234567", "+491707654321"
ENTITY = "event.n11_text_or_replay"


@dataclass
class Home:
    """Home Assistant with our component, and the house of its modem."""

    assistant: HomeAssistant
    house: House

    def wait_heard(self, before: int, *expected: tuple[str, bool]) -> None:
        """Return once these texts were told after so many others, and no more."""
        self.assistant.wait_for(lambda: len(self.assistant.heard()) >= before + len(expected))
        assert self.assistant.heard()[before:] == [*expected]


@pytest.fixture(scope="module")
def home(
    broker: Mosquitto, new_shared_house: NewHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    assistant = HomeAssistant(PYTHON, tmp_path_factory.mktemp("home-assistant"))
    try:
        assistant.install_component()
        assistant.start()
        assistant.use_broker(broker.port)
        house = new_shared_house(
            contacts={"alice": ALICE}, mqtt={"discovery": "homeassistant"}
        ).open()
        assistant.use_bridge(house.base)
        assistant.wait_state(ENTITY, "unknown")
        assistant.wait_for(assistant.places)
        yield Home(assistant, house)
    finally:
        assistant.clean_up()


def test_a_text_is_sent_and_its_answer_says_how_far_it_came(home: Home) -> None:
    before = len(home.house.sent())
    text = 'It\'s {{ 1 }} \\ "x"\n😀'
    answer = home.assistant.answer("n11bridge.send_sms", to=["alice", BOB], text=text, wait="sent")
    assert answer["reached"]
    assert {each["to"] for each in answer["messages"]} == {ALICE, BOB}
    assert {each["state"] for each in answer["messages"]} <= {"sent", "delivered"}
    sent = [(each["number"], each["text"]) for each in home.house.sent()[before:]]
    assert sorted(sent) == [(ALICE, text), (BOB, text)]


def test_any_request_is_answered(home: Home) -> None:
    answer = home.assistant.answer("n11bridge.request", request="signal/read", parameters={})
    assert answer.keys() >= {"rssi_dbm", "quality"}


def test_a_received_text_is_an_event(home: Home) -> None:
    before = len(home.assistant.heard())
    home.house.modem.do("receive", from_=ALICE, text="water")
    home.wait_heard(before, ("water", False))
    state = home.assistant.states()[ENTITY]["attributes"]
    assert (state["event_type"], state["text"], state["contact"]) == ("received", "water", "alice")


def test_what_comes_while_it_is_stopped_comes_once(home: Home) -> None:
    before = len(home.assistant.heard())
    home.assistant.stop()
    texts = ("one", "two", "three")
    for text in texts:
        mark = home.house.heard.mark()
        home.house.modem.do("receive", from_=ALICE, text=text)
        home.house.received(mark, text=text)
    home.assistant.start()
    home.wait_heard(before, *((text, True) for text in texts))
    home.house.modem.do("receive", from_=ALICE, text="four")
    home.wait_heard(before + 3, ("four", False))
    home.assistant.stop()
    home.assistant.start()
    home.house.modem.do("receive", from_=ALICE, text="five")
    home.wait_heard(before + 4, ("five", False))


def test_the_bridge_dies_and_returns(home: Home) -> None:
    before = len(home.assistant.heard())
    home.house.daemon.kill()
    home.house.modem.do("receive", from_=ALICE, text="meanwhile")
    home.house.start()
    home.assistant.wait_for(lambda: len(home.assistant.heard()) > before)
    assert [text for text, _ in home.assistant.heard()[before:]] == ["meanwhile"]
    answer = home.assistant.answer("n11bridge.send_sms", to="alice", text="back", wait="sent")
    assert answer["reached"]

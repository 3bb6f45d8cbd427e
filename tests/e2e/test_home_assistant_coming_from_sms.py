"""docs/coming-from-sms.md: each line of what is to be written now, in a real Home Assistant."""

import json
from collections.abc import Iterator

import pytest

from .conftest import NewHouse
from .home_assistant import MARKS, PYTHON, HomeAssistant
from .pages import Home, Page
from .processes import Mosquitto
from .subscriber import Subscriber

pytestmark = MARKS

ALICE, BOB = "+491701234567", "+491707654321"
PAGE = Page("coming-from-sms.md")


@pytest.fixture(scope="module")
def broker(broker_alone: Mosquitto) -> Mosquitto:
    """No other module's modem is to be discovered."""
    return broker_alone


@pytest.fixture(scope="module")
def home(
    broker: Mosquitto, new_shared_house: NewHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("home-assistant")
    assistant = HomeAssistant(PYTHON, folder, PAGE.configuration)
    others = Subscriber(broker.port, "other", "sms2mqtt/#")
    try:
        assistant.install_component()
        assistant.start()
        assistant.use_broker(broker.port)
        # Automations with a trigger of MQTT want it there when they are set up.
        assistant.stop()
        assistant.start()
        house = new_shared_house(
            contacts={"alice": ALICE, "bob": BOB},
            groups={"family": ["alice", "bob"]},
            sms={"trusted": ["alice"]},
            names=("coming", "homeassistant"),
        )
        # A text that lies on the SIM when the bridge sees it for the first time.
        house.simulator.start()
        house.modem.do("receive", from_=ALICE, text="open 4711")
        house.start()
        house.received(text="open 4711")
        assistant.use_bridge(house.base)
        assistant.choose_options(legacy_event=True)
        assistant.wait_state("event.n11_text_or_replay", "unknown")
        yield Home(assistant, house, others)
    finally:
        others.close()
        assistant.clean_up()


def test_what_lay_on_the_sim_is_not_told(home: Home) -> None:
    assert home.assistant.heard() == []
    assert [each["text"] for each in home.assistant.answer("n11bridge.list_received")["messages"]]


@pytest.mark.parametrize("name", PAGE.actions)
def test_each_action_sends(home: Home, name: str) -> None:
    sequence = PAGE.scripts[name]["sequence"]
    to = sequence["data"].get("to", ALICE)
    before = len(home.house.sent())
    home.assistant.act("script.turn_on", f"script.{name}")
    numbers = [to] if isinstance(to, str) else to
    home.wait_sent(before, *((number, "Water in the cellar") for number in numbers))


@pytest.mark.parametrize(
    ("target", "data", "encoding"),
    [
        (ALICE, None, "gsm7"),
        ([ALICE, BOB], {"unicode": False}, "gsm7"),
        (ALICE, {"unicode": True}, "gsm7"),
    ],
)
def test_the_script_takes_the_old_fields(
    home: Home, target: str | list[str], data: dict[str, bool] | None, encoding: str
) -> None:
    before = len(home.house.sent())
    old = {"message": "It's {1} \n€", "target": target, "title": "of no use"}
    home.assistant.answer("script.notify_sms", **old, **({} if data is None else {"data": data}))
    numbers = [target] if isinstance(target, str) else target
    home.wait_sent(before, *((number, "It's {1} \n€") for number in numbers))
    messages = home.assistant.answer("n11bridge.list_sent")["messages"]
    assert {each["encoding"] for each in messages[-len(numbers) :]} == {encoding}


def test_the_old_event_goes_on(home: Home) -> None:
    before = len(home.house.sent())
    home.house.modem.do("receive", from_=BOB, text='It\'s "water"')
    home.wait_sent(before, (ALICE, f'From {BOB}: It\'s "water"'))


def test_a_gate_opens_for_who_is_trusted(home: Home) -> None:
    before = len(home.house.sent())
    home.house.modem.do("receive", from_=BOB, text="open 4711")
    home.house.modem.do("receive", from_=ALICE, text="Open 4711")
    forwarded = [(ALICE, f"From {BOB}: open 4711"), (ALICE, f"From {ALICE}: Open 4711")]
    home.wait_sent(before, *forwarded, (ALICE, "The gate opens"))


def test_the_old_topics_go_on(home: Home) -> None:
    before = len(home.house.sent())
    asked = json.dumps({"number": f"{ALICE}; {BOB}", "text": "ünder\nway"})
    home.others.publish("sms2mqtt/send", asked)
    home.wait_sent(before, (ALICE, "ünder\nway"), (BOB, "ünder\nway"))
    home.house.modem.do("receive", from_=BOB, text='a "b" 😀')
    told = home.others.heard.wait_for(
        lambda m: m.topic == "sms2mqtt/received" and m.json["text"] == 'a "b" 😀'
    ).json
    assert told.keys() == {"number", "datetime", "text"}
    assert told["number"] == BOB
    assert len(told["datetime"]) == len("2021-01-23 13:30:00")


def test_its_entities_are_there(home: Home) -> None:
    heard = home.house.heard.since()
    payload = [each for each in heard if each.topic.startswith("homeassistant/device/")][-1].json
    announced = {each["default_entity_id"] for each in payload["cmps"].values()}
    assert PAGE.entities <= announced | {"event.n11_text_or_replay"}

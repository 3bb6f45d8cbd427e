"""docs/home-assistant*.md and the README: done as they say, in a real Home Assistant."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
import yaml

from .conftest import NewHouse
from .home_assistant import MARKS, PYTHON, HomeAssistant
from .pages import DOCS, Home, Page
from .processes import Mosquitto
from .subscriber import Subscriber

pytestmark = MARKS

ALICE, BOB = "+491701234567", "+491707654321"
FIRST, ACTIONS, ENTITIES = (
    Page(name)
    for name in ("home-assistant.md", "home-assistant-actions.md", "home-assistant-entities.md")
)
# What the page's examples act on.
AROUND = """\
mqtt:
  - cover: {name: gate, command_topic: around/gate}
  - valve: {name: main, command_topic: around/valve}
  - siren: {name: house, command_topic: around/siren}
"""
COMPONENT = DOCS.parent / "homeassistant" / "custom_components" / "n11bridge"


@pytest.fixture(scope="module")
def broker(broker_alone: Mosquitto) -> Mosquitto:
    """No other module's modem is to be discovered."""
    return broker_alone


@pytest.fixture(scope="module")
def home(
    broker: Mosquitto, new_shared_house: NewHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    """The five steps, up to the modem that is discovered and added."""
    folder = tmp_path_factory.mktemp("home-assistant")
    assistant = HomeAssistant(PYTHON, folder, AROUND + ACTIONS.configuration)
    others = Subscriber(broker.port, "around", "around/#")
    try:
        install = [sys.executable, "-m", "n11bridge", "homeassistant", "install", str(folder)]
        said = subprocess.run(install, check=True, capture_output=True, text=True).stdout
        (lines,) = re.findall(r"^lovelace:\n(?:  .*\n)+", said, re.MULTILINE)
        assert yaml.safe_load(lines) == ENTITIES.other
        with (folder / "configuration.yaml").open("a") as file:
            file.write(lines)
        assistant.start()
        assistant.use_broker(broker.port)
        house = new_shared_house(
            contacts={"alice": ALICE, "bob": BOB},
            groups={"family": ["alice", "bob"]},
            sms={"trusted": ["alice"]},
            balance={"code": "*101#", "pattern": "([0-9.]+) EUR"},
            names=("n11bridge", "homeassistant"),
        ).open()
        assistant.add_discovered("n11bridge")
        assistant.wait_state("event.n11_text_or_replay", "unknown")
        yield Home(assistant, house, others)
    finally:
        others.close()
        assistant.clean_up()


def test_the_first_text(home: Home) -> None:
    readme = Page("../README.md")
    for page in (FIRST, readme):
        before = len(home.house.sent())
        (name,) = page.actions
        data = page.scripts[name]["sequence"]["data"]
        answer = home.assistant.answer(page.scripts[name]["sequence"]["action"], **data)
        assert answer["reached"]
        home.wait_sent(before, (ALICE, "It works"))


def test_the_dashboard_is_in_the_sidebar(home: Home) -> None:
    (path,) = ENTITIES.other["lovelace"]["dashboards"]
    assert home.assistant.dashboard(path)["views"]


def test_the_notifiers(home: Home) -> None:
    alone, family = (ENTITIES.scripts[name]["sequence"] for name in ENTITIES.actions)
    before = len(home.house.sent())
    for step in (alone, family):
        home.assistant.act(step["action"], step["target"]["entity_id"], **step["data"])
    text = "Water in the cellar"
    home.wait_sent(before, (ALICE, text), (ALICE, text), (BOB, text))


def test_a_text_that_is_delivered_needs_no_siren(home: Home) -> None:
    before, mark = len(home.house.sent()), home.others.heard.mark()
    home.assistant.answer(f"script.{ACTIONS.actions[0]}")  # returns when the script has ended
    home.wait_sent(before, (ALICE, "Water in the cellar"), (BOB, "Water in the cellar"))
    assert not home.others.heard.since(mark)


def test_who_answers_shuts_the_valve(home: Home) -> None:
    before, mark = len(home.house.sent()), home.house.heard.mark()
    home.assistant.act("script.turn_on", f"script.{ACTIONS.actions[1]}")
    home.house.wait(sent=before + 1)
    home.house.wait_event("sms/status", mark, state="sent", to=ALICE)
    home.house.modem.do("receive", from_=ALICE, text="Yes ")
    home.others.heard.wait_for(lambda m: (m.topic, m.payload) == ("around/valve", b"CLOSE"))


def test_the_gate_opens(home: Home) -> None:
    home.house.modem.do("receive", from_=BOB, text="open 4711")
    home.house.modem.do("receive", from_=ALICE, text="Open 4711")
    home.others.heard.wait_for(lambda m: m.topic == "around/gate")
    assert [
        m for m in home.others.heard.since() if m.topic == "around/gate"
    ].pop().payload == b"OPEN"
    assert len([m for m in home.others.heard.since() if m.topic == "around/gate"]) == 1


def test_every_entity_is_on_the_page(home: Home) -> None:
    heard = home.house.heard.since()
    payload = [each for each in heard if each.topic.startswith("homeassistant/device/")][-1].json
    enabled = {
        each["default_entity_id"]
        for each in payload["cmps"].values()
        if each.get("enabled_by_default", True)
    }
    table = ENTITIES.text.partition("| what | entities |")[2].partition("\n\n")[0]
    for entity in enabled:
        name = entity.partition(".n11_")[2]
        name = "message_to_<contact or group>" if name.startswith("message_to_") else name
        assert f"…{name}`" in table, entity
    for page in (FIRST, ACTIONS, ENTITIES):
        assert page.entities <= home.assistant.states().keys()


def test_every_action_and_option_is_on_the_pages() -> None:
    facts = yaml.safe_load((COMPONENT / "services.yaml").read_text())
    for action in [name for name in facts if not name.startswith(".")]:
        row = re.search(rf"^\| `{action}` \|.*$", ACTIONS.text, re.MULTILINE)
        assert row is not None, action
        told = ACTIONS.text.partition("### `send_sms`")[2] if action == "send_sms" else row[0]
        fields = dict(facts[action]["fields"])
        fields |= fields.pop("advanced_fields", {"fields": {}})["fields"]
        for field in fields.keys() - {"config_entry_id"}:
            assert f"`{field}`" in told, f"{action}: {field}"
    words = json.loads((COMPONENT / "translations" / "en.json").read_text())
    for step in (words["options"]["step"]["init"], words["config"]["step"]["user"]):
        for label in step["data"].values():
            assert f"| {label} |" in FIRST.text


def test_what_it_says_when_something_is_wrong_is_on_the_page() -> None:
    words = (COMPONENT / "translations" / "en.json").read_text().replace("{name}", "n11")
    table = FIRST.text.partition("| what you see |")[2].partition("\n\n")[0]
    quoted = set(re.findall(r"^\| \*([^*]+)\* \|", table, re.MULTILINE))
    assert len(quoted) > 3
    assert not [each for each in quoted if each not in words]


def test_it_is_renamed(home: Home) -> None:
    before = len(home.house.sent())
    home.house.daemon.stop()
    home.house.configure(modem={"name": "boat"})
    home.house.base = "n11bridge/boat"
    home.house.start()
    home.assistant.reconfigure(home.house.base)
    text = {"to": "alice", "text": "renamed", "wait": "sent"}
    # It is loaded anew meanwhile.
    home.assistant.wait_for(lambda: home.assistant.answer("n11bridge.send_sms", **text)["reached"])
    home.wait_sent(before, (ALICE, "renamed"))
    ours = {entity for entity in home.assistant.states() if entity.endswith("_text_or_replay")}
    assert ours == {"event.n11_text_or_replay"}


def test_it_is_removed(home: Home) -> None:
    """As the page says; comes last."""
    home.assistant.remove_component()
    home.assistant.stop()
    for place in ("custom_components", "blueprints/automation", "dashboards"):
        shutil.rmtree(home.assistant.folder / place / "n11bridge")
    configuration = home.assistant.folder / "configuration.yaml"
    configuration.write_text(configuration.read_text().partition("lovelace:")[0])
    home.assistant.start()
    assert not [line for line in home.assistant.output.since() if "Integration 'n11bridge'" in line]
    home.assistant.wait_state("sensor.n11_status", "ready")
    home.house.daemon.stop()
    home.house.configure(mqtt={"discovery": False})
    home.house.start()
    home.assistant.wait_for(lambda: "sensor.n11_status" not in home.assistant.states())

"""The dashboard as it is installed, in a real Home Assistant: what it names, and what it shows."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import yaml

from .conftest import NewHouse
from .home_assistant import MARKS, PYTHON, HomeAssistant
from .house import House
from .processes import Mosquitto

pytestmark = MARKS

ALICE, BOB = "+491701234567", "+491707654321"
FILE = "dashboards/n11bridge/n11.yaml"
DASHBOARD = f"""
lovelace: {{dashboards: {{n11bridge-modem: {{mode: yaml, title: Modem, filename: {FILE}}}}}}}
"""
EMPTY = "*No message yet. Those that come and go are shown here.*"
HOSTILE = """\
# a ![b](http://c.de/d.png) <img src=x onerror=alert(1)> `e` www.f.de {{ 1 }} &lt; "'

</td></tr></table>
- g\u2028\u2028[h](http://i.de)"""
#: What the conversation itself is made of; no attribute holds anything from outside.
TAGS = r"</?(table|tr|td|small|b|br|div)( width=\"100%\" role=\"presentation\"| align=\"\w+\")?>"


@dataclass
class Home:
    """Home Assistant, and the house of its modem."""

    assistant: HomeAssistant
    house: House

    def markdown(self) -> list[str]:
        """The templates of the dashboard's texts; the conversation is the longest."""
        (view,) = self.assistant.dashboard("n11bridge-modem")["views"]
        cards = [card for section in view["sections"] for card in section["cards"]]
        return [card["content"] for card in cards if card["type"] == "markdown"]

    def conversation(self) -> str:
        """What is shown of the last texts."""
        return self.assistant.render(max(self.markdown(), key=len))


@pytest.fixture(scope="module")
def broker(broker_alone: Mosquitto) -> Mosquitto:
    """No other module's modem is to be discovered."""
    return broker_alone


@pytest.fixture(scope="module")
def home(
    broker: Mosquitto, new_shared_house: NewHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    assistant = HomeAssistant(PYTHON, tmp_path_factory.mktemp("home-assistant"), DASHBOARD)
    try:
        assistant.install_component()
        assistant.start()
        assistant.use_broker(broker.port)
        house = new_shared_house(
            contacts={"alice": ALICE, "bob": BOB},
            groups={"family": ["alice", "bob"]},
            balance={"code": "*101#", "pattern": "([0-9.]+) EUR", "low": 5},
            names=("dashboard", "homeassistant"),
        ).open()
        assistant.use_bridge(house.base)
        assistant.wait_state("sensor.n11_messages", "unknown")
        yield Home(assistant, house)
    finally:
        assistant.clean_up()


def texts(shown: str) -> list[str]:
    """The texts of the conversation, as somebody reads them."""
    cells = re.findall(r"</small><br>(.*?)</td>", shown)
    return [html.unescape(cell.replace("<br>", "\n")).replace("\u200b", "") for cell in cells]


def test_it_names_what_there_is(home: Home) -> None:
    text = (home.assistant.folder / FILE).read_text()
    assert home.assistant.dashboard("n11bridge-modem") == yaml.safe_load(text)
    home.assistant.act("button.press", "button.n11_locate")
    named = set(re.findall(r"\b[a-z_]+\.n11_[a-z_]+[a-z]\b", text))
    assert len(named) > 20
    named -= {"notify.n11_message_to"}
    home.assistant.wait_for(lambda: named <= home.assistant.states().keys())


def test_a_fresh_one_says_so(home: Home) -> None:
    content = max(home.markdown(), key=len).replace("sensor.n11_", "sensor.n12_")
    assert home.assistant.render(content) == EMPTY
    recipients = [it for it in map(home.assistant.render, home.markdown()) if it.startswith("To ")]
    assert recipients == ["To alice, bob, family, a number"]


def test_a_conversation_of_nothing_but_text(home: Home) -> None:
    home.house.send("alice", f"1 {HOSTILE}")
    home.house.modem.do("receive", from_=BOB, text=f"2 {HOSTILE}")

    def here() -> dict[str, str]:
        return {text[0]: text[2:] for text in texts(home.conversation()) if text.endswith("i.de)")}

    home.assistant.wait_for(lambda: {*"12"} <= here().keys())
    shown = home.conversation()
    assert "\n" not in shown
    assert "<b>bob</b>" in shown
    assert "to <b>alice</b>" in shown
    assert [here()[each].splitlines() for each in "12"] == [HOSTILE.splitlines()] * 2
    assert not re.search("[<>\"']", re.sub(TAGS, "", shown))


def test_without_the_component_there_is_the_last_one(home: Home) -> None:
    home.house.modem.do("receive", from_=ALICE, text=HOSTILE)
    last = "{{ state_attr('sensor.n11_last_message', 'contact') }}"
    home.assistant.wait_for(lambda: home.assistant.render(last) == "alice")
    content = max(home.markdown(), key=len).replace("sensor.n11_messages", "sensor.n12_messages")
    shown = home.assistant.render(content)
    assert [text.splitlines() for text in texts(shown)] == [HOSTILE.splitlines()]
    assert not re.search("[<>\"']", re.sub(TAGS, "", shown))


def test_how_far_a_text_came_is_marked(home: Home) -> None:
    home.house.modem.do("reports", status=0x46)
    home.house.send("bob", "never arrives")
    home.assistant.wait_for(lambda: "✗ undelivered</small><br>never" in home.conversation())
    home.house.modem.do("reports", status=0)
    home.house.send("bob", "arrives")
    home.assistant.wait_for(lambda: "✓✓</small><br>arrives" in home.conversation())


def test_what_was_written_in_vain_is_told(home: Home) -> None:
    home.assistant.act("text.set_value", "text.n11_send_message", value=f"{HOSTILE[:80]}: hello")

    def shown() -> list[str]:
        rendered = map(home.assistant.render, home.markdown())
        return [it for it in rendered if it.startswith("To alice") and "<ha-alert" in it]

    home.assistant.wait_for(shown)
    (text,) = shown()
    recipients, told = text.split("\n\n")
    assert recipients == "To alice, bob, family, a number"
    # Within a block of HTML nothing is Markdown, as long as there is no empty line.
    assert re.fullmatch(r"<div><ha-alert alert-type=\"warning\">[^<>\n]+</ha-alert></div>", told)
    assert "is neither a number nor a known contact" in told


def test_an_answer_to_a_code_is_nothing_but_text(home: Home) -> None:
    answer = "<img src=x> ![b](http://c.de/d.png)"
    home.house.modem.do("ussd", code="*102#", answer=f'0,"{answer}",15')
    home.house.ask("ussd/send", code="*102#")

    def shown() -> list[str]:
        rendered = map(home.assistant.render, home.markdown())
        return [it for it in rendered if it.startswith("<div><b>*102#</b>")]

    home.assistant.wait_for(shown)
    (text,) = shown()
    assert html.unescape(re.sub(TAGS, "", text)).replace("\u200b", "") == f"*102# {answer}"
    assert not re.search("[<>]", re.sub(TAGS, "", text))


def test_a_call_is_told(home: Home) -> None:
    home.house.modem.do("call", from_=BOB)
    call = "<div>Call from <b>bob</b> at "
    home.assistant.wait_for(
        lambda: any(it.startswith(call) for it in map(home.assistant.render, home.markdown()))
    )

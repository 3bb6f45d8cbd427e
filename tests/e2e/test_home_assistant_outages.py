"""Home Assistant, broker and bridge stop, die and return: everything works again by itself."""

from collections.abc import Iterator

import pytest

from .component import ALICE, ENTITY, Home
from .conftest import NewHouse
from .home_assistant import MARKS, PYTHON, HomeAssistant
from .processes import Mosquitto, Program
from .proxy import Proxy

pytestmark = MARKS

#: What its own MQTT client says of a broker that is away, or that took no birth message.
LOST = r"\[paho|\[homeassistant.components.mqtt.client\]|Task exception was never retrieved"
END = {"stop": Program.stop, "kill": Program.kill}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """One that these tests may stop."""
    broker = Mosquitto(tmp_path_factory.mktemp("broker"), persistent=True)
    broker.start()
    yield broker
    broker.clean_up()


@pytest.fixture(scope="module")
def line(broker: Mosquitto) -> Iterator[Proxy]:
    """What is between bridge and broker."""
    line = Proxy(broker.port)
    yield line
    line.cut()


@pytest.fixture(scope="module")
def home(
    broker: Mosquitto,
    line: Proxy,
    new_shared_house: NewHouse,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Home]:
    assistant = HomeAssistant(PYTHON, tmp_path_factory.mktemp("home-assistant"))
    house = new_shared_house(
        contacts={"alice": ALICE},
        names=("n11bridge", "homeassistant"),
        broker_port=line.port,
    )
    home = Home(assistant, broker, house)
    try:
        home.set_up()
        yield home
    finally:
        assistant.clean_up()


@pytest.fixture(autouse=True)
def _works_on(home: Home) -> Iterator[None]:
    """After each of them: all is there, texts go out and come in, and nobody complained."""
    yield
    home.wait_available()
    assert home.send("alice", "out")["reached"]
    before, shown = len(home.assistant.heard()), len(home.assistant.heard("shown"))
    home.receive("in")
    home.wait_heard(before, ("in", False))
    home.assistant.wait_for(lambda: home.assistant.heard("shown")[shown:] == [("in", False)])
    assert home.assistant.complaints(but=LOST) == []


@pytest.mark.parametrize("end", END)
def test_what_comes_while_home_assistant_is_away_is_replayed_once(home: Home, end: str) -> None:
    home.receive("told before")
    home.assistant.wait_for(lambda: home.assistant.heard()[-1:] == [("told before", False)])
    # Killed before this is on its disk, it would tell it once more.
    uid = home.house.events("sms/received")[-1]["uid"]
    home.assistant.wait_for(lambda: any(uid in p.read_text() for p in home.assistant.places()))
    before, shown = len(home.assistant.heard()), len(home.assistant.heard("shown"))
    END[end](home.assistant)
    home.receive("one", "two", "three")
    home.assistant.start()
    replayed = [("one", True), ("two", True), ("three", True)]
    home.wait_heard(before, *replayed)
    home.assistant.wait_for(lambda: home.assistant.heard("shown")[shown:] == replayed)


@pytest.mark.parametrize("end", END)
def test_what_comes_while_the_bridge_is_away_comes_once(home: Home, end: str) -> None:
    before, mark = len(home.assistant.heard()), home.house.heard.mark()
    END[end](home.house.daemon)
    home.assistant.wait_for(lambda: ENTITY not in home.unavailable() and home.unavailable())
    home.house.modem.do("receive", from_=ALICE, text="meanwhile")
    home.house.start()
    home.house.received(mark, text="meanwhile")
    home.wait_heard(before, ("meanwhile", False))


@pytest.mark.parametrize("end", END)
def test_what_comes_while_the_broker_is_away_comes_once(home: Home, end: str) -> None:
    """Killed, it comes back without all that was retained."""
    before, mark = len(home.assistant.heard()), home.house.heard.mark()
    deleted = len(home.house.ledger()["deleted"])
    END[end](home.broker)
    home.house.modem.do("receive", from_=ALICE, text="meanwhile")
    home.house.wait(deleted=deleted + 1)
    if end == "kill":
        home.broker.forget()
    home.broker.start()
    home.house.online(mark)
    home.wait_heard(before, ("meanwhile", True))


def test_what_comes_while_the_bridge_has_no_broker_comes_once(home: Home, line: Proxy) -> None:
    """For so short a time it is news; the component's own tests know of longer ones."""
    before, deleted = len(home.assistant.heard()), len(home.house.ledger()["deleted"])
    line.cut()
    home.assistant.wait_for(lambda: ENTITY not in home.unavailable() and home.unavailable())
    home.house.modem.do("receive", from_=ALICE, text="meanwhile")
    home.house.wait(deleted=deleted + 1)
    line.open()
    home.wait_heard(before, ("meanwhile", False))


def test_after_a_power_failure_all_return_in_the_worst_order(home: Home) -> None:
    before = len(home.assistant.heard())
    for program in (home.assistant, home.broker, home.house.daemon):
        program.kill()
    home.house.modem.do("restart")
    home.house.modem.do("receive", from_=ALICE, text="in the dark")
    mark = home.assistant.output.mark()
    home.assistant.launch()
    home.assistant.output.wait_for(lambda line: "Failed to connect to MQTT" in line, after=mark)
    home.broker.start()
    home.house.start()
    home.assistant.wait_started()
    # The modem hands it over when the bridge asks: it is replayed only to who comes after that.
    home.assistant.wait_for(lambda: len(home.assistant.heard()) > before)
    assert [text for text, _ in home.assistant.heard()[before:]] == ["in the dark"]

"""The documented access list and TLS configuration, and what the broker refuses."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from n11bridge.config import load

from .guarded import PASSWORD, Guarded
from .house import House
from .subscriber import Subscriber

DOCUMENT = (Path(__file__).parent.parent.parent / "docs" / "security.md").read_text("utf-8")
USERS = ["n11", "homeassistant", "alarm", "display", "tester"]
ALICE = "+491701234567"


def block(heading: str) -> str:
    """The first block of code below a heading of the document."""
    below = DOCUMENT.split(f"## {heading}\n", 1)[1]
    found = re.search(r"^```\w*\n(.*?)^```$", below, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def test_the_documented_tls_configuration_loads(tmp_path: Path) -> None:
    for name in ("ca.pem", "client.pem", "client.key"):
        (tmp_path / name).touch()
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    path = tmp_path / "n11.yaml"
    path.write_text(block("TLS"))
    config = load(path)
    assert config.mqtt.port == 8883
    assert config.mqtt.tls is not None
    assert (config.mqtt.tls.ca, config.mqtt.tls.insecure) == (tmp_path / "ca.pem", False)
    assert config.mqtt.password == PASSWORD


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Callable[[str], tuple[House, Guarded]]]:
    """A house at a broker with an access list; ``tester`` sees everything below it."""
    if shutil.which("mosquitto") is None:
        pytest.skip("mosquitto is not installed")
    made: list[House | Guarded] = []

    def build(acl: str) -> tuple[House, Guarded]:
        broker = Guarded(tmp_path, USERS, acl)
        broker.start()
        made.append(broker)
        house = House(
            tmp_path, broker, login=("tester", PASSWORD), names=("n11bridge", "homeassistant")
        )
        house.configure(mqtt={"username": "n11", "password": PASSWORD}, contacts={"alice": ALICE})
        made.append(house)
        return house, broker

    yield build
    for each in reversed(made):
        each.close() if isinstance(each, House) else each.clean_up()


def everything(acl: str) -> str:
    """The list, with a user for the test itself."""
    return f"{acl}\nuser tester\ntopic readwrite #\n"


@pytest.mark.slow
def test_the_documented_access_list(guard: Callable[[str], tuple[House, Guarded]]) -> None:
    house, broker = guard(everything(block("An access list")))
    house.open()
    (key,) = house.send("alice", "all that the bridge needs is granted")
    house.wait_message(key, "delivered")
    house.modem.do("receive", from_=ALICE, text="secret")
    house.received(text="secret")
    house.ask("network/scan")
    house.heard.wait_for(lambda m: m.topic.startswith("homeassistant/device/"))
    assert not house.events("bridge/problem")

    clients = {
        user: Subscriber(broker.port, user, "#", login=(user, PASSWORD))
        for user in ("alarm", "display", "homeassistant")
    }
    try:
        mark = house.heard.mark()
        # Refused in silence, or with a reason that this client does not look at.
        for user in ("display", "alarm"):
            clients[user].publish(f"{house.base}/request/bridge/restart", "{}")
            clients[user].publish(f"{house.base}/state/modem", "{}", retain=True)
            clients[user].publish("homeassistant/device/evil/config", "{}", retain=True)
        clients["display"].publish(f"{house.base}/request/sms/send/alice", "no")
        clients["alarm"].publish(f"{house.base}/request/sms/send/alice", "yes")
        house.wait_event("sms/status", mark, state="delivered")
        clients["alarm"].heard.wait_for(lambda m: m.topic.endswith("response/sms/send"))
        house.modem.do("receive", from_=ALICE, text="for few")
        clients["homeassistant"].heard.wait_for(lambda m: b"for few" in m.payload)
        house.ask("signal/read")
        assert [m["text"] for m in house.sent()][1:] == ["yes"]
        assert not house.events("bridge/problem", mark)
        heard = {user: {m.topic for m in client.heard.since()} for user, client in clients.items()}
        assert {t.removeprefix(f"{house.base}/") for t in heard["display"]} == {
            "availability",
            "state/signal",
            "state/network",
        }
        assert {t.removeprefix(f"{house.base}/") for t in heard["alarm"]} == {
            "response/sms/send",
            "event/sms/status",
        }
        assert not any(b"secret" in m.payload for m in clients["display"].heard.since())
    finally:
        for client in clients.values():
            client.close()


@pytest.mark.slow
def test_refused_topics_are_told_once_and_mended(
    guard: Callable[[str], tuple[House, Guarded]],
) -> None:
    acl = everything(block("An access list"))
    lines = ("topic write n11bridge/n11/state/#\n", "topic write n11bridge/n11/event/#\n")
    narrow = acl.replace(lines[0], "topic write n11bridge/n11/state/health\n").replace(
        lines[1], "topic write n11bridge/n11/event/bridge/#\n"
    )
    assert narrow != acl
    house, broker = guard(narrow)
    house.simulator.start()
    house.start(None)
    problem = house.wait_event("bridge/problem", code="publish_refused")
    assert "refuses what we publish to n11bridge/n11/" in problem["message"]
    (key,) = house.send("alice", "told of later")
    house.wait(sent=1)
    mark = house.heard.mark()
    broker.permit(acl)
    # By itself, and without a new connection.
    house.wait_message(key, "delivered")
    house.wait_state("modem", mark, status="ready")
    assert house.states(key) == ["queued", "sending", "sent", "delivered"]
    told = [line for line in house.daemon.output.since() if "refuses" in line]
    assert len(told) == len({line.split(" ", 1)[1] for line in told}), told
    assert not [line for line in house.daemon.output.since() if "Traceback" in line]


@pytest.mark.slow
def test_a_wrong_password_is_told_once_and_mended(
    guard: Callable[[str], tuple[House, Guarded]],
) -> None:
    house, _ = guard(everything(block("An access list")))
    house.configure(mqtt={"username": "display"})  # who may not publish our last will, either
    house.configure(mqtt={"password": "a wrong one"})
    house.simulator.start()
    house.daemon.start()
    refused = house.daemon.output.wait_for(lambda line: "The broker refuses us" in line)
    assert "a wrong one" not in refused
    assert "mqtt.password" in refused
    house.daemon.output.wait_for(lambda line: "modem: ready" in line)
    house.daemon.stop()
    lines = [line for line in house.daemon.output.since() if "The broker refuses us" in line]
    assert len(lines) == 1

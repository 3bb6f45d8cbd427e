"""The add-on's image in a container: options in, texts through, crashes, stops and upgrades."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.guarded import PASSWORD, Guarded
from tests.e2e.house import House

from .apparmor import SYSCALLS, Profile, uses
from .container import Container
from .image import PROJECT, Image, build, build_addon, reason_to_skip
from .supervisor import Supervisor

pytestmark = [pytest.mark.package, pytest.mark.timeout(600)]

ALICE = "+491701234567"
PIN = "4711"
OPTIONS = {
    "device": "/dev/ttyUSB0",
    "pin": PIN,
    "contacts": [{"name": "alice", "number": "+49 170 1234567"}],
    "trusted": ["alice"],
    "install_component": True,
}


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image, built from the folder that build-addon makes."""
    if (reason := reason_to_skip()) is not None:
        pytest.skip(reason)
    return build(build_addon(tmp_path_factory.mktemp("image")))


class Home:
    """A Home Assistant OS as far as the add-on sees it: Supervisor, broker, modem, folders."""

    def __init__(self, folder: Path, image: Image) -> None:
        self._image, self._folder, self._addons = image, folder, list[Container]()
        self.data, self.own, self.config = (folder / name for name in ("data", "own", "config"))
        for each in (self.data, self.own, self.config):
            each.mkdir()
        (self.config / "configuration.yaml").write_text("default_config:\n")
        self.supervisor = Supervisor()
        self.broker = Guarded(folder, ["addons", "tester"], "pattern readwrite #\n")
        self.broker.start()
        self.supervisor.broker = {
            "host": "127.0.0.1",
            "port": self.broker.port,
            "ssl": False,
            "username": "addons",
            "password": PASSWORD,
            "addon": "core_mosquitto",
        }
        self.house = House(
            folder,
            self.broker,
            *("--pin", PIN),
            login=("tester", PASSWORD),
            names=("n11bridge", "homeassistant"),
        )
        self.house.simulator.start()
        self.choose()

    def choose(self, **options: Any) -> None:
        """Save these options in the add-on's configuration."""
        (self.data / "options.json").write_text(json.dumps(OPTIONS | options))

    def addon(self) -> Container:
        """The add-on freshly installed, or upgraded: another container, the same folders."""
        mounts = {
            "/data": self.data,
            "/config": self.own,
            "/homeassistant": self.config,
            "/dev/ttyUSB0": self.house.simulator.link.resolve(),
        }
        environment = {
            "TZ": "Europe/Berlin",
            "SUPERVISOR_TOKEN": self.supervisor.token,
            "SUPERVISOR_API": self.supervisor.url,
        }
        folder = self._folder / f"container{len(self._addons)}"
        self._addons.append(Container(folder, self._image, mounts, environment))
        return self._addons[-1]

    def start(self) -> Container:
        """Start the add-on; return once the modem is ready."""
        addon = self.house.daemon = self.addon()  # type: ignore[assignment]
        self.house.start()
        return addon

    def close(self) -> None:
        """End everything."""
        self.house.close()
        self.broker.clean_up()
        self.supervisor.close()
        for addon in self._addons:
            addon.clean_up()


@pytest.fixture
def home(tmp_path: Path, image: Image) -> Iterator[Home]:
    home = Home(tmp_path, image)
    yield home
    home.close()


def test_texts_go_both_ways_and_it_ends_in_good_order(home: Home) -> None:
    addon, house = home.start(), home.house
    (key,) = house.send("alice", "Water in the cellar")
    house.wait_message(key, "sent")
    assert [m["text"] for m in house.sent(ALICE)] == ["Water in the cellar"]
    house.modem.do("receive", from_=ALICE, text="Thank you")
    assert house.received(from_=ALICE)["trusted"] is True
    mark = house.heard.mark()
    assert addon.stop() == 0
    topic = f"{house.base}/availability"
    house.heard.wait_for(lambda m: m.topic == topic and m.payload == b"offline", after=mark)


def test_nobody_reads_secrets(home: Home) -> None:
    addon = home.start()
    for line in addon.output.since():
        assert PASSWORD not in line
        assert PIN not in line
        assert home.supervisor.token not in line
    assert addon.inside("cat /proc/[0-9]*/cmdline | tr '\\0' ' '").count("n11bridge run") == 1
    assert PASSWORD not in addon.inside("cat /proc/[0-9]*/cmdline")
    assert addon.inside("stat -c %a /run/n11bridge.yaml /data/n11.db").split() == ["600", "600"]
    pid = addon.inside("s6-svstat -o pid /run/service/n11bridge").strip()
    variables = addon.inside(f"cat /proc/{pid}/environ")
    assert home.supervisor.token not in variables
    assert "WATCHDOG_USEC" in variables
    kept = {path.name for path in home.data.iterdir()}
    assert kept == {"options.json", "n11.db", "n11.db-wal"}


def test_a_crash_starts_it_again(home: Home) -> None:
    addon, house = home.start(), home.house
    mark = house.heard.mark()
    addon.inside("s6-svc -k /run/service/n11bridge")
    house.online(mark)
    assert any("ended with code 137" in line for line in addon.output.since())
    (key,) = house.send("alice", "Still here")
    house.wait_message(key, "sent")
    assert addon.stop() == 0


def test_an_upgrade_keeps_what_was_there(home: Home) -> None:
    old, house = home.start(), home.house
    house.modem.do("receive", from_=ALICE, text="before")
    house.received(from_=ALICE, text="before")
    house.lose_network()
    (key,) = house.send("alice", "Sent by the next version")
    assert old.stop() == 0
    house.modem.do("network", stat=1)
    new = home.start()
    house.wait_message(key, "sent")
    kept = house.ask("sms/inbox")["data"]["messages"]
    assert [each["text"] for each in kept] == ["before"]
    assert new.stop() == 0


def test_a_broker_is_waited_for(home: Home) -> None:
    known, home.supervisor.broker = home.supervisor.broker, None
    addon = home.house.daemon = home.addon()  # type: ignore[assignment]
    addon.start()
    addon.output.wait_for(lambda line: "There is no broker yet" in line)
    home.supervisor.broker = known
    home.house.wait_status("ready")
    assert addon.stop() == 0


def test_it_can_be_stopped_while_it_waits(home: Home) -> None:
    home.supervisor.broker = None
    addon = home.addon()
    addon.start()
    addon.output.wait_for(lambda line: "There is no broker yet" in line)
    assert addon.stop() == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"device": None}, "Choose the modem's device"),
        ({"contacts": [{"name": "alice", "number": "1"}]}, "contacts"),
    ],
)
def test_what_cannot_work_ends_it(home: Home, options: dict[str, Any], said: str) -> None:
    home.choose(**options)
    addon = home.addon()
    addon.start()
    assert addon.wait() == 2
    lines = addon.output.since()
    assert any(said in line for line in lines), lines
    assert any("correct it, and start the add-on again" in line for line in lines)


def test_a_file_of_ones_own(home: Home) -> None:
    settings = {
        "modem": {"port": "/dev/ttyUSB0", "pin": PIN},
        "mqtt": {
            "host": "${MQTT_HOST}",
            "port": home.broker.port,
            "username": "${MQTT_USERNAME}",
            "password": "${MQTT_PASSWORD}",
        },
        "contacts": {"bob": "+491707654321"},
    }
    (home.own / "n11bridge.yaml").write_text(json.dumps(settings))
    home.choose(device=None, install_component=False)
    addon = home.start()
    assert any("n11bridge.yaml of the add-on's folder" in line for line in addon.output.since())
    (key,) = home.house.send("bob", "hello")
    home.house.wait_message(key, "sent")
    assert (home.data / "n11.db").exists()
    assert not (home.config / "custom_components").exists()


def test_the_component_is_put_in_place(home: Home) -> None:
    addon = home.start()
    placed = home.config / "custom_components" / "n11bridge" / "manifest.json"
    assert json.loads(placed.read_text())["domain"] == "n11bridge"
    assert placed.stat().st_mode & 0o777 == 0o644
    assert any("Restart Home Assistant" in line for line in addon.output.since())
    assert addon.stop() == 0
    again = home.start()
    assert not any("Restart Home Assistant" in line for line in again.output.since())


def test_its_profile_lets_it_do_all_that_it_does(home: Home) -> None:
    """This kernel has no AppArmor: the rules are compared with what the daemon was seen to do."""
    profile = Profile(PROJECT / "homeassistant/addon/apparmor.txt", "daemon")
    addon = home.addon()
    tracer = addon.root / "usr/local/sbin/n11bridge"
    strace = f"strace -D -f -qq -y -e trace={SYSCALLS} -o /data/trace.$$"
    tracer.write_text(f'#!/bin/sh\nexec {strace} /usr/local/bin/n11bridge "$@"\n')
    tracer.chmod(0o755)
    house = home.house
    house.daemon = addon  # type: ignore[assignment]
    house.start()
    (key,) = house.send("alice", "Water in the cellar")
    house.wait_message(key, "sent")
    house.modem.do("receive", from_=ALICE, text="Thank you")
    house.received(from_=ALICE)
    mark = house.heard.mark()
    house.ask("bridge/restart")
    house.online(mark)
    assert addon.stop() == 0
    done = {use for trace in home.data.glob("trace.*") for use in uses(trace.read_text())}
    # The daemon's own file is reached from outside; who does, changes into the profile.
    done.discard(("/usr/local/bin/n11bridge", "x"))
    denied = {(path, letters) for path, wanted in done if (letters := profile.denied(path, wanted))}
    assert not denied
    component = "/homeassistant/custom_components/n11bridge"
    assert not {"/dev/ttyUSB0", "/data/n11.db", component} - {path for path, _ in done}
    assert profile.denied("/homeassistant/secrets.yaml", "r") == "r"
    assert profile.denied("/usr/bin/sh", "x") == "x"

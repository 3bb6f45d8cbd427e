"""The doctor: with a bridge that runs, with none, and with each thing that can be wrong."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from .command_line import n11bridge
from .conftest import NewHouse
from .house import House
from .processes import Mosquitto

pytestmark = pytest.mark.slow


def findings(house: House) -> dict[str, Mapping[str, Any]]:
    done = n11bridge(house.config, "doctor", "--json")
    assert not done.stderr
    found = {each["subject"]: each for each in json.loads(done.stdout)}
    assert done.returncode == int(any(each["verdict"] == "bad" for each in found.values()))
    return found


def bad(found: dict[str, Mapping[str, Any]]) -> set[str]:
    assert all(each["cure"] for each in found.values() if each["verdict"] == "bad")
    return {name for name, each in found.items() if each["verdict"] == "bad"}


def test_all_is_well(new_house: NewHouse) -> None:
    house = new_house().open()
    house.wait_state("network", operator="CHINA MOBILE")
    found = findings(house)
    assert bad(found) == set()
    subjects = ("port", "broker", "bridge", "modem", "rate", "SIM", "signal", "network")
    for subject in (*subjects, "SMS centre", "SMS storage", "Home Assistant", "disk", "store"):
        assert found[subject]["verdict"] == "good", found[subject]
    assert found["port's users"]["said"] == "the bridge alone"
    shown = n11bridge(house.config, "doctor").stdout
    assert "good     network                 CHINA MOBILE (home)" in shown
    assert " 0 bad" in shown.splitlines()[-1]


def test_no_bridge_runs(new_house: NewHouse) -> None:
    house = new_house()
    house.simulator.start()
    found = findings(house)
    assert bad(found) == set()
    assert found["bridge"]["verdict"] == "unknown"
    for subject in ("modem", "SIM", "signal", "network", "SMS centre", "SMS storage"):
        assert found[subject]["verdict"] == "good", found[subject]


def test_no_port_and_no_broker(new_house: NewHouse) -> None:
    found = findings(new_house(broker_port=1))
    assert bad(found) == {"port", "broker", "modem"}
    assert "n11bridge probe" in found["port"]["cure"]


def test_a_wrong_pin(new_house: NewHouse) -> None:
    house = new_house("--pin", "4321", modem={"pin": "1111"}).open(status="pin_required")
    house.wait_event("bridge/problem", code="pin_refused")
    found = findings(house)
    assert "SIM" in bad(found)
    assert "does not accept modem.pin" in found["SIM"]["said"]
    assert "1111" not in json.dumps(list(found.values()))
    house.daemon.stop()
    # Without the bridge its record tells.
    found = findings(house)
    assert bad(found) == {"SIM"}
    assert "does not accept modem.pin" in found["SIM"]["said"]


def test_neither_signal_nor_network(new_house: NewHouse) -> None:
    house = new_house().open()
    house.modem.do("network", rssi=99)
    house.ask("signal/read")
    house.lose_network()
    assert bad(findings(house)) == {"signal", "network"}


def test_an_access_list_that_forbids(tmp_path: Path, new_house: NewHouse) -> None:
    broker = Mosquitto(tmp_path)
    acl = tmp_path / "acl"
    acl.write_text("topic read #\ntopic write +/+/state/#\n")
    with (tmp_path / "mosquitto.conf").open("a") as conf:
        conf.write(f"\nacl_file {acl}\n")
    broker.start()
    try:
        house = new_house(at=broker)
        house.simulator.start()
        assert bad(findings(house)) == {"access list, publishing"}
        house.close()
    finally:
        broker.clean_up()


def test_a_wrong_configuration(new_house: NewHouse) -> None:
    house = new_house()
    house.config.write_text("modem: {}\n")
    done = n11bridge(house.config, "doctor")
    assert done.returncode == 2
    assert "modem.port: is missing" in done.stdout

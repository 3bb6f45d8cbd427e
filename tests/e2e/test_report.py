"""The bundle for a bug report: what is needed is in it, what is private is not."""

import json
import zipfile
from pathlib import Path

import pytest

from .command_line import n11bridge
from .conftest import NewHouse

pytestmark = pytest.mark.slow

ALICE = "+491701234567"


def test_nothing_private_is_in_it(tmp_path: Path, new_house: NewHouse) -> None:
    house = new_house(
        "--pin", "4711", modem={"pin": "4711"}, contacts={"alice": ALICE}, sms={"trusted": [ALICE]}
    ).open()
    house.modem.do("receive", from_=ALICE, text="the key is under the mat")
    house.received(text="the key is under the mat")
    house.wait_state("network", operator="CHINA MOBILE")
    file = tmp_path / "report.zip"
    done = n11bridge(house.config, "report", "-o", str(file))
    assert done.returncode == 0, done.stderr
    assert str(file) in done.stdout
    with zipfile.ZipFile(file) as bundle:
        parts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    whole = "\n".join(parts.values())
    identity = house.state("modem")["imei"], house.state("sim")["iccid"], house.state("sim")["imsi"]
    cell = house.state("network")["cell"]
    for secret in (ALICE, ALICE[1:], "alice", "4711", "under the mat", "CHINA", cell, *identity):
        assert secret not in whole, secret
    assert "n11bridge 0." in parts["versions.txt"]
    findings = json.loads(parts["doctor.json"])
    assert {"subject": "SIM", "verdict": "good", "said": "it is ready", "cure": ""} in findings
    assert str(house.simulator.link) in parts["configuration.yaml"]
    assert "115200 baud" in parts["doctor.json"]
    assert json.loads(parts["states.json"])["state/signal"]["rssi_dbm"] < 0
    again = n11bridge(house.config, "report", "-o", str(file))
    assert again.returncode == 1
    assert "File exists" in again.stderr


def test_without_anything_it_still_says_what_it_can(tmp_path: Path) -> None:
    file = tmp_path / "report.zip"
    done = n11bridge(tmp_path / "missing.yaml", "report", "-o", str(file))
    assert done.returncode == 0
    with zipfile.ZipFile(file) as bundle:
        assert "missing.yaml" in bundle.read("states.json").decode()

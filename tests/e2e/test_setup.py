"""The wizard, answered as a person would, and what it leaves."""

import os
from pathlib import Path

import pytest

from n11bridge.config import load

from .command_line import n11bridge
from .conftest import NewHouse
from .processes import Mosquitto, Simulator

pytestmark = pytest.mark.slow


def test_questions_are_answered(tmp_path: Path, broker: Mosquitto) -> None:
    modem = Simulator(tmp_path, "--pin", "1234")
    modem.start()
    file = tmp_path / "n11bridge.yaml"
    # The first broker does not answer, and is asked for again; so is what is no number.
    here = f"localhost:{broker.port}"
    answers = f"1234\n127.0.0.2:{broker.port}\n\n{here}\n\nnobody\n+491701234567\nalice\n"
    options = ["--port", str(modem.link)]
    try:
        done = n11bridge(file, "setup", *options, text=answers)
    finally:
        modem.clean_up()
    assert done.returncode == 0, done.stderr
    assert "at 115200 baud" in done.stdout
    assert "127.0.0.2" in done.stdout
    assert "the broker localhost lets us in" in done.stdout
    assert "nobody is no telephone number" in done.stdout
    assert f"n11bridge run -c {file}" in done.stdout
    assert f"n11bridge sms send -c {file} alice" in done.stdout
    config = load(file)
    assert config.modem.port == str(modem.link)
    assert config.modem.pin == "1234"
    assert (config.mqtt.host, config.mqtt.port) == ("localhost", broker.port)
    assert config.mqtt.username is None
    assert config.store == tmp_path / "n11.db"
    assert dict(config.contacts) == {"alice": "+491701234567"}
    assert file.stat().st_mode & 0o077 == 0
    assert not list(tmp_path.glob("tmp*"))


def test_the_configuration_before_is_kept(new_house: NewHouse) -> None:
    house = new_house()
    house.simulator.start()
    before = house.config.read_text()
    os.chmod(house.config, 0o640)
    options = ["--host", "localhost", "--username", "", "--contact", ""]
    done = n11bridge(house.config, "setup", "--port", str(house.simulator.link), *options)
    assert done.returncode == 0, done.stderr
    assert house.config.with_suffix(".old.yaml").read_text() == before
    assert house.config.stat().st_mode & 0o777 == 0o640
    # What was not asked for stays, and the owner's own file is never written over.
    assert load(house.config).sms.limits.minute == 1000
    n11bridge(house.config, "setup", "--port", str(house.simulator.link), *options)
    assert house.config.with_suffix(".old.yaml").read_text() == before
    assert house.config.with_suffix(".old1.yaml").exists()


def test_no_modem(tmp_path: Path) -> None:
    file = tmp_path / "n11bridge.yaml"
    done = n11bridge(file, "setup", "--port", "/dev/no-such-port")
    assert done.returncode == 1
    assert "/dev/no-such-port does not exist" in done.stderr
    assert not file.exists()


def test_no_folder(tmp_path: Path) -> None:
    done = n11bridge(tmp_path / "none" / "n11bridge.yaml", "setup", "--port", "/dev/no-such-port")
    assert done.returncode == 1
    assert f"there is no folder {tmp_path / 'none'}" in done.stderr


def test_what_cannot_be_a_configuration_is_not_written(new_house: NewHouse) -> None:
    house = new_house()
    house.simulator.start()
    before = house.config.read_text()
    options = ["--host", "http://x", "--username", "", "--contact", "alice=12x"]
    done = n11bridge(house.config, "setup", "--port", str(house.simulator.link), *options)
    assert done.returncode == 1
    assert "mqtt.host: is no host" in done.stderr
    assert "contacts.alice: is no telephone number" in done.stderr
    assert house.config.read_text() == before


def test_answers_end(tmp_path: Path, new_house: NewHouse) -> None:
    house = new_house()
    house.simulator.start()
    file = tmp_path / "new.yaml"
    done = n11bridge(file, "setup", "--port", str(house.simulator.link), text="")
    assert done.returncode == 1
    assert "no more answers" in done.stderr
    assert not file.exists()

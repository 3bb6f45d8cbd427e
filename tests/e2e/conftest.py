"""Mosquitto, simulator and daemon as processes; nothing in between is replaced."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from .house import House
from .processes import Mosquitto
from .servers import Nginx

NewHouse = Callable[..., House]


def _broker(folder: Path) -> Iterator[Mosquitto]:
    if shutil.which("mosquitto") is None:
        pytest.skip("mosquitto is not installed")
    broker = Mosquitto(folder)
    broker.start()
    yield broker
    broker.clean_up()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """One broker for all who do not stop it."""
    yield from _broker(tmp_path_factory.mktemp("broker"))


@pytest.fixture(scope="module")
def broker_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """One for a module where nobody else is to be discovered."""
    yield from _broker(tmp_path_factory.mktemp("broker"))


def _houses(folder: Path, broker: Mosquitto) -> Iterator[NewHouse]:
    built: list[House] = []
    numbers = itertools.count()

    def build(*options: str, at: Mosquitto = broker, **settings: Any) -> House:
        place = folder / f"house{next(numbers)}"
        place.mkdir()
        built.append(House(place, at, *options, **settings))
        return built[-1]

    yield build
    for house in built:
        house.close()
    for house in built:
        house.check_payloads()


@pytest.fixture
def new_house(tmp_path: Path, broker: Mosquitto) -> Iterator[NewHouse]:
    """Builds houses for one test: options of the simulator, sections of the configuration."""
    yield from _houses(tmp_path, broker)


@pytest.fixture(scope="module")
def new_shared_house(
    tmp_path_factory: pytest.TempPathFactory, broker: Mosquitto
) -> Iterator[NewHouse]:
    """The same for a whole module whose tests leave the modem as they found it."""
    yield from _houses(tmp_path_factory.mktemp("shared"), broker)


@pytest.fixture
def house(shared_house: House) -> Iterator[House]:
    """The module's house; what it logged during this test is shown if the test fails."""
    programs = {"daemon": shared_house.daemon, "simulator": shared_house.simulator}
    marks = {name: program.output.mark() for name, program in programs.items()}
    yield shared_house
    for name, program in programs.items():
        print(f"--- {name}", *program.output.since(marks[name]), sep="\n")


@pytest.fixture
def new_broker(tmp_path: Path) -> Iterator[Callable[[], Mosquitto]]:
    """Builds brokers that a test may stop; they keep what they have."""
    if shutil.which("mosquitto") is None:
        pytest.skip("mosquitto is not installed")
    built: list[Mosquitto] = []

    def build() -> Mosquitto:
        folder = tmp_path / f"broker{len(built)}"
        folder.mkdir()
        built.append(Mosquitto(folder, persistent=True))
        built[-1].start()
        return built[-1]

    yield build
    for broker in built:
        broker.clean_up()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who signs for the servers of a module."""
    return trustme.CA()


@pytest.fixture(scope="module")
def nginx(
    tmp_path_factory: pytest.TempPathFactory, root: Path, authority: trustme.CA
) -> Iterator[Nginx]:
    """A web server, plain and with TLS, for the files of the module's own fixture ``root``."""
    server = Nginx(tmp_path_factory.mktemp("nginx"), root, authority)
    server.start()
    yield server
    server.clean_up()

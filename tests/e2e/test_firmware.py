"""Upgrades of the modem's firmware, through the network and over the serial line."""

import base64
from collections.abc import Sequence

import pytest

from .conftest import NewHouse
from .house import House
from .subscriber import Message
from .test_services import bad, good

pytestmark = pytest.mark.slow

SERVER = "115.29.178.98/"
OLD = "N11_1167_SQS63002_V003"


@pytest.fixture(scope="module", params=["default", "contrary"])
def shared_house(request: pytest.FixtureRequest, new_shared_house: NewHouse) -> House:
    dangerous = ["firmware/upgrade", "firmware/upgrade_from_file"]
    return new_shared_house(
        "--style", request.param, "--upgrade-delay", "0.2", allow_dangerous=dangerous
    ).open()


def package(version: str, size: int = 20_000) -> str:
    return base64.b64encode(f"NEOWAY\n{version}\n".encode().ljust(size, b"\0")).decode()


def accepted(house: House, name: str, **parameters: object) -> str | None:
    """The version before an upgrade that has begun."""
    response = house.ask(name, **parameters)
    assert response["status"] == "accepted", response
    version: str | None = response["data"]["version"]
    return version


def stages(house: House, after: int) -> list[str]:
    return [event["stage"] for event in house.events("firmware/progress", after)]


def wait_restarted(house: House, after: int) -> None:
    """Return once the modem is ready again after a restart."""
    topic = f"{house.base}/state/modem"

    def restarted(heard: Sequence[Message]) -> bool:
        statuses = [m.json["status"] for m in heard[after:] if m.topic == topic]
        return "starting" in statuses and statuses[-1] == "ready"

    house.heard.wait_until(restarted)


def running(house: House) -> str | None:
    version: str | None = house.state("firmware")["version"]
    return version


def test_nothing_new(house: House):
    mark = house.heard.mark()
    before = accepted(house, "firmware/upgrade", server=SERVER)
    house.wait_event("firmware/progress", mark, stage="nothing_new")
    house.wait_state("firmware", mark, version=before, latest=before, upgrade=None)


def test_an_upgrade_through_the_network(house: House):
    house.modem.do("fota", version="N11_V004")
    mark = house.heard.mark()
    before = accepted(house, "firmware/upgrade", server=SERVER, port=80)
    assert before != "N11_V004"
    house.wait_event("firmware/progress", mark, stage="upgrading")
    # It must not be disturbed now.
    assert "upgraded" in bad(house, "modem/restart", "unavailable")["message"]
    bad(house, "firmware/upgrade", "unavailable", server=SERVER)
    house.wait_event("firmware/progress", mark, stage="upgraded")
    house.wait_state("firmware", mark, version="N11_V004", latest="N11_V004", upgrade=None)
    assert stages(house, mark) == ["started", "downloaded", "upgrading", "upgraded"]
    wait_restarted(house, mark)


@pytest.mark.parametrize(("failure", "stage"), [(2, "download_failed"), (5, "failed")])
def test_upgrades_that_fail(house: House, failure: int, stage: str):
    house.modem.do("fota", version="N11_V005", failure=failure)
    mark = house.heard.mark()
    before = accepted(house, "firmware/upgrade", server=SERVER)
    house.wait_event("firmware/progress", mark, stage=stage)
    house.wait_state("firmware", mark, version=before, upgrade=None)
    house.modem.do("fota")


def test_a_server_that_nobody_knows(house: House):
    error = bad(house, "firmware/upgrade", "modem_error", server="nowhere.example/x")
    assert "URL ERROR" in error["modem"]
    assert house.state("firmware")["upgrade"] is None


def test_a_package_over_the_serial_line(house: House):
    mark = house.heard.mark()
    accepted(house, "firmware/upgrade_from_file", data=package("N11_V006"))
    bad(house, "signal/read", "unavailable")
    house.wait_event("firmware/progress", mark, stage="uploading", percent=50)
    house.wait_event("firmware/progress", mark, stage="upgraded", version="N11_V006")
    wait_restarted(house, mark)
    assert running(house) == "N11_V006"
    assert good(house, "signal/read")


def test_a_package_that_the_modem_does_not_like(house: House):
    mark = house.heard.mark()
    accepted(house, "firmware/upgrade_from_file", hex="00" * 3000)
    house.wait_event("firmware/progress", mark, stage="failed")
    wait_restarted(house, mark)
    assert house.state("firmware")["upgrade"] is None


@pytest.mark.parametrize(
    ("name", "parameters", "word"),
    [
        ("firmware/upgrade", {}, "server"),
        ("firmware/upgrade", {"server": "a b"}, "server"),
        ("firmware/upgrade", {"server": "a", "port": 0}, "port"),
        ("firmware/upgrade_from_file", {}, "exactly one"),
        ("firmware/upgrade_from_file", {"text": "x"}, "text"),
        ("firmware/upgrade_from_file", {"hex": ""}, "bytes"),
    ],
)
def test_bad_requests(house: House, name: str, parameters: dict[str, object], word: str):
    assert word in bad(house, name, "invalid_request", **parameters)["message"]


def test_upgrades_are_dangerous(new_house: NewHouse):
    house = new_house().open()
    for name in ("firmware/upgrade", "firmware/upgrade_from_file"):
        assert "allow_dangerous" in bad(house, name, "forbidden")["message"]
    assert running(house) == OLD

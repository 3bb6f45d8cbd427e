"""Somebody sets the system's clock while messages wait: by faketime, which only the daemon sees."""

import itertools
from pathlib import Path

import pytest

from .conftest import NewHouse
from .house import House

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not LIBRARIES, reason="needs faketime"),
]

ALICE = "+491701234567"
_DAY = 86400


class Wrong:
    """The clock that a house's daemon sees; set before it starts."""

    def __init__(self, house: House, folder: Path) -> None:
        self._file = folder / "clock"
        self._file.write_text("+0")
        variables = {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
        }
        set_ = [f"{name}={value}" for name, value in variables.items()]
        house.daemon.command = ["env", *set_, *house.daemon.command]
        self._house = house

    def set(self, seconds: int) -> None:
        """Set it, and return once the daemon has taken it over."""
        mark = self._house.daemon.output.mark()
        self._file.write_text(f"{seconds:+d}")
        self._house.daemon.output.wait_for(lambda line: "the clock was set by" in line, after=mark)


def test_a_clock_that_jumps_neither_expires_messages_nor_evades_the_caps(
    new_house: NewHouse, tmp_path: Path
):
    house = new_house(sms={"limits": {"minute": 1000, "hour": 3, "day": 1000}})
    clock = Wrong(house, tmp_path)
    house.open()
    house.lose_network()
    keys = [house.send(ALICE, f"number {number}", ttl=3600)[0] for number in range(3)]
    for seconds in (365 * _DAY, 0, -30 * _DAY):
        clock.set(seconds)
        refusal = house.ask("sms/send", to=ALICE, text="one too many")
        assert refusal["error"]["code"] == "rate_limited"
        for key in keys:
            assert house.ask("sms/status", message=key)["data"]["state"] == "queued"
    house.modem.do("network", stat=1)
    for key in keys:
        house.wait_message(key, "delivered")
    assert len(house.sent()) == len(keys)
    assert house.ask("sms/send", to=ALICE, text="x")["error"]["code"] == "rate_limited"
    for earlier, later in itertools.pairwise(house.states(keys[0])):
        assert earlier != later

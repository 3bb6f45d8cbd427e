"""Home Assistant is upgraded in place, from the oldest version that the component supports.

`HOME_ASSISTANT_BEFORE` names the interpreter of the older version, `HOME_ASSISTANT_PYTHON` that of
the newer one.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from .conftest import NewHouse
from .home_assistant import MARKS, PYTHON, HomeAssistant
from .processes import Mosquitto

BEFORE = os.environ.get("HOME_ASSISTANT_BEFORE", "")

pytestmark = [
    *MARKS,
    pytest.mark.skipif(not BEFORE, reason="HOME_ASSISTANT_BEFORE names no interpreter"),
]

ALICE = "+491701234567"
ENTITY = "event.n11_text_or_replay"

#: What it says of things that it will take away.
_GOING = re.compile(r"deprecated|stop working|Detected that")


def pages(folder: Path) -> dict[str, set[str]]:
    """The integrations whose entities stand on each device's page, by its id."""
    stored = {
        name: json.loads((folder / ".storage" / f"core.{name}_registry").read_text())["data"]
        for name in ("device", "entity")
    }
    entities: list[dict[str, Any]] = stored["entity"]["entities"]
    return {
        device["id"]: {each["platform"] for each in entities if each["device_id"] == device["id"]}
        for device in stored["device"]["devices"]
        if any(domain in ("mqtt", "n11bridge") for domain, _ in device["identifiers"])
    }


def test_all_stays_on_one_page_and_no_text_is_lost(
    broker: Mosquitto, new_house: NewHouse, tmp_path: Path
) -> None:
    assistant = HomeAssistant(BEFORE, tmp_path)
    try:
        assistant.install_component()
        assistant.start()
        assistant.use_broker(broker.port)
        house = new_house(contacts={"alice": ALICE}, mqtt={"discovery": "homeassistant"}).open()
        assistant.use_bridge(house.base)
        assistant.wait_state(ENTITY, "unknown")
        assistant.wait_for(lambda: "sensor.n11_signal_strength" in assistant.states())
        assistant.wait_for(assistant.places)
        before = assistant.states().keys()
        assistant.stop()
        assert [*pages(tmp_path).values()] == [{"mqtt", "n11bridge"}]

        mark = house.heard.mark()
        house.modem.do("receive", from_=ALICE, text="while it is upgraded")
        house.received(mark, text="while it is upgraded")
        assistant.command[0] = PYTHON
        assistant.start()
        assistant.wait_for(lambda: assistant.heard() == [("while it is upgraded", True)])
        house.modem.do("receive", from_=ALICE, text="water")
        assistant.wait_for(lambda: assistant.heard()[1:] == [("water", False)])
        assistant.wait_for(
            lambda: {each for each in before if "n11_" in each} <= assistant.states().keys()
        )
        assistant.stop()
        lines = assistant.output.since()
        assert [line for line in lines if "n11bridge" in line and _GOING.search(line)] == []
        # Where two integrations shared a device, each has got one of its own: ours left its own.
        assert [*pages(tmp_path).values()] == [{"mqtt", "n11bridge"}]
    finally:
        assistant.clean_up()

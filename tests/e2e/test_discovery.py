"""What Home Assistant is told, and what is taken back."""

import pytest

from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow

BOTH = {"alice": "+491701234567", "bob": "+491707654321"}


def topic(house: House) -> str:
    """Where the device is announced."""
    return f"{house.discovery}/device/n11bridge_355910044336974/config"


def components(house: House, after: int, key: str, wanted: dict | None) -> dict:
    """The components of an announcement in which ``key`` is this, or is not there at all."""

    def fits(message) -> bool:
        if message.topic != topic(house) or not message.payload:
            return False
        found = message.json["cmps"].get(key)
        return found is None if wanted is None else bool(found) and wanted.items() <= found.items()

    message = house.heard.wait_for(fits, after=after)
    assert message.retain
    found: dict = message.json["cmps"]
    return found


def test_it_is_announced_and_retained(new_house: NewHouse):
    house = new_house(contacts=BOTH, groups={"family": ["alice", "bob"]}).open()
    found = components(house, 0, "sms_notify_alice", {"p": "notify"})
    announced = house.heard.wait_for(lambda m: m.topic == topic(house)).json
    assert announced["dev"]["serial_number"] == "355910044336974"
    assert found["sms_notify_family"]["command_topic"] == f"{house.base}/request/sms/send"
    assert all({"p", "uniq_id"} <= component.keys() for component in found.values())
    assert len({component["uniq_id"] for component in found.values()}) == len(found)
    states = {m.topic for m in house.heard.since() if "/state/" in m.topic}
    named = {c["state_topic"] for c in found.values() if "/state/" in c.get("state_topic", "")}
    assert named <= states


def test_a_contact_that_is_gone_is_taken_back(new_house: NewHouse):
    """A component goes by an announcement that says its platform alone; then without it."""
    house = new_house(contacts=BOTH).open()
    components(house, 0, "sms_notify_bob", {"p": "notify"})
    house.daemon.kill()
    mark = house.heard.mark()
    house.configure(contacts=None)
    house.configure(contacts={"alice": BOTH["alice"]})
    house.start()
    removal = components(house, mark, "sms_notify_alice", {"p": "notify"})
    assert removal["sms_notify_bob"] == {"p": "notify"}
    after = components(house, mark, "sms_notify_bob", None)
    assert "sms_notify_alice" in after


def test_a_place_is_announced_once_there_is_one(new_house: NewHouse):
    house = new_house().open()
    assert "location_position" not in components(house, 0, "location_locate", {"p": "button"})
    mark = house.heard.mark()
    house.ask("location/locate")
    components(house, mark, "location_position", {"p": "device_tracker"})
    mark = house.heard.mark()
    house.reopen()
    components(house, mark, "location_position", {"p": "device_tracker"})


def test_without_discovery_it_is_taken_back(new_house: NewHouse):
    house = new_house().open()
    components(house, 0, "sms_received", {"p": "event"})
    house.daemon.stop()
    mark = house.heard.mark()
    house.configure(mqtt={"discovery": False})
    house.start()
    gone = house.heard.wait_for(lambda m: m.topic == topic(house), after=mark)
    assert (gone.payload, gone.retain) == (b"", True)

"""Every request there is, asked over a real broker: each is answered once, wrong ones by name."""

from typing import Any

import pytest

from n11bridge.capabilities import CAPABILITIES

from .conftest import NewHouse
from .house import House
from .test_services import bad, good

pytestmark = pytest.mark.slow

VERBS = {f"{c.name}/{verb.name}": verb for c in CAPABILITIES for verb in c.verbs().values()}
ALLOWED = [f"modem/{verb}" for verb in ("baud_rate", "functionality", "factory_reset")]


@pytest.fixture(scope="module")
def shared_house(new_shared_house: NewHouse) -> House:
    pin = {"pin": "1234"}
    return new_shared_house("--pin", "1234", modem=pin, allow_dangerous=ALLOWED).open()


@pytest.mark.parametrize("name", sorted(VERBS))
def test_what_it_does_not_know_is_named(house: House, name: str):
    mark = house.heard.mark()
    code = "forbidden" if VERBS[name].dangerous and name not in ALLOWED else "invalid_request"
    error = bad(house, name, code, **{**VERBS[name].example, "no_such_key": 1})
    assert ("allow_dangerous" if code == "forbidden" else "no_such_key") in error["message"]
    good(house, "signal/read")  # so that a second answer would have come by now
    topic = f"{house.base}/response/{name}"
    again = 2 if name == "signal/read" else 1
    assert len([m for m in house.heard.since(mark) if m.topic == topic]) == again


@pytest.mark.parametrize(
    ("name", "parameters", "answer"),
    [
        ("modem/sleep", {"mode": "dtr_low"}, {"mode": "dtr_low"}),
        ("modem/sleep", {"mode": "off"}, {"mode": "off"}),
        ("modem/indicator", {"mode": 10, "off_ms": 900, "on_ms": 100}, {"mode": 10}),
        ("modem/save_settings", {}, {}),
        ("modem/activity", {}, {"activity": "ready"}),
        ("modem/baud_rate", {"rate": 57600}, {"rate": 57600, "baud": 57600}),
        ("modem/baud_rate", {"rate": 115200}, {"rate": 115200, "baud": 115200}),
        ("sim/lock", {"enabled": True, "pin": "1234"}, {"lock": True}),
        ("sim/change_pin", {"old": "1234", "new": "1234"}, {}),
    ],
)
def test_good_requests(house: House, name: str, parameters: dict[str, Any], answer: dict[str, Any]):
    assert good(house, name, **parameters) == answer


def test_the_network(house: House):
    networks = good(house, "network/scan")["networks"]
    assert [(each["plmn"], each["status"]) for each in networks] == [
        ("46000", "current"),
        ("46001", "forbidden"),
    ]
    assert good(house, "network/select", plmn="46000")["plmn"] == "46000"
    bad(house, "network/select", "unavailable", plmn="46001")
    assert good(house, "network/select", automatic=True)["registration"] == "home"
    assert good(house, "network/cells")["cells"][0]["mcc"] == "460"


@pytest.mark.parametrize(
    ("name", "parameters", "word"),
    [
        ("modem/sleep", {"mode": "deep"}, "mode"),
        ("modem/indicator", {"mode": 10}, "off_ms"),
        ("modem/baud_rate", {"rate": 300}, "rate"),
        ("modem/functionality", {"level": 4}, "level"),
        ("network/select", {}, "plmn"),
        ("network/select", {"plmn": "46"}, "plmn"),
        ("sim/enter_pin", {"pin": "12"}, "pin"),
        ("sim/unblock", {"puk": "1", "pin": "1234"}, "puk"),
    ],
)
def test_bad_requests(house: House, name: str, parameters: dict[str, Any], word: str):
    assert word in bad(house, name, "invalid_request", **parameters)["message"]


def test_the_data_link(house: House):
    mark = house.heard.mark()
    up = good(house, "gprs/connect")
    assert (up["attached"], up["connected"], up["sockets"]) == (True, True, [])
    assert up["address"] == house.wait_state("gprs", mark, connected=True)["address"] is not None
    mark = house.heard.mark()
    down = good(house, "gprs/disconnect")
    assert (down["attached"], down["connected"], down["address"]) == (True, False, None)
    assert house.wait_event("gprs/disconnected", mark)["address"] == up["address"]
    # Leaving the packet network takes the link with it.
    good(house, "gprs/connect")
    mark = house.heard.mark()
    left = good(house, "gprs/attach", on=False)
    assert (left["attached"], left["connected"]) == (False, False)
    house.wait_event("gprs/disconnected", mark)
    assert good(house, "gprs/attach")["attached"] is True
    assert good(house, "gprs/connect", on=False)["connected"] is False


def test_the_access_point_is_used_from_the_next_connection(house: House):
    assert good(house, "gprs/apn") == {"apn": None}
    login = {"username": "me", "password": "secret", "authentication": "chap"}
    assert good(house, "gprs/apn", apn="internet.example", **login) == {"apn": "internet.example"}
    assert good(house, "gprs/apn") == {"apn": "internet.example"}
    assert good(house, "gprs/connect")["connected"] is True
    assert good(house, "gprs/disconnect")["connected"] is False
    said = house.ledger()["recent"]
    assert 'AT+CGDCONT=1,"IP","internet.example"' in said
    assert 'AT+XGAUTH=1,2,"me","secret"' in said


def test_cell_broadcasts_are_chosen(house: House):
    for channels, received in (("0,50,320-478", True), ("", False)):
        chosen = {"received": received, "channels": channels}
        assert good(house, "sms/broadcasts", channels=channels) == chosen
        assert good(house, "sms/broadcasts") == chosen
    assert (
        "channels" in bad(house, "sms/broadcasts", "invalid_request", channels="fifty")["message"]
    )


def test_the_log_says_more_or_less(house: House):
    log = house.daemon.output
    mark = log.mark()
    assert good(house, "bridge/log_level", level="debug") == {"level": "debug"}
    good(house, "signal/read")
    log.wait_for(lambda line: "DEBUG" in line, after=mark)
    assert good(house, "bridge/log_level", level="info") == {"level": "info"}
    mark = log.mark()
    for _ in range(2):
        good(house, "gprs/connect")
        good(house, "gprs/disconnect")

    def ups() -> list[int]:
        return [n for n, line in enumerate(log.since(mark)) if "the data link is up" in line]

    log.wait_until(lambda _: len(ups()) == 2)
    # All that the modem said in between was left out.
    assert not [line for line in log.since(mark)[slice(*ups())] if "DEBUG" in line]


def test_a_pin_that_is_not_asked_for(house: House):
    bad(house, "sim/enter_pin", "unavailable", pin="1234")
    bad(house, "sim/unblock", "unavailable", puk="12345678", pin="1234")


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("modem/functionality", {"level": 1}),
        ("modem/factory_reset", {}),
        ("modem/restart", {}),
    ],
)
def test_the_modem_comes_back(house: House, name: str, parameters: dict[str, Any]):
    mark = house.heard.mark()
    good(house, name, **parameters)
    house.wait_status("starting", mark)
    house.heard.wait_until(lambda _: house.state("modem")["status"] == "ready")


def test_power_off(new_house: NewHouse):
    house = new_house(allow_dangerous=["modem/power_off"]).open()
    mark = house.heard.mark()
    assert good(house, "modem/power_off") == {}
    house.wait_status("starting", mark)
    house.modem.do("restart")
    house.wait_status("ready", mark)


def test_entities_of_all_of_them_are_announced(house: House):
    topic = f"{house.discovery}/device/n11bridge_355910044336974/config"
    found = [m.json["cmps"] for m in house.heard.since() if m.topic == topic and m.payload][-1]
    wanted = {
        "ussd_send": "text",
        "ussd_received": "event",
        "phonebook_used": "sensor",
        "jamming_jammed": "binary_sensor",
        "jamming_detection": "switch",
        "jamming_event": "event",
        "audio_stop": "button",
        "clock_drift": "sensor",
        "clock_network_time": "switch",
        "location_locate": "button",
        "firmware_firmware": "update",
    }
    assert {key: found[key]["p"] for key in wanted} == wanted

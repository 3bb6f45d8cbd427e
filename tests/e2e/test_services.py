"""What the modem can do besides messages, asked for over a real broker, well and badly."""

import base64
from typing import Any

import pytest

from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["default", "contrary"])
def shared_house(request: pytest.FixtureRequest, new_shared_house: NewHouse) -> House:
    return new_shared_house(
        "--style",
        request.param,
        balance={"code": "*101#", "pattern": "([0-9.]+) EUR", "low": 5},
        allow_dangerous=["at/send"],
    ).open()


def good(house: House, name: str, /, **parameters: Any) -> dict[str, Any]:
    """The data of a request that is answered ok."""
    response = house.ask(name, **parameters)
    assert response["status"] == "ok", response
    data: dict[str, Any] = response["data"]
    return data


def bad(house: House, name: str, code: str, /, **parameters: Any) -> dict[str, Any]:
    """The error of a request that is answered with this code."""
    response = house.ask(name, **parameters)
    assert response["status"] == "error", response
    error: dict[str, Any] = response["error"]
    assert error["code"] == code, error
    return error


# -- ussd


def test_ussd(house: House):
    house.modem.do("ussd", code="*100#", answer='1,"004D0065006E00FC",72')
    house.modem.do("ussd", code="7", answer='0,"Bye",15')
    mark = house.heard.mark()
    assert good(house, "ussd/send", code="*100#") == {"result": "reply_expected", "text": "Menü"}
    house.wait_state("ussd", mark, session=True)
    assert good(house, "ussd/send", code="7") == {"result": "done", "text": "Bye"}
    house.wait_event("ussd/received", mark, code="7", text="Bye")
    assert good(house, "ussd/cancel") == {}


def test_ussd_of_the_networks_own(house: House):
    mark = house.heard.mark()
    house.modem.do("ussd", answer='0,"You have mail",15')
    house.wait_event("ussd/received", mark, code=None, text="You have mail")


def test_bad_ussd(house: House):
    assert bad(house, "ussd/send", "modem_error", code="*99#")["modem"] == "+CUSD: 4"
    assert "code" in bad(house, "ussd/send", "invalid_request")["message"]
    house.modem.do("ussd", code="*98#", answer="")
    bad(house, "ussd/send", "unknown_outcome", code="*98#", timeout=1)


def test_the_balance(new_house: NewHouse):
    house = new_house(balance={"code": "*101#", "pattern": "([0-9.]+) EUR", "low": 5})
    house.simulator.start()
    house.modem.do("ussd", code="*101#", answer='0,"You have 4.20 EUR",15')
    house.start()
    house.wait_state("ussd", balance=4.2, low=True)
    house.wait_event("ussd/low", balance=4.2, low=5.0)


# -- phonebook


def test_phonebook(house: House):
    mark = house.heard.mark()
    alice = {"number": "+491701234567", "name": "Älice 你好"}
    first = good(house, "phonebook/write", **alice)["index"]
    good(house, "phonebook/write", index=7, number="112", name="SOS")
    assert good(house, "phonebook/list")["entries"] == [
        {"index": first, **alice, "hidden": False},
        {"index": 7, "number": "112", "name": "SOS", "hidden": False},
    ]
    house.wait_state("phonebook", mark, used=2, total=250)
    assert [e["index"] for e in good(house, "phonebook/find", name="Äl")["entries"]] == [first]
    assert good(house, "phonebook/delete", index=7) == {}
    assert good(house, "phonebook/find", name="SOS")["entries"] == []


def test_own_number(house: House):
    assert good(house, "phonebook/own_number")["numbers"] == []
    me = {"number": "+491709999999", "name": "Me"}
    good(house, "phonebook/write", storage="ON", **me)
    assert good(house, "phonebook/own_number")["numbers"] == [me]


def test_what_was_exported_can_be_imported(house: House):
    entries = [{"number": str(n), "name": f"No. {n}"} for n in (110, 112)]
    given = [{"storage": "ME", "entries": entries}]
    done = good(house, "phonebook/import", phonebook=given, replace=True)
    assert done == {"written": 2, "deleted": 0}
    exported = good(house, "phonebook/export", storages=["ME"])["phonebook"]
    assert [(e["index"], e["name"]) for e in exported[0]["entries"]] == [
        (1, "No. 110"),
        (2, "No. 112"),
    ]
    done = good(house, "phonebook/import", phonebook=exported, replace=True)
    assert done == {"written": 2, "deleted": 2}
    everything = good(house, "phonebook/export")["phonebook"]
    assert {"storage": "ME", "entries": exported[0]["entries"]} in everything


@pytest.mark.parametrize(
    ("parameters", "modem"),
    [
        ({"name": "far too long a name", "number": "1"}, "+CME ERROR: 24"),
        ({"name": "x", "number": "1" * 21}, "+CME ERROR: 26"),
        ({"name": "x", "number": "1", "index": 9999}, "+CME ERROR: 21"),
        ({"name": "x", "number": "1", "storage": "FD"}, "+CME ERROR: 17"),
    ],
)
def test_what_a_phonebook_does_not_take(house: House, parameters: dict[str, Any], modem: str):
    assert bad(house, "phonebook/write", "modem_error", **parameters)["modem"] == modem
    # The character set is what it was before.
    (line,) = good(house, "at/send", command="AT+CSCS?")["lines"]
    assert '"GSM"' in line


@pytest.mark.parametrize(
    ("name", "parameters", "word"),
    [
        ("phonebook/write", {"number": "x", "name": "y"}, "number"),
        ("phonebook/write", {"number": "1", "name": 'a"b'}, "name"),
        ("phonebook/list", {"storage": "XX"}, "storage"),
        ("phonebook/find", {}, "name"),
        ("phonebook/delete", {"index": 0}, "index"),
        ("phonebook/import", {"phonebook": [{"entries": [{"name": "x"}]}]}, "number"),
        ("phonebook/export", {"storages": []}, "storages"),
    ],
)
def test_bad_requests_to_the_phonebook(
    house: House, name: str, parameters: dict[str, Any], word: str
):
    assert word in bad(house, name, "invalid_request", **parameters)["message"]


# -- jamming


def test_jamming(house: House):
    off = {"jammed": None, "detection": False, "threshold": 75, "since": None}
    assert house.state("jamming") == off
    mark = house.heard.mark()
    assert good(house, "jamming/configure", detection=True) == {"detection": True, "threshold": 75}
    house.wait_state("jamming", mark, jammed=False)
    house.modem.do("jam", level=80)
    house.wait_event("jamming/detected", mark, threshold=75)
    assert house.wait_state("jamming", mark, jammed=True)["since"]
    house.wait_state("sms", mark, waits_for="jamming")
    (key,) = house.send("+491701234567", "through the noise")
    good(house, "signal/read")
    assert house.states(key) == ["queued"]
    house.modem.do("jam", level=0)
    # Its end may pass in silence; a network that is found again is heard.
    house.lose_network()
    house.modem.do("network", stat=1)
    house.wait_event("jamming/cleared", mark)
    house.wait_message(key, "delivered")
    assert good(house, "jamming/configure", detection=False)["detection"] is False


def test_bad_jamming(house: House):
    assert "threshold" in bad(house, "jamming/configure", "invalid_request")["message"]
    bad(house, "jamming/configure", "invalid_request", threshold=101)
    house.modem.do("fault", kind="error", command="+JAMMINGDETECT", line="ERROR")
    bad(house, "jamming/configure", "modem_error", threshold=10)
    assert house.state("jamming")["threshold"] == 75


# -- sim/slot, and the rare settings of network


@pytest.mark.parametrize(
    ("name", "first", "change", "second"),
    [
        ("sim/slot", {"slot": 1}, {"slot": 2}, {"slot": 2}),
        ("network/multislot_class", {"class": 12}, {"class": 10}, {"class": 10}),
        ("network/anti_fake_cell", {"enabled": False}, {"enabled": True}, {"enabled": True}),
        (
            "network/self_register",
            {"enabled": False},
            {"operator": "cmcc", "enabled": True},
            {"enabled": True},
        ),
    ],
)
def test_rare_settings(
    house: House, name: str, first: dict[str, Any], change: dict[str, Any], second: dict[str, Any]
):
    assert good(house, name) == first
    assert good(house, name, **change) == second
    assert good(house, name) == second


@pytest.mark.parametrize(
    ("name", "parameters", "word"),
    [
        ("sim/slot", {"slot": 3}, "slot"),
        ("network/multislot_class", {"class": 13}, "class"),
        ("network/anti_fake_cell", {"enabled": 1}, "enabled"),
        ("network/self_register", {"operator": "cmcc"}, "enabled"),
        ("network/self_register", {"operator": "x", "enabled": True}, "operator"),
    ],
)
def test_bad_rare_settings(house: House, name: str, parameters: dict[str, Any], word: str):
    assert word in bad(house, name, "invalid_request", **parameters)["message"]


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("sim/slot", "+SIMORDER"),
        ("network/multislot_class", "+NGPCLASS"),
        ("network/anti_fake_cell", "+SDMBS"),
        ("network/self_register", "+SELFREGISTER"),
    ],
)
def test_a_modem_without_rare_settings(house: House, name: str, command: str):
    house.modem.do("fault", kind="error", command=command, line="ERROR")
    bad(house, name, "modem_error")


# -- files and audio


def test_files(house: House):
    octets = bytes(range(256)) * 80  # more than is written or read at once
    assert good(house, "files/write", name="b.bin", hex=octets.hex()) == {"size": len(octets)}
    read = good(house, "files/read", name="b.bin")
    assert base64.b64decode(read["data"]) == octets
    assert (read["size"], read["text"]) == (len(octets), None)
    part = good(house, "files/read", name="b.bin", offset=300, length=2000)
    assert base64.b64decode(part["data"]) == octets[300:2300]
    # Written anew it is no longer than that.
    assert good(house, "files/write", name="b.bin", text="OK\r\n") == {"size": 4}
    assert good(house, "files/write", name="b.bin", data="Pg==", append=True) == {"size": 5}
    assert good(house, "files/read", name="b.bin")["text"] == "OK\r\n>"
    assert good(house, "files/size", name="b.bin") == {"size": 5}
    assert good(house, "files/delete", name="b.bin") == {}
    bad(house, "files/size", "modem_error", name="b.bin")


@pytest.mark.parametrize(
    ("name", "parameters", "word"),
    [
        ("files/write", {"name": "x"}, "exactly one"),
        ("files/write", {"name": "x", "text": "a", "hex": "00"}, "exactly one"),
        ("files/write", {"name": "x", "data": "!"}, "data"),
        ("files/write", {"name": "x", "text": ""}, "bytes"),
        ("files/write", {"name": 'a"b', "text": "a"}, "name"),
        ("files/write", {"name": "x" * 51, "text": "a"}, "name"),
        ("files/read", {"name": "x", "offset": -1}, "offset"),
        ("files/size", {}, "name"),
        ("audio/play", {}, "give file"),
        ("audio/play", {"file": "a,b"}, "file"),
        ("audio/play", {"hex": "00"}, "AMR"),
    ],
)
def test_bad_requests_about_files(house: House, name: str, parameters: dict[str, Any], word: str):
    assert word in bad(house, name, "invalid_request", **parameters)["message"]


@pytest.mark.parametrize("name", ["files/read", "files/size", "files/delete"])
def test_a_file_that_is_not_there(house: House, name: str):
    bad(house, name, "modem_error", name="none.txt")


def amr(octets: int) -> str:
    return (b"#!AMR\n" + bytes(octets)).hex()


def test_audio(house: House):
    mark = house.heard.mark()
    assert good(house, "audio/play", hex=amr(10)) == {"file": "n11bridge.amr"}
    house.wait_event("audio/finished", mark, file="n11bridge.amr", ok=True, result="Play ok!")
    house.wait_state("audio", mark, playing=True, paused=False)
    house.wait_state("audio", mark, playing=False, paused=False, file=None)
    assert good(house, "audio/play", file="long.amr", hex=amr(16000)) == {"file": "long.amr"}
    good(house, "audio/pause")
    house.wait_state("audio", mark, playing=True, paused=True, file="long.amr")
    mark = house.heard.mark()
    good(house, "audio/resume")
    house.wait_state("audio", mark, playing=True, paused=False, file="long.amr")
    good(house, "audio/stop")
    house.wait_event("audio/finished", mark, file="long.amr", ok=False, result="stopped")


def test_audio_that_cannot_be_played(house: House):
    good(house, "files/write", name="no.amr", text="no sound")
    for name in ("no.amr", "none.amr"):
        error = bad(house, "audio/play", "modem_error", file=name)
        assert error["modem"] == "+AMRPLAY: play faild!"
    bad(house, "audio/stop", "modem_error")

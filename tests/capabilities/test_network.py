import asyncio
import json
from pathlib import Path

import pytest
import voluptuous as vol

from n11bridge.at.errors import Refused
from n11bridge.capabilities.network import Network
from n11bridge.capabilities.network.lists import cells, networks
from n11bridge.capability import RequestError

from .host import bench

VECTORS = Path(__file__).parents[1] / "vectors" / "at.jsonl"


class Operators:
    """A modem's COPS, which names the operator in the format that was set last."""

    def __init__(self, name="Telekom.de", plmn="26201"):
        self.name, self.plmn, self.format = name, plmn, 2

    @property
    def answers(self):
        return {
            "AT+COPS=3,0": lambda _: self.set(0),
            "AT+COPS=3,2": lambda _: self.set(2),
            "AT+COPS?": lambda _: self.tell(),
        }

    def set(self, form):
        self.format = form
        return "OK"

    def tell(self):
        name = self.plmn if self.format else self.name
        return f'+COPS: 0,{self.format},"{name}"\nOK' if self.plmn else "+COPS: 0\nOK"


REGISTERED = {
    "AT+CREG=2": "OK",
    "AT+CGREG=2": "OK",
    "AT+CREG?": '+CREG: 2,1,"286F","00000FCA"\nOK',
    "AT+CGREG?": '+CGREG: 2,1,"286F","00000FCA",3\nOK',
    **Operators().answers,
}
SEARCHING = {**REGISTERED, "AT+CREG?": "+CREG: 2,2\nOK", "AT+CGREG?": "+CGREG: 2,2\nOK"}
HOME = {
    "registration": "home",
    "gprs_registration": "home",
    "roaming": False,
    "operator": "Telekom.de",
    "plmn": "26201",
    "lac": "286F",
    "cell": "0FCA",
    "technology": None,
}


def run(tmp_path, play, answers, *, known=True):
    async def main():
        async with bench(tmp_path, Network, answers=answers) as (host, peer):
            if known:
                await host.until(lambda: host.states["network"]["plmn"])
            return await play(host, peer)

    return asyncio.run(main())


async def look(host, _):
    return host.states["network"], host.modem.status, host.events


def test_registered_at_home(tmp_path):
    state, status, events = run(tmp_path, look, REGISTERED)
    assert state == HOME
    assert status == "ready"
    assert events == []


@pytest.mark.parametrize(
    ("answer", "registration", "status"),
    [
        ("+CREG: 0,1", "home", "ready"),
        ("+CREG: 0,1 ", "home", "ready"),
        ("+CREG:2,5", "roaming", "ready"),
        ('+CREG: 2,6,"8B37","0A265185",7', "home", "ready"),
        ("+CREG: 2,7", "roaming", "ready"),
        ("+CREG: 2,0,00,0", "not_registered", "searching"),
        ("+CREG: 0,2", "searching", "searching"),
        ("+CREG: 2,3", "denied", "denied"),
        ("+CREG: 0,4", None, "searching"),
    ],
)
def test_registration(tmp_path, answer, registration, status):
    registered = status == "ready"
    answers = {**REGISTERED, "AT+CREG?": f"{answer}\nOK"}
    state, found, _ = run(tmp_path, look, answers, known=registered)
    assert (state["registration"], found) == (registration, status)
    assert state["roaming"] == (registration == "roaming" if registered else None)
    assert (state["operator"] is not None) == registered


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ('+CREG: 2,1,"17cc","0e22f265",7', ("17CC", "E22F265", None)),
        ("+CREG: 2,1,8BE3,2BAF", ("8BE3", "2BAF", None)),
        ('+CREG: 2,1,"286F","00000FCA",3', ("286F", "0FCA", "egprs")),
        ('+CREG: 2,1,"286F","00000FCA",0', ("286F", "0FCA", "gsm")),
        ('+CREG: 2,1,"0000","0000"', (None, None, None)),
        ("+CREG: 2,1,  0 5, 2715", (None, "2715", None)),
        ("+CREG: 2,1,,", (None, None, None)),
    ],
)
def test_areas_and_cells(tmp_path, answer, place):
    state, _, _ = run(tmp_path, look, {**REGISTERED, "AT+CREG?": f"{answer}\nOK"})
    assert (state["lac"], state["cell"], state["technology"]) == place


@pytest.mark.parametrize("answer", ["OK", "ERROR", "+CME ERROR: 10"])
def test_a_modem_that_does_not_say_is_set_up_all_the_same(tmp_path, answer):
    async def play(host, _):
        return host.states["network"]["registration"], host.modem.status, host.prepared

    answers = {"AT+CREG?": answer, "AT+CGREG?": answer}
    assert run(tmp_path, play, answers, known=False) == (None, "searching", 1)


def test_gprs_need_not_be_known(tmp_path):
    answers = {**REGISTERED, "AT+CGREG=2": "ERROR", "AT+CGREG?": "ERROR"}
    state, _, _ = run(tmp_path, look, answers)
    assert state == {**HOME, "gprs_registration": None}


def test_a_modem_without_reports_of_the_cell_reports_the_status(tmp_path):
    async def play(_, peer):
        return [line for line in peer.heard if "REG=" in line]

    answers = {**REGISTERED, "AT+CREG=2": "+CME ERROR: 53", "AT+CREG=1": "OK"}
    assert run(tmp_path, play, answers) == ["AT+CREG=2", "AT+CREG=1", "AT+CGREG=2"]


# -- reports


def test_a_report_that_follows_the_setting_at_once(tmp_path):
    async def play(host, _):
        return host.states["network"], host.unknown_lines

    answers = {**REGISTERED, "AT+CREG=2": 'OK\n+CREG: 1,"286F","00000FCA"'}
    assert run(tmp_path, play, answers) == (HOME, [])


def test_a_report_while_the_answer_is_due_is_not_the_answer(tmp_path):
    async def play(host, _):
        return host.states["network"], host.unknown_lines

    answers = {**REGISTERED, "AT+CREG?": '+CREG: 2\n+CREG: 2,,\n+CREG: 2,1,"286F","0FCA"\nOK'}
    assert run(tmp_path, play, answers) == (HOME, [])


def test_an_answer_that_comes_too_late_is_no_report(tmp_path):
    async def play(host, peer):
        peer.say("+CREG: 2,3", '+CGREG: 0,3,"286F","0FCA"')
        await host.until(lambda: len(host.unknown_lines) == 2)
        return host.states["network"], host.modem.status

    assert run(tmp_path, play, REGISTERED) == (HOME, "ready")


def test_registration_is_told_with_its_operator(tmp_path):
    async def play(host, peer):
        before = host.modem.status, list(host.events)
        peer.say('+CGREG: 1,"286F","00000FCA",3', '+CREG: 1,"286F","00000FCA"')
        await host.until(lambda: host.events)
        return before, host.modem.status, host.events, host.states["network"]

    before, status, events, state = run(tmp_path, play, SEARCHING, known=False)
    assert before == ("searching", [])
    assert status == "ready"
    assert events == [("network/registration", HOME)]
    assert state == HOME


@pytest.mark.parametrize(
    ("line", "registration", "status"),
    [
        ("+CREG: 2", "searching", "searching"),
        ("+CREG: 2,,", "searching", "searching"),
        ('+CREG: 0,"0000","0000"', "not_registered", "searching"),
        ("+CREG: 3", "denied", "denied"),
    ],
)
def test_the_loss_of_the_network(tmp_path, line, registration, status):
    async def play(host, peer):
        peer.say(line)
        await host.until(lambda: host.events)
        return host.events, host.modem.status

    events, found = run(tmp_path, play, REGISTERED)
    assert [what for what, _ in events] == ["network/registration"]
    lost = events[0][1]
    assert (lost["registration"], lost["operator"], lost["plmn"]) == (registration, None, None)
    assert found == status


def test_another_cell_is_published_and_no_event(tmp_path):
    async def play(host, peer):
        asked = peer.count("AT+COPS?")
        peer.say('+CREG: 1,"286F","0000ABCD"')
        await host.until(lambda: host.states["network"]["cell"] == "ABCD")
        return host.events, peer.count("AT+COPS?") - asked

    assert run(tmp_path, play, REGISTERED) == ([], 0)


def test_another_area_may_be_another_operator(tmp_path):
    operators = Operators()

    async def play(host, peer):
        operators.name, operators.plmn = "Vodafone.de", "26202"
        peer.say('+CREG: 5,"1234","0000ABCD"')
        await host.until(lambda: host.events)
        return host.events, host.states["network"]["operator"]

    [(_, told)], operator = run(tmp_path, play, {**REGISTERED, **operators.answers})
    assert (told["registration"], told["plmn"], told["roaming"]) == ("roaming", "26202", True)
    assert operator == "Vodafone.de"


def test_only_the_status_is_known_without_the_cell(tmp_path):
    async def play(host, peer):
        peer.say("+CREG: 5")
        await host.until(lambda: host.events)
        return host.states["network"]

    state = run(tmp_path, play, REGISTERED)
    assert (state["registration"], state["lac"], state["cell"]) == ("roaming", None, None)


def test_a_safety_poll_finds_what_was_not_reported(tmp_path):
    async def play(host, peer):
        peer.answers["AT+CREG?"] = "+CREG: 2,2\nOK"
        network = host.capabilities["network"]
        await network.look_again()
        assert not host.events
        await network.poll()
        return host.events[0][1]["registration"], sorted(network.intervals())[-1]

    registration, (seconds, method) = run(tmp_path, play, REGISTERED)
    assert (registration, seconds, method.__name__) == ("searching", 300, "poll")


def test_a_network_that_is_found_without_a_report(tmp_path):
    async def play(host, peer):
        network = host.capabilities["network"]
        before = host.modem.status
        peer.answers |= REGISTERED
        await network.look_again()
        return before, host.modem.status, sorted(network.intervals())[0]

    before, after, (seconds, method) = run(tmp_path, play, SEARCHING, known=False)
    assert (before, after) == ("searching", "ready")
    assert (seconds, method.__name__) == (15, "look_again")


def test_after_a_restart_nothing_is_known(tmp_path):
    async def play(host, peer):
        peer.answers |= SEARCHING
        host.modem.restart("test")
        await host.until(lambda: host.ready == 2)
        return host.states["network"], host.modem.registration, host.events[-1][1]["registration"]

    state, registration, told = run(tmp_path, play, REGISTERED)
    assert (state["registration"], registration, told) == ("searching", "searching", "searching")
    assert state["operator"] is None


# -- the operator


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"AT+COPS=3,0": "ERROR"}, (None, "26201")),
        ({"AT+COPS?": '+COPS: 0,2,"26201"\nOK'}, (None, "26201")),
        ({"AT+COPS?": '+COPS: 1,0,"CHINA MOBILE"\nOK'}, ("CHINA MOBILE", None)),
        ({"AT+COPS?": "+COPS: 0\nOK"}, (None, None)),
        ({"AT+COPS?": "ERROR"}, (None, None)),
        ({"AT+COPS?": '+COPS: 0,0,"O2, Germany",0\nOK'}, ("O2, Germany", None)),
    ],
)
def test_operator(tmp_path, changed, expected):
    async def play(host, peer):
        await host.until(lambda: len(peer.heard) >= 7 and not host._tasks)
        return host.states["network"]["operator"], host.states["network"]["plmn"]

    assert run(tmp_path, play, {**REGISTERED, **changed}, known=False) == expected


# -- requests


@pytest.mark.parametrize(
    ("parameters", "line"),
    [({"plmn": "26202"}, 'AT+COPS=1,2,"26202"'), ({"automatic": True}, "AT+COPS=0")],
)
def test_select(tmp_path, parameters, line):
    async def play(host, peer):
        return await host.ask("network/select", **parameters), peer.count(line)

    assert run(tmp_path, play, {**REGISTERED, line: "OK"}) == (HOME, 1)


def test_a_network_that_does_not_take_us(tmp_path):
    async def play(host, _):
        return await host.refused("network/select", plmn="26299")

    error = run(tmp_path, play, {**REGISTERED, 'AT+COPS=1,2,"26299"': "+CME ERROR: 30"})
    assert isinstance(error, Refused)


@pytest.mark.parametrize(
    "parameters",
    [{}, {"plmn": "2620"}, {"plmn": 26201}, {"automatic": False}, {"plmn": "26201\n"}],
)
def test_wrong_selections(tmp_path, parameters):
    async def play(host, _):
        return await host.refused("network/select", **parameters)

    error = run(tmp_path, play, REGISTERED)
    assert isinstance(error, vol.Invalid) or error.code == "invalid_request"


def test_one_network_or_any_not_both(tmp_path):
    async def play(host, _):
        return await host.refused("network/select", plmn="26201", automatic=True)

    error = run(tmp_path, play, REGISTERED)
    assert isinstance(error, RequestError)
    assert error.code == "invalid_request"


def test_scan(tmp_path):
    async def play(host, _):
        return await host.ask("network/scan")

    scan = '+COPS: (2,"CU-GSM","CU-GSM","46000"),(3,"CMCC","","46001",0),,(0-4),(0,2)\nOK'
    assert run(tmp_path, play, {**REGISTERED, "AT+COPS=?": scan}) == {
        "networks": [
            {
                "status": "current",
                "operator": "CU-GSM",
                "short": "CU-GSM",
                "plmn": "46000",
                "technology": None,
            },
            {
                "status": "forbidden",
                "operator": "CMCC",
                "short": None,
                "plmn": "46001",
                "technology": "gsm",
            },
        ]
    }


def scans():
    rows = [json.loads(line) for line in VECTORS.read_text().splitlines()]
    return [row for row in rows if row.get("cmd") == "+COPS=?"]


@pytest.mark.parametrize("row", scans(), ids=lambda row: row["raw"][:30])
def test_scans_of_real_modems(row):
    found = networks(row["raw"].replace("\r", "").split("\n"))
    codes = ("unknown", "available", "current", "forbidden")
    expected = [(codes[it["stat"]], it["long"], it["oper"]) for it in row["expect"]["networks"]]
    assert [(it["status"], it["operator"], it["plmn"]) for it in found] == expected


def test_cells(tmp_path):
    async def play(host, _):
        return await host.ask("network/cells")

    line = (
        "+POSI: 1,460,00,91A2,0000409F,3a,85,0,460,00,91A2,0000409E,27,97,0,"
        "460,00,90f3,EA7,1E,109,1"
    )
    keys = ("mcc", "mnc", "lac", "cell", "bsic", "rssi_dbm")
    expected = [
        ("460", "00", "91A2", "409F", "3A", -85),
        ("460", "00", "91A2", "409E", "27", -97),
        ("460", "00", "90F3", "0EA7", "1E", -109),
    ]
    data = run(tmp_path, play, {**REGISTERED, "AT+POSI=1": f"{line}\nOK"})
    assert data == {"cells": [dict(zip(keys, cell, strict=True)) for cell in expected]}


def test_no_cells(tmp_path):
    async def play(host, _):
        return await host.ask("network/cells")

    assert run(tmp_path, play, {**REGISTERED, "AT+POSI=1": "OK"}) == {"cells": []}


@pytest.mark.parametrize(
    "said",
    [("460", "00"), ("460", "00", "XYZ", "1", "1", "85", "1"), ("1", "2", "3", "4", "5", "")],
)
def test_cells_that_make_no_sense_are_left_out(said):
    assert cells(said) == []

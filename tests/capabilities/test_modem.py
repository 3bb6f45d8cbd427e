import asyncio
import json
import re

import pytest
import voluptuous as vol

from n11bridge.at.basic import Functionality
from n11bridge.at.errors import Refused, TimedOut
from n11bridge.capabilities.modem import Modem
from n11bridge.capability import RequestError

from .host import bench

IDENTITY = {
    "AT+CGMI": "+CGMI: Neoway Corp Ltd\nOK",
    "AT+CGMM": "+CGMM: N11 V2\nOK",
    "AT+CGMR": "+CGMR: N11_1167_SQS63002_V003\nOK",
    "AT+CGSN": "+CGSN:355910044336974\nOK",
    "AT+CFUN?": "+CFUN: 1\nOK",
}
BARE = {
    "AT+CGMI": "Neoway Corp Ltd\nOK",
    "AT+CGMM": "N11 V2 \nOK",
    "AT+CGMR": "N11_1167_SQS63002_V003\nOK",
    "AT+CGSN": "355910044336974\nOK",
    "AT+CFUN?": "+CFUN:1\nOK",
}
WHO = {
    "manufacturer": "Neoway Corp Ltd",
    "model": "N11 V2",
    "revision": "N11_1167_SQS63002_V003",
    "imei": "355910044336974",
}


def run(tmp_path, play, answers=IDENTITY, **options):
    async def main():
        async with bench(tmp_path, Modem, answers=answers, **options) as (host, peer):
            return await play(host, peer)

    return asyncio.run(main())


@pytest.mark.parametrize("answers", [IDENTITY, BARE], ids=["named", "bare"])
def test_identity(tmp_path, answers):
    async def play(host, _):
        stored = await host.store.read(lambda tables: tables.facts.get("identity"))
        return host.capabilities["modem"].identity, json.loads(stored), host.states["modem"]

    identity, stored, state = run(tmp_path, play, answers)
    assert identity == stored == WHO
    assert state.items() >= WHO.items()
    assert (state["functionality"], state["baud"], state["restarts"]) == (1, 115200, 0)
    assert state["port"].startswith("/dev/")


def test_a_line_of_something_else_is_not_the_imei(tmp_path):
    async def play(host, _):
        return host.capabilities["modem"].identity["imei"], host.unknown_lines

    answers = {**BARE, "AT+CGSN": "SMS READY\n355910044336974\nOK"}
    assert run(tmp_path, play, answers) == ("355910044336974", ["SMS READY"])


def test_what_a_modem_does_not_know_comes_from_ati(tmp_path):
    async def play(host, _):
        return host.capabilities["modem"].identity

    answers = {"AT+CGSN": IDENTITY["AT+CGSN"], "ATI": "NEOWAY\nN11V2\nREVISION V003\nOK"}
    assert run(tmp_path, play, answers) == {
        "manufacturer": "NEOWAY",
        "model": "N11V2",
        "revision": "REVISION V003",
        "imei": "355910044336974",
    }


def test_gmr_stands_in_for_cgmr(tmp_path):
    async def play(host, peer):
        return host.capabilities["modem"].identity["revision"], peer.count("ATI")

    answers = {**IDENTITY, "AT+CGMR": "ERROR", "AT+GMR": "+GMR:N11_V003\nOK"}
    assert run(tmp_path, play, answers) == ("N11_V003", 0)


def test_identity_is_known_before_the_modem_answers(tmp_path):
    async def nothing(host, _):
        return None

    async def play(host, _):
        return host.states["modem"], host.capabilities["modem"].identity, host.prepared

    run(tmp_path, nothing)
    state, identity, prepared = run(tmp_path, play, {"AT": None}, wait=False)
    assert identity == WHO
    assert prepared == 0
    assert state["status"] == "starting"
    assert state["imei"] == WHO["imei"]


def test_a_refused_imei_does_not_make_us_forget_it(tmp_path):
    async def nothing(host, _):
        return None

    async def play(host, _):
        return host.capabilities["modem"].identity

    run(tmp_path, nothing)
    assert run(tmp_path, play, {**IDENTITY, "AT+CGSN": "+CME ERROR: 3"}) == WHO


def test_state_changes_only_with_what_it_says(tmp_path):
    async def play(host, _):
        host.clock += 60
        before = len(host.history)
        host.capabilities["modem"].publish()
        unchanged = len(host.history) - before
        first = host.states["modem"]
        host.modem.set_registration("registered")
        return unchanged, first, host.states["modem"]

    unchanged, searching, ready = run(tmp_path, play)
    assert unchanged == 0
    assert (searching["status"], ready["status"]) == ("searching", "ready")
    assert searching["since"] != ready["since"]
    assert re.fullmatch(r"2023-11-1\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", ready["since"])


def test_a_restart_by_itself_is_counted_and_told(tmp_path):
    async def play(host, peer):
        peer.say("MODEM:STARTUP")
        await host.until(lambda: host.prepared == 2 and host.modem.status != "starting")
        stored = await host.store.read(lambda tables: tables.counters.all())
        return host.events, host.states["modem"]["restarts"], stored

    events, restarts, stored = run(tmp_path, play)
    assert events == [("modem/reset", {"step": "restart", "reason": "the modem restarted"})]
    assert restarts == 1
    assert stored == {"modem_restarts": 1}


@pytest.mark.slow
def test_a_modem_that_is_switched_on_late_has_not_restarted(tmp_path, monkeypatch):
    monkeypatch.setattr("n11bridge.modem.rate.RATES", (115200,))
    silence_then_start = [None, None, "MODEM:STARTUP", "OK"]

    async def play(host, _):
        return [values["step"] for _, values in host.events], host.states["modem"]["restarts"]

    answers = {**IDENTITY, "AT": silence_then_start}
    assert run(tmp_path, play, answers) == (["reopen"], 0)


@pytest.mark.parametrize(("always", "restarts"), [(True, 0), (False, 1)])
def test_the_echo_of_a_command_is_a_restart_unless_it_was_never_off(tmp_path, always, restarts):
    async def play(host, peer):
        peer.answers["AT+CPAS"] = "AT+CPAS\n+CPAS: 0\nOK"
        await host.ask("modem/activity")
        if restarts:
            await host.until(lambda: host.prepared == 2 and host.modem.status != "starting")
        return [values["step"] for _, values in host.events]

    answers = {**IDENTITY, "AT+CMEE=1": "AT+CMEE=1\nOK" if always else "OK"}
    assert run(tmp_path, play, answers) == ["restart"] * restarts


def test_restarts_are_counted_over_our_own_restart(tmp_path):
    async def restart(host, _):
        host.recovering("reset", "AT timed out 3 times in a row")

    async def play(host, _):
        return host.states["modem"]["restarts"]

    run(tmp_path, restart)
    assert run(tmp_path, play) == 1


def test_a_modem_that_stays_away_is_told_of_once(tmp_path):
    async def play(host, _):
        for _ in range(3):
            host.recovering("reopen", "it could not be set up: no answer to AT")
        host.recovering("reopen", "the modem does not answer")
        return [values["reason"] for _, values in host.events], host.counted

    reasons, counted = run(tmp_path, play)
    assert reasons == ["it could not be set up: no answer to AT", "the modem does not answer"]
    assert counted == []


def test_a_modem_that_goes_away_again_is_told_of_again(tmp_path):
    async def play(host, _):
        host.recovering("reopen", "the modem does not answer")
        await host.capabilities["modem"].prepare()
        host.recovering("reopen", "the modem does not answer")
        return [values["step"] for _, values in host.events]

    assert run(tmp_path, play) == ["reopen", "reopen"]


def test_restart_sets_the_modem_up_again(tmp_path):
    async def play(host, peer):
        data = await host.ask("modem/restart")
        await host.until(lambda: host.prepared == 2)
        return data, peer.count("AT+CFUN=1,1"), host.events

    data, restarts, events = run(tmp_path, play, {**IDENTITY, "AT+CFUN=1,1": "OK"})
    assert (data, restarts) == ({}, 1)
    assert events == [("modem/reset", {"step": "restart", "reason": "it was restarted on request"})]


def test_a_modem_that_restarts_before_it_answers_did_what_it_was_asked(tmp_path):
    async def play(host, _):
        data = await host.ask("modem/restart")
        await host.until(lambda: host.prepared == 2)
        return data, len(host.events)

    assert run(tmp_path, play, {**IDENTITY, "AT+CFUN=1,1": "MODEM:STARTUP"}) == ({}, 1)


def test_a_refused_restart_changes_nothing(tmp_path):
    async def play(host, _):
        return await host.refused("modem/restart"), host.events

    error, events = run(tmp_path, play, {**IDENTITY, "AT+CFUN=1,1": "+CME ERROR: 3"})
    assert isinstance(error, Refused)
    assert events == []


@pytest.mark.parametrize(
    ("verb", "parameters", "line", "data"),
    [
        ("power_off", {}, "AT+CPWROFF", {}),
        ("functionality", {"level": 0}, "AT+CFUN=0", {"functionality": 0}),
        ("functionality", {"level": 1}, "AT+CFUN=1", {"functionality": 1}),
        ("factory_reset", {}, "AT&F", {}),
    ],
)
def test_dangerous_requests_have_the_modem_set_up_again(tmp_path, verb, parameters, line, data):
    async def play(host, peer):
        result = await host.ask(f"modem/{verb}", **parameters)
        await host.until(lambda: host.prepared == 2)
        return result, peer.count(line)

    assert Modem.verbs()[verb].dangerous
    assert run(tmp_path, play, {**IDENTITY, line: "OK"}) == (data, 1)


@pytest.mark.parametrize(
    ("verb", "parameters", "line"),
    [
        ("sleep", {"mode": "off"}, "AT+ENPWRSAVE=0"),
        ("sleep", {"mode": "dtr_low"}, "AT+ENPWRSAVE=1"),
        ("sleep", {"mode": "dtr_high"}, "AT+ENPWRSAVE=2"),
        ("indicator", {"mode": 3}, "AT+SIGNAL=3"),
        ("indicator", {"mode": 10, "off_ms": 100, "on_ms": 900}, "AT+SIGNAL=10,100,900"),
        ("save_settings", {}, "AT&W"),
    ],
)
def test_settings(tmp_path, verb, parameters, line):
    async def play(host, peer):
        await host.ask(f"modem/{verb}", **parameters)
        return peer.heard[-1], host.prepared

    assert not Modem.verbs()[verb].dangerous
    assert run(tmp_path, play, {**IDENTITY, line: "OK"}) == (line, 1)


@pytest.mark.parametrize(
    ("verb", "parameters"),
    [
        ("sleep", {}),
        ("sleep", {"mode": 1}),
        ("functionality", {"level": 2}),
        ("baud_rate", {"rate": 300}),
        ("indicator", {"mode": 12}),
        ("indicator", {"mode": 10, "off_ms": 5, "on_ms": 100}),
        ("restart", {"now": True}),
    ],
)
def test_wrong_parameters(tmp_path, verb, parameters):
    async def play(host, peer):
        return await host.refused(f"modem/{verb}", **parameters), peer.heard[-1]

    error, last = run(tmp_path, play)
    assert isinstance(error, vol.Invalid)
    assert last == "AT+CFUN?"


@pytest.mark.parametrize(
    "parameters", [{"mode": 10}, {"mode": 10, "on_ms": 50}, {"mode": 1, "off_ms": 50, "on_ms": 50}]
)
def test_the_times_of_the_indicator_belong_to_mode_10(tmp_path, parameters):
    async def play(host, _):
        return await host.refused("modem/indicator", **parameters)

    error = run(tmp_path, play)
    assert isinstance(error, RequestError)
    assert error.code == "invalid_request"


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (0, "ready"),
        (1, "unavailable"),
        (2, "unknown"),
        (3, "ringing"),
        (4, "call_in_progress"),
    ],
)
def test_activity(tmp_path, number, word):
    async def play(host, _):
        return await host.ask("modem/activity")

    answers = {**IDENTITY, "AT+CPAS": f"+CPAS: {number}\nOK"}
    assert run(tmp_path, play, answers) == {"activity": word}


def test_the_port_follows_the_rate_at_once(tmp_path):
    async def play(host, peer):
        rates = []

        def note(_):
            rates.append(host.modem.actual_baud)
            return "+CPAS: 0\nOK"

        peer.answers["AT+CPAS"] = note
        # A request that waits in the queue must leave at the new rate already.
        data, _ = await asyncio.gather(
            host.ask("modem/baud_rate", rate=57600), host.ask("modem/activity")
        )
        return data, rates, peer.heard[-2:], host.states["modem"]["baud"], host.modem.baud

    data, rates, heard, published, kept = run(tmp_path, play, {**IDENTITY, "AT+IPR=57600": "OK"})
    assert data == {"rate": 57600, "baud": 57600}
    assert rates == [57600]
    assert heard == ["AT+IPR=57600", "AT+CPAS"]
    assert (published, kept) == (57600, 57600)


def test_a_refused_rate_changes_nothing(tmp_path):
    async def play(host, _):
        error = await host.refused("modem/baud_rate", rate=9600)
        return error, host.modem.actual_baud

    error, rate = run(tmp_path, play, {**IDENTITY, "AT+IPR=9600": "ERROR"})
    assert isinstance(error, Refused)
    assert rate == 115200


def test_automatic_detection_leaves_the_port_as_it_is(tmp_path):
    async def play(host, _):
        return await host.ask("modem/baud_rate", rate=0)

    assert run(tmp_path, play, {**IDENTITY, "AT+IPR=0": "OK"}) == {"rate": 0, "baud": 115200}


def test_a_restart_without_an_answer_is_not_known_to_have_happened(tmp_path, monkeypatch):
    monkeypatch.setattr(Functionality, "timeout", 0.1)

    async def play(host, _):
        error = await host.refused("modem/restart")
        await host.until(lambda: host.prepared == 2)
        return error

    error = run(tmp_path, play, {**IDENTITY, "AT+CFUN=1,1": None})
    assert isinstance(error, TimedOut)
    assert error.acted

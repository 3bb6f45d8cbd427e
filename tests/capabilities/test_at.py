import asyncio
import logging

import pytest
import voluptuous as vol

from n11bridge.at.errors import Refused, TimedOut
from n11bridge.capabilities.at import At
from n11bridge.capabilities.at.rules import objection
from n11bridge.capability import RequestError
from n11bridge.config import At as AtSettings

from .host import bench


def run(tmp_path, play, **answers):
    async def main():
        async with bench(tmp_path, At, answers=answers) as (host, peer):
            return await play(host, peer)

    return asyncio.run(main())


def test_send_is_dangerous():
    assert At.verbs()["send"].dangerous


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        ("OK", []),
        ("+CSQ: 20,99\nOK", ["+CSQ: 20,99"]),
        ("NEOWAY\nN11V2\nREVISION V003\nOK", ["NEOWAY", "N11V2", "REVISION V003"]),
    ],
)
def test_send(tmp_path, answer, lines):
    async def play(host, peer):
        return await host.ask("at/send", command="AT+ANY;+THING=1"), peer.heard

    data, heard = run(tmp_path, play, **{"AT+ANY;+THING=1": answer})
    assert data == {"lines": lines, "result": "OK"}
    assert heard == ["AT+ANY;+THING=1"]


def test_a_refusal_keeps_the_modems_words(tmp_path):
    async def play(host, _):
        return await host.refused("at/send", command="AT+ANY")

    error = run(tmp_path, play, **{"AT+ANY": "+CME ERROR: 30"})
    assert isinstance(error, Refused)
    assert error.line == "+CME ERROR: 30"


def test_a_payload_follows_the_prompt(tmp_path):
    async def play(host, peer):
        peer.answers["AT+FSWF=a,0,6,9"] = lambda peer: peer.send("\r\n>")

        async def take():
            await host.until(lambda: len(peer.unfinished) == 6)
            peer.say("+FSWF: 6", "OK")

        asking = host.ask("at/send", command="AT+FSWF=a,0,6,9", payload="naïve")
        data, _ = await asyncio.gather(asking, take())
        return data, peer.unfinished

    data, received = run(tmp_path, play)
    assert data == {"lines": ["+FSWF: 6"], "result": "OK"}
    assert received == "naïve".encode()


@pytest.mark.slow
def test_the_timeout_is_the_requests(tmp_path):
    async def play(host, _):
        started = asyncio.get_running_loop().time()
        error = await host.refused("at/send", command="AT+ANY=1", timeout=1)
        return error, asyncio.get_running_loop().time() - started

    error, seconds = run(tmp_path, play, **{"AT+ANY=1": None})
    assert isinstance(error, TimedOut)
    assert str(error) == "no answer to AT+ANY"
    assert 0.9 < seconds < 2


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"command": "AT+CSQ\rAT+CMGD=1,4"},
        {"command": "AT+CSQ\n"},
        {"command": "AT\x1a"},
        {"command": "A/"},
        {"command": "+CSQ"},
        {"command": "ATé"},
        {"command": "AT", "timeout": 0},
        {"command": "AT", "timeout": "5"},
        {"command": "AT", "payload": ""},
        {"command": "AT" + "x" * 600},
        {"command": 5},
        {"command": "AT", "retries": 2},
    ],
)
def test_wrong_parameters(tmp_path, parameters):
    async def play(host, peer):
        return await host.refused("at/send", **parameters), peer.heard

    error, heard = run(tmp_path, play)
    assert isinstance(error, vol.Invalid)
    assert heard == []


@pytest.mark.parametrize(
    "command",
    [
        "AT+CMGS=23",
        "at+cmgs=23",
        "AT + C M G S = 23",
        "ATE0;+CSQ;+CMGS=23",
        "AT+CMSS=1",
        "AT+CMGC=9",
        'AT+CPIN="1234"',
        'AT+CPIN = "1234"',
        'AT+CPWD="SC","1234","0000"',
        'AT+CLCK="SC",0,"1234"',
        "AT+CSQ;+CMGF=1",
        "AT+CSQ+CMGF=1",
        "ate1",
        "AT&F",
        "ATQ1V0",
        "ATZ",
        "AT&D2",
        "ATS3=13",
        "ATD112;",
        "ATE0+IPR=9600",
        "AT+IPR=9600",
        "AT+CFUN=0",
        "AT+CNMI=0,0",
        "AT+CMEE=0",
        "AT+CREG=0",
        "AT+CGREG=0",
        "AT+CMGD=1,4",
        "AT+CSQ;D112",
        "AT+TCPSEND=0,6",
        "AT+RECVMODE=0",
        "AT+XIIC=0",
        "AT+CUSD=2",
        'AT+CSCS="HEX"',
        'AT+CSQ="a;+CMGF=1',
    ],
)
def test_what_has_a_guarded_request_goes_through_that(tmp_path, command):
    async def play(host, peer):
        return await host.refused("at/send", command=command, payload="x"), peer.heard

    error, heard = run(tmp_path, play)
    assert isinstance(error, RequestError)
    assert error.code == "forbidden"
    assert "1234" not in error.message
    assert heard == []


@pytest.mark.parametrize(
    "command",
    ["AT", "ATI", "AT+CSQ", "AT+CMGF?", "AT+CFUN=?", "AT+CGMR;+CSQ", 'AT+FSFS="+CMGF;+CFUN"'],
)
def test_what_changes_nothing_may_be_sent(command):
    assert objection(command) is None


@pytest.mark.parametrize(
    ("patterns", "command", "allowed"),
    [
        (["AT+CSQ"], "at + csq", True),
        (["AT+CSQ"], "AT+CSQ;+CPAS", False),
        (["AT+POSI=*"], "AT+POSI=1", True),
        (["AT+POSI=*"], "AT+POSI=1;+CPAS", False),
        (["AT+CPAS", "AT+C?Q"], "AT+CSQ", False),
        ([], "AT", False),
    ],
)
def test_patterns_of_the_configuration(tmp_path, patterns, command, allowed):
    async def main():
        config = {"at": AtSettings(tuple(patterns))}
        table = {command: "OK"}
        async with bench(tmp_path, At, answers=table, **config) as (host, _):
            if allowed:
                return await host.ask("at/send", command=command)
            return (await host.refused("at/send", command=command)).code

    assert asyncio.run(main()) == ({"lines": [], "result": "OK"} if allowed else "forbidden")


def test_asking_for_the_pin_is_harmless(tmp_path):
    async def play(host, _):
        return await host.ask("at/send", command="AT+CPIN?")

    assert run(tmp_path, play, **{"AT+CPIN?": "+CPIN: READY\nOK"})["lines"] == ["+CPIN: READY"]


def test_unknown_lines_are_published_and_not_logged(tmp_path, caplog):
    async def play(host, _):
        host.capabilities["at"].unknown('+WHAT: "+491701234567"')
        return host.events

    with caplog.at_level(logging.DEBUG):
        events = run(tmp_path, play)
    assert events == [("at/unknown", {"line": '+WHAT: "+491701234567"'})]
    assert "491701234567" not in caplog.text


def test_a_storm_is_counted_instead(tmp_path):
    async def play(host, _):
        at = host.capabilities["at"]
        for number in range(25):
            at.unknown(f"line {number}")
        host.clock += 1
        for number in range(25, 35):
            at.unknown(f"line {number}")
        host.clock -= 3600  # the clock was set back
        at.unknown("line 35")
        return [values for _, values in host.events]

    told = run(tmp_path, play)
    assert told[:10] == [{"line": f"line {number}"} for number in range(10)]
    assert told[10] == {"line": "line 25", "dropped": 15}
    assert told[11:] == [{"line": f"line {number}"} for number in range(26, 36)]

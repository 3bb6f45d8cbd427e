"""Jamming, on modems that say more or less of it."""

import asyncio

import pytest

from n11bridge.capabilities.jamming import Jamming
from n11bridge.config import Jamming as Settings

from .host import bench

QUERY = "AT+JAMMINGDETECT?"


def run(tmp_path, play, answers=None, **settings):
    async def main():
        table = {QUERY: "+JAMMINGDETECT: 0,75\nOK", **(answers or {})}
        jamming = Settings(**settings)
        async with bench(tmp_path, Jamming, answers=table, jamming=jamming) as (host, peer):
            return await play(host, peer)

    return asyncio.run(main())


async def heard(_host, peer):
    return [each for each in peer.heard if each != QUERY]


ON = {
    "AT+JAMMINGDETECT=1,75": "OK",
    QUERY: ["+JAMMINGDETECT: 0,75\nOK", "+JAMMINGDETECT: 1,75\nOK"],
}


@pytest.mark.parametrize(
    ("settings", "answers", "commands"),
    [
        ({}, {}, []),
        ({"detection": False}, {}, []),
        ({"detection": True}, ON, ["AT+JAMMINGDETECT=1,75"]),
        ({"threshold": 50}, {"AT+JAMMINGDETECT=0,50": "OK"}, ["AT+JAMMINGDETECT=0,50"]),
        (
            {"detection": True},
            {QUERY: "ERROR", "AT+JAMMINGDETECT=1,75": "OK"},
            ["AT+JAMMINGDETECT=1,75"],
        ),
    ],
)
def test_what_is_configured_is_set(tmp_path, settings, answers, commands):
    assert run(tmp_path, heard, answers, **settings) == commands


def test_a_modem_that_cannot_is_a_problem_only_if_it_was_asked_to(tmp_path):
    async def play(host, _peer):
        return host.problems, host.states["jamming"]

    problems, state = run(tmp_path, play, {QUERY: "ERROR"})
    unknown = {"jammed": None, "detection": None, "threshold": None, "since": None}
    assert (problems, state) == ([], unknown)
    assert run(tmp_path, play, {QUERY: "ERROR"}, detection=True)[0] == ["jamming"]


def test_it_begins_and_ends(tmp_path):
    async def play(host, peer):
        peer.say("+JAMMINGDTURC: 1", "+JAMMINGDTURC: 1")
        await host.until(lambda: host.states["jamming"]["jammed"])
        during = host.states["jamming"]["since"], host.modem.jammed
        host.clock += 40
        peer.say("+JAMMINGDTURC: 0")
        await host.until(lambda: not host.states["jamming"]["jammed"])
        return during, host.modem.jammed, host.events

    during, after, events = run(tmp_path, play, ON, detection=True)
    assert during == ("2023-11-14T22:13:20+00:00", True)
    assert after is False
    assert events == [
        ("jamming/detected", {"threshold": 75}),
        ("jamming/cleared", {"seconds": 40}),
    ]


def test_a_modem_that_found_a_network_again_hears_it(tmp_path):
    async def play(host, peer):
        host.modem.set_registration("registered")
        peer.say("+JAMMINGDTURC: 1")
        await host.until(lambda: host.modem.jammed)
        host.modem.set_registration("searching")
        still = host.modem.jammed
        host.modem.set_registration("registered")
        return still, host.modem.jammed, host.events[-1][0]

    assert run(tmp_path, play, ON, detection=True) == (True, False, "jamming/cleared")


def test_a_choice_by_request_outlives_restarts(tmp_path):
    answers = {"AT+JAMMINGDETECT=1,60": "OK", QUERY: "ERROR"}

    async def choose(host, peer):
        answer = await host.ask("jamming/configure", detection=True, threshold=60)
        return answer, [each for each in peer.heard if each != QUERY]

    expected = {"detection": True, "threshold": 60}
    assert run(tmp_path, choose, answers) == (expected, ["AT+JAMMINGDETECT=1,60"])
    assert run(tmp_path, heard, answers) == ["AT+JAMMINGDETECT=1,60"]
    # The configuration is the last word.
    assert run(tmp_path, heard, answers, detection=False, threshold=75) == ["AT+JAMMINGDETECT=0,75"]


def test_switched_off_it_is_over(tmp_path):
    async def play(host, peer):
        peer.say("+JAMMINGDTURC: 1")
        await host.until(lambda: host.modem.jammed)
        peer.answers[QUERY] = "+JAMMINGDETECT: 0,75\nOK"
        await host.ask("jamming/configure", detection=False)
        return host.modem.jammed, host.states["jamming"]["jammed"]

    answers = {**ON, "AT+JAMMINGDETECT=0,75": "OK"}
    assert run(tmp_path, play, answers, detection=True) == (False, None)


@pytest.mark.parametrize(
    ("seconds", "registration", "jammed"),
    [(59, "registered", True), (61, "registered", False), (3600, "searching", True)],
)
def test_it_may_end_without_a_word(tmp_path, seconds, registration, jammed):
    async def play(host, peer):
        host.modem.set_registration("registered")
        peer.say("+JAMMINGDTURC: 1")
        await host.until(lambda: host.modem.jammed)
        host.modem.set_registration(registration)
        host.clock += seconds
        await host.capabilities["jamming"].look()
        return host.modem.jammed

    assert run(tmp_path, play, ON, detection=True) is jammed

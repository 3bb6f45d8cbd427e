"""Clocks of modems, and what they write of them."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from n11bridge.capabilities.clock import Clock, stamps

from .host import bench

HERE = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ('"11/10/14,09:32:04"', "2011-10-14T09:32:04+02:00"),
        ('"22/09/05,17:46:53+32"', "2022-09-05T17:46:53+08:00"),
        ('"2022/09/05 17:46:53+32"', "2022-09-05T17:46:53+08:00"),
        ('"15/02/28,20:30:40-32"', "2015-02-28T20:30:40-08:00"),
        ("17/07/26,11:42:15+01", "2017-07-26T11:42:15+00:15"),
        ('"11/10/14, 09:32:04"', "2011-10-14T09:32:04+02:00"),
        ("15/06/25,18:38:13/GMT+32", "2015-06-25T18:38:13+08:00"),
        ("2014-03-31,11:10:26", "2014-03-31T11:10:26+02:00"),
        ("0000-00-00,00:00:00", None),
        ('"22/13/05,17:46:53"', None),
        ('"22/09/05,17:46:53+99"', None),
        ("", None),
    ],
)
def test_stamps(text, time):
    found = stamps.read(text, HERE)
    assert (found and found.isoformat()) == time


@pytest.mark.parametrize(
    ("time", "with_zone", "text"),
    [
        ("2026-11-26T12:00:05+02:00", True, "26/11/26,12:00:05+08"),
        ("2026-11-26T12:00:05-03:30", True, "26/11/26,12:00:05-14"),
        ("2026-11-26T12:00:05+00:00", True, "26/11/26,12:00:05+00"),
        ("2026-11-26T12:00:05+02:00", False, "26/11/26,12:00:05"),
    ],
)
def test_stamps_to_set(time, with_zone, text):
    assert stamps.write(datetime.fromisoformat(time), with_zone=with_zone) == text


@pytest.mark.parametrize(
    ("offset", "name"),
    [("+02:00", "E2"), ("-05:00", "W5"), ("+05:30", "E0"), ("+14:00", "E0"), ("+00:00", "E0")],
)
def test_zones_of_time_servers(offset, name):
    time = datetime.fromisoformat(f"2026-11-26T12:00:00{offset}")
    assert stamps.named(stamps.whole_hours(time)) == name


def run(tmp_path, play, answers):
    async def main():
        async with bench(tmp_path, Clock, answers=answers) as (host, peer):
            return await play(host, peer)

    return asyncio.run(main())


def test_drift(tmp_path):
    async def play(host, _peer):
        return host.states["clock"]

    # The bench's clock stands at 2023-11-14T22:13:20Z.
    answers = {
        "AT+CCLK?": '+CCLK: "23/11/15,06:13:25+32"\nOK',
        "AT+UPDATETIME=0": "+UPDATETIME: Last Update Time 0000-00-00,00:00:00\nOK",
        "AT+GLTS?": "+GLTS: 1\nOK",
    }
    assert run(tmp_path, play, answers) == {
        "time": "2023-11-15T06:13:25+08:00",
        "source": None,
        "drift": 5,
        "synchronised": None,
        "network_time": True,
    }


def test_a_modem_that_knows_no_time(tmp_path):
    async def play(host, _peer):
        return set(host.states["clock"].values())

    assert run(tmp_path, play, {}) == {None}


def test_a_modem_that_takes_no_zone(tmp_path):
    local = datetime.fromtimestamp(1_700_000_000, UTC).astimezone()
    plain = f"{local:%y/%m/%d,%H:%M:%S}"

    async def play(host, peer):
        answer = await host.ask("clock/set")
        return answer["drift"], answer["source"], [h for h in peer.heard if "CCLK=" in h]

    answers = {f'AT+CCLK="{plain}"': "OK", "AT+CCLK?": f'+CCLK: "{plain}"\nOK'}
    zoned = stamps.write(local, with_zone=True)
    drift, source, heard = run(tmp_path, play, answers)
    assert (drift, source) == (0, "request")
    assert heard == [f'AT+CCLK="{zoned}"', f'AT+CCLK="{plain}"']


def test_the_network_tells_the_time(tmp_path):
    async def play(host, peer):
        peer.say("+GLTS: 23/11/15,06:13:20/GMT+32")
        await host.until(lambda: host.events)
        return host.events, host.states["clock"]["source"]

    answers = {"AT+CCLK?": '+CCLK: "23/11/15,06:13:20"\nOK'}
    events, source = run(tmp_path, play, answers)
    network = "2023-11-15T06:13:20+08:00"
    assert events == [("clock/network_time", {"network": network, "drift": 0})]
    assert source == "network"

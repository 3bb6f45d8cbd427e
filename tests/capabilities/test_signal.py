import asyncio

import pytest

from n11bridge.at.errors import Refused
from n11bridge.capabilities.signal import Signal

from .host import bench


@pytest.mark.parametrize(
    ("answer", "dbm", "quality", "errors"),
    [
        ("+CSQ: 31,99", -51, 100, None),
        ("+CSQ: 0,0", -113, 0, 0),
        ("+CSQ:23,7 ", -67, 74, 7),
        ("+CSQ: 1,99", -111, 3, None),
        ("+CSQ: 99,99", None, None, None),
        ("+CSQ: 199,8", None, None, None),
        ("+CSQ: 15", -83, 48, None),
    ],
)
def test_the_scale_of_27_007(tmp_path, answer, dbm, quality, errors):
    async def main():
        async with bench(tmp_path, Signal, answers={"AT+CSQ": f"{answer}\nOK"}) as (host, _):
            return host.states["signal"]

    expected = {"rssi_dbm": dbm, "quality": quality, "bit_error_rate": errors}
    assert asyncio.run(main()) == expected


def test_it_is_read_again_every_interval(tmp_path):
    async def main():
        answers = {"AT+CSQ": ["+CSQ: 10,99\nOK", "+CSQ: 20,99\nOK"]}
        async with bench(tmp_path, Signal, answers=answers) as (host, _):
            [(seconds, poll)] = host.capabilities["signal"].intervals()
            await poll()
            return seconds, [values["rssi_dbm"] for _, values in host.history]

    assert asyncio.run(main()) == (20.0, [-93, -73])


def test_a_refusal_means_unknown_and_is_no_reason_to_start_over(tmp_path):
    async def main():
        answers = {"AT+CSQ": "+CME ERROR: 10"}
        async with bench(tmp_path, Signal, answers=answers) as (host, _):
            error = await host.refused("signal/read")
            return host.states["signal"]["rssi_dbm"], host.prepared, error

    dbm, prepared, error = asyncio.run(main())
    assert (dbm, prepared) == (None, 1)
    assert isinstance(error, Refused)
    assert error.line == "+CME ERROR: 10"


def test_a_request_reads_and_publishes(tmp_path):
    async def main():
        answers = {"AT+CSQ": ["+CSQ: 99,99\nOK", "+CSQ: 20,3\nOK"]}
        async with bench(tmp_path, Signal, answers=answers) as (host, _):
            return await host.ask("signal/read"), host.states["signal"]

    data, state = asyncio.run(main())
    assert data == state == {"rssi_dbm": -73, "quality": 65, "bit_error_rate": 3}

import asyncio

import pytest

from n11bridge.capabilities.call import Call
from n11bridge.config import Sms

from .host import bench

CLIP = '+CLIP: "77002608317",145,,,"",0'


def run(tmp_path, play, clip="OK", **options):
    async def main():
        async with bench(tmp_path, Call, answers={"AT+CLIP=1": clip}, **options) as (host, peer):

            async def hear(*lines):
                """Have the modem say this, and wait until all of it has been heard."""
                heard = len(host.unknown_lines)
                peer.say(*lines, "END")
                await host.until(lambda: len(host.unknown_lines) > heard)

            return await play(host, hear)

    return asyncio.run(main())


def test_a_call_is_told_once(tmp_path):
    async def play(host, hear):
        await hear("RING", CLIP)
        first = list(host.events)
        host.clock += 5
        await hear("RING", CLIP)
        host.clock += 5
        await hear("RING", CLIP, "NO CARRIER")
        return first, host.events, host.unknown_lines

    first, events, unknown = run(tmp_path, play)
    assert first == events
    call = {"from": "+77002608317", "contact": None, "trusted": False}
    assert events == [("call/incoming", call)]
    assert unknown == ["END"] * 3


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ('+CLIP: "01701234567",129,,,"",0', "01701234567"),
        ('+CLIP:"01701234567",129', "01701234567"),
        ('+CLIP: "+491701234567",145', "+491701234567"),
        ('+CLIP: "",128,,,"",1', None),
        ("+CLIP: ,,,,,2", None),
    ],
)
def test_numbers(tmp_path, line, number):
    async def play(host, hear):
        await hear("RING", line, "RING", line)
        return [values["from"] for _, values in host.events]

    assert run(tmp_path, play) == [number]


def test_contact_and_trust_come_from_the_configuration(tmp_path):
    async def play(host, hear):
        await hear("RING", CLIP, "NO CARRIER", "RING", '+CLIP: "77009999999",145')
        return [values for _, values in host.events]

    known, other = run(
        tmp_path, play, contacts={"alice": "+77002608317"}, sms=Sms(trusted=("alice",))
    )
    assert known == {"from": "+77002608317", "contact": "alice", "trusted": True}
    assert other == {"from": "+77009999999", "contact": None, "trusted": False}


def test_the_next_call_is_another_one(tmp_path):
    async def play(host, hear):
        await hear("RING", CLIP)
        host.clock += 60  # nobody said NO CARRIER
        await hear("RING", CLIP)
        return len(host.events)

    assert run(tmp_path, play) == 2


def test_without_a_number_the_second_ring_tells(tmp_path):
    async def play(host, hear):
        await hear("RING")
        first = len(host.events)
        await hear("RING")
        return first, [values["from"] for _, values in host.events]

    assert run(tmp_path, play) == (0, [None])


def test_a_call_that_rings_but_once_is_told_when_it_is_over(tmp_path):
    async def play(host, hear):
        await hear("RING", "NO CARRIER", "NO CARRIER")
        return [values["from"] for _, values in host.events]

    assert run(tmp_path, play) == [None]


def test_a_modem_that_does_not_identify_callers_tells_at_once(tmp_path):
    async def play(host, hear):
        await hear("RING")
        return [values["from"] for _, values in host.events], host.prepared

    assert run(tmp_path, play, clip="+CME ERROR: 4") == ([None], 1)


def test_a_restart_ends_the_call(tmp_path):
    async def play(host, hear):
        await hear("RING", CLIP)
        host.modem.restart("test")
        await host.until(lambda: host.ready == 2)
        await hear("RING", CLIP)
        return len(host.events)

    assert run(tmp_path, play) == 2

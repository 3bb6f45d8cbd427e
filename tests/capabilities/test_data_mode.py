"""Data mode on a real line: bytes for the talker, turns for everybody else in between."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from n11bridge.at.errors import Unavailable
from n11bridge.capabilities.call import Call
from n11bridge.capabilities.signal import ReadSignalQuality, Signal, SignalQuality
from n11bridge.capabilities.transparent import wire

from .host import Bench, Peer, bench

ANSWERS = {
    "AT+TCPTRANS=far.example.com,7000": "OK\n+TCPTRANS:OK",
    "AT+CSQ": "+CSQ: 20,3\nOK",
    "ATO": "CONNECT",
}
OPEN = wire.Open("far.example.com", 7000)


@dataclass
class Talk:
    """Who has the line, and what came."""

    host: Bench
    yields: bool = True
    data: bytes = b""
    times_left: int = 0
    heard: list[bytes] = field(default_factory=list)

    def came(self, data: bytes) -> None:
        self.data += data
        self.host._note()

    def left(self) -> None:
        self.times_left += 1
        self.host._note()


def answer_escape(host: Bench, peer: Peer, answer: str = "\r\nOK\r\n") -> None:
    """Be a modem in data mode: leave it at `+++`."""

    def look() -> None:
        if peer.unfinished.endswith(b"+++"):
            peer.unfinished = b""
            peer.send(answer)
        host._note()

    peer.on_line = look


def run(tmp_path: Any, talk: Any) -> None:
    async def main() -> None:
        async with bench(tmp_path, Signal, Call, answers=ANSWERS) as (host, peer):
            await talk(host, peer)

    asyncio.run(main())


def test_commands_have_their_turn_and_the_bytes_go_on(tmp_path: Any) -> None:
    async def talk(host: Bench, peer: Peer) -> None:
        talker = Talk(host)
        await host.modem.converse(OPEN, talker)
        assert host.modem.write_data(b"hello")
        await host.until(lambda: peer.unfinished == b"hello")
        peer.unfinished = b""
        peer.send("\r\nOK\r\nraw")
        await host.until(lambda: talker.data == b"\r\nOK\r\nraw")
        answer_escape(host, peer)
        assert await host.modem.run(ReadSignalQuality()) == SignalQuality(20, 3)
        assert talker.times_left == 1
        assert not host.modem.write_data(b"x")
        await host.modem.converse(wire.GoBack(), talker)
        assert host.modem.write_data(b"again")
        await host.until(lambda: peer.unfinished == b"again")

    run(tmp_path, talk)


def test_what_the_modem_says_as_it_leaves_is_understood(tmp_path: Any) -> None:
    async def talk(host: Bench, peer: Peer) -> None:
        talker = Talk(host)
        await host.modem.converse(OPEN, talker)
        peer.say("RING")
        await host.until(lambda: host.events)
        assert host.events[0][0] == "call/incoming"
        assert (talker.times_left, talker.data) == (1, b"")

    run(tmp_path, talk)


def test_a_talker_may_keep_the_line(tmp_path: Any) -> None:
    async def talk(host: Bench, peer: Peer) -> None:
        talker = Talk(host, yields=False)
        opening = asyncio.ensure_future(host.modem.converse(OPEN, talker))
        waiting = asyncio.ensure_future(host.modem.run(ReadSignalQuality()))
        await opening
        with pytest.raises(Unavailable, match="transparent/close"):
            await waiting
        with pytest.raises(Unavailable, match="transparent/close"):
            await host.modem.run(ReadSignalQuality())
        assert peer.unfinished == b""

    run(tmp_path, talk)

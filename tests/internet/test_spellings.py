"""Sockets of a modem that knows the manual's misspelt names alone."""

import asyncio

import pytest

from n11bridge.capabilities.certificates import Certificates

from ..capabilities.host import bench

UP = {
    "AT+XIIC?": "+XIIC:    1,10.232.165.29\nOK",
    "AT+CGATT?": "+CGATT: 1\nOK",
    "AT+RCVMODE=0,0": "OK",
}


@pytest.mark.parametrize(
    ("kind", "set_up", "send"),
    [
        ("tcp", "+TCPSETUP", "+TCPSSEND"),
        ("udp", "+UDPSETUP", "+UDPSSEND"),
    ],
)
def test_it_sends(tmp_path, kind, set_up, send):
    answers = {
        **UP,
        f"AT{set_up}=0,1.2.3.4,7": f"OK\n{set_up}:0,OK",
        f"AT{send}=0,6": lambda peer: peer.send("\r\n>"),
        "hello": f"OK\n{send}: 0,6",
    }

    async def main():
        async with bench(tmp_path, Certificates, answers=answers) as (host, peer):
            host.modem.set_registration("registered")
            stream = await host.sockets.open(kind, "1.2.3.4", 7, wait=1)
            await stream.send(b"hello\r")
            await stream.send(b"hello\r")
            assert peer.count("hello") == peer.count(f"AT{send}=0,6") == 2
            assert peer.count(f"AT{send.replace('SS', 'S')}=0,6") == 1

    asyncio.run(main())

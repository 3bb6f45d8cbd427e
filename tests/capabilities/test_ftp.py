"""FTP against a peer that plays the modem: who has the sockets, and what the modem takes."""

import asyncio
from typing import Any

import pytest

from n11bridge.capabilities import ftp
from n11bridge.capabilities.ftp import Ftp
from n11bridge.capability import RequestError

from .host import bench

SERVER = {"host": "10.0.0.1", "user": "n11", "password": "secret"}
LOGIN = "AT+FTPLOGIN=10.0.0.1,21,n11,secret,0"
IN, OUT = "+FTPSTATUS: 1,10.0.0.1,21", "+FTPSTATUS: 0,0.0.0.0,0"
X = "-rw-rw-rw- 1 user group 10 Jan 15 15:01 x"
ANSWERS = {
    "AT+XIIC?": "+XIIC:    1,10.232.165.29\nOK",
    LOGIN: "OK\n+FTPLOGIN: User logged in",
    "AT+FTPLOGOUT": "+FTPLOGOUT: User logged out\nOK",
}


def run(tmp_path, play, **answers: Any):
    async def main():
        table = {**ANSWERS, **{f"AT+{name}": answer for name, answer in answers.items()}}
        async with bench(tmp_path, Ftp, answers=table) as (host, peer):
            host.modem.set_registration("registered")
            return await play(host, peer)

    return asyncio.run(main())


def test_a_login_takes_all_sockets_until_it_ends(tmp_path):
    async def play(host, peer):
        await host.ask("ftp/login", **SERVER)
        during = host.sockets.taken, host.states["ftp"], list(host.link.holders)
        await host.ask("ftp/logout")
        return during, (host.sockets.taken, host.states["ftp"], list(host.link.holders))

    during, after = run(tmp_path, play, FTPSTATUS=[OUT, IN])
    assert during == (
        dict.fromkeys(range(5), "ftp"),
        {"login": True, "host": "10.0.0.1", "port": 21},
        ["ftp"],
    )
    assert after == ({}, {"login": False, "host": None, "port": None}, [])


def test_whoever_has_a_socket_is_named(tmp_path):
    async def play(host, peer):
        host.sockets.take(3, "tcp")
        error = await host.refused("ftp/login", **SERVER)
        return error, host.sockets.taken, peer.count(LOGIN)

    error, taken, logins = run(tmp_path, play, FTPSTATUS=OUT)
    assert isinstance(error, RequestError)
    assert (error.code, "tcp" in error.message) == ("unavailable", True)
    assert (taken, logins) == ({3: "tcp"}, 0)


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ("OK\n+FTPLOGIN: 530 Not logged in", "modem_error", "530"),
        ("OK\n+FTP:Server Ctrl Link Disconnect\nERROR", "modem_error", "not logged in"),
        ("OK\n+Connection timed out - Auto closed link to server!\n+FTPLOGIN: ERROR",
         "modem_error", "timed out"),
        ("+FTPLOGIN: GPRS DISCONNECTION", "unavailable", "GPRS DISCONNECTION"),
    ],
)  # fmt: skip
def test_a_login_that_fails_leaves_nothing_behind(tmp_path, answer, code, said):
    async def play(host, peer):
        peer.answers[LOGIN] = answer
        error = await host.refused("ftp/login", **SERVER)
        return error, host.sockets.taken, host.link.holders

    error, taken, holders = run(tmp_path, play, FTPSTATUS=OUT)
    assert isinstance(error, RequestError)
    assert (error.code, said in error.message) == (code, True)
    assert "secret" not in error.message
    assert (taken, holders) == ({}, [])


def test_somebody_elses_login_is_ended_first(tmp_path):
    async def play(host, peer):
        peer.answers[LOGIN] = ["+FTPLOGIN: Have Logged In", "OK\n+FTPLOGIN: User logged in"]
        await host.ask("ftp/login", **SERVER)
        return peer.heard[-4:]

    assert run(tmp_path, play, FTPSTATUS=[OUT, IN]) == [
        LOGIN, "AT+FTPSTATUS", "AT+FTPLOGOUT", LOGIN,
    ]  # fmt: skip


def test_a_login_of_before_is_ended_at_the_start(tmp_path):
    async def play(host, peer):
        return peer.count("AT+FTPLOGOUT")

    assert run(tmp_path, play, FTPSTATUS=[IN, OUT]) == 1


@pytest.mark.parametrize("end", ["server", "link", "idle", "restart"])
def test_a_login_may_end_by_itself(tmp_path, monkeypatch, end):
    monkeypatch.setattr(ftp.capability, "IDLE", -1.0)

    async def play(host, peer):
        await host.ask("ftp/login", **SERVER)
        match end:
            case "server":
                peer.say("+FTP:Server Control Link Disconnect")
            case "link":
                host.link.lost()
            case "idle":
                await host.capabilities["ftp"].end_idle_login()
            case "restart":
                peer.say("MODEM:STARTUP")
        await host.until(lambda: not host.states["ftp"]["login"] and not host.sockets.taken)
        host.modem.set_registration("registered")
        return host.link.holders, peer.count("AT+FTPLOGOUT")

    holders, logouts = run(tmp_path, play, FTPSTATUS=[OUT, IN, OUT])
    assert (holders, logouts) == ([], int(end in ("idle", "restart")))


def test_a_buffer_that_cannot_be_emptied_is_no_endless_loop(tmp_path):
    async def play(host, peer):
        await host.ask("ftp/login", **SERVER)
        return await host.refused("ftp/get", path="x", offset=0, length=4)

    error = run(
        tmp_path,
        play,
        **{
            "FTPSTATUS": [OUT, IN],
            "FTPGET=x,2,2": f"+FTPGET:{len(X)},{X}\n+FTPGET:OK.total length is {len(X)}",
            "FTPBUFFSTAT": "+FTPBUFFSTAT: 0,4\nOK",
            "FTPBUFFREAD=4": "+FTPBUFFREAD: 4,abcd\nOK",
        },
    )
    assert isinstance(error, RequestError)
    assert "stays full" in error.message

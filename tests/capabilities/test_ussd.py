"""USSD against a peer that plays the modem: strings, sessions, and the credit."""

import asyncio

import pytest

from n11bridge.at.errors import Refused
from n11bridge.capabilities.ussd import Ussd
from n11bridge.capabilities.ussd.balance import amount
from n11bridge.capabilities.ussd.wire import Answer
from n11bridge.capability import RequestError
from n11bridge.config import Balance

from .host import bench


def run(tmp_path, play, answers=None, **options):
    async def main():
        table = {"AT+CUSD=1": "OK", "AT+CUSD=2": "OK", **(answers or {})}
        async with bench(tmp_path, Ussd, answers=table, **options) as (host, peer):
            return await play(host, peer)

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("string", "text"),
    [
        ('0,"00480069",72', "Hi"),
        ('0,"C8F71D14969741F977FD07",15', "How are you?"),
        ('0,"Balance: 5,78 EUR",15', "Balance: 5,78 EUR"),
        ('0,"say "hello", please",15', 'say "hello", please'),
        ("0,unquoted, with a comma", "unquoted, with a comma"),
        ('1,"1 for more"', "1 for more"),
        ('1,"1: balance\r\n2: tariffs",15', "1: balance\n2: tariffs"),
        ("4", None),
        ('2,"",0', None),
    ],
)
def test_strings(string, text):
    assert Answer.read(string).text == text


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("5.78", 5.78),
        ("5,78", 5.78),
        ("1.234,56", 1234.56),
        ("1,234.56", 1234.56),
        ("1.234.567", 1234567.0),
        ("-0,5", -0.5),
        ("12", 12.0),
        (",5", 0.5),
        ("none", None),
        ("", None),
    ],
)
def test_amounts(said, value):
    assert amount(said) == value


def test_a_session_and_its_reply(tmp_path):
    answers = {
        'AT+CUSD=1,"*100#",15': 'OK\n+CUSD: 1,"1: more",15',
        'AT+CUSD=1,"1",15': '+CUSD: 0,"that was all",15\nOK',
    }

    async def play(host, _peer):
        menu = await host.ask("ussd/send", code="*100#")
        during = host.states["ussd"]["session"]
        return menu, during, await host.ask("ussd/send", code="1"), host.states["ussd"], host.events

    menu, during, end, state, events = run(tmp_path, play, answers)
    assert menu == {"result": "reply_expected", "text": "1: more"}
    assert during is True
    assert end == {"result": "done", "text": "that was all"}
    assert state["session"] is False
    assert [(name, values["code"]) for name, values in events] == [
        ("ussd/received", "*100#"),
        ("ussd/received", "1"),
    ]


def test_what_the_modem_and_the_network_refuse(tmp_path):
    answers = {'AT+CUSD=1,"*121#",15': "OK\n+CUSD: 4", 'AT+CUSD=1,"*1#",15': "+CME ERROR: 30"}

    async def play(host, _peer):
        return await host.refused("ussd/send", code="*121#"), await host.refused(
            "ussd/send", code="*1#"
        )

    unsupported, no_network = run(tmp_path, play, answers)
    assert isinstance(unsupported, RequestError)
    assert (unsupported.code, unsupported.modem) == ("modem_error", "+CUSD: 4")
    assert isinstance(no_network, Refused)


def test_no_answer_is_an_unknown_outcome(tmp_path):
    async def play(host, _peer):
        return await host.refused("ussd/send", code="*1#", timeout=1)

    error = run(tmp_path, play, {'AT+CUSD=1,"*1#",15': "OK"})
    assert (error.code, "1 s" in error.message) == ("unknown_outcome", True)


def test_cancel_gives_up_what_was_not_answered(tmp_path):
    async def play(host, peer):
        asking = asyncio.create_task(host.refused("ussd/send", code="*1#"))
        await host.until(lambda: 'AT+CUSD=1,"*1#",15' in peer.heard)
        await host.ask("ussd/cancel")
        return await asking

    assert run(tmp_path, play, {'AT+CUSD=1,"*1#",15': "OK"}).code == "unknown_outcome"


def test_what_ascii_and_gsm_write_differently_goes_as_ucs2(tmp_path):
    async def play(host, _peer):
        return await host.ask("ussd/send", code='@"')

    answer = run(tmp_path, play, {'AT+CUSD=1,"00400022",72': 'OK\n+CUSD: 0,"ok",15'})
    assert answer["text"] == "ok"


BALANCE = Balance("*100#", "([0-9.,]+) EUR", interval=3600, low=5.0)


def test_the_balance_is_read_once_and_its_low_mark_told_once(tmp_path):
    async def play(host, peer):
        host.modem.set_registration("registered")
        await host.until(lambda: host.states["ussd"]["balance"] is not None)
        return host.states["ussd"], host.events, list(peer.heard)

    answers = {'AT+CUSD=1,"*100#",15': 'OK\n+CUSD: 1,"You have 4,20 EUR. 1: more",15'}
    state, events, heard = run(tmp_path, play, answers, balance=BALANCE)
    assert (state["balance"], state["low"], state["session"]) == (4.2, True, False)
    assert ("ussd/low", {"balance": 4.2, "low": 5.0}) in events
    assert heard[-1] == "AT+CUSD=2"  # its session does not stay open

    async def again(host, peer):
        host.modem.set_registration("registered")
        await host.ask("ussd/cancel")
        return host.states["ussd"]["balance"], peer.count('AT+CUSD=1,"*100#",15')

    assert run(tmp_path, again, answers, balance=BALANCE) == (4.2, 0)


def test_a_pattern_that_finds_nothing_is_a_problem(tmp_path):
    async def play(host, _peer):
        host.modem.set_registration("registered")
        await host.until(lambda: host.problems)
        return host.problems, host.states["ussd"]["balance"]

    answers = {'AT+CUSD=1,"*100#",15': 'OK\n+CUSD: 0,"Come back later",15'}
    assert run(tmp_path, play, answers, balance=BALANCE) == (["balance"], None)


def test_a_modem_that_knows_the_misspelt_name(tmp_path):
    answers = {
        "AT+CUSD=1": "ERROR",
        "AT+CUSD=2": "ERROR",
        "AT+CUUSD=1": "OK",
        "AT+CUUSD=2": "OK",
        'AT+CUUSD=1,"*100#",15': 'OK\n+CUUSD: 0,"Hi",15',
    }

    async def play(host, _):
        assert (await host.ask("ussd/send", code="*100#"))["text"] == "Hi"
        assert await host.ask("ussd/cancel") == {}

    run(tmp_path, play, answers)

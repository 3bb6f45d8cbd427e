"""Phonebooks of modems that differ from the simulated one."""

import asyncio

import pytest

from n11bridge.at.errors import Refused
from n11bridge.capabilities.phonebook import Phonebook
from n11bridge.capabilities.phonebook.names import read_number

from .host import bench

ALICE = "0041006C006900630065"


def run(tmp_path, play, answers):
    async def main():
        table = {
            'AT+CSCS="GSM"': "OK",
            'AT+CSCS="UCS2"': "OK",
            'AT+CPBS="SM"': "OK",
            "AT+CPBS?": '+CPBS: "SM",1,2\nOK',
            **answers,
        }
        async with bench(tmp_path, Phonebook, answers=table) as (host, peer):
            await host.until(lambda: host.states["phonebook"]["storages"])
            peer.heard.clear()
            return await play(host, peer)

    return asyncio.run(main())


async def listed(host, peer):
    return (await host.ask("phonebook/list"))["entries"], peer.heard


def entry(name, number="123", index=1, hidden=False):
    return {"index": index, "number": number, "name": name, "hidden": hidden}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (f'+CPBR: 1,"123",129,"{ALICE}"', entry("Alice")),
        (f'+CPBR: 1,"123",129,"{ALICE}FFFF"', entry("Alice")),
        (f'+CPBR: 1,"49123",145,"{ALICE}",1', entry("Alice", "+49123", hidden=True)),
        ('+CPBR:1,"003100320033",129,"Alice"', entry("Alice")),  # it ignored UCS2
        ('+CPBR: 1,"",,"",,,,,,,', entry("", "")),
    ],
)
def test_entries(tmp_path, line, found):
    entries, heard = run(tmp_path, listed, {"AT+CPBR=1,2": f"{line}\nOK"})
    assert entries == [found]
    assert heard == [
        'AT+CPBS="SM"',
        "AT+CPBS?",
        'AT+CSCS="UCS2"',
        "AT+CPBR=1,2",
        'AT+CSCS="GSM"',
    ]


def test_one_name_that_is_no_ucs2_says_that_none_is(tmp_path):
    answer = '+CPBR: 1,"1",129,"BEEF"\n+CPBR: 2,"2",129,"Bob"\nOK'
    entries, _ = run(tmp_path, listed, {"AT+CPBR=1,2": answer})
    assert [each["name"] for each in entries] == ["BEEF", "Bob"]


@pytest.mark.parametrize("answer", ["+CME ERROR: 22", "+CME ERROR: 21", "OK"])
def test_nothing_is_there(tmp_path, answer):
    assert run(tmp_path, listed, {"AT+CPBR=1,2": answer})[0] == []


def test_a_modem_without_ucs2(tmp_path):
    answers = {'AT+CSCS="UCS2"': "ERROR", "AT+CPBR=1,2": '+CPBR: 1,"1",129,"BEEF"\nOK'}
    entries, heard = run(tmp_path, listed, answers)
    assert entries == [entry("BEEF", "1")]
    assert heard[-1] == "AT+CPBR=1,2"


def test_the_way_back_may_want_to_be_spelt_in_ucs2(tmp_path):
    answers = {
        "AT+CPBR=1,2": "+CME ERROR: 4",
        'AT+CSCS="GSM"': "ERROR",
        'AT+CSCS="00470053004D"': "OK",
    }

    async def play(host, peer):
        return await host.refused("phonebook/list"), peer.heard

    error, heard = run(tmp_path, play, answers)
    assert isinstance(error, Refused)
    assert heard[-1] == 'AT+CSCS="00470053004D"'


def test_without_a_number_of_places_the_test_form_says(tmp_path):
    async def play(host, peer):
        return await host.ask("phonebook/write", number="1", name="A"), peer.heard[-2]

    answers = {
        'AT+CPBS="SM"': '+CPBS: "SM"\nOK',
        "AT+CPBS?": '+CPBS: "SM"\nOK',
        "AT+CPBR=?": "+CPBR: (1-3), 20, 14\nOK",
        "AT+CPBR=1,3": f'+CPBR: 1,"123",129,"{ALICE}"\nOK',
        'AT+CPBW=2,"1",129,"0041"': "OK",
    }
    index, _ = run(tmp_path, play, answers)
    assert index == {"index": 2}


def test_a_modem_that_takes_no_plus(tmp_path):
    async def play(host, _peer):
        return await host.ask("phonebook/write", number="+49123", name="A", index=1)

    answers = {
        'AT+CPBW=1,"+49123",145,"0041"': "+CME ERROR: 27",
        'AT+CPBW=1,"49123",145,"0041"': "OK",
    }
    assert run(tmp_path, play, answers) == {"index": 1}


def test_a_full_phonebook(tmp_path):
    answers = {
        "AT+CPBR=1,2": f'+CPBR: 1,"1",129,"{ALICE}"\n+CPBR: 2,"2",129,"{ALICE}"\nOK',
    }

    async def play(host, _peer):
        return await host.refused("phonebook/write", number="1", name="A")

    assert "0 free places" in str(run(tmp_path, play, answers))


@pytest.mark.parametrize(
    ("said", "kind", "number"),
    [
        ("491701234567", 145, "+491701234567"),
        ("+491701234567", 145, "+491701234567"),
        ("01701234567", 129, "01701234567"),
        ("002B00340039", 145, "+49"),
        ("0031201234567890", 129, "0031201234567890"),
    ],
)
def test_numbers(said, kind, number):
    assert read_number(said, kind) == number

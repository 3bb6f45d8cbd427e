"""Certificates, against a peer that plays the modem."""

import asyncio
from typing import Any

import pytest
import voluptuous as vol

from n11bridge.at.errors import Refused
from n11bridge.capabilities.certificates import Certificates
from n11bridge.capability import RequestError

from .host import bench

PEM = "-----BEGIN-----\nOK\n"
ADD = f'AT+CERTADD="ca.pem",{len(PEM)}'


def asked(tmp_path, name: str, answers: dict[str, Any], /, **parameters: Any) -> Any:
    """The answer or the error, and what the modem was told."""

    async def main():
        async with bench(tmp_path, Certificates, answers=answers) as (host, peer):
            try:
                result = await host.ask(f"certificates/{name}", **parameters)
            except (RequestError, Refused, vol.Invalid) as error:
                result = error
            return result, peer.heard

    return asyncio.run(main())


def prompt(answer: str):
    """Ask for the bytes, take them, and answer."""

    def play(peer):
        def taken():
            if peer.unfinished == PEM.encode():
                peer.unfinished = b""
                peer.say(*answer.split("\n"))

        peer.on_line = taken
        peer.send("\r\n> ")

    return play


@pytest.mark.parametrize("answer", [f"+CERTADD: {len(PEM)},OK", f"+CERTADD:{len(PEM)},OK\nOK"])
def test_one_is_added(tmp_path, answer):
    data, heard = asked(tmp_path, "add", {ADD: prompt(answer)}, name="ca.pem", text=PEM)
    assert data == {"name": "ca.pem", "size": len(PEM)}
    assert heard == [ADD]


def test_one_of_the_name_is_replaced(tmp_path):
    answers = {
        ADD: ["ERROR", prompt(f"+CERTADD: {len(PEM)},OK")],
        'AT+CERTDEL="ca.pem"': "+CERTDEL: ca.pem,OK",
    }
    data, heard = asked(tmp_path, "add", answers, name="ca.pem", text=PEM)
    assert data["size"] == len(PEM)
    assert heard == [ADD, 'AT+CERTDEL="ca.pem"', ADD]


def test_the_modem_refuses_one(tmp_path):
    answers = {ADD: "ERROR", 'AT+CERTDEL="ca.pem"': "+CERTDEL: ERROR"}
    error, heard = asked(tmp_path, "add", answers, name="ca.pem", text=PEM)
    assert isinstance(error, Refused)
    assert heard == [ADD, 'AT+CERTDEL="ca.pem"']


def test_a_part_is_not_taken_for_the_whole(tmp_path):
    error, _ = asked(tmp_path, "add", {ADD: prompt("+CERTADD: 3,OK")}, name="ca.pem", text=PEM)
    assert isinstance(error, RequestError)
    assert "3 of 19 bytes" in error.message


@pytest.mark.parametrize(
    "parameters",
    [
        {"name": "ca.pem"},
        {"name": "ca.pem", "text": ""},
        {"name": "ca.pem", "data": "AA==", "hex": "00"},
        {"name": "ca.pem", "text": "x" * 16385},
        {"name": 'c"a.pem', "text": PEM},
        {"name": "c\ra.pem", "text": PEM},
        {"name": "", "text": PEM},
        {"name": "x" * 51, "text": PEM},
        {"text": PEM},
    ],
)
def test_what_cannot_be_stored_is_not_tried(tmp_path, parameters):
    error, heard = asked(tmp_path, "add", {}, **parameters)
    assert isinstance(error, vol.Invalid | RequestError)
    assert heard == []


@pytest.mark.parametrize(
    ("answer", "present"),
    [
        ("+CERTCHECK: ca.pem,OK", True),
        ("+CERTCHECK:ca.pem,OK\nOK", True),
        ("+CERTCHECK: ERROR", False),
        ("+CERTCHECK: ERROR\nERROR", False),
        ("ERROR", False),
    ],
)
def test_one_is_looked_for(tmp_path, answer, present):
    data, _ = asked(tmp_path, "check", {'AT+CERTCHECK="ca.pem"': answer}, name="ca.pem")
    assert data == {"name": "ca.pem", "present": present}


def test_a_modem_that_has_no_certificates_does_not_say_that_one_is_missing(tmp_path):
    answers = {'AT+CERTCHECK="ca.pem"': "+CME ERROR: 4"}
    error, _ = asked(tmp_path, "check", answers, name="ca.pem")
    assert isinstance(error, Refused)


def test_one_is_deleted(tmp_path):
    data, _ = asked(
        tmp_path, "delete", {'AT+CERTDEL="ck.pem"': "+CERTDEL: ck.pem,OK"}, name="ck.pem"
    )
    assert data == {"name": "ck.pem", "present": False}


@pytest.mark.parametrize("answer", ["+CERTDEL: ERROR", "ERROR"])
def test_one_that_is_not_there_cannot_be_deleted(tmp_path, answer):
    error, _ = asked(tmp_path, "delete", {'AT+CERTDEL="ck.pem"': answer}, name="ck.pem")
    assert isinstance(error, RequestError)
    assert "no certificate named 'ck.pem'" in error.message

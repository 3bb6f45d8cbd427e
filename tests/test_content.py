"""Binary data in requests and answers."""

from typing import Any

import pytest
import voluptuous as vol

from n11bridge import content
from n11bridge.capability import RequestError

SCHEMA = vol.Schema(content.parameters())


@pytest.mark.parametrize(
    ("parameters", "octets"),
    [
        ({"text": "grüße\0"}, b"gr\xc3\xbc\xc3\x9fe\0"),
        ({"text": ""}, b""),
        ({"hex": "00ff 0A"}, b"\x00\xff\n"),
        ({"hex": ""}, b""),
        ({"data": "AP8K"}, b"\x00\xff\n"),
        ({"data": ""}, b""),
    ],
)
def test_the_three_ways_to_give_bytes(parameters: dict[str, Any], octets: bytes) -> None:
    assert content.required(SCHEMA(parameters)) == octets


@pytest.mark.parametrize(
    "parameters",
    [
        {"hex": "0"},
        {"hex": "0g"},
        {"hex": 1},
        {"data": "A"},
        {"data": "é==="},
        {"data": "a b="},
        {"data": None},
        {"text": 1},
        {"text": "a", "hex": "61"},
        {"text": "a", "data": "YQ=="},
    ],
)
def test_what_holds_no_bytes_or_too_many_ways(parameters: dict[str, Any]) -> None:
    with pytest.raises(vol.Invalid):
        SCHEMA(parameters)


def test_one_of_them_is_needed() -> None:
    assert content.given({}) is None
    with pytest.raises(RequestError, match="exactly one of text, hex and data"):
        content.required({})


def test_half_a_character_is_no_text() -> None:
    with pytest.raises(RequestError, match="text"):
        content.required({"text": "a\ud800"})


@pytest.mark.parametrize(("octets", "fits"), [(b"", False), (b"a", True), (b"abcd", False)])
def test_the_length_is_limited(octets: bytes, fits: bool) -> None:
    parameters = {"data": octets}
    if fits:
        assert content.required(parameters, least=1, most=3) == octets
    else:
        with pytest.raises(RequestError, match="1 to 3 can be taken"):
            content.required(parameters, least=1, most=3)


def test_bytes_are_shown_with_their_text_if_they_have_one() -> None:
    assert content.shown(b"hi\0") == {"data": "aGkA", "text": "hi\0"}
    assert content.shown(b"\xff") == {"data": "/w==", "text": None}

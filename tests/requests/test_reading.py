"""What a message on request/# asks for, however odd it is."""

import sys

import pytest

from n11bridge.capability import RequestError
from n11bridge.requests import reading


def test_every_depth_is_read_or_called_wrong():
    """There are depths at which Python can just read JSON, but cannot write it again."""
    codes = []
    # From Python 3.12 on the limit is not that of the interpreter, and far beyond it.
    for depth in (*range(10, sys.getrecursionlimit() + 200), 200_000):
        payload = b'{"a":' + b"[" * depth + b"]" * depth + b"}"
        try:
            reading.read("signal", "read", payload, "new")
        except RequestError as error:
            codes.append(error.code)
    assert set(codes) == {"invalid_request"}


@pytest.mark.parametrize("ttl", ["1e999", "-1", "0", "NaN", '"60"', "true", "[]", "9" * 5000])
def test_no_time_to_live(ttl: str):
    with pytest.raises(RequestError) as raised:
        reading.read("signal", "read", f'{{"ttl": {ttl}}}'.encode(), "new")
    assert raised.value.code == "invalid_request"

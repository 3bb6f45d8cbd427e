"""The answer of SSLTCPREAD, whole and in every two portions."""

import pytest

from n11bridge.internet.manners import Manners
from n11bridge.internet.tls_portion import TlsPortion

END = b"\r\n\r\nOK\r\n"
CASES = {
    "of the length asked for": (b"0123456789" + END, b"0123456789", b""),
    "shorter": (b"hello\r\nOK\r\n", b"hello", b""),
    "with an OK inside": (b"a" + END + b"b" + END, b"a" + END + b"b", b""),
    "nothing": (END, b"", b""),
    "a report behind": (b"hello" + END + b"\r\n+TCPRECV: 1\r\n", b"hello", b"\r\n+TCPRECV: 1\r\n"),
    "with a length": (b"5,hello" + END, b"hello", b""),
}


@pytest.mark.parametrize("case", CASES)
def test_the_data_are_found_at_every_split(case: str) -> None:
    said, data, rest = CASES[case]
    for split in range(len(said) + 1):
        portion = TlsPortion(10, Manners())
        for part in (said[:split], said[split:]):
            if portion.rest is None:
                portion.take(part)
        if portion.rest is None:
            portion.quiet()
        assert (portion.data, portion.in_step) == (data, True)
        assert rest.endswith(portion.rest or b"")

"""What the lines of a ping say."""

import pytest

from n11bridge.capabilities.diagnosis import DnsServersNow, statistics
from n11bridge.capability import RequestError

REPLY = "Reply from 183.232.231.172: bytes= 36 time = 780(ms), TTL = 255"
GOOD = (
    "Packets: Sent = 5, Received = 4, Lose = 1 <20%>, max_delay = 780 ms, "
    "min_delay = 299 ms, average delay = 570 ms"
)


def test_some_came_back() -> None:
    lines = [REPLY, "Request timed out.", "Ping statistics for 183.232.231.172", GOOD]
    assert statistics("www.baidu.com", lines) == {
        "host": "www.baidu.com",
        "address": "183.232.231.172",
        "sent": 5,
        "received": 4,
        "lost": 1,
        "least": 0.299,
        "average": 0.57,
        "most": 0.78,
    }


def test_none_came_back() -> None:
    lines = ["Request timed out."] * 5
    lines += [
        "Ping statistics for 192.168.2.61:",
        "Packets: Sent = 5, Received = 0, Lose =",
        "5<100% >",
    ]
    found = statistics("192.168.2.61", lines)
    assert (found["received"], found["lost"], found["address"]) == (0, 5, "192.168.2.61")
    assert found["least"] is found["average"] is found["most"] is None


@pytest.mark.parametrize(
    ("lines", "code"),
    [(["+PING: No PPP Link"], "unavailable"), (["ERROR"], "modem_error"), ([], "modem_error")],
)
def test_there_are_no_statistics(lines: list[str], code: str) -> None:
    with pytest.raises(RequestError) as caught:
        statistics("www.baidu.com", lines)
    assert caught.value.code == code


def test_addresses_of_servers() -> None:
    assert DnsServersNow("dns1:211.95.193.97;dns2:0.0.0.0").addresses == ["211.95.193.97"]
    assert DnsServersNow("dns1: 1.1.1.1; dns2: 2.2.2.2").addresses == ["1.1.1.1", "2.2.2.2"]
    assert DnsServersNow("").addresses == []

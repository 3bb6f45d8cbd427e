"""The line to the broker dies without a word: no end of the connection, no reset."""

import time
from collections.abc import Iterator

import pytest

from .conftest import NewHouse
from .processes import Mosquitto
from .proxy import Proxy

pytestmark = pytest.mark.slow

ALICE, BOB = "+491701234567", "+491707654321"
KEEPALIVE = 5


@pytest.fixture
def proxy(broker: Mosquitto) -> Iterator[Proxy]:
    proxy = Proxy(broker.port)
    yield proxy
    proxy.cut()


def test_a_dead_line_is_found_and_nothing_is_lost(new_house: NewHouse, proxy: Proxy):
    house = new_house(broker_port=proxy.port, mqtt={"keepalive": KEEPALIVE}).open()
    mark, heard = house.daemon.output.mark(), house.heard.mark()
    proxy.mute()
    dead = time.monotonic()
    house.modem.do("receive", from_=BOB, text="while the line was dead")
    house.publish("sms/send", {"id": "asked", "to": ALICE, "text": "and out"})
    line = house.daemon.output.wait_for(lambda line: "the broker is away" in line, after=mark)
    # A period of silence and half of another, and a tenth until it is looked at.
    assert time.monotonic() - dead < 1.6 * KEEPALIVE + 1
    assert "does not answer any more" in line
    house.online(heard)
    house.received(heard, text="while the line was dead")
    answer = house.response("sms/send", heard, id="asked")
    house.wait_message(answer["data"]["messages"][0]["message"], "delivered")
    assert [m["text"] for m in house.sent()] == ["and out"]
    assert len({e["uid"] for e in house.events("sms/received")}) == 1


def test_a_quiet_line_is_not_taken_for_dead(new_house: NewHouse, proxy: Proxy):
    house = new_house(broker_port=proxy.port, mqtt={"keepalive": KEEPALIVE}).open()
    mark = house.daemon.output.mark()
    time.sleep(3 * KEEPALIVE)  # the silence is what is tested
    assert house.ask("signal/read")["status"] == "ok"
    assert not [line for line in house.daemon.output.since(mark) if "is away" in line]

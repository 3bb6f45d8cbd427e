"""The disk fills up under the running daemon, and has room again; nothing is lost or done twice."""

import contextlib
import resource
from collections.abc import Iterator

import pytest

from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow

ALICE, BOB = "+491701234567", "+491707654321"


@contextlib.contextmanager
def full(house: House) -> Iterator[None]:
    """The kernel lets the daemon write nothing into any file."""
    pid = house.daemon.pid
    assert pid is not None
    limits = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def problems(house: House, code: str) -> list[str]:
    return [event["message"] for event in house.events("bridge/problem") if event["code"] == code]


def test_a_disk_that_is_full_for_a_while(new_house: NewHouse):
    house = new_house().open()
    with full(house):
        for number in range(3):
            answer = house.ask("sms/send", to=ALICE, text=f"not accepted {number}")
            error = answer["error"]
            assert (error["code"], error["retryable"]) == ("internal", True)
            assert str(house.store) in error["message"]
        house.modem.do("receive", from_=BOB, text="kept on the SIM")
        house.modem.do("receive", from_=BOB, text="stored nowhere else", class_=0)
        house.wait(commands=1, matching="+CMGR")
        assert house.ask("signal/read")["status"] == "ok"
        assert house.ledger()["storages"]["SM"]
        assert house.events("sms/received") == []
        assert len(problems(house, "store")) == 1
    pid = house.daemon.pid
    house.received(text="kept on the SIM")
    house.received(text="stored nowhere else")
    house.wait(stored=0)
    (key,) = house.send(ALICE, "and on it goes")
    house.wait_message(key, "delivered")
    assert house.daemon.pid == pid
    assert len(problems(house, "store")) == 1
    assert len(house.sent()) == 1
    assert len(house.events("sms/received")) == 2


def test_it_fills_up_while_a_message_is_with_the_modem(new_house: NewHouse):
    """The network's answer is known, so it is no unknown outcome."""
    house = new_house().open()
    house.modem.do("fault", kind="delay", command="+CMGS", phase="answer", seconds=1.0)
    (key,) = house.send(ALICE, "sent all the same")
    house.wait(sent=1)
    with full(house):
        house.heard.wait_for(lambda m: m.topic.endswith("event/bridge/problem"))
        assert house.states(key) in (["queued"], ["queued", "sending"])
    house.wait_message(key, "delivered")
    assert house.states(key) == ["queued", "sending", "sent", "delivered"]
    assert len(house.sent()) == 1


def test_it_fills_up_before_a_message_leaves(new_house: NewHouse):
    house = new_house().open()
    house.lose_network()
    (key,) = house.send(ALICE, "later")
    with full(house):
        house.modem.do("network", stat=1)
        house.heard.wait_for(lambda m: m.topic.endswith("event/bridge/problem"))
        assert house.sent() == []
    house.wait_message(key, "delivered")
    assert [m["text"] for m in house.sent()] == ["later"]


def test_a_request_carried_out_while_it_filled_up_is_answered_so(new_house: NewHouse):
    house = new_house().open()
    house.modem.do("fault", kind="delay", command="+CSCA", phase="answer", seconds=1.0)
    mark = house.heard.mark()
    house.publish("sms/centre", {"id": "centre", "number": "+491710760000"})
    house.wait(commands=1, matching="+CSCA")
    with full(house):
        answer = house.response("sms/centre", mark, id="centre")
        assert (answer["status"], answer["data"]) == ("ok", {"number": "+491710760000"})
    house.daemon.output.wait_for(lambda line: "the store takes changes again" in line)
    (key,) = house.send(ALICE, "all is recorded again")
    house.wait_message(key, "delivered")
    house.reopen()
    again = house.ask("sms/centre", id="centre", number="+491710760000")
    assert again["data"] == {"number": "+491710760000"}
    topic = f"{house.base}/response/sms/centre"
    assert len([m for m in house.heard.since(mark) if m.topic == topic]) == 2

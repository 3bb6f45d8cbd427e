"""The shortest way through everything."""

from .conftest import NewHouse


def test_a_message_goes_out_and_one_comes_in(new_house: NewHouse):
    house = new_house().open()

    (key,) = house.send("+491701234567", "hello")
    house.wait_message(key, "delivered")
    assert house.states(key) == ["queued", "sending", "sent", "delivered"]
    assert [(m["number"], m["text"]) for m in house.sent()] == [("+491701234567", "hello")]

    house.modem.do("receive", from_="+491707654321", text="hello to you")
    assert house.received(text="hello to you")["from"] == "+491707654321"
    house.wait(stored=0)


def test_it_stops_cleanly_and_says_so(new_house: NewHouse):
    house = new_house().open()
    mark = house.heard.mark()
    assert house.daemon.stop() == 0
    assert not [line for line in house.daemon.output.since() if "the broker is away" in line]
    availability = f"{house.base}/availability"
    last = house.heard.wait_for(lambda m: m.topic == availability, after=mark)
    assert (last.payload, last.retain) == (b"offline", True)


def test_a_bad_request_is_answered(new_house: NewHouse):
    house = new_house().open()
    response = house.ask("sms/send", text="to nobody")
    assert response["status"] == "error"
    assert response["error"]["code"] == "invalid_request"
    assert "to" in response["error"]["message"]

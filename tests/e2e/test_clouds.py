"""Ali's cloud, which a real broker stands for, and OceanConnect, which the simulator plays."""

from collections.abc import Callable

import pytest

from .conftest import NewHouse
from .house import House
from .processes import Mosquitto

pytestmark = pytest.mark.slow

CLOUD = "key.iot-as-mqtt.cn-shanghai.aliyuncs.com:1883"
DEVICE = {"product_key": "key", "device_name": "n11", "device_secret": "secret"}
styles = pytest.mark.parametrize("options", [(), ("--style", "contrary")], ids=["", "contrary"])


def refused(house: House, name: str, **parameters: object) -> str:
    """The code of the error that a request is answered with."""
    code: str = house.ask(name, **parameters)["error"]["code"]
    return code


@styles
def test_a_device_of_ali(
    new_house: NewHouse, new_broker: Callable[[], Mosquitto], options: tuple[str, ...]
) -> None:
    house = new_house(*options).open()
    routes = {CLOUD: f"127.0.0.1:{new_broker().port}"}
    house.simulator.control.do("peers", routes=routes)
    assert refused(house, "aliyun/publish", topic="/t", text="x") == "unavailable"
    assert refused(house, "aliyun/authenticate", product_key="key") == "invalid_request"
    assert refused(house, "aliyun/authenticate") == "modem_error"
    assert house.ask("aliyun/authenticate", **DEVICE)["data"]["authenticated"] is True
    assert house.ask("aliyun/authenticate")["data"]["authenticated"] is True
    assert house.ask("aliyun/connect", keepalive=90)["data"]["connected"] is True
    assert house.ask("aliyun/subscribe", topic="/t/+")["data"] == {"qos": 1}
    text = '{"a": "b\\\\c, d"}'
    assert house.ask("aliyun/publish", topic="/t/x", text=text)["status"] == "ok"
    event = house.wait_event("aliyun/message", topic="/t/x")
    assert (event["text"], event["complete"]) == (text, True)
    assert house.ask("aliyun/unsubscribe", topic="/t/+")["status"] == "ok"
    for wrong in ("", "ä", "a\nb", "x" * 1025):
        assert refused(house, "aliyun/publish", topic="/t", text=wrong) == "invalid_request"
    house.simulator.control.do("link", lost=True)
    house.wait_state("aliyun", connected=False, authenticated=True)
    assert house.ask("aliyun/connect")["data"]["connected"] is True
    assert house.ask("aliyun/disconnect")["data"]["connected"] is False
    assert refused(house, "aliyun/disconnect") == "modem_error"


@styles
def test_a_device_of_oceanconnect(new_house: NewHouse, options: tuple[str, ...]) -> None:
    house = new_house(*options).open()
    platform = house.simulator.control
    assert refused(house, "oceanconnect/send", hex="00") == "unavailable"
    opened = house.ask("oceanconnect/open", host="180.101.147.135")
    assert opened["data"] == {"connected": True, "server": "180.101.147.135:5683"}
    assert house.ask("oceanconnect/send", hex="010548454c4c4f")["status"] == "ok"
    assert platform.do("platform", send="aaaa0000")["sent"] == ["010548454c4c4f"]
    assert house.wait_event("oceanconnect/received")["data"] == "qqoAAA=="
    assert refused(house, "oceanconnect/send", hex="00" * 513) == "invalid_request"
    house.ask("oceanconnect/open", host="platform.example.com", port=5684, buffered=True)
    assert refused(house, "oceanconnect/read") == "modem_error"
    platform.do("platform", send="68656c6c6f")
    assert house.ask("oceanconnect/read")["data"]["text"] == "hello"
    house.simulator.control.do("link", lost=True)
    house.wait_state("oceanconnect", connected=False)
    assert house.ask("oceanconnect/close")["data"]["connected"] is False

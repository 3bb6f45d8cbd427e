"""Actions: requests with answers, and failures that say what is wrong."""

import asyncio
from typing import Any
from unittest.mock import patch

import pytest
import voluptuous as vol
from fake_bridge import ALICE, FakeBridge, act
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from pytest_homeassistant_custom_component.common import MockConfigEntry

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.mark.parametrize(
    ("name", "request_", "fields"),
    [
        ("send_ussd", "ussd/send", {"code": "*100#", "timeout": 60}),
        ("cancel_sms", "sms/cancel", {"message": "m1"}),
        ("list_sent", "sms/outbox", {"state": "queued", "limit": 5}),
        ("list_phonebook", "phonebook/list", {"storage": "SM", "first": 1, "last": 9}),
        ("find_in_phonebook", "phonebook/find", {"name": "Ali"}),
        ("write_phonebook", "phonebook/write", {"number": ALICE, "name": "Alice", "index": 3}),
        ("delete_from_phonebook", "phonebook/delete", {"index": 3}),
        (
            "http_request",
            "http/request",
            {
                "url": "http://a.example/",
                "method": "PUT",
                "text": "x",
                "timeout": 9,
                "max_length": 5000,
                "redirects": 2,
                "certificates": {"ca": "ca.pem"},
            },
        ),
    ],
)
async def test_an_action_is_a_request(
    hass: HomeAssistant, bridge: FakeBridge, name: str, request_: str, fields: dict[str, Any]
) -> None:
    bridge.answers[request_] = lambda asked: {"data": {"asked": asked}}
    assert await act(hass, name, **fields) == {"asked": fields}
    assert bridge.of(request_)[-1] == fields


@pytest.mark.parametrize("protocol", ["tcp", "tls", "udp"])
async def test_a_socket(hass: HomeAssistant, bridge: FakeBridge, protocol: str) -> None:
    for name, fields in (
        ("open", {"host": "a.example", "port": 53, "idle": 0}),
        ("send", {"socket": 4, "text": "x", "acknowledged": True}),
        ("close", {"socket": 0}),
    ):
        action = {"send": "send_to_socket"}.get(name, f"{name}_socket")
        assert await act(hass, action, protocol=protocol, **fields) == {"asked": fields}
        assert bridge.of(f"{protocol}/{name}") == [fields]
    await act(hass, "close_socket", socket=1)
    assert bridge.of("tcp/close")[-1] == {"socket": 1}


async def test_small_letters_will_do(hass: HomeAssistant, bridge: FakeBridge) -> None:
    await act(hass, "list_phonebook", storage="on")
    await act(hass, "http_request", url="http://a.example/", method="head")
    assert bridge.of("phonebook/list") == [{"storage": "ON"}]
    assert bridge.of("http/request")[0]["method"] == "HEAD"


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("send_sms", {"to": [], "text": "x"}),
        ("send_sms", {"to": ALICE, "text": "x", "validity": 59}),
        ("send_sms", {"to": ALICE, "text": "x", "wait": "read"}),
        ("send_sms", {"to": ALICE, "text": "x", "ttl": 5}),
        ("list_sent", {"state": "lost"}),
        ("list_phonebook", {"storage": "XX"}),
        ("delete_from_phonebook", {"index": 0}),
        ("send_to_socket", {"socket": 5, "text": "x"}),
        ("send_to_socket", {"socket": 1, "text": "x", "hex": "78"}),
        ("open_socket", {"host": "a.example", "port": 0}),
        ("http_request", {"url": "http://a.example/", "method": "BREW"}),
        ("request", {"request": "tcp/send/#"}),
        ("request", {"request": "signal/read", "parameters": []}),
    ],
)
async def test_what_an_action_does_not_take(
    hass: HomeAssistant, bridge: FakeBridge, name: str, fields: dict[str, Any]
) -> None:
    with pytest.raises(vol.Invalid):
        await act(hass, name, **fields)
    # The component itself reads the lists.
    assert {request for request, _ in bridge.asked} <= {"sms/inbox", "sms/outbox"}


async def test_a_slow_answer_is_waited_for(hass: HomeAssistant, bridge: FakeBridge) -> None:
    """The time-out of a page is the server's silence; the page itself may take much longer."""
    waited = []

    async def ask(_: Any, request: str, parameters: Any = None, work: float = 0) -> Any:
        waited.append((request, work))
        return {}

    with patch("custom_components.n11bridge.bridge.Bridge.ask", ask):
        await act(hass, "http_request", url="http://a.example/", timeout=5, max_length=500_000)
        await act(hass, "open_socket", host="a.example", port=80)
        await act(hass, "send_ussd", code="*1#", timeout=300)
    assert [request for request, _ in waited] == ["http/request", "tcp/open", "ussd/send"]
    assert waited[0][1] > 500
    assert waited[1][1] > 150
    assert waited[2][1] > 300


async def test_any_request(hass: HomeAssistant, bridge: FakeBridge) -> None:
    answer = await act(hass, "request", request="tcp/send", parameters={"socket": 1, "text": "x"})
    assert answer == {"asked": {"socket": 1, "text": "x"}}
    assert bridge.of("tcp/send") == [{"socket": 1, "text": "x"}]


async def test_a_request_may_say_how_long_it_may_wait(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    bridge.answers["signal/read"] = None
    with pytest.raises(HomeAssistantError) as caught:
        await loaded.runtime_data.bridge.ask("signal/read", {"ttl": 0.01}, 0.01)
    assert caught.value.translation_key == "no_answer"
    bridge.answers["signal/read"] = lambda asked: {"data": asked}
    assert await loaded.runtime_data.bridge.ask("signal/read", {"ttl": "1"}, 0.01) == {}


async def test_texts_are_listed(hass: HomeAssistant, bridge: FakeBridge) -> None:
    bridge.receive("u1")
    answer = await act(hass, "list_received", since="u0")
    assert [message["uid"] for message in answer["messages"]] == ["u1"]


@pytest.mark.parametrize(
    ("code", "key"), [("rate_limited", "rate_limited"), ("brand_new", "request_failed")]
)
async def test_an_error_is_translated(
    hass: HomeAssistant, bridge: FakeBridge, code: str, key: str
) -> None:
    error = {"code": code, "message": "no more", "retryable": True, "modem": "+CME ERROR: 30"}
    bridge.answers["sms/send"] = lambda _: {"status": "error", "error": error}
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "send_sms", to=ALICE, text="x")
    assert (caught.value.translation_domain, caught.value.translation_key) == ("n11bridge", key)
    assert caught.value.translation_placeholders == {
        "request": "sms/send",
        "code": code,
        "message": "no more (+CME ERROR: 30)",
    }
    # What the caller has to mend is no fault that belongs into the log.
    wrong = code in ("invalid_request", "unknown_request")
    assert isinstance(caught.value, ServiceValidationError) is wrong


async def test_the_words_of_the_modem_are_said_once(
    hass: HomeAssistant, bridge: FakeBridge
) -> None:
    said = "+CME ERROR: 16 (incorrect password)"
    error = {"code": "modem_error", "message": said, "retryable": False, "modem": "+CME ERROR: 16"}
    bridge.answers["sms/send"] = lambda _: {"status": "error", "error": error}
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "send_sms", to=ALICE, text="x")
    assert (caught.value.translation_placeholders or {})["message"] == said


async def test_without_the_bridge(hass: HomeAssistant, bridge: FakeBridge) -> None:
    bridge.say("availability", "offline")
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "send_ussd", code="*100#")
    assert caught.value.translation_key == "offline"
    assert bridge.of("ussd/send") == []


async def test_no_answer(
    hass: HomeAssistant, bridge: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.n11bridge.bridge.TTL", 0.01)
    bridge.answers["signal/read"] = None
    monkeypatch.setattr("custom_components.n11bridge.actions.MARGIN", 0)
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "request", request="signal/read", timeout=1)
    assert caught.value.translation_key == "no_answer"


async def test_who_waits_is_told_when_it_is_unloaded(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    bridge.answers["signal/read"] = None
    asking = asyncio.create_task(act(hass, "request", request="signal/read"))
    while not bridge.of("signal/read"):
        await asyncio.sleep(0)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    with pytest.raises(HomeAssistantError) as caught:
        await asking
    assert caught.value.translation_key == "no_answer"
    with pytest.raises(ServiceValidationError) as missing:
        await act(hass, "request", request="signal/read")
    assert missing.value.translation_key == "not_loaded"
    assert await hass.config_entries.async_remove(loaded.entry_id)
    with pytest.raises(ServiceValidationError) as gone:
        await act(hass, "request", request="signal/read")
    assert gone.value.translation_key == "no_bridge"


async def test_which_bridge(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    await act(hass, "send_ussd", code="*1#", config_entry_id=loaded.entry_id)
    await act(hass, "send_ussd", code="*1#", config_entry_id="")
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "send_ussd", code="*1#", config_entry_id="another")
    assert caught.value.translation_key == "no_bridge"
    other = MockConfigEntry(domain="n11bridge", unique_id="x/n12", data={"base_topic": "x/n12"})
    other.add_to_hass(hass)
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "send_ussd", code="*1#", config_entry_id=other.entry_id)
    assert caught.value.translation_key == "not_loaded"
    await act(hass, "send_ussd", code="*1#")
    other.mock_state(hass, loaded.state)
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "send_ussd", code="*1#")
    assert caught.value.translation_key == "which_bridge"

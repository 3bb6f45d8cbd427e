"""Issues that can be mended on the page: the PIN and the PUK of the SIM."""

import logging
from typing import Any

import pytest
from fake_bridge import FakeBridge, settle
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

PIN, PUK = "4711", "12345678"
URL = "/api/repairs/issues/fix"


class Page:
    """The page of repairs, with the flow of one issue."""

    def __init__(self, client: Any, issue: str) -> None:
        self._client = client
        self._issue = issue
        self._flow = ""

    async def open(self) -> Any:
        return await self._post(URL, {"handler": "n11bridge", "issue_id": self._issue})

    async def submit(self, **codes: str) -> Any:
        return await self._post(f"{URL}/{self._flow}", codes)

    async def _post(self, url: str, document: Any) -> Any:
        response = await self._client.post(url, json=document)
        answer = await response.json()
        assert response.status == 200, answer
        self._flow = answer["flow_id"]
        return answer


@pytest.fixture
async def status(hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry) -> Any:
    assert await async_setup_component(hass, "repairs", {})

    def say(status: str) -> None:
        bridge.say("state/sim", {"status": status})
        bridge.say("state/modem", {"status": status})

    return say


@pytest.fixture
async def page(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_client: ClientSessionGenerator
) -> Any:
    client = await hass_client()
    return lambda kind: Page(client, f"{kind}_{loaded.entry_id}")


def refused(code: str, message: str, modem: str | None = None) -> Any:
    error = {"code": code, "message": message, "retryable": False, "modem": modem}
    return lambda _: {"status": "error", "error": error}


async def test_the_pin_goes_to_the_bridge_and_nowhere_else(
    hass: HomeAssistant,
    bridge: FakeBridge,
    status: Any,
    page: Any,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "homeassistant.components.mqtt")
    status("pin_required")
    repair = page("pin_required")
    form = await repair.open()
    assert (form["step_id"], form["errors"]) == ("codes", {})
    assert [(field["name"], field["required"]) for field in form["data_schema"]] == [("pin", True)]
    assert form["data_schema"][0]["selector"]["text"]["type"] == "password"
    assert form["description_placeholders"] == {"name": "n11", "message": ""}
    assert (await repair.submit(pin=f" {PIN} "))["type"] == "create_entry"
    await settle(hass)
    assert bridge.of("sim/enter_pin") == [{"pin": PIN}]
    assert not ir.async_get(hass).issues
    assert PIN not in caplog.text
    assert PIN not in str(hass_storage)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (refused("invalid_request", "pin: a PIN has 4 to 8 digits"), "invalid_request", "4 to 8"),
        (refused("forbidden", "this PIN was tried"), "forbidden", "was tried"),
        (refused("modem_error", "no", "+CME ERROR: 16"), "modem_error", "no (+CME ERROR: 16)"),
        (refused("unavailable", "the SIM is ready"), "unavailable", "the SIM is ready"),
        (refused("unknown_outcome", "it died"), "failed", "it died"),
    ],
)
async def test_a_pin_that_is_refused_is_asked_for_again(
    hass: HomeAssistant,
    bridge: FakeBridge,
    status: Any,
    page: Any,
    answer: Any,
    error: str,
    words: str,
) -> None:
    status("pin_required")
    repair = page("pin_required")
    await repair.open()
    bridge.answers["sim/enter_pin"] = answer
    form = await repair.submit(pin="0000")
    assert form["errors"] == {"base": error}
    assert words in form["description_placeholders"]["message"]
    assert len(ir.async_get(hass).issues) == 1
    del bridge.answers["sim/enter_pin"]
    assert (await repair.submit(pin=PIN))["type"] == "create_entry"


async def test_the_puk_gives_a_new_pin(
    hass: HomeAssistant, bridge: FakeBridge, status: Any, page: Any
) -> None:
    status("puk_required")
    repair = page("puk_required")
    form = await repair.open()
    assert [field["name"] for field in form["data_schema"]] == ["puk", "pin"]
    assert (await repair.submit(puk=PUK, pin=PIN))["type"] == "create_entry"
    assert bridge.of("sim/unblock") == [{"puk": PUK, "pin": PIN}]
    assert not ir.async_get(hass).issues


async def test_without_the_bridge_no_code_is_tried(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry, status: Any, page: Any
) -> None:
    status("pin_required")
    repair = page("pin_required")
    await repair.open()
    bridge.say("availability", "offline")
    form = await repair.submit(pin=PIN)
    assert form["errors"] == {"base": "failed"}
    assert "The bridge of n11 is offline" in form["description_placeholders"]["message"]
    assert bridge.of("sim/enter_pin") == []
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert (await repair.submit(pin=PIN))["reason"] == "not_loaded"


async def test_what_nobody_can_mend_here_is_only_told(
    hass: HomeAssistant, bridge: FakeBridge, loaded: MockConfigEntry
) -> None:
    bridge.say("state/sms", {"storage": {"SM": {"used": 50, "total": 50}}})
    await settle(hass)
    (issue,) = ir.async_get(hass).issues.values()
    assert (issue.translation_key, issue.is_fixable) == ("storage_full", False)

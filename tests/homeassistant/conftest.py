"""Home Assistant with this integration, and a bridge."""

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import custom_components
import pytest
from blueprints import FOLDER
from fake_bridge import BASE, IMEI, FakeBridge, set_up
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockMqttReasonCode,
    async_capture_events,
)

# The test package has a folder of that name, too, which hides ours.
OURS = Path(__file__).parents[2] / "homeassistant" / "custom_components"
custom_components.__path__ = [str(OURS), *custom_components.__path__]

_GOING = re.compile(r"(?s)(?=.*n11bridge).*(deprecated|stop working|Detected that)")


@pytest.fixture(autouse=True)
def _custom(enable_custom_integrations: None) -> None:
    """Home Assistant looks for ours."""


@pytest.fixture(autouse=True)
def _nothing_of_yesterday(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Home Assistant complains of nothing that we use and that it will take away."""
    yield
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    assert [words for each in records if _GOING.search(words := each.getMessage())] == []


@pytest.fixture
async def broker(
    hass: HomeAssistant, mock_hass_config: None, mqtt_client_mock: Any
) -> AsyncIterator[Any]:
    """The MQTT integration, whole, on a client that hears itself."""
    entry = MockConfigEntry(
        domain="mqtt",
        title="MQTT",
        data={"broker": "mock-broker", "protocol": "5"},
        options={"birth_message": {}},
        minor_version=2,
    )
    entry.add_to_hass(hass)

    def disconnect(*_: Any) -> None:
        mqtt_client_mock.on_socket_close(mqtt_client_mock, None, Mock(fileno=lambda: -1))
        mqtt_client_mock.on_disconnect(mqtt_client_mock, None, None, MockMqttReasonCode())

    mqtt_client_mock.disconnect.side_effect = disconnect
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield mqtt_client_mock
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
async def bridge(hass: HomeAssistant, broker: Any) -> FakeBridge:
    bridge = FakeBridge(hass)
    await bridge.start()
    return bridge


@pytest.fixture
def device(hass: HomeAssistant, broker: Any) -> dr.DeviceEntry:
    """The device that MQTT discovery makes."""
    entry = hass.config_entries.async_entries("mqtt")[0]
    return dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("mqtt", f"n11bridge_{IMEI}")}, name="n11"
    )


@pytest.fixture
def entry(hass: HomeAssistant) -> MockConfigEntry:
    entry = MockConfigEntry(
        domain="n11bridge", title="n11", unique_id=BASE, data={"base_topic": BASE}
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def loaded(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: FakeBridge, device: dr.DeviceEntry
) -> MockConfigEntry:
    await set_up(hass, entry, bridge)
    return entry


@pytest.fixture
def received(hass: HomeAssistant) -> list[Any]:
    """The events of the bus that tell of texts."""
    return async_capture_events(hass, "n11bridge_sms_received")


@pytest.fixture
def blueprints(hass: HomeAssistant, tmp_path: Path) -> None:
    """Our blueprints are where Home Assistant looks for them."""
    hass.config.config_dir = str(tmp_path)
    shutil.copytree(FOLDER, tmp_path / "blueprints" / "automation" / "n11bridge")

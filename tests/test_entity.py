"""What each entity becomes in the discovery payload, and what its templates make of our JSON."""

import dataclasses
import json
from typing import Any

import pytest

from n11bridge.entity import (
    GONE,
    BinarySensor,
    Button,
    Connection,
    DeviceTracker,
    Entity,
    Event,
    Failure,
    Notify,
    Sensor,
    Switch,
    Text,
    Topics,
    Update,
    shared_availability,
)
from n11bridge.templates import failed, json_addressed, json_command

ONLINE = {"payload_available": "online", "payload_not_available": "offline"}
OF_THE_BRIDGE = [{"topic": "n11bridge/n11/availability", **ONLINE}]

RSSI = Sensor(
    "rssi",
    name="Signal strength",
    value="rssi_dbm",
    unit_of_measurement="dBm",
    device_class="signal_strength",
    state_class="measurement",
    entity_category="diagnostic",
    expire_after=180,
)
LAST = Sensor(
    "last",
    name="Last message",
    value="last.received",
    attributes=("last.text", "last.from", "sent"),
    device_class="timestamp",
    needs="bridge",
)
ROAMING = BinarySensor("roaming", name="Roaming", value="roaming")
PROBLEM = BinarySensor(
    "problem", name="SIM problem", value="status", on=("no_sim", "puk"), device_class="problem"
)
RECEIVED = Event("received", name="Message", what="received")
JAMMING = Event("events", name="Jamming", what="+", event_types=("detected", "cleared"))
RESTART = Button("restart", name="Restart", verb="restart", entity_category="config")
ALICE = Notify("alice", name="SMS to alice", verb="send", command_template="{{ value }}")
USSD = Text("code", name="USSD code", verb="send", command_template="{{ value }}")
DETECTION = Switch(
    "detection",
    name="Jamming detection",
    value="detection",
    verb="configure",
    payload_on='{"detection": true}',
    payload_off='{"detection": false}',
)
PLACE = DeviceTracker(
    "place",
    name="Location",
    latitude="latitude",
    longitude="longitude",
    gps_accuracy="accuracy",
)
FIRMWARE = Update(
    "firmware",
    name="Firmware",
    installed_version="version",
    latest_version="latest",
    verb="upgrade",
    payload_install="{}",
    device_class="firmware",
)
BRIDGE = Connection("connection", name="Bridge")
FAILURE = Failure("failure", name="Failed request")
EVERY = (
    *(RSSI, LAST, ROAMING, PROBLEM, RECEIVED, JAMMING, RESTART),
    *(ALICE, USSD, DETECTION, PLACE, FIRMWARE, BRIDGE, FAILURE),
)


def component(entity: Entity, capability: str = "x") -> dict[str, Any]:
    return entity.component(Topics("n11bridge/n11", capability))


@pytest.mark.parametrize(
    ("entity", "capability", "expected"),
    [
        (
            RSSI,
            "signal",
            {
                "p": "sensor",
                "qos": 1,
                "name": "Signal strength",
                "state_topic": "n11bridge/n11/state/signal",
                "value_template": "{{ value_json.rssi_dbm | default(none) }}",
                "unit_of_measurement": "dBm",
                "device_class": "signal_strength",
                "state_class": "measurement",
                "entity_category": "diagnostic",
                "expire_after": 180,
            },
        ),
        (
            RECEIVED,
            "sms",
            {
                "p": "event",
                "qos": 1,
                "name": "Message",
                "state_topic": "n11bridge/n11/event/sms/received",
                "event_types": ["received"],
                "availability": OF_THE_BRIDGE,
            },
        ),
        (
            JAMMING,
            "jamming",
            {
                "p": "event",
                "qos": 1,
                "name": "Jamming",
                "state_topic": "n11bridge/n11/event/jamming/+",
                "event_types": ["detected", "cleared"],
                "availability": OF_THE_BRIDGE,
            },
        ),
        (
            RESTART,
            "modem",
            {
                "p": "button",
                "qos": 1,
                "name": "Restart",
                "entity_category": "config",
                "command_topic": "n11bridge/n11/request/modem/restart",
                "payload_press": "{}",
            },
        ),
        (
            ALICE,
            "sms",
            {
                "p": "notify",
                "qos": 1,
                "name": "SMS to alice",
                "command_topic": "n11bridge/n11/request/sms/send",
                "command_template": "{{ value }}",
                "availability": OF_THE_BRIDGE,
            },
        ),
        (
            USSD,
            "ussd",
            {
                "p": "text",
                "qos": 1,
                "name": "USSD code",
                "command_topic": "n11bridge/n11/request/ussd/send",
                "command_template": "{{ value }}",
                "state_topic": "n11bridge/n11/state/ussd",
                "value_template": "{{ '' }}",
            },
        ),
        (
            BRIDGE,
            "bridge",
            {
                "p": "binary_sensor",
                "qos": 1,
                "name": "Bridge",
                "device_class": "connectivity",
                "entity_category": "diagnostic",
                "state_topic": "n11bridge/n11/availability",
                "payload_on": "online",
                "payload_off": "offline",
                "availability": [{**OF_THE_BRIDGE[0], "value_template": "{{ 'online' }}"}],
            },
        ),
        (
            FAILURE,
            "bridge",
            {
                "p": "event",
                "qos": 1,
                "name": "Failed request",
                "icon": "mdi:alert-circle-outline",
                "entity_category": "diagnostic",
                "state_topic": "n11bridge/n11/response/+/+",
                "event_types": ["failed"],
                "value_template": failed("failed"),
                "availability": OF_THE_BRIDGE,
            },
        ),
    ],
    ids=lambda it: it.key if isinstance(it, Entity) else "",
)
def test_component(entity: Entity, capability: str, expected: dict[str, Any]) -> None:
    assert component(entity, capability) == expected


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        (ROAMING, {"payload_on": "ON", "payload_off": "OFF", "state_topic": "b/m/state/x"}),
        (LAST, {"json_attributes_topic": "b/m/state/x"}),
        (PLACE, {"json_attributes_topic": "b/m/state/x"}),
        (
            DETECTION,
            {
                "state_topic": "b/m/state/x",
                "command_topic": "b/m/request/x/configure",
                "payload_on": '{"detection": true}',
                "payload_off": '{"detection": false}',
                "state_on": "ON",
                "state_off": "OFF",
            },
        ),
        (
            FIRMWARE,
            {
                "state_topic": "b/m/state/x",
                "command_topic": "b/m/request/x/upgrade",
                "payload_install": "{}",
                "device_class": "firmware",
            },
        ),
    ],
    ids=lambda it: it.key if isinstance(it, Entity) else "",
)
def test_wiring_around_templates(entity: Entity, expected: dict[str, str]) -> None:
    made = entity.component(Topics("b/m", "x"))
    assert {key: made[key] for key in expected} == expected


def test_an_update_without_verb_cannot_be_installed() -> None:
    shown = dataclasses.replace(FIRMWARE, verb=None, payload_install=None)
    assert not {"command_topic", "payload_install"} & component(shown).keys()


def test_an_entity_is_off_by_default_only_where_it_says_so() -> None:
    cell = Sensor("cell", name="Cell", value="cell", enabled_by_default=False)
    assert component(cell)["enabled_by_default"] is False
    assert "enabled_by_default" not in component(RSSI)


# What Home Assistant's MQTT platforms take, besides what every entity takes.
EVERYWHERE = {
    *("platform", "name", "unique_id", "qos", "icon", "entity_category", "enabled_by_default"),
    *("availability", "availability_mode", "json_attributes_topic", "json_attributes_template"),
}
STATE = {"state_topic", "value_template", "device_class"}
COMMAND = {"command_topic", "command_template", "retain"}
KNOWN = {
    "sensor": STATE
    | {"state_class", "unit_of_measurement", "suggested_display_precision"}
    | {"options", "expire_after", "force_update", "last_reset_value_template"},
    "binary_sensor": STATE
    | {"payload_on", "payload_off", "expire_after", "off_delay", "force_update"},
    "event": STATE | {"event_types"},
    "button": COMMAND | {"device_class", "payload_press"},
    "notify": COMMAND,
    "text": COMMAND | {"state_topic", "value_template", "min", "max", "mode", "pattern"},
    "switch": STATE
    | COMMAND
    | {"payload_on", "payload_off", "state_on", "state_off", "optimistic"},
    "device_tracker": {"state_topic", "value_template", "source_type", "payload_reset"},
    "update": STATE
    | {"command_topic", "payload_install", "retain", "title", "release_url", "release_summary"}
    | {"latest_version_topic", "latest_version_template", "entity_picture"},
}


@pytest.mark.parametrize("entity", EVERY, ids=lambda it: it.key)
def test_home_assistant_knows_every_key(entity: Entity) -> None:
    made = component(entity)
    platform = made.pop("p")
    assert made.keys() <= KNOWN[platform] | EVERYWHERE
    json.dumps(made)
    assert None not in made.values()


def rendered(template: str, **variables: Any) -> str:
    """Render as Home Assistant does: a sandbox whose result is stripped text.

    Where Home Assistant logs a warning of something undefined, this raises.
    """
    sandbox = pytest.importorskip("jinja2.sandbox", reason="templates need jinja2 to be rendered")
    jinja2 = pytest.importorskip("jinja2")
    environment = sandbox.ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined)
    text: str = environment.from_string(template).render(variables)
    return text.strip()


def state_of(entity: Entity, state: object) -> str:
    return rendered(component(entity)["value_template"], value_json=state)


LETTER = {"received": "2026-11-22T08:00:00+00:00", "text": 'say "hi"\n<b>', "from": "+4930123"}


@pytest.mark.parametrize(
    ("entity", "state", "shown"),
    [
        (RSSI, {"rssi_dbm": -71}, "-71"),
        (RSSI, {"rssi_dbm": 0}, "0"),
        (RSSI, {"rssi_dbm": None}, "None"),
        (RSSI, {}, "None"),
        (LAST, {"last": LETTER}, "2026-11-22T08:00:00+00:00"),
        (LAST, {"last": None}, "None"),
        (LAST, {}, "None"),
        (ROAMING, {"roaming": True}, "ON"),
        (ROAMING, {"roaming": False}, "OFF"),
        (ROAMING, {"roaming": None}, "None"),
        (ROAMING, {}, "None"),
        (PROBLEM, {"status": "no_sim"}, "ON"),
        (PROBLEM, {"status": "ready"}, "OFF"),
        (PROBLEM, {"status": None}, "None"),
        (DETECTION, {"detection": True}, "ON"),
        (DETECTION, {"detection": False}, "OFF"),
        (DETECTION, {"detection": None}, "None"),
    ],
)
def test_state_as_home_assistant_shows_it(entity: Entity, state: object, shown: str) -> None:
    assert state_of(entity, state) == shown


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (
            {"version": "V1.2", "latest": "V1.3"},
            {"installed_version": "V1.2", "latest_version": "V1.3"},
        ),
        (
            {"version": "V1.2", "latest": None},
            {"installed_version": "V1.2", "latest_version": "V1.2"},
        ),
        ({"version": None}, {}),
    ],
)
def test_what_is_not_known_to_be_old_is_up_to_date(state: object, told: dict[str, str]) -> None:
    assert json.loads(state_of(FIRMWARE, state)) == told


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (
            {"latitude": 52.5, "longitude": 13.4, "accuracy": 800, "time": "2026"},
            {"latitude": 52.5, "longitude": 13.4, "gps_accuracy": 800},
        ),
        ({"latitude": None, "longitude": None, "accuracy": None, "time": None}, {}),
    ],
)
def test_tracker_leaves_out_unknown_places(state: object, told: dict[str, float]) -> None:
    template = component(PLACE)["json_attributes_template"]
    assert json.loads(rendered(template, value_json=state)) == told


@pytest.mark.parametrize(
    ("state", "attributes"),
    [
        (
            {"last": LETTER, "sent": 3},
            {"text": LETTER["text"], "from": LETTER["from"], "sent": 3},
        ),
        ({"last": None, "sent": 0}, {"text": None, "from": None, "sent": 0}),
    ],
)
def test_attributes(state: object, attributes: dict[str, Any]) -> None:
    template = component(LAST)["json_attributes_template"]
    assert json.loads(rendered(template, value_json=state)) == attributes


@pytest.mark.parametrize(
    ("state", "available"),
    [
        ({"detection": True}, "online"),
        ({"detection": False}, "online"),
        ({"detection": None}, "offline"),
        ({}, "offline"),
    ],
)
def test_what_is_unknown_for_long_is_unavailable(state: object, available: str) -> None:
    shared = shared_availability("n11bridge/n11")["availability"]
    *others, last = component(dataclasses.replace(DETECTION, known="detection"), "jamming")[
        "availability"
    ]
    assert others == shared
    assert last["topic"] == "n11bridge/n11/state/jamming"
    assert rendered(last["value_template"], value_json=state) == available
    *others, _ = component(dataclasses.replace(DETECTION, known="detection", needs="bridge"))[
        "availability"
    ]
    assert others == OF_THE_BRIDGE


@pytest.mark.parametrize(
    ("typed", "to", "text"),
    [
        ("alice: on my way", "alice", "on my way"),
        ('+49 170 1234567: at 10:30 "sharp"\n\u00e4\U0001f600', "+49 170 1234567", None),
        ("no recipient", "no recipient", ""),
    ],
)
def test_a_message_names_its_recipient_first(typed: str, to: str, text: str | None) -> None:
    told = json.loads(rendered(json_addressed("to", "text"), value=typed))
    assert told == {"to": to, "text": typed.partition(": ")[2] if text is None else text}


def test_only_a_failed_request_is_told() -> None:
    error = {"code": "invalid_request", "message": "to: 'bob' is no number", "retryable": False}
    told = rendered(failed("failed"), value_json={"id": "1", "status": "error", "error": error})
    assert json.loads(told) == {"event_type": "failed", **error}
    strange: tuple[dict[str, Any], ...] = (
        {"value_json": {"id": "1", "status": "ok", "data": {}}},
        {"value_json": {"status": "error", "error": "no"}},
        {"value_json": [1]},
        {"value_json": "text"},
        {},
    )
    assert [rendered(failed("failed"), **each) for each in strange] == [""] * len(strange)


STATUSES = (
    *("absent", "starting", "no_sim", "pin_required", "puk_required", "searching"),
    *("denied", "ready", "recovering", "stopped"),
)


@pytest.mark.parametrize("status", STATUSES)
def test_entities_are_available_while_the_modem_is_there(status: str) -> None:
    shared = shared_availability("n11bridge/n11")
    bridge, modem = shared["availability"]
    assert bridge == OF_THE_BRIDGE[0]
    assert shared["availability_mode"] == "all"
    template = modem.pop("value_template")
    assert modem == {"topic": "n11bridge/n11/state/modem", **ONLINE}
    expected = "offline" if status in GONE else "online"
    assert rendered(template, value_json={"status": status}) == expected


@pytest.mark.parametrize(
    "words",
    [
        "plain",
        'she said "hi"',
        "it's",
        "two\nlines\r\n",
        "{{ 1 }} {% if %}",
        "\\n",
        "ü€😀",
        "</x>&",
    ],
)
@pytest.mark.parametrize("name", ["+491701234567", 'o"Neil', "a\\b", "Jörg 😀", "}} {{ x"])
def test_a_command_arrives_as_it_was_typed(name: str, words: str) -> None:
    template = json_command("text", to=name, flash=True, validity=60)
    sent = json.loads(rendered(template, value=words))
    assert sent == {"to": name, "flash": True, "validity": 60, "text": words}


@pytest.mark.parametrize("name", ["+491701234567", "Jörg 😀"])
def test_the_command_of_a_notify_entity(name: str) -> None:
    expected = f"""{{{{ {{'to': "{name}", 'text': value}} | tojson }}}}"""
    assert json_command("text", to=name) == expected

"""Home Assistant's entities, declared as facts beside the capability that feeds them.

A field that Home Assistant's MQTT discovery knows bears its name there and goes into the payload as
it stands; None leaves Home Assistant's default. The other fields name our topics and JSON keys, and
become topics and templates:

- `key`: unique within the capability.
- `value`: the key in the JSON of `state/<capability>`, with dots into objects: `last.received`.
- `attributes`: keys of the same JSON, leaves as attributes under the last part of their path.
- `what`: the topic `event/<capability>/<what>`.
- `verb`: the topic `request/<capability>/<verb>`, whose payload must be a JSON object.
- `needs`: what must be there for the entity to be available: the modem, or only the bridge.
- `known`: a key in the JSON of `state/<capability>`; while it is null the entity is unavailable.
"""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal

from .templates import failed, object_of, on_off, shown, value_of, without_nulls

GONE = ("absent", "stopped", "recovering")
"""The statuses of `state/modem` in which there is no modem to read from or to command."""

Category = Literal["diagnostic", "config"]
Needs = Literal["modem", "bridge"]

_PLACE = ("latitude", "longitude", "gps_accuracy")
_OURS = {"key", "needs", "known", "value", "attributes", "on", "what", "verb"}
_OURS |= {*_PLACE, "installed_version", "latest_version"}


@dataclass(frozen=True)
class Topics:
    """The topics of one capability below `<base>` = `<prefix>/<modem>`."""

    base: str
    capability: str

    @property
    def availability(self) -> str:
        """Whether the bridge is `online` or `offline`."""
        return f"{self.base}/availability"

    @property
    def state(self) -> str:
        """How things are now."""
        return f"{self.base}/state/{self.capability}"

    def event(self, what: str) -> str:
        """Where it is told that something happened."""
        return f"{self.base}/event/{self.capability}/{what}"

    def request(self, verb: str) -> str:
        """Where the capability takes orders."""
        return f"{self.base}/request/{self.capability}/{verb}"


def _available(topic: str, **by: str) -> dict[str, str]:
    return {"topic": topic, "payload_available": "online", "payload_not_available": "offline"} | by


def shared_availability(base: str) -> dict[str, Any]:
    """Return what every entity that has no availability of its own inherits from its device."""
    there = shown(f"'offline' if value_json.status in {json.dumps(GONE)} else 'online'")
    modem = _available(f"{base}/state/modem", value_template=there)
    both = [_available(f"{base}/availability"), modem]
    return {"availability": both, "availability_mode": "all"}


@dataclass(frozen=True, kw_only=True)
class Entity(ABC):
    """What all entities have in common."""

    platform: ClassVar[str]

    key: str = field(kw_only=False)
    name: str
    icon: str | None = None
    device_class: str | None = None
    entity_category: Category | None = None
    enabled_by_default: bool | None = None
    needs: Needs = "modem"
    known: str | None = None

    def component(self, topics: Topics) -> dict[str, Any]:
        """Return the component of the device payload, without its unique id."""
        component: dict[str, Any] = {"p": self.platform, "qos": 1}
        for fact in fields(self):
            value = getattr(self, fact.name)
            if fact.name not in _OURS and value is not None:
                component[fact.name] = list(value) if isinstance(value, tuple) else value
        if self.needs == "bridge":
            component["availability"] = [_available(topics.availability)]
        if self.known is not None:
            inherited = shared_availability(topics.base)["availability"]
            there = f"{{% set it = {value_of(self.known)} %}}"
            there += shown("'offline' if it is none else 'online'")
            known = _available(topics.state, value_template=there)
            component["availability"] = [*component.get("availability", inherited), known]
        return component | self._wiring(topics)

    @abstractmethod
    def _wiring(self, topics: Topics) -> dict[str, Any]:
        """Return the topics and templates."""


@dataclass(frozen=True, kw_only=True)
class _Stateful(Entity):
    value: str
    attributes: tuple[str, ...] = ()

    def _wiring(self, topics: Topics) -> dict[str, Any]:
        template = shown(value_of(self.value))
        wiring = {"state_topic": topics.state, "value_template": template}
        if self.attributes:
            leaves = {path.rpartition(".")[2]: value_of(path) for path in self.attributes}
            wiring["json_attributes_topic"] = topics.state
            wiring["json_attributes_template"] = shown(f"{object_of(leaves)} | tojson")
        return wiring


@dataclass(frozen=True, kw_only=True)
class Sensor(_Stateful):
    """A measured or counted value, a word of `options`, or a time; null is unknown."""

    platform = "sensor"

    state_class: Literal["measurement", "total", "total_increasing"] | None = None
    unit_of_measurement: str | None = None
    suggested_display_precision: int | None = None
    options: tuple[str, ...] | None = None
    expire_after: int | None = None


@dataclass(frozen=True, kw_only=True)
class BinarySensor(_Stateful):
    """On where the value is one of `on`, a JSON bool or words; null is unknown."""

    platform = "binary_sensor"

    on: tuple[str | bool, ...] = (True,)
    expire_after: int | None = None

    def _wiring(self, topics: Topics) -> dict[str, Any]:
        wiring = {"value_template": on_off(self.value, self.on)}
        return super()._wiring(topics) | wiring | {"payload_on": "ON", "payload_off": "OFF"}


@dataclass(frozen=True, kw_only=True)
class Connection(Entity):
    """Whether the bridge itself is there: the one entity that is available when it is not."""

    platform = "binary_sensor"

    device_class: str | None = "connectivity"
    entity_category: Category | None = "diagnostic"

    def _wiring(self, topics: Topics) -> dict[str, Any]:
        return {
            "state_topic": topics.availability,
            "payload_on": "online",
            "payload_off": "offline",
            "availability": [_available(topics.availability, value_template="{{ 'online' }}")],
        }


@dataclass(frozen=True, kw_only=True)
class Event(Entity):
    """Something that happens; all keys of its JSON become attributes.

    `what` may be `+` where `event_types` lists every event of the capability. Available without the
    modem: a message that was stored may be published while the modem restarts.
    """

    platform = "event"

    what: str
    event_types: tuple[str, ...] | None = None
    needs: Needs = "bridge"

    def _wiring(self, topics: Topics) -> dict[str, Any]:
        types = list(self.event_types or (self.what,))
        return {"state_topic": topics.event(self.what), "event_types": types}


@dataclass(frozen=True, kw_only=True)
class Failure(Entity):
    """Each request that failed, whoever made it; `code`, `message` and the like become attributes.

    Home Assistant hears no answer to what is typed, pressed or switched: here it stands.
    """

    platform = "event"

    icon: str | None = "mdi:alert-circle-outline"
    entity_category: Category | None = "diagnostic"
    needs: Needs = "bridge"

    def _wiring(self, topics: Topics) -> dict[str, Any]:
        return {
            "state_topic": f"{topics.base}/response/+/+",
            "event_types": ["failed"],
            "value_template": failed("failed"),
        }


@dataclass(frozen=True, kw_only=True)
class _Commanding(Entity):
    verb: str

    def _wiring(self, topics: Topics) -> dict[str, Any]:
        return {"command_topic": topics.request(self.verb)}


@dataclass(frozen=True, kw_only=True)
class Button(_Commanding):
    """A request without choice; `payload_press` is its JSON."""

    platform = "button"

    payload_press: str = "{}"


@dataclass(frozen=True, kw_only=True)
class Notify(_Commanding):
    """A message to someone; `command_template` comes from `json_command`.

    Available without the modem: the outbox holds the message until it is back.
    """

    platform = "notify"

    command_template: str
    needs: Needs = "bridge"


@dataclass(frozen=True, kw_only=True)
class Text(_Commanding):
    """A line to type, up to 255 characters, that is empty again once it was sent.

    `command_template` comes from `json_command` or `json_addressed`.
    """

    platform = "text"

    command_template: str

    def _wiring(self, topics: Topics) -> dict[str, Any]:
        return super()._wiring(topics) | {
            "state_topic": topics.state,
            "value_template": shown("''"),
        }


@dataclass(frozen=True, kw_only=True)
class Switch(_Stateful):
    """A JSON bool that `verb` sets: `payload_on` and `payload_off` are the JSON of the request."""

    platform = "switch"

    verb: str
    payload_on: str
    payload_off: str

    def _wiring(self, topics: Topics) -> dict[str, Any]:
        wiring = {"command_topic": topics.request(self.verb), "value_template": on_off(self.value)}
        return super()._wiring(topics) | wiring | {"state_on": "ON", "state_off": "OFF"}


@dataclass(frozen=True, kw_only=True)
class DeviceTracker(Entity):
    """A place on the map, from three keys of the state's JSON (degrees, degrees, metres)."""

    platform = "device_tracker"

    latitude: str
    longitude: str
    gps_accuracy: str

    def _wiring(self, topics: Topics) -> dict[str, Any]:
        template = without_nulls({key: value_of(getattr(self, key)) for key in _PLACE})
        return {"json_attributes_topic": topics.state, "json_attributes_template": template}


@dataclass(frozen=True, kw_only=True)
class Update(Entity):
    """A version and the newest one, from two keys of the state's JSON; with `verb`, installable.

    As long as no newer one is known of, the newest is the one that is installed.
    """

    platform = "update"

    installed_version: str
    latest_version: str
    verb: str | None = None
    payload_install: str | None = None

    def _wiring(self, topics: Topics) -> dict[str, Any]:
        installed, latest = value_of(self.installed_version), value_of(self.latest_version)
        versions = {"installed_version": installed, "latest_version": f"({latest}) or {installed}"}
        template = without_nulls(versions)
        command = {} if self.verb is None else {"command_topic": topics.request(self.verb)}
        return {"state_topic": topics.state, "value_template": template} | command

"""The device payload, and when it is published: with held time, and a model of its readers."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from n11bridge.discovery import (
    BIRTH_DELAY,
    GAP,
    Announced,
    Announcer,
    DeviceInfo,
    device_topic,
    payload,
)
from n11bridge.entity import BinarySensor, Connection, Entity, Notify, Sensor
from n11bridge.templates import json_command

IMEI = "860000000000017"
DEVICE = DeviceInfo(IMEI, "N11V2", "Neoway", "N11_V2_R1")
TOPIC = f"homeassistant/device/n11bridge_{IMEI}/config"
SIGNAL = Sensor("rssi", name="Signal strength", value="rssi_dbm")


def device_payload(**capabilities: tuple[Entity, ...]) -> dict[str, Any]:
    return payload("n11bridge/n11", DEVICE, "0.1.0", capabilities)


def test_device_payload() -> None:
    made = device_payload(signal=(SIGNAL,), bridge=(Connection("connection", name="Bridge"),))
    components = made.pop("cmps")
    assert [it["topic"] for it in made.pop("availability")] == [
        "n11bridge/n11/availability",
        "n11bridge/n11/state/modem",
    ]
    assert made == {
        "dev": {
            "ids": [f"n11bridge_{IMEI}"],
            "name": "n11",
            "serial_number": IMEI,
            "mf": "Neoway",
            "mdl": "N11V2",
            "sw": "N11_V2_R1",
        },
        "o": {"name": "n11bridge", "sw": "0.1.0"},
        "availability_mode": "all",
    }
    assert list(components) == ["signal_rssi", "bridge_connection"]
    rssi = components["signal_rssi"]
    assert rssi["p"] == "sensor"
    assert rssi["uniq_id"] == f"n11bridge_{IMEI}_signal_rssi"
    assert rssi["default_entity_id"] == "sensor.n11_signal_strength"
    assert rssi["state_topic"] == "n11bridge/n11/state/signal"
    assert "availability" not in rssi
    assert len(components["bridge_connection"]["availability"]) == 1


@pytest.mark.parametrize(
    ("base", "name", "expected"),
    [
        ("n11bridge/n11", "SMS to Jörg", "sensor.n11_sms_to_jorg"),
        ("home/gsm/Modem-2", "Cell (LAC)", "sensor.modem_2_cell_lac"),
    ],
)
def test_default_entity_id(base: str, name: str, expected: str) -> None:
    entity = Sensor("k", name=name, value="v")
    made = payload(base, DEVICE, "0.1.0", {"x": [entity]})
    assert made["cmps"]["x_k"]["default_entity_id"] == expected


def test_two_entities_never_share_a_key() -> None:
    clients = Sensor("clients", name="Clients", value="clients")
    same = Sensor("server_clients", name="Clients", value="clients")
    with pytest.raises(ValueError, match="tcp_server_clients"):
        device_payload(tcp=(same,), tcp_server=(clients,))


def test_a_full_house_stays_small() -> None:
    sensors = tuple(
        Sensor(f"key_{n}", name=f"A name of some length {n}", value="a_value", expire_after=180)
        for n in range(45)
    )
    notify = tuple(
        Notify(
            f"contact_{n}",
            name=f"SMS to contact {n}",
            verb="send",
            command_template=json_command("text", to=f"contact {n}"),
        )
        for n in range(30)
    )
    assert len(json.dumps(device_payload(capability=sensors, sms=notify))) < 32_768


class Broker:
    """Retains what is published, and plays it to Home Assistant's rules for device payloads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.published: list[tuple[float, str, str, bool]] = []
        self.retained: dict[str, str] = {}
        self.entities: dict[tuple[str, str], str] = {}
        self.stranded: list[str] = []
        self.failure: Exception | None = None

    async def publish(self, topic: str, text: str, retain: bool) -> None:
        await asyncio.sleep(0)
        if self.failure:
            raise self.failure
        self.published.append((self.clock(), topic, text, retain))
        self.retained[topic] = text
        if not text:
            self.entities = {key: p for key, p in self.entities.items() if key[0] != topic}
            return
        for key, component in json.loads(text)["cmps"].items():
            if component.keys() == {"p"}:
                if self.entities.get((topic, key)) == component["p"]:
                    del self.entities[topic, key]
            else:
                # The same key on another platform stays beside the new one, for ever.
                if self.entities.get((topic, key), component["p"]) != component["p"]:
                    self.stranded.append(key)
                self.entities[topic, key] = component["p"]

    @property
    def times(self) -> list[float]:
        return [time for time, *_ in self.published]

    def components(self, nth: int) -> dict[str, Any]:
        made: dict[str, Any] = json.loads(self.published[nth][2])["cmps"]
        return made


class Disk:
    """A memory that outlives the announcer."""

    def __init__(self) -> None:
        self.kept: Announced | None = None
        self.writes = 0

    async def get(self) -> Announced | None:
        await asyncio.sleep(0)
        return self.kept

    async def set(self, announced: Announced | None) -> None:
        await asyncio.sleep(0)
        self.kept = announced
        self.writes += 1


@dataclass
class House:
    """One announcer at work, with time that only `advance` moves."""

    disk: Disk = field(default_factory=Disk)
    now: float = 1000.0
    chance: float = 0.5

    def __post_init__(self) -> None:
        self.sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self.broker = Broker(lambda: self.now)
        self.announcer = self.start()

    def start(self) -> Announcer:
        return Announcer(
            self.broker.publish,
            self.disk,
            clock=lambda: self.now,
            sleep=self.sleep,
            chance=lambda: self.chance,
        )

    async def sleep(self, seconds: float) -> None:
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sleepers.append((self.now + seconds, wake))
        await wake

    async def settle(self) -> None:
        for _ in range(30):
            await asyncio.sleep(0)

    async def advance(self, seconds: float) -> None:
        await self.settle()
        end = self.now + seconds
        while due := [it for it in self.sleepers if it[0] <= end and not it[1].done()]:
            first = min(due, key=lambda it: it[0])
            self.now = first[0]
            first[1].set_result(None)
            await self.settle()
        self.now = end


def live(story: Callable[[House], Awaitable[None]], disk: Disk | None = None) -> House:
    """Run a story beside the announcer's work, and return what it left."""

    async def whole() -> House:
        house = House(disk or Disk())
        work = asyncio.create_task(house.announcer.run())
        await story(house)
        await house.settle()
        assert not work.done()
        work.cancel()
        return house

    return asyncio.run(whole())


def known(topic: str = TOPIC, **components: str) -> Disk:
    disk = Disk()
    disk.kept = {"topic": topic, "components": components}
    return disk


ONE = device_payload(signal=(SIGNAL,))
CONTACT = Notify("alice", name="SMS to alice", verb="send", command_template="{{ value }}")
TWO = device_payload(signal=(SIGNAL,), sms=(CONTACT,))


def test_the_first_announcement_is_immediate() -> None:
    async def story(house: House) -> None:
        house.announcer.connected()
        await house.advance(60)
        assert house.broker.published == []
        house.announcer.offer(device_topic("homeassistant", IMEI), ONE)
        await house.settle()

    house = live(story)
    [(at, topic, text, retain)] = house.broker.published
    assert (at, topic, retain) == (1060.0, TOPIC, True)
    assert json.loads(text) == ONE
    assert house.disk.kept == {"topic": TOPIC, "components": {"signal_rssi": "sensor"}}


def test_nothing_goes_out_without_a_broker() -> None:
    async def story(house: House) -> None:
        house.announcer.offer(TOPIC, ONE)
        house.announcer.home_assistant("online")
        await house.advance(60)
        assert house.broker.published == []
        house.announcer.connected()
        await house.settle()
        house.announcer.disconnected()
        house.announcer.offer(TOPIC, TWO)
        await house.advance(60)

    assert live(story).broker.times == [1060.0]


def test_unchanged_is_not_repeated_but_for_a_new_connection() -> None:
    async def story(house: House) -> None:
        house.announcer.connected()
        for _ in range(5):
            house.announcer.offer(TOPIC, json.loads(json.dumps(ONE)))
            await house.advance(60)
        assert house.broker.times == [1000.0]
        house.announcer.disconnected()
        house.announcer.connected()
        await house.advance(60)

    house = live(story)
    assert house.broker.times == [1000.0, 1300.0]
    assert house.disk.writes == 1


def test_home_assistant_is_answered_after_a_random_delay() -> None:
    async def story(house: House) -> None:
        house.announcer.connected()
        house.announcer.offer(TOPIC, ONE)
        await house.advance(100)
        house.announcer.home_assistant("offline")
        await house.advance(100)
        house.chance = 0.7
        house.announcer.home_assistant("online")
        await house.advance(100)

    assert live(story).broker.times == [1000.0, 1200.0 + 0.7 * BIRTH_DELAY]


def test_a_reconnection_takes_the_delayed_answer_along() -> None:
    async def story(house: House) -> None:
        house.announcer.connected()
        house.announcer.offer(TOPIC, ONE)
        await house.advance(100)
        house.announcer.home_assistant("online")
        await house.advance(3)
        house.announcer.connected()
        await house.advance(100)

    assert live(story).broker.times == [1000.0, 1103.0]


def test_a_burst_becomes_one_payload_after_the_gap() -> None:
    async def story(house: House) -> None:
        house.announcer.connected()
        house.announcer.offer(TOPIC, ONE)
        await house.advance(0.5)
        for device in (TWO, ONE, TWO):
            house.announcer.offer(TOPIC, device)
            house.announcer.connected()
            house.chance = 1.0
            house.announcer.home_assistant("online")
            await house.advance(0.1)
        await house.advance(60)

    house = live(story)
    assert house.broker.times == [1000.0, 1000.0 + GAP]
    assert json.loads(house.broker.published[1][2]) == TWO
    assert GAP >= 2


def test_what_is_gone_is_named_once_and_then_left_out() -> None:
    async def story(house: House) -> None:
        house.announcer.connected()
        house.announcer.offer(TOPIC, TWO)
        await house.advance(100)
        house.announcer.offer(TOPIC, ONE)
        await house.advance(100)

    house = live(story)
    assert house.broker.times == [1000.0, 1100.0, 1100.0 + GAP]
    assert house.broker.components(1) == {**ONE["cmps"], "sms_alice": {"p": "notify"}}
    assert json.loads(house.broker.published[2][2]) == ONE
    assert house.broker.entities == {(TOPIC, "signal_rssi"): "sensor"}


def test_left_overs_of_an_older_version_go() -> None:
    async def story(house: House) -> None:
        house.announcer.offer(TOPIC, ONE)
        house.announcer.connected()
        await house.advance(100)

    house = live(story, known(signal_rssi="sensor", old="switch"))
    assert house.broker.components(0)["old"] == {"p": "switch"}
    assert house.broker.components(1) == ONE["cmps"]
    assert house.disk.kept == {"topic": TOPIC, "components": {"signal_rssi": "sensor"}}


def test_a_key_that_changes_its_platform_is_removed_first() -> None:
    async def story(house: House) -> None:
        house.announcer.offer(TOPIC, ONE)
        house.announcer.connected()
        await house.advance(100)

    house = live(story, known(signal_rssi="binary_sensor"))
    assert house.broker.stranded == []
    assert house.broker.components(0) == {"signal_rssi": {"p": "binary_sensor"}}
    assert house.broker.components(1) == ONE["cmps"]


@pytest.mark.parametrize(
    "old", [device_topic("homeassistant", "860000000000099"), device_topic("ha", IMEI)]
)
def test_the_topic_of_another_modem_or_prefix_is_emptied(old: str) -> None:
    async def story(house: House) -> None:
        house.announcer.offer(TOPIC, ONE)
        house.announcer.connected()
        await house.advance(100)

    house = live(story, known(old, signal_rssi="sensor"))
    assert [it[:2] for it in house.broker.published] == [(1000.0, old), (1000.0 + GAP, TOPIC)]
    assert house.broker.published[0][2:] == ("", True)
    assert json.loads(house.broker.published[1][2]) == ONE


def test_without_discovery_the_device_is_taken_back_once() -> None:
    async def story(house: House) -> None:
        house.announcer.withdraw()
        for _ in range(3):
            house.announcer.connected()
            await house.advance(60)

    house = live(story, known(signal_rssi="sensor"))
    assert house.broker.published == [(1000.0, TOPIC, "", True)]
    assert house.disk.kept is None


def test_a_broker_that_fails_is_tried_again_at_the_next_connection() -> None:
    async def story(house: House) -> None:
        house.broker.failure = ConnectionError("gone")
        house.announcer.connected()
        house.announcer.offer(TOPIC, ONE)
        await house.advance(60)
        house.broker.failure = None
        await house.advance(60)
        assert house.broker.published == []
        house.announcer.connected()
        await house.advance(60)

    house = live(story, known(old="sensor"))
    assert house.broker.times == [1120.0, 1120.0 + GAP]
    assert house.broker.entities == {(TOPIC, "signal_rssi"): "sensor"}


class Power(Exception):
    """The daemon was killed."""


def crash_at(house: House, operation: int, *, before: bool) -> None:
    """Kill the daemon at the nth call to disk or broker, before or after it took effect."""
    calls = iter(range(10_000))

    def mortal(act: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def call(*arguments: Any) -> None:
            fatal = next(calls) == operation
            if fatal and before:
                raise Power
            await act(*arguments)
            if fatal:
                raise Power

        return call

    house.announcer = Announcer(
        mortal(house.broker.publish),
        type("Mortal", (), {"get": house.disk.get, "set": staticmethod(mortal(house.disk.set))})(),
        clock=lambda: house.now,
        sleep=house.sleep,
    )


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("operation", range(5))
def test_a_crash_at_any_moment_leaves_nothing_behind(operation: int, before: bool) -> None:
    changed = device_payload(
        signal=(BinarySensor("rssi", name="Signal", value="good"), Sensor("x", name="X", value="x"))
    )
    renamed = device_payload(sms=(Notify("bob", name="Bob", verb="send", command_template="x"),))

    async def life(house: House, topic: str, device: dict[str, Any]) -> None:
        work = asyncio.create_task(house.announcer.run())
        house.announcer.offer(topic, device)
        house.announcer.connected()
        await house.advance(60)
        work.cancel()

    async def story() -> House:
        house = House()
        await life(house, "ha/device/n11bridge_1/config", TWO)
        house.announcer = house.start()
        await life(house, TOPIC, TWO)
        crash_at(house, operation, before=before)
        await life(house, TOPIC, changed)
        crash_at(house, operation, before=before)
        await life(house, TOPIC, renamed)
        house.announcer = house.start()
        await life(house, TOPIC, renamed)
        return house

    house = asyncio.run(story())
    assert house.broker.stranded == []
    assert house.broker.entities == {(TOPIC, "sms_bob"): "notify"}
    assert json.loads(house.broker.retained[TOPIC]) == renamed
    assert house.broker.retained["ha/device/n11bridge_1/config"] == ""
    gaps = [b - a for a, b in zip(house.broker.times, house.broker.times[1:], strict=False)]
    assert min(gaps) >= GAP

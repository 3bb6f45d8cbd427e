"""The alarm: told until somebody confirms, once for each alarm, and not again and again."""

import asyncio
from typing import Any

import pytest
from blueprints import RUN, automate, automate_at_start, rest
from fake_bridge import ALICE, FakeBridge
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
from pytest_homeassistant_custom_component.common import async_fire_time_changed, async_mock_service

pytestmark = pytest.mark.usefixtures("loaded", "blueprints")

BOB = "+491707654321"
FIRE = "binary_sensor.fire"


@pytest.fixture
def calls(hass: HomeAssistant) -> list[ServiceCall]:
    return async_mock_service(hass, "test", "run")


def say(hass: HomeAssistant, state: str) -> None:
    hass.states.async_set(FIRE, state, {"friendly_name": "Fire"})


async def alarm(hass: HomeAssistant, **inputs: Any) -> None:
    say(hass, "off")
    await automate(hass, "alarm_by_sms", **{"alarm": FIRE, "contacts": [ALICE, BOB], **inputs})


async def sent(bridge: FakeBridge, count: int) -> None:
    """Return once so many texts were sent."""
    while len(bridge.of("sms/send")) < count:
        await asyncio.sleep(0)


def told(bridge: FakeBridge) -> list[tuple[list[str], str]]:
    return [(each["to"], each["text"]) for each in bridge.of("sms/send")]


async def later(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, minutes: int, step: int = 60
) -> None:
    await rest()
    for _ in range(minutes * 60 // step):
        freezer.tick(step)
        async_fire_time_changed(hass)
        await rest()


async def test_it_goes_on_until_a_phone_confirms(
    hass: HomeAssistant, bridge: FakeBridge, calls: list[ServiceCall]
) -> None:
    await alarm(hass, contacts=["nobody", ALICE, BOB], unreached=RUN)
    say(hass, "on")
    for number, state in enumerate(("undelivered", "delivered"), 1):
        await sent(bridge, number)
        bridge.status(f"m{number}", state)
    await rest()
    assert told(bridge) == [(["nobody"], "Alarm: Fire"), ([ALICE], "Alarm: Fire")]
    assert calls == []


@pytest.mark.parametrize("confirmed_by", ["delivered", "answered"])
async def test_an_answer_confirms(
    hass: HomeAssistant, bridge: FakeBridge, calls: list[ServiceCall], confirmed_by: str
) -> None:
    await alarm(hass, confirmed_by=confirmed_by, unreached=RUN)
    say(hass, "on")
    await sent(bridge, 1)
    bridge.status("m1", "sent", to=ALICE)
    if confirmed_by == "answered":
        bridge.status("m1", "delivered", to=ALICE)
    bridge.receive("u1", "OK, I look after it")
    await rest()
    assert told(bridge) == [([ALICE], "Alarm: Fire")]
    assert calls == []


async def test_that_a_phone_has_it_is_no_answer(
    hass: HomeAssistant, bridge: FakeBridge, calls: list[ServiceCall]
) -> None:
    await alarm(hass, confirmed_by="answered", patience=1, unreached=RUN)
    say(hass, "on")
    await sent(bridge, 1)
    bridge.status("m1", "delivered", to=ALICE)
    await sent(bridge, 2)
    bridge.status("m2", "undelivered", to=BOB)
    await rest()
    assert len(calls) == 1


async def test_one_that_cannot_be_sent_does_not_stop_it(
    hass: HomeAssistant, bridge: FakeBridge, calls: list[ServiceCall]
) -> None:
    send = bridge.answers["sms/send"]
    assert send is not None
    error = {"status": "error", "error": {"code": "forbidden", "message": "no"}}
    bridge.answers["sms/send"] = lambda asked: error if asked["to"] == [ALICE] else send(asked)
    await alarm(hass, unreached=RUN)
    say(hass, "on")
    await sent(bridge, 2)
    bridge.status("m1", "undelivered")
    await rest()
    assert [to for to, _ in told(bridge)] == [[ALICE], [BOB]]
    assert len(calls) == 1


@pytest.mark.parametrize(("minutes", "unreached"), [(0, 0), (2, 1), (70, 1)])
async def test_no_bridge_is_there(
    hass: HomeAssistant,
    bridge: FakeBridge,
    calls: list[ServiceCall],
    freezer: FrozenDateTimeFactory,
    minutes: int,
    unreached: int,
) -> None:
    await alarm(hass, contacts=[ALICE], unreached=RUN, patience=1)
    bridge.say("availability", "offline")
    await rest()
    say(hass, "on")
    await later(hass, freezer, minutes, step=10)
    assert (told(bridge), len(calls)) == ([], unreached)
    bridge.say("availability", "online")
    await later(hass, freezer, 1, step=10)
    assert len(told(bridge)) == (minutes < 60)


async def test_what_flaps_is_one_alarm(
    hass: HomeAssistant, bridge: FakeBridge, freezer: FrozenDateTimeFactory
) -> None:
    await alarm(hass, calm=2, all_clear="Over: {{ name }}")
    say(hass, "on")
    await sent(bridge, 1)
    say(hass, "off")
    say(hass, "on")
    bridge.status("m1", "undelivered")
    await sent(bridge, 2)
    bridge.status("m2", "delivered")
    await rest()
    for state in ("off", "on", "unavailable", "on", "off", "on", "unavailable") * 5:
        say(hass, state)
        await later(hass, freezer, 1)
    await later(hass, freezer, 10)
    assert len(told(bridge)) == 2
    say(hass, "off")
    await later(hass, freezer, 1)
    assert len(told(bridge)) == 2
    await later(hass, freezer, 2)
    assert told(bridge)[2:] == [([ALICE, BOB], "Over: Fire")]
    say(hass, "on")
    await sent(bridge, 4)
    assert told(bridge)[3] == ([ALICE], "Alarm: Fire")
    bridge.status("m5", "delivered")
    await rest()


async def test_all_clear_is_for_those_who_were_told(
    hass: HomeAssistant, bridge: FakeBridge, freezer: FrozenDateTimeFactory
) -> None:
    await alarm(hass, calm=1, all_clear="Over")
    say(hass, "on")
    await sent(bridge, 1)
    bridge.status("m1", "delivered")
    say(hass, "off")
    await later(hass, freezer, 2)
    assert told(bridge)[1:] == [([ALICE], "Over")]


async def test_an_alarm_while_the_last_one_ends(
    hass: HomeAssistant, bridge: FakeBridge, freezer: FrozenDateTimeFactory
) -> None:
    send = bridge.answers["sms/send"]
    assert send is not None

    def again(asked: dict[str, Any]) -> dict[str, Any]:
        if asked["text"] == "Over":
            say(hass, "on")
        return send(asked)

    bridge.answers["sms/send"] = again
    await alarm(hass, calm=1, all_clear="Over", contacts=[ALICE], patience=1)
    say(hass, "on")
    await sent(bridge, 1)
    bridge.status("m1", "delivered")
    say(hass, "off")
    await later(hass, freezer, 2)
    await rest()
    assert [words for _, words in told(bridge)] == ["Alarm: Fire", "Over", "Alarm: Fire"]


async def test_no_all_clear_unless_there_is_a_text(
    hass: HomeAssistant, bridge: FakeBridge, freezer: FrozenDateTimeFactory
) -> None:
    await alarm(hass, calm=1)
    say(hass, "on")
    await sent(bridge, 1)
    bridge.status("m1", "delivered")
    say(hass, "off")
    await later(hass, freezer, 5)
    assert len(told(bridge)) == 1


@pytest.mark.parametrize(("state", "texts"), [("on", 1), ("off", 0), ("unavailable", 0)])
async def test_home_assistant_starts(
    hass: HomeAssistant, bridge: FakeBridge, state: str, texts: int
) -> None:
    say(hass, state)
    inputs = {"alarm": FIRE, "contacts": [ALICE], "patience": 1}
    await automate_at_start(hass, "alarm_by_sms", **inputs)
    assert len(told(bridge)) == texts
    # It comes late, as some do after a start.
    say(hass, "on")
    await sent(bridge, 1)
    await rest()
    assert told(bridge) == [([ALICE], "Alarm: Fire")]


async def test_a_control_panel_is_triggered(hass: HomeAssistant, bridge: FakeBridge) -> None:
    await alarm(hass, patience=1, contacts=[ALICE])
    say(hass, "armed_away")
    await rest()
    assert told(bridge) == []
    say(hass, "triggered")
    await rest()
    assert len(told(bridge)) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ name }} at {{ states('sensor.level') | float(0) }}", "Fire at 0"),
        ("{{ none }}", "Fire"),
        ("12", "12"),
        ("[1, 2]", "[1, 2]"),
    ],
)
async def test_the_text_is_a_template(
    hass: HomeAssistant, bridge: FakeBridge, text: str, expected: str
) -> None:
    await alarm(hass, text=text, patience=1, contacts=[ALICE])
    say(hass, "on")
    await rest()
    assert told(bridge) == [([ALICE], expected)]

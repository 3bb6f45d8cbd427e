"""What comes from the network: in parts, in two storages, in masses."""

from collections.abc import Iterator

from ..accounts import Arrival, tag_of
from ..fault import Catalogue
from ..scene import Scene

CATALOGUE = Catalogue("coming in")
PARTIAL_AFTER = 900


@CATALOGUE.fault(
    "parts are missing for ever",
    f"what is there is published after {PARTIAL_AFTER} s, as incomplete",
    settings={"sms": {"partial_after": PARTIAL_AFTER}},
    rounds=2,
)
def missing(scene: Scene) -> Iterator[None]:
    pieces = scene.rng.sample((1, 2, 3), 2)
    arrival = scene.arrive(parts=3, order=pieces)
    scene.asked.arrivals[-1] = Arrival(arrival.text, whole=False)
    yield
    if scene.settle():
        tag = tag_of(arrival.text)
        (told,) = [e for e in scene.heard().received if tag == tag_of(e["text"] or "")][-1:]
        assert (told["complete"], told["missing"]) == (False, [*({1, 2, 3} - {*pieces})]), told


@CATALOGUE.fault(
    "a part comes hours late",
    "published again whole, under the same uid, as redelivered",
    settings={"sms": {"partial_after": PARTIAL_AFTER}},
)
def late(scene: Scene) -> Iterator[None]:
    arrival = Arrival(scene.text(3))
    scene.asked.arrivals.append(arrival)
    number = scene.number()
    # The centre sends all parts; the first is on the air for long.
    found = scene.modem.do("receive", from_=number, text=arrival.text, order=[3, 2])
    yield
    for _ in range(8):
        scene.rest()
        scene.advance(PARTIAL_AFTER)
    scene.rest()
    scene.modem.do("receive_pdu", pdus=found["pdus"][:1])


@CATALOGUE.fault(
    "one message is stored in ME and in SM, as some modems do with all",
    "told once",
    rounds=2,
)
def twice(scene: Scene) -> Iterator[None]:
    scene.modem.do("unplug")
    arrival = Arrival(scene.text())
    scene.asked.arrivals.append(arrival)
    found = scene.modem.do("receive", from_=scene.number(), text=arrival.text)
    scene.modem.do("store", pdu=found["pdus"][0], storage="ME")
    yield
    scene.modem.do("replug")


@CATALOGUE.fault(
    "ME and SM are one store under two names",
    "told once; nothing unread is deleted",
    options=("--style", "shared_storage=yes"),
)
def shared(scene: Scene) -> Iterator[None]:
    scene.modem.do("unplug")
    for _ in range(4):
        scene.arrive()
    yield
    scene.modem.do("replug")


@CATALOGUE.fault("the network delivers a message again", "told once", rounds=2)
def delivered_again(scene: Scene) -> Iterator[None]:
    arrival = Arrival(scene.text())
    scene.asked.arrivals.append(arrival)
    found = scene.modem.do("receive", from_=scene.number(), text=arrival.text)
    yield
    scene.modem.do("receive_pdu", pdus=found["pdus"])


@CATALOGUE.fault("five hundred messages at once", "told once each, in order", alone=True)
def flood(scene: Scene) -> Iterator[None]:
    for _ in range(500):
        scene.arrive()
    yield


@CATALOGUE.fault("a thousand requests at once", "each answered once; all sent once", alone=True)
def burst(scene: Scene) -> Iterator[None]:
    for number in range(1000):
        scene.order() if number % 4 else scene.question("sms/status", message="nothing")
    yield
    for _ in range(60):
        if scene.settled():
            break
        scene.rest()

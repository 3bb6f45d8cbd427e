"""Delivery reports: late, doubled, for nobody, under a reference that has come round again."""

from collections.abc import Iterator
from typing import Any

from ..accounts import Order
from ..fault import Catalogue
from ..scene import Scene

CATALOGUE = Catalogue("delivery reports")
DAY = 86400.0


def sent(scene: Scene, count: int) -> list[tuple[Order, dict[str, Any]]]:
    """Have messages sent whose reports do not come by themselves; each with what went out."""
    scene.modem.do("reports", automatic=False)
    before = len(scene.house.ledger()["sent"])
    orders = [scene.order(resend=False) for _ in range(count)]
    for _ in range(30):
        scene.rest()
        if len(scene.house.ledger()["sent"]) == before + count and scene.settled():
            break
    scene.modem.do("reports", automatic=True)
    entries = {entry["number"]: entry for entry in scene.house.ledger()["sent"][before:]}
    return [(order, entries[order.to[0]]) for order in orders]


def report(scene: Scene, entry: dict[str, Any], **more: Any) -> None:
    """Let the report of a message come."""
    scene.modem.do("report", reference=entry["reference"], number=entry["number"], **more)


def ends(scene: Scene, *orders: Order) -> list[str]:
    """The last states told of these messages."""
    scene.rest()
    told = {e["to"]: e["state"] for e in scene.heard().statuses}
    return [told[order.to[0]] for order in orders]


def check(scene: Scene, expected: str, *orders: Order) -> None:
    """Each of these must be told to be in this state."""
    found = ends(scene, *orders)
    for _ in range(5):
        if found == [expected] * len(orders):
            return
        scene.advance(60)  # the broker may be away just now
        found = ends(scene, *orders)
    assert found == [expected] * len(orders), found


@CATALOGUE.fault("two days late", "delivered all the same", alone=True)
def late(scene: Scene) -> Iterator[None]:
    pairs = sent(scene, 3)
    for _ in range(8):
        scene.rest()
        scene.advance(DAY / 4)
    for _, entry in pairs:
        scene.rest()
        report(scene, entry)
    yield
    check(scene, "delivered", *(order for order, _ in pairs))


@CATALOGUE.fault("doubled, and contradicting", "the first one stands", alone=True)
def doubled(scene: Scene) -> Iterator[None]:
    pairs = sent(scene, 3)
    for status in (0, 0, 0x41):
        for _, entry in pairs:
            report(scene, entry, status=status)
    yield
    check(scene, "delivered", *(order for order, _ in pairs))


@CATALOGUE.fault("for references that nobody has", "disregarded")
def unknown(scene: Scene) -> Iterator[None]:
    for reference in (7, 77, 255):
        scene.modem.do("report", reference=reference, number=scene.number())
    yield
    scene.modem.do("report", reference=254, number=scene.number())


@CATALOGUE.fault(
    "under a reference that has come round (256 messages later)",
    "each report finds its own message, by its number too",
    alone=True,
)
def wrapped(scene: Scene) -> Iterator[None]:
    pairs = sent(scene, 300)
    same = [e["reference"] for _, e in pairs]
    assert len(same) - len({*same}) == 300 - 256
    for _, entry in pairs[::-1]:
        report(scene, entry)
    yield
    check(scene, "delivered", *(order for order, _ in pairs))


@CATALOGUE.fault("of failure, or of waiting for the phone", "undelivered; still sent", alone=True)
def failed(scene: Scene) -> Iterator[None]:
    bad, waiting = sent(scene, 2)
    report(scene, bad[1], status=0x41)
    report(scene, waiting[1], status=0x30)
    yield
    check(scene, "undelivered", bad[0])
    check(scene, "sent", waiting[0])
    report(scene, waiting[1])
    check(scene, "delivered", waiting[0])

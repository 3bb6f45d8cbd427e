"""SIM and network: gone, denied, locked, full."""

from collections.abc import Iterator

from ..fault import Catalogue
from ..scene import Scene

CATALOGUE = Catalogue("SIM and network")
PIN, PUK = "4711", "12345678"


def hours(scene: Scene, count: float) -> None:
    """Let hours pass, as the daemon would live through them."""
    for _ in range(int(count * 12)):
        scene.rest()
        scene.advance(300)


@CATALOGUE.fault("the network is lost for an hour", "everything waits for it", rounds=2)
def lost(scene: Scene) -> Iterator[None]:
    scene.modem.do("network", stat=2)
    yield
    hours(scene, 1)
    scene.modem.do("network", stat=1)


@CATALOGUE.fault("registration is denied, and granted later", "everything waits for it")
def denied(scene: Scene) -> Iterator[None]:
    scene.modem.do("network", stat=3)
    yield
    hours(scene, 0.5)
    scene.modem.do("network", stat=5)


@CATALOGUE.fault("the SIM is pulled, and put back", "looked for; everything waits", rounds=2)
def pulled(scene: Scene) -> Iterator[None]:
    scene.modem.do("sim", inserted=False)
    yield
    hours(scene, 0.25)
    scene.modem.do("sim", inserted=True)
    scene.modem.do("restart")


@CATALOGUE.fault(
    "the PIN is asked again",
    "entered again, for this SIM has taken it before",
    options=("--pin", PIN),
    settings={"modem": {"pin": PIN}},
    rounds=2,
)
def pin_again(scene: Scene) -> Iterator[None]:
    scene.modem.do("restart")
    yield
    scene.rest()
    scene.modem.do("sim", locked=True)


@CATALOGUE.fault(
    "the PUK is asked for",
    "nothing is tried; a request with the PUK ends it",
    options=("--pin", PIN),
    settings={"modem": {"pin": PIN}},
    alone=True,
)
def puk(scene: Scene) -> Iterator[None]:
    scene.house.wait_status("ready")
    scene.modem.do("sim", pin_tries=0)
    scene.modem.do("restart")
    scene.house.wait_status("puk_required")
    scene.traffic()
    hours(scene, 0.25)
    tries = scene.house.ledger()["sim"]["puk_tries"]
    assert tries == 10, f"{tries} tries for the PUK are left"
    scene.question("sim/unblock", puk=PUK, pin=PIN)
    yield


@CATALOGUE.fault(
    "the SIM's storage is full",
    "emptied; what waited outside comes in",
    options=("--storage", "2"),
    rounds=2,
)
def full(scene: Scene) -> Iterator[None]:
    scene.modem.do("unplug")
    for _ in range(6):
        scene.arrive(parts=scene.rng.choice((1, 2)))
    yield
    scene.modem.do("replug")


@CATALOGUE.fault("the signal is gone and back, from one cell to the next", "no more than a state")
def wandering(scene: Scene) -> Iterator[None]:
    scene.modem.do("network", stat=2, rssi=99)
    yield
    for cell in range(5):
        scene.modem.do("network", stat=(1, 5)[cell % 2], lac=0x1000 + cell, ci=cell, rssi=cell)

"""``kill -9`` of the daemon: at each commit, and between any two bytes of an exchange."""

from collections.abc import Iterator

from ..fault import Catalogue
from ..scene import Scene

CATALOGUE = Catalogue("daemon killed")
#: A life has so many commits at most, from the start to the end of some traffic.
COMMITS = 22
#: Bytes of some traffic to and from the modem, and of a start.
TO, FROM, START = 900, 1400, 1100
#: From one strike to the next; where in between chance says, so that no byte is left out for good.
STRIDE = 17


def place(scene: Scene, within: int) -> int:
    """The number of bytes after which to strike this time."""
    return 1 + (scene.turn * STRIDE + scene.rng.randrange(STRIDE)) % within


def again(scene: Scene) -> None:
    """Kill it wherever it is, and start it on the same store."""
    scene.excuse(unknown=1, repeated=True)
    scene.kill()
    scene.modem.do("clear", kind="hold")
    scene.modem.do("release", drop=scene.rng.random() < 0.3)
    scene.start()


@CATALOGUE.fault(
    "at a commit of its store, before or after it",
    "everything goes on as recorded; what was with the modem is unknown",
    rounds=12,
    scenes=4,
)
def at_a_commit(scene: Scene) -> Iterator[None]:
    scene.excuse(unknown=1, repeated=True)
    scene.kill()
    moment = ("before", "after")[scene.turn % 2]
    scene.house.daemon.start_mortal("COMMIT", moment, 1 + scene.turn // 2 % COMMITS)
    yield
    scene.rest()
    again(scene)


@CATALOGUE.fault(
    "between two bytes to the modem",
    "the modem gets the rest, or not; nothing is lost or sent twice",
    rounds=12,
    scenes=5,
)
def between_bytes_to_the_modem(scene: Scene) -> Iterator[None]:
    scene.modem.do("fault", kind="hold", after_in=place(scene, TO))
    yield
    scene.held()
    again(scene)


@CATALOGUE.fault(
    "between two bytes from the modem",
    "the rest comes too late, or never; nothing is lost or sent twice",
    rounds=12,
    scenes=7,
)
def between_bytes_from_the_modem(scene: Scene) -> Iterator[None]:
    scene.modem.do("fault", kind="hold", after_out=place(scene, FROM))
    yield
    scene.held()
    again(scene)


@CATALOGUE.fault(
    "between two bytes while it sets the modem up",
    "the next start finds the modem wherever it was left, at a prompt for instance",
    rounds=10,
    scenes=2,
)
def while_it_starts(scene: Scene) -> Iterator[None]:
    scene.excuse(unknown=1, repeated=True)
    scene.kill()
    way = scene.rng.choice(("after_in", "after_out"))
    scene.modem.do("fault", kind="hold", **{way: place(scene, START)})
    scene.start()
    yield
    scene.held()
    again(scene)


@CATALOGUE.fault("three times in a row", "as once", rounds=2)
def three_times(scene: Scene) -> Iterator[None]:
    for _ in range(3):
        again(scene)
    yield
    again(scene)


@CATALOGUE.fault(
    "stopped cleanly, in the middle of everything",
    "what is with the modem is waited for: nothing is unknown",
    rounds=4,
)
def stopped(scene: Scene) -> Iterator[None]:
    yield
    scene.excuse(repeated=True)
    scene.house.daemon.stop()
    scene.start()

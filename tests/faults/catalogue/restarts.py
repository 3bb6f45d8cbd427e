"""The modem restarts: a brown-out under the burst of its transmitter, the commonest fault."""

from collections.abc import Iterator

from ..fault import Catalogue
from ..scene import Scene

CATALOGUE = Catalogue("modem restarts")


def _at(
    name: str, command: str, phase: str, *, unknown: int, expected: str, times: int = 1
) -> None:
    @CATALOGUE.fault(name, expected)
    def strike(scene: Scene) -> Iterator[None]:
        scene.excuse(unknown=unknown)
        scene.modem.do("fault", kind="restart", command=command, phase=phase, times=times)
        yield


SAME = "nothing of it is with the modem: sent once it is up again"
UNKNOWN = "nobody can tell whether the network has it: unknown, or sent again where asked for"
READ = "it is still on the SIM, and read again"
_at("in the middle of CMGS, before the prompt", "+CMGS", "command", unknown=0, expected=SAME)
_at("in the middle of CMGS, at the prompt", "+CMGS", "prompt", unknown=0, expected=SAME)
_at("in the middle of CMGS, after the text", "+CMGS", "payload", unknown=1, expected=UNKNOWN)
_at("in the middle of CMGS, before the answer", "+CMGS", "answer", unknown=1, expected=UNKNOWN)
_at("in the middle of CMGS, before the OK", "+CMGS", "final", unknown=1, expected=UNKNOWN)
_at("three CMGS in a row", "+CMGS", "payload", unknown=3, expected=UNKNOWN, times=3)
_at("while a message is read", "+CMGR", "middle", unknown=0, expected=READ)
_at("while a message is deleted", "+CMGD", "answer", unknown=0, expected="known when read again")
_at("while it is being set up", "+CNMI", "command", unknown=0, expected="set up again")


@CATALOGUE.fault(
    "between any two bytes of an exchange",
    "set up again; what was being sent is unknown from its Ctrl-Z on",
    rounds=10,
    scenes=3,
)
def between_bytes(scene: Scene) -> Iterator[None]:
    scene.excuse(unknown=1)
    way = scene.rng.choice(("after_in", "after_out"))
    scene.modem.do("fault", kind="restart", **{way: scene.rng.randrange(1, 700)})
    yield


@CATALOGUE.fault("out of the blue, again and again", "set up again each time", rounds=3)
def out_of_the_blue(scene: Scene) -> Iterator[None]:
    scene.excuse(unknown=2)
    scene.modem.do("restart")
    yield
    scene.modem.do("restart")


@CATALOGUE.fault("switched off for an hour", "everything waits for it")
def off(scene: Scene) -> Iterator[None]:
    scene.modem.do("power_off")
    yield
    for _ in range(12):
        scene.rest()
        scene.advance(300)
    scene.rest()
    scene.modem.do("restart")

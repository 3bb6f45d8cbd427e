"""The modem falls silent, or answers too late."""

import sys
from collections.abc import Iterator
from pathlib import Path

from ..fault import Catalogue
from ..scene import Scene

CATALOGUE = Catalogue("modem silent")
PLUG = Path(__file__).parents[1] / "plug.py"
WAYS = ("after_in", "after_out")


def _for(seconds: float, *, unknown: int, expected: str) -> None:
    @CATALOGUE.fault(f"for {seconds:g} s, between any two bytes", expected, rounds=6, scenes=2)
    def strike(scene: Scene) -> Iterator[None]:
        scene.excuse(unknown=unknown)
        way = scene.rng.choice(WAYS)
        scene.modem.do("fault", kind="hold", **{way: scene.rng.randrange(1, 700)})
        yield
        if scene.held():
            for _ in range(20):
                scene.advance(seconds / 20)
                scene.rest()
        scene.modem.do("clear")


_for(5, unknown=0, expected="a message has a minute: nothing is unknown")
_for(60, unknown=1, expected="given up at last; the late answer goes to nobody else")
_for(180, unknown=1, expected="the port is opened anew, the modem reset as far as it hears us")


@CATALOGUE.fault(
    "for ever, until somebody pulls the plug",
    "tried for ever; everything waits, and goes on afterwards",
    rounds=3,
)
def for_ever(scene: Scene) -> Iterator[None]:
    scene.excuse(unknown=1)
    scene.modem.do("fault", kind="hang", **{scene.rng.choice(WAYS): scene.rng.randrange(1, 700)})
    yield
    for _ in range(30):
        scene.rest()
        scene.advance(60)
    scene.rest()
    scene.modem.do("clear")
    scene.modem.do("restart")


@CATALOGUE.fault(
    "for ever, until the bridge pulls the plug itself",
    "the last rung of the ladder: modem.power_command",
    alone=True,
)
def power_hook(scene: Scene) -> Iterator[None]:
    command = [sys.executable, str(PLUG), str(scene.folder / "control")]
    scene.house.daemon.stop()
    scene.house.configure(modem={"power_command": command})
    scene.house.start()
    starts = scene.house.ledger()["starts"]
    scene.excuse(unknown=1)
    scene.modem.do("fault", kind="hang", after_in=scene.rng.randrange(1, 400))
    scene.traffic()
    yield
    assert scene.settle()
    assert scene.house.ledger()["starts"] > starts


def _late(command: str, phase: str, seconds: int, unknown: int) -> None:
    @CATALOGUE.fault(
        f"answers {command[1:]} late, from its {phase} on",
        "the late answer is not taken for the next command's",
    )
    def strike(scene: Scene) -> Iterator[None]:
        scene.excuse(unknown=unknown)
        scene.modem.do("fault", kind="hold", command=command, phase=phase)
        yield
        if scene.held():
            for _ in range(20):
                scene.advance(seconds / 20)
                scene.rest()
        scene.modem.do("clear")


_late("+CMGS", "command", 70, 0)
_late("+CMGS", "answer", 62, 1)
_late("+CMGS", "final", 90, 1)
_late("+CMGR", "answer", 35, 0)
_late("+CMGR", "final", 31, 0)
_late("+CMGD", "final", 12, 0)
_late("+CSQ", "answer", 4, 0)


def _swallowed(command: str, phase: str, times: int, unknown: int, expected: str) -> None:
    @CATALOGUE.fault(f"{times} times no answer to {command[1:]} ({phase})", expected)
    def strike(scene: Scene) -> Iterator[None]:
        scene.excuse(unknown=unknown)
        scene.modem.do("fault", kind="silence", command=command, phase=phase, times=times)
        yield
        scene.settle()
        scene.modem.do("clear")


_swallowed("+CMGS", "command", 1, 0, "tried again: nothing was with the modem")
_swallowed("+CMGS", "payload", 1, 1, "unknown")
_swallowed("+CMGS", "answer", 1, 1, "unknown")
_swallowed("+CMGS", "command", 3, 0, "a good CSQ is no sign of life: the module is restarted")
_swallowed("+CMGR", "answer", 2, 0, "it stays on the SIM, and is read again")
_swallowed("+CMGD", "command", 2, 0, "deleted later; told once")
_swallowed("+CMGL", "answer", 2, 0, "listed again")

"""The serial line: noise, lost bytes, another rate, a port that goes away and comes back."""

import os
import pty
from collections.abc import Iterator

from ..fault import Catalogue
from ..scene import Scene

CATALOGUE = Catalogue("serial line")


@CATALOGUE.fault(
    "garbage and NULs between any two bytes from the modem",
    "a damaged answer is no answer; a damaged message is read again, not kept",
    rounds=10,
    scenes=4,
)
def garbage(scene: Scene) -> Iterator[None]:
    scene.excuse(unknown=1)
    noise = scene.rng.choice(
        (b"\0", b"\0" * 40, b"\xff\xfe\r\n", scene.rng.randbytes(12), b"\r\n\r\n", b"\x1a\x1b>")
    )
    place = scene.rng.randrange(1, 900)
    scene.modem.do("fault", kind="garbage", after_out=place, hex=noise.hex())
    yield


@CATALOGUE.fault(
    "bytes to the modem are lost",
    "the command fails, or stays at its prompt; nothing is lost or sent twice",
    rounds=8,
    scenes=2,
)
def lost_to(scene: Scene) -> Iterator[None]:
    scene.excuse(unknown=1)
    scene.modem.do("fault", kind="hold", after_in=scene.rng.randrange(1, 600))
    yield
    scene.held()
    scene.modem.do("clear", kind="hold")
    scene.modem.do("release", drop=True)


@CATALOGUE.fault(
    "bytes from the modem are lost",
    "a damaged answer is no answer; a damaged message is read again, not kept",
    rounds=8,
    scenes=3,
)
def lost_from(scene: Scene) -> Iterator[None]:
    scene.excuse(unknown=1)
    place = scene.rng.randrange(1, 900)
    scene.modem.do("fault", kind="lose", after_out=place, count=scene.rng.randrange(1, 60))
    yield


@CATALOGUE.fault("the echo is back on", "told from answers", rounds=2)
def echo(scene: Scene) -> Iterator[None]:
    scene.modem.do("fault", kind="echo", after_in=scene.rng.randrange(1, 300))
    yield


@CATALOGUE.fault("the modem has another baud rate", "found at the rate it has", rounds=3)
def baud(scene: Scene) -> Iterator[None]:
    scene.excuse(unknown=1)
    rate = scene.rng.choice((9600, 19200, 38400, 57600))
    scene.modem.do("fault", kind="baud", baud=rate, after_in=scene.rng.randrange(1, 500))
    yield


@CATALOGUE.fault(
    "the port goes, and comes back as another device under its by-id name",
    "opened again without a restart of the daemon",
    rounds=3,
)
def another_device(scene: Scene) -> Iterator[None]:
    before = os.readlink(scene.house.simulator.link)
    scene.modem.do("unplug")
    scene.rest()
    taken = [pty.openpty()]
    while os.ttyname(taken[-1][1]) != before and len(taken) < 100:
        taken.append(pty.openpty())  # until somebody else has its number
    yield
    scene.rest()
    scene.advance(scene.rng.choice((1, 600)))
    scene.rest()
    scene.modem.do("replug")
    assert os.readlink(scene.house.simulator.link) != before
    for pair in taken:
        for descriptor in pair:
            os.close(descriptor)


@CATALOGUE.fault(
    "the port goes between any two bytes",
    "opened again; what was being sent is unknown from its Ctrl-Z on",
    rounds=8,
    scenes=2,
)
def unplugged(scene: Scene) -> Iterator[None]:
    scene.excuse(unknown=1)
    way = scene.rng.choice(("after_in", "after_out"))
    scene.modem.do("fault", kind="unplug", **{way: scene.rng.randrange(1, 700)})
    yield
    scene.rest()
    scene.modem.do("clear", kind="unplug")
    scene.modem.do("replug")

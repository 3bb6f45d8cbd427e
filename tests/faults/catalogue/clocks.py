"""The wall clock jumps, as without a battery it does at each start."""

from collections.abc import Iterator

from ..fault import Catalogue
from ..scene import Scene

CATALOGUE = Catalogue("clock")
HOUR, DAY, YEAR = 3600, 86400, 365 * 86400


def _jumps(name: str, *jumps: int) -> None:
    @CATALOGUE.fault(name, "messages wait as long as they should, and no longer")
    def strike(scene: Scene) -> Iterator[None]:
        scene.clock.jump(jumps[0], scene.house.daemon.pid)
        yield
        for jump in jumps[1:]:
            scene.clock.jump(jump, scene.house.daemon.pid)


_jumps("an hour forth, in the middle of traffic", HOUR)
_jumps("a day back", -DAY)
_jumps("a day forth and back", DAY, -DAY)
_jumps("to years ago, and to the right time later", -3 * YEAR, 3 * YEAR)


@CATALOGUE.fault("back while messages wait for the network", "sent when it is there again")
def back_while_waiting(scene: Scene) -> Iterator[None]:
    scene.modem.do("network", stat=2)
    yield
    scene.rest()
    scene.clock.jump(-DAY, scene.house.daemon.pid)
    scene.advance(60)
    scene.modem.do("network", stat=1)

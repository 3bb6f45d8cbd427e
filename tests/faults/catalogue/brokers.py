"""The broker, and the way to it."""

from collections.abc import Iterator

from ..fault import Catalogue
from ..scene import KEEPALIVE, Scene

CATALOGUE = Catalogue("broker")


@CATALOGUE.fault(
    "stopped for a while",
    "everything waits in the store and at the clients, and arrives in order",
    rounds=2,
)
def stopped(scene: Scene) -> Iterator[None]:
    scene.excuse(repeated=True)
    scene.broker.stop()
    yield
    scene.rest()
    scene.broker.start()


@CATALOGUE.fault(
    "restarted without what it had kept",
    "subscriptions and states are made anew; nothing that it had acknowledged is lost",
    first=True,
)
def forgetful(scene: Scene) -> Iterator[None]:
    # What a broker loses that it has acknowledged nobody can bring back: all is quiet here, and
    # whoever asks and listens returns after the daemon, or before it.
    assert scene.settle()
    scene.excuse(repeated=True)
    scene.proxy.cut()
    scene.broker.kill()
    (scene.folder / "broker" / "mosquitto.db").unlink(missing_ok=True)
    scene.arrive()
    mark = scene.house.heard.mark()
    scene.broker.start()
    scene.house.subscriber.publish(f"{scene.house.base}/event/test", "{}", wait=False)
    scene.house.heard.wait_for(lambda m: m.topic.endswith("event/test"), after=mark)
    scene.proxy.open()
    scene.rest()
    scene.advance(60)  # the pause before it tries again
    scene.house.online(mark)
    yield


@CATALOGUE.fault("refuses connections", "tried again, ever more seldom, for ever", rounds=2)
def refuses(scene: Scene) -> Iterator[None]:
    scene.excuse(repeated=True)
    scene.proxy.cut()
    yield
    scene.rest()
    scene.advance(scene.rng.choice((10, 600)))
    scene.rest()
    scene.proxy.open()


@CATALOGUE.fault(
    "half open: not a byte comes back, and no RST",
    "noticed by the keep-alive; what was lost on the way is published again",
    rounds=3,
)
def half_open(scene: Scene) -> Iterator[None]:
    scene.excuse(repeated=True)
    if scene.rng.random() < 0.5:
        scene.proxy.mute()
    yield
    scene.proxy.mute()
    for _ in range(3):
        scene.rest()
        scene.advance(KEEPALIVE)


@CATALOGUE.fault("the connection breaks between two bytes", "as above", rounds=8, scenes=2)
def breaks(scene: Scene) -> Iterator[None]:
    scene.excuse(repeated=True)
    scene.proxy.cut_after(scene.rng.randrange(1, 4000))
    yield


@CATALOGUE.fault(
    "what the daemon says is lost, acknowledgements too",
    "requests delivered again are known; messages come again under the same uid",
    rounds=3,
)
def deaf(scene: Scene) -> Iterator[None]:
    scene.excuse(repeated=True)
    scene.proxy.swallow()
    yield
    scene.rest()
    scene.proxy.cut()
    scene.proxy.open()


@CATALOGUE.fault("slow: a second for every answer", "it takes longer, and that is all")
def slow(scene: Scene) -> Iterator[None]:
    scene.excuse(repeated=True)
    scene.proxy.slow(0.5)
    yield
    scene.rest()
    scene.proxy.slow(0.0)

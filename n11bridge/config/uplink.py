"""The section uplink: what its keys mean together, above all that nothing goes round in circles."""

from collections.abc import Iterator
from typing import Any

from n11bridge import topics

from .document import Document
from .settings import Modem, Mqtt, Route, Uplink, UplinkTls, Will


def check_uplink(document: Document) -> None:
    """Check that no message can come back to where it came from, and no request is taken away."""
    section = document.section("uplink")
    tls = section.get("tls")
    if isinstance(tls, dict) and bool(tls.get("key")) != bool(tls.get("certificate")):
        cure = "give both of certificate and key, or neither"
        document.complain(("uplink", "tls"), "has one half of what shows who we are", cure)
    mqtt, modem = document.section("mqtt"), document.section("modem")
    base = f"{mqtt.get('prefix') or Mqtt.prefix}/{modem.get('name') or Modem.name}"
    forward, back = [*_routes(section, "forward")], [*_routes(section, "back")]
    for index, topic, _ in forward:
        where = ("uplink", "forward", index, "topic")
        if topics.overlap(topic, f"{base}/request/#"):
            cure = f"choose topics beside {base}/request"
            document.complain(where, "chooses the bridge's own requests", cure)
        for other, same, _ in forward:
            if other < index and topics.overlap(topic, same):
                message = f"chooses topics that forward.{other} chooses, too"
                document.complain(where, message, "let each topic be chosen once")
    own = [f"{base}/#", f"{mqtt.get('discovery') or Mqtt.discovery}/#"]
    for index, topic, to in back:
        place = ("uplink", "back", index)
        image = topics.below(to, topic)
        if any(topics.overlap(image, each) for each in own):
            message = "ends among topics that only the bridge publishes to"
            document.complain(place, message, "give another to")
        for other, sent, below in forward:
            if topics.overlap(image, sent):
                message = f"would be sent back by forward.{other}"
                document.complain(place, message, "give another to, or a narrower topic")
            if topics.overlap(topic, topics.below(below, sent)):
                message = f"chooses what forward.{other} sends"
                document.complain(place, message, "give forward another to, or a narrower topic")


def _routes(section: dict[str, Any], key: str) -> Iterator[tuple[int, str, str]]:
    """The routes that the schema has no complaint of: number, filter, prefix."""
    given = section.get(key)
    for index, route in enumerate(given if isinstance(given, list) else ()):
        if not isinstance(route, dict):
            continue
        topic, to = route.get("topic"), route.get("to") or ""
        if isinstance(topic, str) and isinstance(to, str):
            yield index, topic, to


def uplink(given: dict[str, Any] | None, name: str) -> Uplink | None:
    """Build the settings from what the schema let pass."""
    if given is None:
        return None
    built = {"client_id": f"n11bridge-{name}", **given}
    if "tls" in built:
        built["tls"] = UplinkTls(**built["tls"])
        built.setdefault("port", 8883)
    if "will" in built:
        built["will"] = Will(**built["will"])
    for key in {"forward", "back"} & built.keys():
        built[key] = tuple(Route(**route) for route in built[key])
    return Uplink(**built)

"""Whether the broker lets the bridge do its work, and what it knows of it already."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

from n11bridge.client.session import ClientError, Session
from n11bridge.config import Config
from n11bridge.doctor.finding import Finding, bad, good, unknown

#: How long retained messages may take to come (seconds).
RETAINED = 1.0
#: Nobody listens to these, and what goes there changes nothing.
HARMLESS = "response/doctor/check"


def examine(session: Session, config: Config) -> Iterator[Finding]:
    """Look at a broker that let us in."""
    mqtt = config.mqtt
    who = f"as {mqtt.username}" if mqtt.username else "without a name"
    yield good("broker", f"{mqtt.host}:{mqtt.port} lets us in {who}")
    yield _may_listen(session, config)
    yield _may_publish(session, config)
    if mqtt.discovery:
        yield _discovery(session, config)


def _may_listen(session: Session, config: Config) -> Finding:
    try:
        session.listen("request/#")
    except ClientError as error:
        cure = f"let {config.mqtt.username or 'it'} read {config.base}/request/# there"
        return bad("access list", str(error), cure)
    return good("access list, listening", f"{config.base}/request/#")


def _may_publish(session: Session, config: Config) -> Finding:
    """Publish something and hear it again: brokers drop in silence what they do not allow."""
    mark = uuid.uuid4().hex
    try:
        session.listen(HARMLESS)
    except ClientError:
        cure = f"let {config.mqtt.username or 'it'} read {config.base}/# as well, for this trial"
        return unknown("access list, publishing", "we may not hear what we publish", cure)
    tried = {"code": "unknown_request", "message": "a trial of the access list", "retryable": False}
    session.publish(HARMLESS, json.dumps({"id": mark, "status": "error", "error": tried}))
    if session.first(HARMLESS, RETAINED, lambda said: said.get("id") == mark) is None:
        cure = f"let {config.mqtt.username or 'it'} write {config.base}/# there, request/# apart"
        return bad("access list, publishing", f"{config.base}/{HARMLESS} was dropped", cure)
    return good("access list, publishing", f"{config.base}/{HARMLESS} came back")


def _discovery(session: Session, config: Config) -> Finding:
    topic = f"{config.mqtt.discovery}/device/+/config"
    try:
        found = session.retained(topic, RETAINED)
    except ClientError as error:
        return unknown("Home Assistant", str(error), f"let it read {topic} there")
    if any(_is_ours(each, config.base) for each in found):
        said = f"our device is announced below {config.mqtt.discovery}, for whoever listens there"
        return good("Home Assistant", said)
    cure = "it is when the bridge has met its modem for the first time"
    return unknown("Home Assistant", "our device is not announced", cure)


def _is_ours(payload: Any, base: str) -> bool:
    return isinstance(payload, dict) and f'"{base}/' in json.dumps(payload)

"""How the modem is, from the bridge that runs."""

from n11bridge.client.session import ClientError, Session, good
from n11bridge.doctor.wire import States

#: How long the bridge may take for one answer (seconds).
PATIENCE = 20.0
STATES = ("modem", "sim", "signal", "network", "gprs", "health")
#: What is asked for, and under which name it is judged.
ASKED = {"sms/centre": "centre", "sms/storage": "storage"}


def ask(session: Session) -> States | None:
    """What the bridge publishes and answers; None when none runs."""
    topics = [f"state/{name}" for name in STATES]
    session.listen("availability", *topics)
    heard = dict(session.heard(1.0))
    if heard.get("availability") != "online":
        return None
    states = {topic.removeprefix("state/"): said for topic, said in heard.items()}
    # A bridge that has a PIN and is still asked for it was refused, or must not try.
    states["sim"] = {**states.get("sim", {}), "pin_refused": True}
    for name, key in ASKED.items():
        try:
            states[key] = good(session.ask(name, {"ttl": PATIENCE / 2}, PATIENCE))
        except ClientError:
            states.pop(key, None)  # unknown, then
    return states

"""How messages show in Home Assistant."""

from collections.abc import Iterable

from n11bridge.entity import Entity, Event, Notify, Sensor, Text
from n11bridge.templates import json_addressed, json_command

ENTITIES: tuple[Entity, ...] = (
    Event("received", name="Message", what="received", icon="mdi:message-text"),
    Event(
        "status",
        name="Message status",
        what="status",
        icon="mdi:message-check",
        entity_category="diagnostic",
    ),
    Notify(
        "notify",
        name="Message",
        verb="send",
        command_template=json_addressed("to", "text"),
        icon="mdi:message-arrow-right",
    ),
    Text(
        "compose",
        name="Send message",
        verb="send",
        command_template=json_addressed("to", "text"),
        icon="mdi:message-arrow-right",
        needs="bridge",
    ),
    Sensor(
        "last",
        name="Last message",
        value="last.received",
        icon="mdi:message-text-clock",
        device_class="timestamp",
        attributes=("last.from", "last.contact", "last.trusted", "last.text", "last.uid"),
        needs="bridge",
    ),
    Sensor(
        "sent",
        name="Messages sent",
        icon="mdi:message-arrow-right",
        value="sent",
        state_class="total_increasing",
        entity_category="diagnostic",
        needs="bridge",
    ),
    Sensor(
        "received_total",
        name="Messages received",
        icon="mdi:message-arrow-left",
        value="received",
        state_class="total_increasing",
        entity_category="diagnostic",
        needs="bridge",
    ),
    Sensor(
        "queued",
        name="Outbox",
        icon="mdi:tray-arrow-up",
        value="queued_parts",
        state_class="measurement",
        entity_category="diagnostic",
        needs="bridge",
    ),
    Sensor(
        "storage_used",
        name="SIM messages",
        icon="mdi:sim",
        value="storage.SM.used",
        state_class="measurement",
        entity_category="diagnostic",
    ),
)


def notify(names: Iterable[str]) -> list[Entity]:
    """One notify entity for each contact and group."""
    return [
        Notify(
            f"notify_{name}",
            name=f"Message to {name}",
            verb="send",
            command_template=json_command("text", to=name),
        )
        for name in names
    ]

"""A broker in Python that knows MQTT 3.1.1 only, and does not answer a client that speaks 5."""

import asyncio
from typing import Any

import pytest

amqtt = pytest.importorskip("amqtt.broker")

ANONYMOUS = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}


def test_silence_at_mqtt_5_leads_to_3_1_1(
    new_client: Any, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("n11bridge.broker.connection.ANSWER_TIME", 0.3)

    async def body() -> None:
        listener = {"type": "tcp", "bind": f"127.0.0.1:{closed_port}"}
        broker = amqtt.Broker({"listeners": {"default": listener}, "plugins": ANONYMOUS})
        await broker.start()
        try:
            async with new_client(closed_port) as ours:
                ours.broker.subscribe(["b/#"])
                assert await ours.next("connected") == ("3.1.1", False)
                await ours.broker.publish("b/event", "x")
                while (message := await ours.message()).topic != "b/event":
                    message.ack()
                assert message.payload == b"x"
        finally:
            await broker.shutdown()

    asyncio.run(body())

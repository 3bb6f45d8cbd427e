"""No broker, or something that is none: said clearly, and tried again."""

import asyncio
from typing import Any

import pytest

from n11bridge.broker import BrokerError, Closed


def test_a_refused_connection_is_said_once(new_client: Any, closed_port: int) -> None:
    async def body() -> None:
        async with new_client(closed_port) as ours:
            code, message = await ours.next("problem")
            assert code == "broker_unreachable"
            assert message == (
                f"The broker 127.0.0.1:{closed_port} cannot be reached: Connection refused."
            )
            attempts = 0

            async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                nonlocal attempts
                attempts += 1
                writer.close()

            async with await asyncio.start_server(hang_up, "127.0.0.1", closed_port):
                code, message = await ours.next("problem")
            assert code == "broker_refused"
            assert "closed the connection without an answer" in message
            assert attempts >= 2  # as MQTT 5 and as MQTT 3.1.1

    asyncio.run(body())


def test_an_unknown_name(new_client: Any) -> None:
    async def body() -> None:
        async with new_client(1883, host="no-such-host.invalid") as ours:
            code, message = await ours.next("problem")
            assert code == "broker_unreachable"
            assert message.startswith("The broker's name no-such-host.invalid cannot be looked up")

    asyncio.run(body())


@pytest.mark.parametrize(
    "nonsense",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20\xff\xff\xff\xff\xff", b"\x20\x03\x00\x00\x05"],
)
def test_something_that_is_no_broker(new_client: Any, nonsense: bytes) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(nonsense)
        await writer.drain()
        writer.close()

    async def body() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server, new_client(server.sockets[0].getsockname()[1]) as ours:
            code, _ = await ours.next("problem")
            assert code == "broker_refused"

    asyncio.run(body())


def test_a_broker_that_accepts_and_is_silent_does_not_hold_up_the_end(new_client: Any) -> None:
    async def body() -> None:
        accepted = asyncio.Event()

        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted.set()
            await reader.read()
            writer.close()

        server = await asyncio.start_server(listen, "127.0.0.1", 0)
        async with server, new_client(server.sockets[0].getsockname()[1]) as ours:
            await accepted.wait()
            async with asyncio.timeout(2):
                await ours.broker.stop()

    asyncio.run(body())


def test_the_queue_is_bounded(new_client: Any, closed_port: int) -> None:
    async def body() -> None:
        async with new_client(closed_port) as ours:
            waiting = [asyncio.create_task(ours.broker.publish("t", "x")) for _ in range(1000)]
            await asyncio.wait(waiting[:1], timeout=0)
            with pytest.raises(BrokerError, match="1000 messages wait"):
                await ours.broker.publish("t", "x")
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {Closed}

    asyncio.run(body())

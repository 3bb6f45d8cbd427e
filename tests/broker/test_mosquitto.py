"""The broker module against a real mosquitto."""

import asyncio
import base64
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from n11bridge.broker import BrokerError, Closed, Unpublishable
from n11bridge.config import Tls

pytestmark = pytest.mark.slow

CONNACK_UNACCEPTABLE_VERSION = b"\x20\x02\x00\x01"
PUBACK = 0x40


def test_connects_with_mqtt_5_and_says_online_and_offline(mosquitto: Any, new_client: Any) -> None:
    async def body() -> None:
        async with mosquitto.watch("b/#") as watch:
            async with new_client(mosquitto.port) as ours:
                assert await ours.next("connected") == ("5", False)
                assert ours.broker.connected
                assert await watch.message() == "b/availability 0 online"
            assert await watch.message() == "b/availability 0 offline"
            assert not ours.broker.connected
        async with mosquitto.watch("b/#") as later:
            assert await later.message() == "b/availability 1 offline"

    asyncio.run(body())


@pytest.mark.parametrize("answer", [CONNACK_UNACCEPTABLE_VERSION, b""], ids=["refused", "closed"])
def test_falls_back_to_3_1_1_and_stays_there(
    mosquitto: Any, new_client: Any, new_proxy: Any, answer: bytes
) -> None:
    async def body() -> None:
        async with (
            new_proxy(mosquitto.port, answer_to_5=answer) as line,
            new_client(line.port) as ours,
        ):
            ours.broker.subscribe(["b/request/#"])
            assert await ours.next("connected") == ("3.1.1", False)
            line.cut()
            await ours.next("disconnected")
            await line.open()
            assert await ours.next("connected") == ("3.1.1", True)
            assert line.versions == [5, 4, 4]
            mosquitto.publish("b/request/x", "hello")
            message = await ours.message()
            assert (message.payload, message.response_topic) == (b"hello", None)
            await ours.broker.publish("b/event", "x", correlation=b"not in 3.1.1")

    asyncio.run(body())


def test_a_version_insisted_on_is_not_given_up(
    mosquitto: Any, new_client: Any, new_proxy: Any
) -> None:
    async def body() -> None:
        async with (
            new_proxy(mosquitto.port, answer_to_5=CONNACK_UNACCEPTABLE_VERSION) as line,
            new_client(line.port, protocol="5") as ours,
        ):
            code, message = await ours.next("problem")
            assert (code, message) == ("broker_refused", "The broker does not speak MQTT 5.")
            assert set(line.versions) == {5}

    asyncio.run(body())


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_what_was_not_acknowledged_comes_again(
    mosquitto: Any, new_client: Any, new_proxy: Any, protocol: str
) -> None:
    async def body() -> None:
        async with (
            new_proxy(mosquitto.port) as line,
            new_client(line.port, protocol=protocol) as ours,
        ):
            ours.broker.subscribe(["b/request/#"])
            await ours.next("connected")
            for text in ("one", "two", "three"):
                mosquitto.publish("b/request/x", text)
            first = [await ours.message() for _ in range(3)]
            first[1].ack()
            mosquitto.publish("b/request/x", "four")  # the acknowledgement went ahead of it
            assert (await ours.message()).payload == b"four"
            line.cut()
            await ours.next("disconnected")
            await line.open()
            assert await ours.next("connected") == (protocol, True)
            again = [await ours.message() for _ in range(3)]
            assert [message.payload for message in again] == [b"one", b"three", b"four"]
            assert not any(message.duplicate for message in first)
            assert all(message.duplicate for message in again)
            assert [message.packet for message in again[:2]] == [first[0].packet, first[2].packet]

    asyncio.run(body())


def test_a_late_acknowledgement_is_not_sent_on_the_next_connection(
    mosquitto: Any, new_client: Any, new_proxy: Any
) -> None:
    async def body() -> None:
        async with new_proxy(mosquitto.port) as line, new_client(line.port) as ours:
            ours.broker.subscribe(["b/request/#"])
            await ours.next("connected")
            mosquitto.publish("b/request/x", "one")
            before = await ours.message()
            line.cut()
            await ours.next("disconnected")
            line.sent.clear()
            await line.open()
            await ours.next("connected")
            after = await ours.message()
            before.ack()
            await ours.broker.publish("b/event", "a")  # would go after the acknowledgement
            assert PUBACK not in [packet[0] for packet in line.sent]
            after.ack()
            after.ack()
            await ours.broker.publish("b/event", "b")
            pubacks = b"".join(line.sent).count(bytes([PUBACK, 2]))
            assert pubacks == 1

    asyncio.run(body())


def test_properties_arrive_and_leave(mosquitto: Any, new_client: Any) -> None:
    async def body() -> None:
        async with (
            mosquitto.watch("them/#", "-V", "5", "-F", "= %t %D") as watch,
            new_client(mosquitto.port) as ours,
        ):
            ours.broker.subscribe(["b/request/#"])
            await ours.next("connected")
            options = ("-V", "5", "-D", "publish", "response-topic", "them/answer")
            options += ("-D", "publish", "correlation-data", "c1")
            mosquitto.publish("b/request/x", "?", *options)
            message = await ours.message()
            assert (message.response_topic, message.correlation) == ("them/answer", b"c1")
            assert (message.qos, message.retain) == (1, False)
            message.ack()
            await ours.broker.publish(message.response_topic, "!", correlation=message.correlation)
            assert await watch.message() == "them/answer c1"

    asyncio.run(body())


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_subscribing_when_connected_already(mosquitto: Any, new_client: Any, protocol: str) -> None:
    mosquitto.publish("b/request/x", "kept for whoever subscribes", "-r")

    async def body() -> None:
        async with new_client(mosquitto.port, protocol=protocol) as ours:
            await ours.next("connected")
            ours.broker.subscribe(["b/request/#"])
            assert (await ours.message()).payload == b"kept for whoever subscribes"

    asyncio.run(body())


def test_retained_requests_are_marked_and_not_repeated(
    mosquitto: Any, new_client: Any, new_proxy: Any
) -> None:
    async def body() -> None:
        mosquitto.publish("b/request/x", "old", "-r")
        async with new_proxy(mosquitto.port) as line, new_client(line.port) as ours:
            ours.broker.subscribe(["b/request/#"])
            await ours.next("connected")
            old = await ours.message()
            assert (old.payload, old.retain) == (b"old", True)
            old.ack()
            mosquitto.publish("b/request/y", "now", "-r")
            now = await ours.message()
            assert (now.payload, now.retain) == (b"now", True)
            now.ack()
            await ours.broker.publish("b/event", "x")  # goes after the acknowledgements
            line.cut()
            await ours.next("disconnected")
            await line.open()
            await ours.next("connected")
            mosquitto.publish("b/request/x", "new")
            assert (await ours.message()).payload == b"new"

    asyncio.run(body())


def test_the_will_is_published_when_we_are_killed(mosquitto: Any) -> None:
    program = f"""
import asyncio
from n11bridge.broker import Broker
from n11bridge.config import Mqtt
async def body():
    nothing = lambda *_: None
    settings = Mqtt("127.0.0.1", {mosquitto.port}, client_id="victim")
    broker = Broker(settings, will_topic="b/availability", on_message=nothing,
        on_connected=nothing, on_disconnected=nothing, on_problem=nothing)
    await broker.start()
    await asyncio.Event().wait()
asyncio.run(body())
"""

    async def body() -> None:
        async with mosquitto.watch("b/availability") as watch:
            victim = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
            try:
                assert await watch.message() == "b/availability 0 online"
            finally:
                victim.kill()
                await victim.wait()
            assert await watch.message() == "b/availability 0 offline"

    asyncio.run(body())


@pytest.mark.parametrize("persistence", ["true", "false"], ids=["session kept", "session lost"])
def test_publishing_outlives_a_restart_of_the_broker(
    new_mosquitto: Any, new_client: Any, tmp_path: Path, persistence: str
) -> None:
    mosquitto = new_mosquitto(
        "allow_anonymous true", f"persistence {persistence}", f"persistence_location {tmp_path}/"
    )

    async def body() -> None:
        async with new_client(mosquitto.port) as ours:
            ours.broker.subscribe(["b/request/#"])
            await ours.next("connected")
            await asyncio.to_thread(mosquitto.stop)
            await ours.next("disconnected")
            waiting = [
                asyncio.create_task(ours.broker.publish(f"b/state/{n}", str(n), retain=True))
                for n in range(30)
            ]
            code, message = await ours.next("problem")
            assert code == "broker_unreachable"
            assert message.endswith("cannot be reached: Connection refused.")
            waiting.pop().cancel()
            await asyncio.to_thread(mosquitto.start)
            await asyncio.gather(*waiting)
            assert await ours.next("connected") == ("5", persistence == "true")
            async with mosquitto.watch("b/state/#") as watch:
                kept = {await watch.message() for _ in range(29)}
                assert kept == {f"b/state/{n} 1 {n}" for n in range(29)}
            mosquitto.publish("b/request/x", "still subscribed")
            assert (await ours.message()).payload == b"still subscribed"

    asyncio.run(body())


def test_each_message_is_published_once_across_a_cut(
    mosquitto: Any, new_client: Any, new_proxy: Any
) -> None:
    async def body() -> None:
        async with (
            mosquitto.watch("b/event") as watch,
            new_proxy(mosquitto.port) as line,
            new_client(line.port) as ours,
        ):
            await ours.next("connected")
            await ours.broker.publish("b/event", "before")
            line.cut()
            await ours.next("disconnected")
            during = asyncio.create_task(ours.broker.publish("b/event", "during"))
            await ours.next("problem")
            await line.open()
            await during
            await ours.broker.publish("b/event", b"after", qos=0)
            await ours.broker.publish("b/event", "end")
            seen = [await watch.message() for _ in range(4)]
            assert [line.split()[-1] for line in seen] == ["before", "during", "after", "end"]

    asyncio.run(body())


def test_what_cannot_be_sent_is_refused_and_the_rest_goes_on(
    new_mosquitto: Any, new_client: Any
) -> None:
    mosquitto = new_mosquitto("allow_anonymous true", "max_packet_size 2000")

    async def body() -> None:
        async with new_client(mosquitto.port) as ours:
            await ours.next("connected")
            with pytest.raises(BrokerError, match="no more than 2000 bytes") as caught:
                await ours.broker.publish("b/event", "x" * 2000)
            assert not isinstance(caught.value, ValueError)  # another broker may take it
            with pytest.raises(Unpublishable, match="is no topic"):
                await ours.broker.publish("b/+", "x")
            await ours.broker.publish("b/event", "x")

    asyncio.run(body())


def test_a_message_that_makes_the_broker_hang_up_is_given_up(
    new_mosquitto: Any, new_client: Any
) -> None:
    mosquitto = new_mosquitto("allow_anonymous true", "max_packet_size 2000")

    async def body() -> None:
        # MQTT 3.1.1 has no way to say how much the broker takes.
        async with new_client(mosquitto.port, protocol="3.1.1") as ours:
            await ours.next("connected")
            with pytest.raises(BrokerError, match="broke 3 times"):
                await ours.broker.publish("b/event", "x" * 2000)
            await ours.broker.publish("b/event", "x")

    asyncio.run(body())


def test_stopping_ends_what_waits(mosquitto: Any, new_client: Any) -> None:
    async def body() -> None:
        async with new_client(mosquitto.port) as ours:
            await ours.next("connected")
            await asyncio.to_thread(mosquitto.stop)
            await ours.next("disconnected")
            waiting = asyncio.create_task(ours.broker.publish("b/event", "x"))
            await ours.next("problem")
        with pytest.raises(Closed, match="closed"):
            await waiting
        with pytest.raises(Closed, match="being closed"):
            await ours.broker.publish("b/event", "x")

    asyncio.run(body())


def test_two_clients_of_one_id_are_told(mosquitto: Any, new_client: Any) -> None:
    async def body() -> None:
        async with new_client(mosquitto.port) as first, new_client(mosquitto.port):
            code, message = await first.next("problem")
            assert code == "connection_unstable"
            assert "another client uses the client id ours" in message

    asyncio.run(body())


# What the broker forbids


@pytest.fixture
def guarded(new_mosquitto: Any, tmp_path: Path) -> Any:
    """A broker with users, and the access list `acl` beside it."""
    subprocess.run(
        ["mosquitto_passwd", "-b", "-c", str(tmp_path / "users"), "n11", "right"], check=True
    )
    (tmp_path / "acl").write_text("user n11\ntopic readwrite b/#\n")
    return new_mosquitto(f"password_file {tmp_path}/users", f"acl_file {tmp_path}/acl")


@pytest.mark.parametrize("protocol", ["auto", "3.1.1"])
def test_a_wrong_password_is_said_once(guarded: Any, new_client: Any, protocol: str) -> None:
    async def body() -> None:
        settings = {"username": "n11", "password": "wrong", "protocol": protocol}
        async with new_client(guarded.port, **settings) as ours:
            code, message = await ours.next("problem")
            assert code == "broker_refused"
            assert "Not authorized" in message
            assert "mqtt.password" in message
            assert "wrong" not in message
            await asyncio.to_thread(guarded.stop)  # many refusals later, another problem
            while code != "broker_unreachable":
                code, another = await ours.next("problem")
                assert another != message

    asyncio.run(body())


def test_a_refused_topic_is_said_once_until_it_is_mended(
    guarded: Any, new_client: Any, tmp_path: Path
) -> None:
    async def body() -> None:
        async with new_client(guarded.port, username="n11", password="right") as ours:
            await ours.next("connected")
            for _ in range(2):
                with pytest.raises(BrokerError, match="refuses what we publish to other/x"):
                    await ours.broker.publish("other/x", "x")
            with (tmp_path / "acl").open("a") as acl:
                acl.write("topic readwrite other/#\n")
            await asyncio.to_thread(guarded.reload)
            await ours.broker.publish("other/x", "x")
            assert (await ours.next("problem"))[0] == "publish_refused"
            assert ours.happened["problem"].empty()

    asyncio.run(body())


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_refused_subscription_is_said_and_tried_again(
    new_mosquitto: Any, new_client: Any, tmp_path: Path, protocol: str
) -> None:
    plugin = next(Path("/usr/lib").glob("**/mosquitto_dynamic_security.so"), None)
    if plugin is None:
        pytest.skip("mosquitto's access list never refuses a subscription, and its plugin is away")
    rules = tmp_path / "rules.json"
    salt = b"0123456789ab"
    password = hashlib.pbkdf2_hmac("sha512", b"right", salt, 101)
    boss_may = ["publishClientSend", "publishClientReceive", "subscribePattern"]
    content = {
        "defaultACLAccess": {
            "publishClientSend": True,
            "publishClientReceive": True,
            "subscribe": False,
            "unsubscribe": True,
        },
        "clients": [
            {
                "username": "boss",
                "salt": base64.b64encode(salt).decode(),
                "password": base64.b64encode(password).decode(),
                "iterations": 101,
                "roles": [{"rolename": "boss"}],
            }
        ],
        "roles": [
            {
                "rolename": "boss",
                "acls": [
                    {"acltype": kind, "topic": "$CONTROL/#", "allow": True} for kind in boss_may
                ],
            }
        ],
    }
    rules.write_text(json.dumps(content))
    mosquitto = new_mosquitto(
        "allow_anonymous true", f"plugin {plugin}", f"plugin_opt_config_file {rules}"
    )
    command = {"command": "setDefaultACLAccess", "acls": [{"acltype": "subscribe", "allow": True}]}
    allow = ("$CONTROL/dynamic-security/v1", json.dumps({"commands": [command]}))

    async def body() -> None:
        async with new_client(mosquitto.port, protocol=protocol) as ours:
            ours.broker.subscribe(["b/request/#"])
            code, message = await ours.next("problem")
            assert code == "subscription_refused"
            assert message.startswith("The broker refuses the subscription to b/request/#")
            await ours.next("connected")
            await asyncio.to_thread(mosquitto.publish, *allow, "-u", "boss", "-P", "right")
            while ours.happened["message"].empty():
                await asyncio.to_thread(mosquitto.publish, "b/request/x", "hello")
            assert (await ours.message()).payload == b"hello"

    asyncio.run(body())


# TLS


@pytest.fixture
def encrypted(new_mosquitto: Any, certificates: Path) -> Callable[..., Any]:
    def make(certificate: str, *lines: str) -> Any:
        return new_mosquitto(
            "allow_anonymous true",
            f"cafile {certificates}/ca.pem",
            f"certfile {certificates}/{certificate}.pem",
            f"keyfile {certificates}/{certificate}.key",
            *lines,
        )

    return make


def test_tls(encrypted: Any, new_client: Any, certificates: Path) -> None:
    port = encrypted("good").port

    async def body() -> None:
        async with (
            new_client(port, tls=Tls(ca=certificates / "ca.pem")) as ours,
            new_client(port, client_id="other", tls=Tls(ca=certificates / "ca.pem")) as other,
        ):
            ours.broker.subscribe(["b/request/#"])
            await ours.next("connected")
            text = "x" * 300_000  # more than one TLS record and one buffer
            await other.broker.publish("b/request/x", text)
            assert (await ours.message()).payload == text.encode()

    asyncio.run(body())


@pytest.mark.parametrize(
    ("served", "ca", "words"),
    [
        ("good", "other-ca", "is not trusted"),
        ("good", None, "is not trusted"),
        ("expired", "ca", "certificate has expired"),
        ("elsewhere", "ca", "IP address mismatch"),
        ("good", "none", "mqtt.tls are of no use: No such file"),
    ],
)
def test_tls_that_fails_is_explained(
    encrypted: Any, new_client: Any, certificates: Path, served: str, ca: str | None, words: str
) -> None:
    port = encrypted(served).port

    async def body() -> None:
        tls = Tls(ca=certificates / f"{ca}.pem" if ca else None)
        async with new_client(port, tls=tls) as ours:
            code, message = await ours.next("problem")
            assert code == "broker_tls"
            assert words in message
        async with new_client(port, tls=Tls(insecure=True)) as careless:
            assert await careless.next("connected")

    asyncio.run(body())


@pytest.mark.parametrize("wrong", ["expired", "elsewhere"])
def test_a_certificate_that_is_mended_is_found(
    encrypted: Any, new_client: Any, certificates: Path, wrong: str
) -> None:
    """Told once, however often it is tried, and over by itself when the broker is mended."""
    for kind in ("pem", "key"):
        shutil.copy(certificates / f"{wrong}.{kind}", certificates / f"served.{kind}")
    mosquitto = encrypted("served")

    async def body() -> None:
        async with new_client(mosquitto.port, tls=Tls(ca=certificates / "ca.pem")) as ours:
            code, message = await ours.next("problem")
            assert code == "broker_tls"
            await asyncio.to_thread(mosquitto.stop)  # perhaps in the middle of a handshake
            while code != "broker_unreachable":
                code, another = await ours.next("problem")
                assert another != message
            for kind in ("pem", "key"):
                shutil.copy(certificates / f"good.{kind}", certificates / f"served.{kind}")
            await asyncio.to_thread(mosquitto.start)
            assert await ours.next("connected")

    asyncio.run(body())


def test_a_client_certificate(encrypted: Any, new_client: Any, certificates: Path) -> None:
    port = encrypted("good", "require_certificate true").port

    async def body() -> None:
        ca = certificates / "ca.pem"
        async with new_client(port, tls=Tls(ca=ca)) as stranger:
            _, message = await stranger.next("problem")
            assert "certificate required" in message
        with_certificate = Tls(ca, certificates / "client.pem", certificates / "client.key")
        async with new_client(port, tls=with_certificate) as ours:
            assert await ours.next("connected")

    asyncio.run(body())


def test_plain_text_to_a_tls_port_and_the_reverse(
    encrypted: Any, mosquitto: Any, new_client: Any
) -> None:
    async def body() -> None:
        async with new_client(encrypted("good").port) as ours:
            code, _ = await ours.next("problem")
            assert code == "broker_refused"
        async with new_client(mosquitto.port, tls=Tls(insecure=True)) as ours:
            code, _ = await ours.next("problem")
            assert code in ("broker_tls", "broker_unreachable")

    asyncio.run(body())


def test_a_broker_that_falls_silent_is_noticed(mosquitto: Any, new_client: Any) -> None:
    async def body() -> None:
        async with new_client(mosquitto.port, keepalive=1) as ours:
            await ours.next("connected")
            with mosquitto.frozen():
                publishing = asyncio.create_task(ours.broker.publish("b/event", "x"))
                why = await ours.next("disconnected")
                assert why == "the broker does not answer any more"
            await publishing
            assert await ours.next("connected") == ("5", True)

    asyncio.run(body())


def test_idle_costs_nothing(mosquitto: Any, new_client: Any) -> None:
    async def body() -> None:
        async with new_client(mosquitto.port, keepalive=5) as ours:
            await ours.next("connected")
            await ours.broker.publish("b/event", "x")
            loop = asyncio.get_running_loop()
            woken = 0
            original = loop.call_later

            def counted(*args: Any, **named: Any) -> Any:
                nonlocal woken
                woken += 1
                return original(*args, **named)

            loop.call_later = counted  # type: ignore[method-assign]
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(3):
                    await ours.next("disconnected")
            assert woken <= 7  # ten times in each keepalive, and no more
            assert ours.broker.connected

    asyncio.run(body())

"""The uplink against a peer that plays the modem."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from n11bridge.capabilities.uplink import Uplink
from n11bridge.config.settings import Route, UplinkTls, Will
from n11bridge.config.settings import Uplink as Settings

from .host import Bench, Peer, bench

LINK = {"AT+XIIC?": "+XIIC: 1,10.1.2.3\nOK"}
LOGIN = {
    'AT+MQTTCONNPARAM="n11"," "," "': "OK",
    'AT+MQTTCONN="far.example.com:1883",0,60': "OK",
    "AT+MQTTSTATE=1": "OK",
    "AT+MQTTSTATE?": "+MQTTSTATE: 1\nOK",
}
Scene = Callable[[Bench, Peer], Coroutine[Any, Any, None]]


def play(folder: Path, scene: Scene, answers: dict[str, Any], **settings: Any) -> None:
    async def run() -> None:
        uplink = Settings("far.example.com", **{"client_id": "n11", **settings})
        given = {**LINK, **LOGIN, **answers}
        async with bench(folder, Uplink, answers=given, uplink=uplink) as (host, peer):
            host.modem.set_registration("ready")
            await host.until(lambda: host.states["uplink"]["connected"])
            await scene(host, peer)

    asyncio.run(run())


def arrival(topic: str, payload: bytes, acknowledged: list[str], qos: int = 1) -> Any:
    return SimpleNamespace(
        topic=topic,
        payload=payload,
        qos=qos,
        packet=None,
        duplicate=False,
        ack=lambda: acknowledged.append(topic),
    )


def test_how_it_connects(tmp_path: Path) -> None:
    async def scene(host: Bench, peer: Peer) -> None:
        await host.until(lambda: peer.heard[-1] == 'AT+MQTTSUB="cmd/#",0')
        begin = peer.heard.index("AT+MQTTDISCONN")
        assert peer.heard[begin:] == [
            "AT+MQTTDISCONN",
            "AT+MQTTAUTORECON=0",
            "AT+MQTTMODE=1",
            'AT+MQTTCFG="sslversion",3',
            'AT+MQTTCFG="authmode",2',
            'AT+MQTTCFG="cacert","ca.pem"',
            'AT+MQTTCFG="clientcert","c.pem"',
            'AT+MQTTCFG="clientkey","k.pem"',
            'AT+MQTTCONNPARAM="n11","me","secret"',
            'AT+MQTTWILLPARAM=1,0,"gone",bye',
            'AT+MQTTCONN="far.example.com:8883",0,90',
            "AT+MQTTSTATE=1",
            'AT+MQTTSUB="cmd/#",0',
        ]

    answers = dict.fromkeys(
        (
            "AT+MQTTMODE=1",
            'AT+MQTTCFG="sslversion",3',
            'AT+MQTTCFG="authmode",2',
            'AT+MQTTCFG="cacert","ca.pem"',
            'AT+MQTTCFG="clientcert","c.pem"',
            'AT+MQTTCFG="clientkey","k.pem"',
            'AT+MQTTCONNPARAM="n11","me","secret"',
            'AT+MQTTWILLPARAM=1,0,"gone",bye',
            'AT+MQTTCONN="far.example.com:8883",0,90',
            'AT+MQTTSUB="cmd/#",0',
        ),
        "OK",
    )
    play(
        tmp_path,
        scene,
        answers,
        port=8883,
        username="me",
        password="secret",
        keepalive=90,
        tls=UplinkTls("ca.pem", "c.pem", "k.pem"),
        will=Will("gone", "bye", qos=0, retain=True),
        back=(Route("cmd/#", qos=0),),
    )


def test_what_comes_goes_where_it_is_wanted(tmp_path: Path) -> None:
    async def scene(host: Bench, peer: Peer) -> None:
        await host.ask("uplink/subscribe", topic="x/+", qos=0)
        peer.say('+MQTTSUB:2,"cmd/pump",2,on', '+MQTTSUB: 0,"x/y",5,hello', '+MQTTSUB:1,"z",1,1')
        await host.until(lambda: host.events and host.published)
        assert host.published == [("here/cmd/pump", b"on")]
        assert host.events == [
            ("uplink/message", {"topic": "x/y", "data": "aGVsbG8=", "text": "hello"})
        ]

    answers = {'AT+MQTTSUB="cmd/#",1': "OK", 'AT+MQTTSUB="x/+",0': "OK"}
    play(tmp_path, scene, answers, back=(Route("cmd/#", "here"),))


def test_what_cannot_be_sent_is_told_and_does_not_stand_in_the_way(tmp_path: Path) -> None:
    async def scene(host: Bench, peer: Peer) -> None:
        [(filters, take)] = host.listening
        assert filters == ["home/#", "n11bridge/n11/#"]
        acknowledged: list[str] = []
        wrong = ("home/" + "x" * 200, 'home/"', "home/ä", "home/large")
        for topic in wrong:
            take(arrival(topic, bytes(4097 if topic == "home/large" else 1), acknowledged))
        own = ("n11bridge/n11/state/uplink", "n11bridge/n11/event/uplink/message")
        for topic in own:
            take(arrival(topic, b"{}", acknowledged))
        take(arrival("home/good", b"21\r", acknowledged))
        await host.until(lambda: host.states["uplink"]["sent"] == 1)
        assert sorted(acknowledged) == sorted((*wrong, *own, "home/good"))
        assert host.problems == ["uplink"] * 4
        assert host.states["uplink"]["dropped"] == 4

    answers = {'AT+MQTTPUBS=0,1,"site/home/good",3': ">", "21": "OK"}
    forward = (Route("home/#", "site"), Route("n11bridge/n11/#", "site"))
    play(tmp_path, scene, answers, forward=forward)


def test_a_modem_without_the_long_form_gets_digits(tmp_path: Path) -> None:
    async def scene(host: Bench, peer: Peer) -> None:
        [(_, take)] = host.listening
        for payload in (b"\x00\xff", b""):
            take(arrival("home/a", payload, [], qos=0))
        # The peer takes what follows a prompt for the beginning of the next line.
        await host.until(lambda: peer.unfinished == b"00FF")
        peer.unfinished = b""
        peer.say("OK")
        await host.until(lambda: host.states["uplink"]["sent"] == 2)
        assert peer.heard[-1] == 'AT+MQTTPUB=0,0,"home/a",""'

    answers = {
        'AT+MQTTPUBS=0,0,"home/a",2': "+CME ERROR: 49",
        'AT+MQTTPUBIN=0,0,"home/a",2': ">",
        'AT+MQTTPUBS=0,0,"home/a",0': "+CME ERROR: 49",
        'AT+MQTTPUB=0,0,"home/a",""': "OK",
    }
    play(tmp_path, scene, answers, forward=(Route("home/#"),))


def test_a_message_that_is_refused_lets_others_go_ahead(tmp_path: Path) -> None:
    async def scene(host: Bench, peer: Peer) -> None:
        [(_, take)] = host.listening
        take(arrival("home/bad", b"1\r", []))
        await host.until(lambda: host.problems)
        take(arrival("home/good", b"2\r", []))
        await host.until(lambda: host.states["uplink"]["sent"] == 1)
        before = peer.heard[: peer.heard.index('AT+MQTTPUBS=0,1,"home/good",2')]
        assert before.count('AT+MQTTPUBS=0,1,"home/bad",2') == 3
        # The modem says that it is connected, but that may not be so.
        assert before.count('AT+MQTTCONN="far.example.com:1883",0,60') == 2
        assert host.states["uplink"]["waiting"] == 1

    answers = {'AT+MQTTPUBS=0,1,"home/good",2': ">", "2": "OK"}
    play(tmp_path, scene, answers, forward=(Route("home/#"),))


def test_it_connects_again_however_the_loss_is_told(tmp_path: Path) -> None:
    async def scene(host: Bench, peer: Peer) -> None:
        for number, words in enumerate(("+MQTTSTATEURC: 0", "+MQTTDISCONNECTED: LINK CLOSED"), 2):
            peer.say(words)
            await host.until(lambda: not host.states["uplink"]["connected"])
            assert host.states["uplink"]["last_error"] == "the connection broke"
            await host.until(lambda: host.states["uplink"]["connected"])
            assert peer.count('AT+MQTTCONN="far.example.com:1883",0,60') == number

    play(tmp_path, scene, {})

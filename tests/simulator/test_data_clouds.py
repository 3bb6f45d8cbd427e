"""The simulated clients of chapters 18 to 20: answers and complaints, and the packets of MQTT."""

import asyncio

import pytest

from n11bridge.simulator.data import mqtt_packets as packets

from .world import online


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ('AT+MQTTCONNPARAM="23342423b","lixystest/thing01","01So"', "OK"),
        ('AT+MQTTCONNPARAM="a","",""', "ERROR"),
        ("AT+MQTTCONNPARAM=a,b,c", "ERROR"),
        ('AT+MQTTWILLPARAM=0,1,"lixxytopic",byby', "OK"),
        ('AT+MQTTWILLPARAM=0,2,"lixxytopic",byby', "ERROR"),
        ('AT+MQTTCONN="nowhere",0,60', "ERROR"),
        ('AT+MQTTSUB="lixystopic",1', "ERROR"),
        ('AT+MQTTUNSUB="/lixystopic"', "ERROR"),
        ('AT+MQTTPUB=0,1,"lixystopic",12345', "ERROR"),
        ('AT+MQTTPUBS=1,1,"/hhh2",4097', "ERROR"),
        ("AT+MQTTDISCONN", "ERROR"),
        ("AT+MQTTSTATE?", "+MQTTSTATE: 0\r\n\r\nOK"),
        ("AT+MQTTMODE=1", "OK"),
        ('AT+MQTTCFG="cacert","ca_cert.pem"', "OK"),
        ("AT+MQTTAUTORECON?", "+MQTTAUTORECON: 1\r\n\r\nOK"),
        ("AT+IMQTTMODE=1", "OK"),
        ('AT+IMQTTAUTH="productKey001","deviceName001"', "ERROR"),
        ('AT+IMQTTPARA="TIMEOUT",2,"CLEAN",1,"KEEPALIVE",60,"VERSION","3.1.1"', "OK"),
        ('AT+IMQTTTPARA="TIMEOUT",2', "OK"),
        ('AT+IMQTTPARA="KEEPALIVE",59', "ERROR"),
        ("AT+IMQTTCONN", "ERROR"),
        ('AT+IMQTTPUB="/test_topic_001",1,"hellosim"', "ERROR"),
        ("AT+IMQTTSTATE?", "+IMQTTSTATE: 0\r\n\r\nOK"),
        ("AT+CLOUDPARA?", "ERROR"),
        ("AT+CLOUDPARA=prodackKEY,deviceName,deviceSecret", "OK"),
        ("AT+NCDPOPEN=180.101.147.135", "OK"),
        ('AT+NCDPOPEN="180.101.147.115"', "OK"),
        ("AT+NMGS=6,1E2A07065F4B", "ERROR"),
        ("AT+NMGR", "ERROR"),
        ("AT+NNMI=3", "ERROR"),
        ("AT+NNMI?", "+NNMI: 1,\r\n\r\nOK"),
        ("AT+NCDPCLOSE", "OK"),
    ],
)
def test_answers_and_complaints(bench, command, answer):
    async def scenario():
        async with bench() as modem:
            await online(modem)
            assert await modem.say(f"{command}\r") == f"\r\n{answer}\r\n"

    asyncio.run(scenario())


def test_a_message_of_the_platform_is_told_waits_or_is_announced(bench):
    async def scenario():
        async with bench() as modem:
            await online(modem)
            await modem.say("AT+NCDPOPEN=180.101.147.115\r")
            assert (await modem.do("platform", send="aaaa0000"))["delivered"]
            assert modem.take() == "\r\n+NNMI: 4,aaaa0000\r\n"
            await modem.say("AT+NNMI=0\r")
            await modem.do("platform", send="aaaa0000")
            assert modem.take() == ""
            assert await modem.say("AT+NMGR\r") == "\r\n+NMGR: 4,aaaa0000\r\n\r\nOK\r\n"
            await modem.say("AT+NNMI=2\r")
            await modem.do("platform", send="00")
            assert modem.take() == "\r\n+NNMI\r\n"

    asyncio.run(scenario())


def test_packets_as_the_standard_writes_them():
    who = packets.Identity("a", "u", "p", 60, True, (1, 1, "t", "m"))
    assert packets.connect(who).hex() == ("101900044d51545404ee003c00016100017400016d000175000170")
    assert packets.publish("a/b", b"x", qos=1, retain=1, identifier=10).hex() == (
        "33080003612f62000a78"
    )
    assert packets.subscribe("a/b", 1, 10).hex() == "8208000a0003612f6201"
    assert packets.unsubscribe("a/b", 10).hex() == "a207000a0003612f62"
    assert packets.acknowledge(10).hex() == "4002000a"


@pytest.mark.parametrize("size", [0, 1, 120, 127, 128, 16383, 20000])
def test_packets_are_found_wherever_they_are_cut(size):
    sent = packets.publish("t", bytes(size), qos=1, retain=0, identifier=7) * 2
    buffer, found = bytearray(), []
    for start in range(0, len(sent), 7):
        buffer += sent[start : start + 7]
        found += packets.take(buffer)
    assert [packets.message(each) for each in found] == [packets.Message(b"t", bytes(size), 7)] * 2
    assert not buffer

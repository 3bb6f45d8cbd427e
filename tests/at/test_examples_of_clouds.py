"""The manual's own examples of MQTT, Ali's cloud and OceanConnect (chapters 18 to 20)."""

import pytest

from n11bridge.capabilities import CAPABILITIES
from n11bridge.capabilities import oceanconnect as ocean
from n11bridge.capabilities.aliyun import wire as ali
from n11bridge.capabilities.listening import Good
from n11bridge.capabilities.uplink import wire as mqtt

from .dialogue import FRAMINGS, Framing, Transcript, assert_understood

REPORTS = {report for capability in CAPABILITIES for report, _ in capability.reports()}
SECRET = "01SoY/eYnlSqUeAsbAKKQ/ACmipZwEw9H7Ff0h1kOps="
SUBSCRIBE = mqtt.Subscribe("lixystopic", 1).exchange()
LOGIN = mqtt.Login("23342423b", "lixystest/thing01", SECRET).exchange()
PUBLISH = mqtt.Publish(1, 1, "/hhh2", 20).payload_exchange(b"01234567890123456789")
HEX = mqtt.PublishHex(0, 1, "lixxytopic", 10).payload_exchange(b"30313233343536373839")
SERVER = "lixystest.mqtt.iot.gz.baidubce.com:1883"

TRANSCRIPTS = {
    "18.1 who we are": Transcript(
        LOGIN, f'> AT+MQTTCONNPARAM="23342423b","lixystest/thing01","{SECRET}"\n< OK'
    ),
    "18.2 the will": Transcript(
        mqtt.Will(0, 1, "lixxytopic", "byby").exchange(),
        '> AT+MQTTWILLPARAM=0,1,"lixxytopic",byby\n< OK',
    ),
    "18.3 connected": Transcript(
        mqtt.Connect(SERVER, 0, 60).exchange(), f'> AT+MQTTCONN="{SERVER}",0,60\n< OK'
    ),
    "18.3 not connected": Transcript(
        mqtt.Connect(SERVER, 0, 60).exchange(),
        f'> AT+MQTTCONN="{SERVER}",0,60\n< ERROR',
        refused="ERROR",
    ),
    "18.4 subscribed": Transcript(SUBSCRIBE, '> AT+MQTTSUB="lixystopic",1\n< OK'),
    "18.4 a retained message follows": Transcript(
        SUBSCRIBE,
        """
        > AT+MQTTSUB="lixystopic",1
        < +MQTTSUB:2,"lixystopic",5,12345
        < OK
        """,
        reports=(mqtt.Received(2, "lixystopic", 5, b"12345"),),
    ),
    "18.5 not subscribed any more": Transcript(
        mqtt.Unsubscribe("/lixystopic").exchange(), '> AT+MQTTUNSUB="/lixystopic"\n< OK'
    ),
    "18.6 published": Transcript(
        mqtt.PublishText(0, 1, "lixystopic", "12345").exchange(),
        '> AT+MQTTPUB=0,1,"lixystopic",12345\n< OK',
    ),
    "18.6 not with QoS 2": Transcript(
        mqtt.PublishText(0, 2, "lixystopic", "12345").exchange(),
        '> AT+MQTTPUB=0,2,"lixystopic",12345\n< ERROR',
        refused="ERROR",
    ),
    "18.7 in digits": Transcript(
        HEX, '> AT+MQTTPUBIN=0,1,"lixxytopic",10\n< >\n> 30313233343536373839\n< OK'
    ),
    "18.8 long": Transcript(
        PUBLISH, '> AT+MQTTPUBS=1,1,"/hhh2",20\n< >\n> 01234567890123456789\n< OK'
    ),
    "18.8 a message comes meanwhile": Transcript(
        PUBLISH,
        """
        > AT+MQTTPUBS=1,1,"/hhh2",20
        < >
        > 01234567890123456789
        < +MQTTSUB:2,"lixxytopic",8,1\\r\\nOK\\r\\n2
        < OK
        """,
        reports=(mqtt.Received(2, "lixxytopic", 8, b"1\r\nOK\r\n2"),),
    ),
    "18.8 not connected": Transcript(
        PUBLISH, '> AT+MQTTPUBS=1,1,"/hhh2",20\n< ERROR', refused="ERROR"
    ),
    "18.9 disconnected": Transcript(mqtt.Disconnect().exchange(), "> AT+MQTTDISCONN\n< OK"),
    "18.9 disconnected already": Transcript(
        mqtt.Disconnect().exchange(), "> AT+MQTTDISCONN\n< ERROR", refused="ERROR"
    ),
    "18.10 a message": Transcript(
        mqtt.State.query(),
        """
        > AT+MQTTSTATE?
        < +MQTTSUB:2,"lixxytopic",5,12345
        < +MQTTSTATE: 1
        < OK
        """,
        mqtt.StateNow(1),
        reports=(mqtt.Received(2, "lixxytopic", 5, b"12345"),),
    ),
    "18.11 changes are told": Transcript(
        mqtt.State(1).set(),
        """
        > AT+MQTTSTATE=1
        < OK
        < +MQTTSTATEURC: 2
        < +MQTTSTATEURC: 1
        """,
        reports=(mqtt.StateChanged(2), mqtt.StateChanged(1)),
    ),
    "18.12 over TLS": Transcript(mqtt.Mode(1).set(), "> AT+MQTTMODE=1\n< OK"),
    "18.13 a certificate": Transcript(
        mqtt.TlsFile("cacert", "ca_cert.pem").set(), '> AT+MQTTCFG="cacert","ca_cert.pem"\n< OK'
    ),
    "18.13 a number": Transcript(mqtt.Tls("authmode", 1).set(), '> AT+MQTTCFG="authmode",1\n< OK'),
    "18.14 not by itself": Transcript(mqtt.Automatic(0).set(), "> AT+MQTTAUTORECON=0\n< OK"),
    "18.14 is it by itself": Transcript(
        mqtt.Automatic.query(),
        """
        > AT+MQTTAUTORECON?
        < +MQTTAUTORECON: 0
        < OK
        < +MQTTDISCONNECTED: LINK CLOSED
        """,
        mqtt.AutomaticNow(0),
        reports=(mqtt.Disconnected("LINK CLOSED"),),
    ),
    "19.1 over TLS": Transcript(ali.Mode(1).set(), "> AT+IMQTTMODE=1\n< OK"),
    "19.2 authenticated": Transcript(
        ali.Authenticate("productKey001", "deviceName001", "deviceSecret123").exchange(),
        """
        > AT+IMQTTAUTH="productKey001","deviceName001","deviceSecret123"
        < OK
        < +IMQTTAUTH:OK
        """,
        ali.Authenticated(Good.OK),
    ),
    "19.2 not authenticated": Transcript(
        ali.Authenticate("a", "b", "c").exchange(),
        '> AT+IMQTTAUTH="a","b","c"\n< OK\n< +IMQTTAUTH:FAIL',
        refused="+IMQTTAUTH:FAIL",
    ),
    "19.3 one parameter": Transcript(
        ali.Parameter("TIMEOUT", 2).set(), '> AT+IMQTTPARA="TIMEOUT",2\n< OK'
    ),
    "19.3 as the table spells it": Transcript(
        ali.ParameterAsTabled("CLEAN", 1).set(), '> AT+IMQTTTPARA="CLEAN",1\n< OK'
    ),
    "19.4 connected": Transcript(ali.Connect().exchange(), "> AT+IMQTTCONN\n< OK"),
    "19.5 sent": Transcript(
        ali.Publish("/test_topic_001", 1, "hellosim").exchange(),
        """
        > AT+IMQTTPUB="/test_topic_001",1,"hellosim"
        < +IMQTTPUB:24761
        < OK
        < +IMQTTPUB:24761,0
        """,
        ali.Published(24761, 0),
        reports=(ali.Publishing(24761),),
    ),
    "19.5 escaped": Transcript(
        ali.Publish("t", 0, '{"a": "\\"}').exchange(),
        """
        > AT+IMQTTPUB="t",0,"{\\\\"a\\\\": \\\\"\\\\\\\\\\\\"}"
        < +CME ERROR: 3
        """,
        refused="+CME ERROR: 3 (operation not allowed)",
    ),
    "19.6 subscribed": Transcript(
        ali.Subscribe("/test_topic_001", 2).exchange(),
        """
        > AT+IMQTTSUB="/test_topic_001",2
        < +IMQTTSUB:24761
        < OK
        < +IMQTTSUB:24761,1
        """,
        ali.Subscribed(24761, 1),
        reports=(ali.Subscribing(24761),),
    ),
    "19.7 not subscribed any more": Transcript(
        ali.Unsubscribe("/test_topic_001").exchange(),
        """
        > AT+IMQTTUNSUB="/test_topic_001"
        < +IMQTTUNSUB:24761
        < OK
        < +IMQTTUNSUB:24761, 0
        """,
        ali.Unsubscribed(24761, 0),
        reports=(ali.Unsubscribing(24761),),
    ),
    "19.8 and 19.9 a message, and connected": Transcript(
        ali.State.query(),
        """
        > AT+IMQTTSTATE?
        < +IMQTTTRCVPUB:24761,"/test_topic_001",5,"hello"
        < +IMQTTSTATE:2
        < OK
        """,
        ali.StateNow(2),
        reports=(ali.Received(24761, "/test_topic_001", 5, '"hello"'),),
    ),
    "19.10 disconnected": Transcript(ali.Disconnect().exchange(), "> AT+IMQTTDISCONN\n< OK"),
    "19.12 who the device is": Transcript(
        ali.Keys.query(),
        """
        > AT+CLOUDPARA?
        < +CLOUDPARA: productKey, deviceName , deviceSecret
        < OK
        """,
        ali.KeysNow("productKey", "deviceName", "deviceSecret"),
    ),
    "19.12 told so": Transcript(
        ali.Keys("prodackKEY", "deviceName", "deviceSecret").set(),
        "> AT+CLOUDPARA=prodackKEY,deviceName,deviceSecret\n< OK",
    ),
    "20.1 connected": Transcript(
        ocean.Open("180.101.147.135").exchange(), "> AT+NCDPOPEN=180.101.147.135\n< OK"
    ),
    "20.5 in quotation marks": Transcript(
        ocean.OpenQuoted("180.101.147.115").exchange(),
        '> AT+NCDPOPEN="180.101.147.115"\n< OK',
    ),
    "20.2 disconnected": Transcript(ocean.Close().exchange(), "> AT+NCDPCLOSE\n< OK"),
    "20.3 sent": Transcript(
        ocean.Send(6, bytes.fromhex("1E2A07065F4B")).exchange(), "> AT+NMGS=6,1E2A07065F4B\n< OK"
    ),
    "20.4 read": Transcript(
        ocean.Read().exchange(),
        "> AT+NMGR\n< +NMGR: 5,3206151324\n< OK",
        ocean.Portion(5, bytes.fromhex("3206151324")),
    ),
    "20.5 told at once": Transcript(
        ocean.Send(7, b"\x01\x05HELLO").exchange(),
        """
        > AT+NMGS=7,010548454C4C4F
        < OK
        < +NNMI: 4,aaaa0000
        """,
        reports=(ocean.Received(4, b"\xaa\xaa\0\0"),),
    ),
    "20.5 announced": Transcript(
        ocean.Reporting(2).set(),
        """
        > AT+NNMI=2
        < OK
        < +NNMI
        """,
        reports=(ocean.Waiting(),),
    ),
    "20.5 how it is told": Transcript(
        ocean.Reporting.query(),
        "> AT+NNMI?\n< +NNMI: 1,\n< OK",
        ocean.ReportingNow(1),
    ),
}


@pytest.mark.parametrize("example", TRANSCRIPTS.values(), ids=TRANSCRIPTS)
@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_the_example_means_what_the_manual_says(example: Transcript, framing: Framing) -> None:
    assert_understood(example, framing, REPORTS)


@pytest.mark.parametrize(
    ("rest", "length", "content", "whole"),
    [
        ('"hello"', 5, b"hello", True),
        ("hello", 5, b"hello", True),
        ('"hello",0,0', 5, b"hello", True),
        ("hello,0", 5, b"hello", True),
        ('"{"a": "b", "c": 1}"', 18, b'{"a": "b", "c": 1}', True),
        ('"hi"', 4, b'"hi"', True),
        ("68656C6C6F,1,0", 10, b"hello", True),
        ('"68656C6C6F",1,0', 5, b"hello", True),
        ('"first line', 20, b"first line", False),
        ("", 0, b"", True),
    ],
)
def test_how_a_message_of_ali_may_stand(
    rest: str, length: int, content: bytes, whole: bool
) -> None:
    assert ali.Received(1, "t", length, rest).content == (content, whole)
